//! A domain's XML becomes the facts that travel with its readings.

use evenkeel_common::wire::v1::{DiskInfo, DomainInfo};
use roxmltree::{Document, Node};

use super::owner::owner;
use super::row::clip;
use crate::scrape::protocol::Description;

/// Disks and interfaces listed of one domain; libvirt allows more than any guest has. The rest is left out.
const DEVICES_MAX: usize = 256;

/// The facts. XML that cannot be read (a newer libvirt's) leaves them empty rather than losing the domain.
#[must_use]
pub fn describe(description: &Description) -> DomainInfo {
    let mut info =
        DomainInfo { persistent: description.persistent, autostart: description.autostart, ..DomainInfo::default() };
    let Ok(document) = Document::parse(&description.xml) else {
        return info;
    };
    let domain = document.root_element();
    if let Some(vcpu) = child(domain, "vcpu") {
        let text = vcpu.attribute("current").or_else(|| vcpu.text()).unwrap_or("");
        info.vcpus = text.trim().parse().unwrap_or(0);
    }
    info.memory_max_bytes = child(domain, "memory").map_or(0, memory_bytes);
    if let Some(kind) = child(domain, "os").and_then(|os| child(os, "type")) {
        info.machine = clip(kind.attribute("machine").unwrap_or(""));
    }
    let who = owner(domain);
    info.managed_by = who.managed_by;
    info.owner = clip(&who.owner);
    if let Some(devices) = child(domain, "devices") {
        info.disks = all(devices, "disk").filter_map(disk).take(DEVICES_MAX).collect();
        let macs = all(devices, "interface").filter_map(|node| child(node, "mac")?.attribute("address"));
        info.macs = macs.take(DEVICES_MAX).map(clip).collect();
    }
    info
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|node| node.has_tag_name(name))
}

fn all<'a, 'input>(node: Node<'a, 'input>, name: &'static str) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |node| node.has_tag_name(name))
}

/// `<memory unit='KiB'>`, in libvirt's units.
fn memory_bytes(node: Node<'_, '_>) -> u64 {
    let factor: u64 = match node.attribute("unit").unwrap_or("KiB") {
        "b" | "bytes" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "G" | "GiB" => 1 << 30,
        "TB" => 1_000_000_000_000,
        "T" | "TiB" => 1 << 40,
        _ => 1 << 10,
    };
    let number: u64 = node.text().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    number.saturating_mul(factor)
}

fn disk(node: Node<'_, '_>) -> Option<DiskInfo> {
    let target = child(node, "target")?.attribute("dev")?;
    let format = child(node, "driver").and_then(|driver| driver.attribute("type")).unwrap_or("");
    let source = child(node, "source").map(source).unwrap_or_default();
    Some(DiskInfo { target: clip(target), source, format: clip(format) })
}

/// File, device, `pool/volume`, or `protocol:name`. Long paths are kept to what PATH_MAX allows.
fn source(node: Node<'_, '_>) -> String {
    const PATH_MAX: usize = 4096;
    let get = |name| node.attribute(name);
    let text = match (get("file").or_else(|| get("dev")).or_else(|| get("dir")), get("volume"), get("name")) {
        (Some(path), _, _) => path.to_owned(),
        (None, Some(volume), _) => format!("{}/{volume}", get("pool").unwrap_or("")),
        (None, None, Some(name)) => format!("{}:{name}", get("protocol").unwrap_or("")),
        (None, None, None) => String::new(),
    };
    text[..text.floor_char_boundary(PATH_MAX)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(xml: &str) -> DomainInfo {
        describe(&Description { xml: xml.to_owned(), persistent: true, ..Description::default() })
    }

    #[test]
    fn reads_a_real_domain() {
        let info = of(include_str!("fixtures/running.xml"));
        assert_eq!((info.vcpus, info.memory_max_bytes, info.persistent), (1, 96 << 20, true));
        assert_eq!(info.machine, "pc-q35-7.2");
        assert_eq!(info.macs, ["52:54:00:09:00:0b"]);
        let disk = DiskInfo { target: "vda".into(), source: "/srv/vm/g1.qcow2".into(), format: "qcow2".into() };
        assert_eq!(info.disks, [disk]);
        assert_eq!(info.managed_by, "");
    }

    #[test]
    fn current_vcpus_and_empty_drives() {
        let info = of(include_str!("fixtures/shut_off.xml"));
        assert_eq!(info.vcpus, 2);
        assert_eq!(info.disks.iter().map(|disk| disk.source.as_str()).collect::<Vec<_>>(), ["/srv/vm/fy.raw", ""]);
    }

    #[test]
    fn knows_other_sources_and_units() {
        let info = of("<domain><memory unit='GiB'>2</memory><devices>\
             <disk><source protocol='rbd' name='vms/a'/><target dev='vda'/></disk>\
             <disk><source pool='p' volume='v'/><target dev='vdb'/></disk>\
             <disk><source dev='/dev/vg/lv'/><target dev='vdc'/></disk></devices></domain>");
        let sources: Vec<_> = info.disks.iter().map(|disk| disk.source.as_str()).collect();
        assert_eq!((info.memory_max_bytes, sources), (2 << 30, vec!["rbd:vms/a", "p/v", "/dev/vg/lv"]));
    }

    #[test]
    fn broken_xml_keeps_what_is_known() {
        assert_eq!(of("<domain>"), DomainInfo { persistent: true, ..DomainInfo::default() });
    }
}
