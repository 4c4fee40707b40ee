//! [P] What a start from the stored definition would change, compared with the running domain.
//!
//! libvirt's live XML holds much that only exists while the domain runs (ids, aliases, assigned names and ports,
//! backing chains, expanded CPU models). Both sides are flattened to lines without it, and the lines are compared.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};

/// Elements that say nothing about what the guest gets.
const IGNORED: &[&str] = &[
    "alias",
    "seclabel",
    "resource",
    "metadata",
    "title",
    "description",
    "backingStore",
    "mirror",
    "privateData",
    "loader",
    "nvram",
];

/// The differences: `- path: value` holds now, `+ path: value` would hold after a start. Empty when there is none; also
/// when a side is no XML, which libvirt does not hand out.
#[must_use]
pub fn difference(live: &str, inactive: &str) -> Vec<String> {
    let (Ok(live), Ok(inactive)) = (Document::parse(live), Document::parse(inactive)) else {
        return vec!["- the definition cannot be read".to_owned()];
    };
    let (mut now, mut then) = (BTreeSet::new(), BTreeSet::new());
    flatten(live.root_element(), "", &mut now);
    flatten(inactive.root_element(), "", &mut then);
    let mut lines: Vec<(&str, &String)> = now.difference(&then).map(|line| ("-", line)).collect();
    lines.extend(then.difference(&now).map(|line| ("+", line)));
    lines.sort_by(|a, b| (a.1.split(':').next(), a.0 == "+").cmp(&(b.1.split(':').next(), b.0 == "+")));
    lines.into_iter().map(|(sign, line)| format!("{sign} {line}")).collect()
}

fn flatten(node: Node<'_, '_>, path: &str, lines: &mut BTreeSet<String>) {
    for attribute in node.attributes() {
        if !ignored_attribute(path, node, attribute.name()) {
            lines.insert(format!("{path}@{}: {}", attribute.name(), attribute.value()));
        }
    }
    let text = node.text().map(str::trim).unwrap_or_default();
    if !text.is_empty() {
        lines.insert(format!("{path}: {text}"));
    }
    let children: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    for (index, child) in children.iter().enumerate() {
        if ignored_element(path, *child) {
            continue;
        }
        let name = child.tag_name().name();
        let twins = children.iter().filter(|other| other.tag_name() == child.tag_name()).count();
        let key = match identity(path, *child) {
            Some(key) => format!("{name}[{key}]"),
            None if twins > 1 => {
                let before = children[..index].iter().filter(|other| other.tag_name() == child.tag_name()).count();
                format!("{name}[{before}]")
            }
            None => name.to_owned(),
        };
        let inner = if path.is_empty() { key } else { format!("{path}/{key}") };
        let length = lines.len();
        flatten(*child, &inner, lines);
        if lines.len() == length {
            lines.insert(inner);
        }
    }
}

/// What tells a device from its like, so that one more or less does not shift the others.
fn identity(path: &str, node: Node<'_, '_>) -> Option<String> {
    if path != "devices" {
        return None;
    }
    let of_child = |name: &str, attribute: &str| {
        let child = node.children().find(|child| child.has_tag_name(name))?;
        child.attribute(attribute).map(str::to_owned)
    };
    match node.tag_name().name() {
        "disk" => of_child("target", "dev"),
        "interface" => of_child("mac", "address"),
        "controller" => Some(format!("{} {}", node.attribute("type")?, node.attribute("index")?)),
        _ => None,
    }
}

fn ignored_element(path: &str, node: Node<'_, '_>) -> bool {
    let name = node.tag_name().name();
    let device = device_kind(path);
    IGNORED.contains(&name)
        // The place of a device on its bus; the address inside a host device's <source> is another matter.
        || (name == "address" && path.matches('/').count() == 1 && device.is_some())
        || (device == Some("interface") && name == "target")
        || (device == Some("graphics") && name == "listen")
        || (matches!(device, Some("serial" | "console")) && name == "source" && node.parent_element().and_then(|parent| parent.attribute("type")) == Some("pty"))
        || (device == Some("channel") && name == "source")
        // libvirt expands model and features of a running CPU; what stays comparable is its shape.
        || (path == "cpu" && !matches!(name, "topology" | "numa"))
}

fn ignored_attribute(path: &str, node: Node<'_, '_>, name: &str) -> bool {
    let device = device_kind(path);
    let tag = node.tag_name().name();
    match (device, tag) {
        (None, "domain") => name == "id",
        (None, "cpu") => true,
        (None, "clock") => name == "adjustment",
        (None, _) => false,
        (Some("disk"), "source") => name == "index",
        (Some("interface"), "source") => matches!(name, "portid" | "bridge") && node.has_attribute("network"),
        (Some("graphics"), "graphics") => matches!(name, "port" | "tlsPort" | "websocket" | "listen"),
        (Some("console" | "serial"), _) => name == "tty",
        (Some("channel"), "target") => name == "state",
        (Some(_), _) => false,
    }
}

/// `disk` of `devices/disk[vda]/source`.
fn device_kind(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("devices/")?;
    rest.split(['/', '[']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INACTIVE: &str = "<domain type='kvm'>
      <name>g</name><memory unit='KiB'>98304</memory><vcpu placement='static'>1</vcpu>
      <cpu mode='host-model' check='partial'/>
      <devices>
        <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/g.qcow2'/>
          <target dev='vda' bus='virtio'/><address type='pci' slot='0x01'/></disk>
        <interface type='network'><mac address='52:54:00:00:00:01'/><source network='default'/><model type='virtio'/></interface>
        <serial type='pty'><target port='0'/></serial>
        <hostdev mode='subsystem' type='pci'><source><address slot='0x1'/></source></hostdev>
      </devices></domain>";
    const LIVE: &str = "<domain type='kvm' id='3'>
      <name>g</name><memory unit='KiB'>98304</memory><vcpu placement='static'>1</vcpu>
      <resource><partition>/machine</partition></resource>
      <cpu mode='custom' match='exact' check='full'><model fallback='forbid'>Skylake</model><feature name='vmx'/></cpu>
      <devices>
        <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/g.qcow2' index='1'/>
          <backingStore/><target dev='vda' bus='virtio'/><alias name='virtio-disk0'/><address type='pci' slot='0x02'/></disk>
        <interface type='network'><mac address='52:54:00:00:00:01'/>
          <source network='default' portid='x' bridge='virbr0'/><target dev='vnet3'/><model type='virtio'/><alias name='net0'/></interface>
        <serial type='pty'><source path='/dev/pts/3'/><target port='0'/><alias name='serial0'/></serial>
        <hostdev mode='subsystem' type='pci'><source><address slot='0x1'/></source><alias name='hostdev0'/></hostdev>
      </devices>
      <seclabel type='dynamic' model='dac'><label>+1:+1</label></seclabel></domain>";

    #[test]
    fn what_only_a_running_domain_has_is_no_difference() {
        assert_eq!(difference(LIVE, INACTIVE), Vec::<String>::new());
    }

    #[test]
    fn what_would_change_the_guest_is_shown() {
        let shown = |from: &str, to: &str| difference(LIVE, &INACTIVE.replace(from, to)).join("\n");
        assert_eq!(shown(">1</vcpu>", ">2</vcpu>"), "- vcpu: 1\n+ vcpu: 2");
        assert_eq!(
            shown("/g.qcow2", "/other.qcow2"),
            "- devices/disk[vda]/source@file: /g.qcow2\n+ devices/disk[vda]/source@file: /other.qcow2"
        );
        assert!(shown("<source><address slot='0x1'/>", "<source><address slot='0x2'/>").contains("hostdev"));
        let second = "<disk type='file' device='disk'><source file='/h'/><target dev='vdb'/></disk></devices>";
        let text = shown("</devices>", second);
        assert!(text.lines().all(|line| line.starts_with("+ devices/disk[vdb]")), "{text}");
    }
}
