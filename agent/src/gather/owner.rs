//! Who manages a domain, from the `<metadata>` that the managers write. A domain of another manager is hands off for
//! actions unless policy names the verb; measuring works always.

use std::collections::BTreeMap;

use roxmltree::Node;

/// A manager and, where it says so, the owner it knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// `nova`, `ovirt`, `kubevirt`, `opennebula`; empty when nobody known.
    pub managed_by: String,
    /// Project, user or namespace; empty when the metadata does not say.
    pub owner: String,
    /// Project or tenant: its name, else its id.
    pub project: String,
    /// The person or account that made it.
    pub user: String,
    /// Flavour, template or instance type.
    pub flavour: String,
    /// Labels by name.
    pub labels: BTreeMap<String, String>,
}

const NOVA: &str = "http://openstack.org/xmlns/libvirt/nova/";
const OVIRT: &str = "http://ovirt.org/vm/";
const OPENNEBULA: &str = "http://opennebula.org/xmlns/libvirt/";
const KUBEVIRT: &str = "http://kubevirt.io";

/// The owner of a `<domain>`.
#[must_use]
pub fn owner(domain: Node<'_, '_>) -> Owner {
    let metadata = domain.children().find(|node| node.has_tag_name("metadata"));
    let elements = metadata.into_iter().flat_map(|node| node.children()).filter(Node::is_element);
    for element in elements {
        let space = element.tag_name().namespace().unwrap_or("");
        let (managed_by, owner) = if space.starts_with(NOVA) {
            ("nova", inside(element, &["owner", "project"]).or_else(|| inside(element, &["owner", "user"])))
        } else if space.starts_with(OVIRT) {
            ("ovirt", None)
        } else if space.starts_with(OPENNEBULA) {
            ("opennebula", inside(element, &["uname"]))
        } else if space.starts_with(KUBEVIRT) {
            ("kubevirt", namespace_of_name(domain))
        } else {
            continue;
        };
        return Owner { managed_by: managed_by.to_owned(), owner: owner.unwrap_or_default(), ..Owner::default() };
    }
    Owner::default()
}

/// The text of a child's child …, whatever their namespaces.
fn inside(element: Node<'_, '_>, path: &[&str]) -> Option<String> {
    let mut at = element;
    for name in path {
        at = at.children().find(|node| node.is_element() && node.tag_name().name() == *name)?;
    }
    at.text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// `KubeVirt` calls a domain `NAMESPACE_NAME`; neither part can hold an underscore.
fn namespace_of_name(domain: Node<'_, '_>) -> Option<String> {
    let name = inside(domain, &["name"])?;
    name.split_once('_').map(|(namespace, _)| namespace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(xml: &str) -> (String, String) {
        let document = roxmltree::Document::parse(xml).unwrap();
        let owner = owner(document.root_element());
        (owner.managed_by, owner.owner)
    }

    #[test]
    fn knows_each_manager() {
        let is = |xml, manager: &str, who: &str| assert_eq!(of(xml), (manager.to_owned(), who.to_owned()));
        is(include_str!("fixtures/nova.xml"), "nova", "demo");
        is(include_str!("fixtures/ovirt.xml"), "ovirt", "");
        is(include_str!("fixtures/opennebula.xml"), "opennebula", "alice");
        is(include_str!("fixtures/kubevirt.xml"), "kubevirt", "shop");
    }

    #[test]
    fn other_metadata_is_nobody() {
        let libosinfo = "<domain><name>a_b</name><metadata><libosinfo:libosinfo \
             xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'/></metadata></domain>";
        assert_eq!(of(libosinfo), (String::new(), String::new()));
        assert_eq!(of("<domain><metadata/></domain>"), (String::new(), String::new()));
    }
}
