//! A domain's XML becomes the facts that travel with its readings.

mod budget;
mod disk;
mod interface;
#[cfg(test)]
mod tests;

use evenkeel_common::limits::NAME_MAX_BYTES as NAME_MAX;
use evenkeel_common::wire::v1::{DomainInfo, LabelInfo};
use roxmltree::{Document, Node};

use super::owner::owner;
use crate::scrape::protocol::Description;
use budget::Budget;

/// Disks and interfaces listed of one domain; libvirt allows more than any guest has.
const DEVICES_MAX: usize = 256;
/// Labels listed.
const LABELS_MAX: usize = 64;
/// Snapshots and checkpoints listed, each.
const SNAPSHOTS_MAX: usize = 64;
/// Longest path: Linux's own limit.
const PATH_MAX: usize = 4_096;
/// Longest description kept.
const DESCRIPTION_MAX: usize = 1_024;

/// The facts. XML that cannot be read (a newer libvirt's) leaves them empty rather than losing the domain.
#[must_use]
pub fn describe(description: &Description) -> DomainInfo {
    let mut info =
        DomainInfo { persistent: description.persistent, autostart: description.autostart, ..DomainInfo::default() };
    let mut budget = Budget::new();
    if let Ok(document) = Document::parse(&description.xml) {
        domain(&mut budget, &mut info, document.root_element());
    }
    let name = |budget: &mut Budget, name: &String| budget.text(name, NAME_MAX);
    info.snapshots = budget.list(description.snapshots.iter(), SNAPSHOTS_MAX, name);
    info.checkpoints = budget.list(description.checkpoints.iter(), SNAPSHOTS_MAX, name);
    info.truncated = budget.truncated;
    info
}

fn domain(budget: &mut Budget, info: &mut DomainInfo, domain: Node<'_, '_>) {
    if let Some(vcpu) = child(domain, "vcpu") {
        let text = vcpu.attribute("current").or_else(|| vcpu.text()).unwrap_or("");
        info.vcpus = text.trim().parse().unwrap_or(0);
    }
    info.memory_max_bytes = child(domain, "memory").map_or(0, memory_bytes);
    if let Some(kind) = child(domain, "os").and_then(|os| child(os, "type")) {
        info.machine = budget.maybe(kind.attribute("machine"), NAME_MAX);
    }
    let who = owner(domain);
    info.managed_by = who.managed_by;
    info.owner = budget.text(&who.owner, NAME_MAX);
    info.project = budget.text(&who.project, NAME_MAX);
    info.user = budget.text(&who.user, NAME_MAX);
    info.flavour = budget.text(&who.flavour, NAME_MAX);
    if let Some(devices) = child(domain, "devices") {
        let disks = all(devices, "disk").filter_map(|node| Some((child(node, "target")?.attribute("dev")?, node)));
        info.disks = budget.list(disks, DEVICES_MAX, |budget, (target, node)| disk::disk(budget, target, node));
        info.interfaces = budget.list(all(devices, "interface"), DEVICES_MAX, interface::interface);
    }
    info.labels = budget.list(who.labels.into_iter(), LABELS_MAX, |budget, (name, value)| LabelInfo {
        name: budget.text(&name, NAME_MAX),
        value: budget.text(&value, NAME_MAX),
    });
    let text = |name| child(domain, name).and_then(|node| node.text()).map(str::trim);
    info.title = budget.maybe(text("title"), NAME_MAX);
    info.description = budget.maybe(text("description"), DESCRIPTION_MAX);
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

/// `<address domain='0x0000' bus='0x03' slot='0x10' function='0x1'/>` as `0000:03:10.1`.
fn pci_address(address: Node<'_, '_>) -> String {
    let part = |name| address.attribute(name).unwrap_or("0x0").trim_start_matches("0x");
    format!("{:0>4}:{:0>2}:{:0>2}.{}", part("domain"), part("bus"), part("slot"), part("function"))
}
