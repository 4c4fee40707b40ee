//! [P] A domain's definition, changed for another life: a restored copy, or a rehearsal.

use std::ops::Range;

use roxmltree::{Document, Node};

use super::escape;

/// Devices that tie a domain to its host or to the world.
const TIES: &[&str] = &["hostdev", "filesystem", "redirdev", "shmem", "tpm", "vsock", "smartcard", "panic", "lease"];
/// Devices through which somebody could look at or reach the guest.
const WINDOWS: &[&str] = &["graphics", "serial", "console", "parallel", "sound", "audio"];

/// Why a definition cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    /// Not XML.
    #[error("the point's definition cannot be read")]
    Xml(#[from] roxmltree::Error),
    /// Something that every definition has.
    #[error("the point's definition has no <{0}>")]
    Lacks(&'static str),
}

/// The other life.
#[derive(Clone, Debug)]
pub struct Life<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its UUID.
    pub uuid: &'a str,
    /// The disks that it gets: name in the guest, file, format. Other writable disks are left away.
    pub disks: &'a [(String, String, String)],
    /// How it meets the world.
    pub world: World<'a>,
}

/// How a restored domain meets the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World<'a> {
    /// It has its interfaces with new addresses, unplugged until somebody plugs them in.
    Unplugged,
    /// It has its interfaces with new addresses.
    Connected,
    /// It has none, and nobody sees it; what it writes to its console goes into a file.
    Alone {
        /// The file.
        console: &'a str,
    },
}

/// Rewrites a definition.
///
/// # Errors
/// When it is no domain's.
pub fn rewrite(xml: &str, life: &Life<'_>) -> Result<String, RewriteError> {
    let document = Document::parse(xml)?;
    let root = document.root_element();
    let devices = child(root, "devices").ok_or(RewriteError::Lacks("devices"))?;
    let name = child(root, "name").ok_or(RewriteError::Lacks("name"))?;
    let mut edits =
        vec![(name.range(), format!("<name>{}</name><uuid>{}</uuid>", escape(life.name), escape(life.uuid)))];
    for node in root.children().filter(Node::is_element) {
        // A manager's metadata would make the copy a VM of that manager; a seclabel is of the other host's making.
        if matches!(node.tag_name().name(), "uuid" | "seclabel" | "metadata" | "resource" | "title") {
            edits.push((node.range(), String::new()));
        }
    }
    if let Some(nvram) = child(root, "os").and_then(|os| child(os, "nvram")) {
        edits.push((nvram.range(), String::new()));
    }
    for device in devices.children().filter(Node::is_element) {
        edit_device(device, life, xml, &mut edits);
    }
    if let World::Alone { console } = life.world {
        let place = first_inside(xml, devices.range());
        let serial = format!("<serial type='file'><source path='{}'/><target port='0'/></serial>", escape(console));
        edits.push((place..place, serial));
    }
    if let Some(id) = root.attribute_node("id") {
        edits.push((id.range(), String::new()));
    }
    Ok(apply(xml, edits))
}

/// Memory that the domain starts with, bytes; `None` when the definition does not say.
#[must_use]
pub fn memory_bytes(xml: &str) -> Option<u64> {
    let document = Document::parse(xml).ok()?;
    let memory = child(document.root_element(), "memory")?;
    let amount: u64 = memory.text()?.trim().parse().ok()?;
    let unit = match memory.attribute("unit").unwrap_or("KiB") {
        "b" | "bytes" => 1,
        "KB" => 1_000,
        "k" | "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "G" | "GiB" => 1 << 30,
        "T" | "TiB" => 1 << 40,
        _ => return None,
    };
    amount.checked_mul(unit)
}

fn edit_device(device: Node<'_, '_>, life: &Life<'_>, xml: &str, edits: &mut Vec<(Range<usize>, String)>) {
    let mut remove = |node: Node<'_, '_>| edits.push((node.range(), String::new()));
    let name = device.tag_name().name();
    let alone = matches!(life.world, World::Alone { .. });
    match name {
        "disk" => return edit_disk(device, life, edits),
        "interface" if alone => return remove(device),
        "interface" => {
            for node in device.children() {
                // libvirt makes new ones.
                if matches!(node.tag_name().name(), "mac" | "link" | "alias")
                    || (node.has_tag_name("target") && device.attribute("type").is_none_or(|kind| kind != "ethernet"))
                {
                    remove(node);
                }
            }
            if life.world == World::Unplugged {
                let place = first_inside(xml, device.range());
                edits.push((place..place, "<link state='down'/>".to_owned()));
            }
            return;
        }
        // A path of its own would be the first life's socket.
        "channel" => {
            let sources = device.children().filter(|node| node.has_tag_name("source"));
            sources.for_each(&mut remove);
        }
        _ if TIES.contains(&name) || (alone && WINDOWS.contains(&name)) => return remove(device),
        _ => {}
    }
    device.children().filter(|node| node.has_tag_name("alias")).for_each(remove);
}

fn edit_disk(device: Node<'_, '_>, life: &Life<'_>, edits: &mut Vec<(Range<usize>, String)>) {
    let target = child(device, "target").and_then(|target| target.attribute("dev")).unwrap_or_default();
    let Some((_, file, format)) = life.disks.iter().find(|(disk, _, _)| disk == target) else {
        let drive = matches!(device.attribute("device"), Some("cdrom" | "floppy"));
        match (drive, child(device, "source")) {
            // The drive stays, empty: its medium may not be here.
            (true, Some(source)) => edits.push((source.range(), String::new())),
            (true, None) => {}
            (false, _) => edits.push((device.range(), String::new())),
        }
        return;
    };
    let mut parts = format!(
        "<disk type='file' device='disk'><driver name='qemu' type='{}'/><source file='{}'/>",
        escape(format),
        escape(file)
    );
    for node in device.children().filter(Node::is_element) {
        if matches!(node.tag_name().name(), "target" | "boot" | "serial" | "wwn" | "vendor" | "product" | "address") {
            parts.push_str(&device.document().input_text()[node.range()]);
        }
    }
    parts.push_str("</disk>");
    edits.push((device.range(), parts));
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// The place after the start tag of an element that has content.
fn first_inside(xml: &str, element: Range<usize>) -> usize {
    let text = &xml[element.clone()];
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '>') => return element.start + at + 1,
            _ => {}
        }
    }
    element.end
}

/// Applies edits that do not overlap, except that one inside a removed element is lost with it.
fn apply(xml: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    // What is inserted comes before what is removed at the same place.
    edits.sort_by_key(|(range, _)| (range.start, !range.is_empty(), std::cmp::Reverse(range.end)));
    let mut out = String::with_capacity(xml.len());
    let mut at = 0;
    for (range, text) in edits {
        if range.start < at {
            continue;
        }
        out.push_str(&xml[at..range.start]);
        out.push_str(&text);
        at = range.end;
    }
    out.push_str(&xml[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<domain type='kvm' id='4'>
      <name>web</name><uuid>1-2</uuid><metadata><x/></metadata><memory>1</memory>
      <os><type>hvm</type><nvram>/var/web.fd</nvram></os>
      <devices>
        <disk type='block' device='disk'><driver name='qemu' type='raw' cache='none'/><source dev='/dev/vg/web' index='1'/>
          <backingStore/><target dev='vda' bus='virtio'/><boot order='1'/><alias name='x'/></disk>
        <disk type='file' device='disk'><source file='/other'/><target dev='vdb'/></disk>
        <disk type='file' device='cdrom'><source file='/iso'/><target dev='sda'/><readonly/></disk>
        <interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/><target dev='vnet3'/></interface>
        <hostdev mode='subsystem' type='pci'><source/></hostdev>
        <serial type='pty'><source path='/dev/pts/1'/></serial><graphics type='vnc' port='5900'/>
        <channel type='unix'><source mode='bind' path='/run/web'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
      </devices><seclabel type='dynamic'/></domain>";

    fn life<'a>(disks: &'a [(String, String, String)], world: World<'a>) -> Life<'a> {
        Life { name: "web<2>", uuid: "3-4", disks, world }
    }

    fn disks() -> Vec<(String, String, String)> {
        vec![("vda".to_owned(), "/new/vda.qcow2".to_owned(), "qcow2".to_owned())]
    }

    #[test]
    fn a_restored_copy_has_its_own_identity_disks_and_no_link() {
        let text = rewrite(XML, &life(&disks(), World::Unplugged)).unwrap();
        let document = Document::parse(&text).unwrap();
        assert_eq!(document.root_element().attribute("id"), None);
        assert!(text.contains("<name>web&lt;2&gt;</name><uuid>3-4</uuid>"), "{text}");
        for gone in [
            "1-2",
            "/var/web.fd",
            "seclabel",
            "/dev/vg/web",
            "/other",
            "/iso",
            "52:54",
            "vnet3",
            "hostdev",
            "/run/web",
            "<x/>",
        ] {
            assert!(!text.contains(gone), "{gone} in {text}");
        }
        assert!(
            text.contains("<source file='/new/vda.qcow2'/><target dev='vda' bus='virtio'/><boot order='1'/></disk>"),
            "{text}"
        );
        assert!(text.contains("<interface type='bridge'><link state='down'/>") && text.contains("br0"), "{text}");
        assert!(
            text.contains("<graphics") && text.contains("org.qemu.guest_agent.0") && text.contains("cdrom"),
            "{text}"
        );
        assert!(!rewrite(XML, &life(&disks(), World::Connected)).unwrap().contains("<link"));
    }

    #[test]
    fn a_rehearsal_is_alone_and_writes_its_console_into_a_file() {
        let text = rewrite(XML, &life(&disks(), World::Alone { console: "/s/console.log" })).unwrap();
        Document::parse(&text).unwrap();
        for gone in ["<interface", "<graphics", "/dev/pts/1", "br0"] {
            assert!(!text.contains(gone), "{gone} in {text}");
        }
        assert!(text.contains("<devices><serial type='file'><source path='/s/console.log'/>"), "{text}");
    }

    #[test]
    fn memory_has_a_unit() {
        assert_eq!(memory_bytes("<domain><memory>2</memory></domain>"), Some(2_048));
        assert_eq!(memory_bytes("<domain><memory unit='MiB'>96</memory></domain>"), Some(96 << 20));
        assert_eq!(memory_bytes("<domain/>"), None);
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        assert!(rewrite("<domain><name>x</name></domain>", &life(&[], World::Connected)).is_err());
        assert!(rewrite("x", &life(&[], World::Connected)).is_err());
    }
}
