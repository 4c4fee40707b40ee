//! Whether guests can run under KVM here.

use roxmltree::{Document, Node};

/// What opening /dev/kvm said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// It is there, and nothing says that the agent may not open it.
    Present,
    /// It is there, but not for the agent's user.
    NotPermitted,
    /// There is none, or none that opens.
    #[default]
    Absent,
}

/// Whether libvirt's capabilities offer guests of type kvm for the machine's own architecture.
#[must_use]
pub fn is_offered(capabilities: &str) -> bool {
    let Ok(document) = Document::parse(capabilities) else { return false };
    let text = |node: Node<'_, '_>| node.text().unwrap_or_default().trim().to_owned();
    let root = document.root_element();
    let machine = root.children().find(|node| node.has_tag_name("host")).and_then(|host| {
        let arch = child(child(host, "cpu")?, "arch")?;
        Some(text(arch))
    });
    let Some(machine) = machine else { return false };
    root.children()
        .filter(|node| node.has_tag_name("guest"))
        .filter_map(|guest| child(guest, "arch"))
        .filter(|arch| arch.attribute("name") == Some(machine.as_str()))
        .any(|arch| arch.children().any(|node| node.has_tag_name("domain") && node.attribute("type") == Some("kvm")))
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// The word for whether KVM works. libvirt knows best: its guests run as another user than the agent, who may well not
/// be allowed to open the device. Empty while libvirt has not said and the device does not tell either.
#[must_use]
pub fn word(offered: Option<bool>, device: Device) -> &'static str {
    match (offered, device) {
        (Some(true), _) => "works",
        (_, Device::Absent) => "no_device",
        (Some(false), Device::NotPermitted) => "no_permission",
        (Some(false), Device::Present) => "not_offered_by_libvirt",
        (None, Device::NotPermitted | Device::Present) => "",
    }
}

/// The `nested` parameter of the module: `Y`, `N`, `1` or `0`.
#[must_use]
pub fn nested(parameter: &str) -> Option<bool> {
    match parameter.trim() {
        "Y" | "y" | "1" => Some(true),
        "N" | "n" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capabilities(machine: &str, guest: &str, kinds: &[&str]) -> String {
        let kinds: String = kinds.iter().map(|kind| format!("<domain type='{kind}'/>")).collect();
        format!(
            "<capabilities><host><uuid>x</uuid><cpu><arch>{machine}</arch></cpu></host>\
             <guest><os_type>hvm</os_type><arch name='{guest}'><wordsize>64</wordsize>{kinds}</arch></guest>\
             </capabilities>"
        )
    }

    #[test]
    fn kvm_is_offered_for_the_machines_own_architecture_or_not_at_all() {
        assert!(is_offered(&capabilities("x86_64", "x86_64", &["qemu", "kvm"])));
        assert!(!is_offered(&capabilities("x86_64", "x86_64", &["qemu"])));
        assert!(!is_offered(&capabilities("x86_64", "i686", &["qemu", "kvm"])));
        assert!(!is_offered("<capabilities/>") && !is_offered("<"));
    }

    #[test]
    fn says_why_not() {
        assert_eq!(word(Some(true), Device::NotPermitted), "works");
        assert_eq!(word(Some(false), Device::Absent), "no_device");
        assert_eq!(word(None, Device::Absent), "no_device");
        assert_eq!(word(Some(false), Device::NotPermitted), "no_permission");
        assert_eq!(word(Some(false), Device::Present), "not_offered_by_libvirt");
        assert_eq!(word(None, Device::Present), "");
        assert_eq!((nested("Y\n"), nested("0"), nested("")), (Some(true), Some(false), None));
    }
}
