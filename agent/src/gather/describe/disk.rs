//! `<disk>`: what it is, where it lies and what it is built on.

use evenkeel_common::wire::v1::{BackingInfo, DiskInfo};
use roxmltree::Node;

use super::budget::Budget;
use super::{NAME_MAX, PATH_MAX, child, pci_address};

/// Images below a disk that are listed; longer chains exist, but nobody reads them.
const CHAIN_MAX: usize = 32;

/// The facts of a `<disk>` whose target is `target`.
pub(super) fn disk(budget: &mut Budget, target: &str, node: Node<'_, '_>) -> DiskInfo {
    let format = child(node, "driver").and_then(|driver| driver.attribute("type"));
    let bus = child(node, "target").and_then(|target| target.attribute("bus"));
    let chain = std::iter::successors(backing(node), |image| backing(*image));
    DiskInfo {
        target: budget.text(target, NAME_MAX),
        source: budget.text(&source(node), PATH_MAX),
        format: budget.maybe(format, NAME_MAX),
        kind: budget.text(node.attribute("device").unwrap_or("disk"), NAME_MAX),
        bus: budget.maybe(bus, NAME_MAX),
        readonly: child(node, "readonly").is_some(),
        shareable: child(node, "shareable").is_some(),
        backing: budget.list(chain, CHAIN_MAX, image),
    }
}

/// The image that a disk or image is built on; libvirt writes an empty element below the last one.
fn backing<'a, 'input>(node: Node<'a, 'input>) -> Option<Node<'a, 'input>> {
    child(node, "backingStore").filter(|backing| child(*backing, "source").is_some())
}

fn image(budget: &mut Budget, node: Node<'_, '_>) -> BackingInfo {
    let format = child(node, "format").and_then(|format| format.attribute("type"));
    BackingInfo { source: budget.text(&source(node), PATH_MAX), format: budget.maybe(format, NAME_MAX) }
}

/// File, device, directory, `pool/volume`, `protocol:name`, vhost-user socket or NVMe address of a `<source>`.
fn source(node: Node<'_, '_>) -> String {
    let Some(source) = child(node, "source") else { return String::new() };
    let get = |name| source.attribute(name);
    if let Some(path) = get("file").or_else(|| get("dev")).or_else(|| get("dir")).or_else(|| get("path")) {
        return path.to_owned();
    }
    if let Some(volume) = get("volume") {
        return format!("{}/{volume}", get("pool").unwrap_or(""));
    }
    match (get("protocol"), get("name")) {
        (Some(protocol), name) => format!("{protocol}:{}", name.unwrap_or("")),
        (None, Some(name)) => name.to_owned(),
        (None, None) => child(source, "address").map(pci_address).unwrap_or_default(),
    }
}
