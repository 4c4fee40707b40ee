//! `<interface>`: the host's device, and what it is connected to.

use evenkeel_common::wire::v1::InterfaceInfo;
use roxmltree::Node;

use super::budget::Budget;
use super::{NAME_MAX, PATH_MAX, child, pci_address};

/// The facts of an `<interface>`.
pub(super) fn interface(budget: &mut Budget, node: Node<'_, '_>) -> InterfaceInfo {
    let kind = node.attribute("type").unwrap_or("");
    let attribute = |element, name| child(node, element).and_then(|element| element.attribute(name));
    InterfaceInfo {
        target: budget.maybe(attribute("target", "dev"), NAME_MAX),
        mac: budget.maybe(attribute("mac", "address"), NAME_MAX),
        kind: budget.text(kind, NAME_MAX),
        source: budget.text(&source(kind, node), PATH_MAX),
        model: budget.maybe(attribute("model", "type"), NAME_MAX),
    }
}

/// What the type is connected by: of a network's interface also the bridge is written, once it is active.
fn source(kind: &str, node: Node<'_, '_>) -> String {
    let Some(source) = child(node, "source") else { return String::new() };
    let attribute = match kind {
        "bridge" => "bridge",
        "network" => "network",
        "direct" | "vdpa" | "vds" => "dev",
        "vhostuser" => "path",
        "internal" => "name",
        "hostdev" => return child(source, "address").map(pci_address).unwrap_or_default(),
        // server, client, mcast, udp
        _ => "address",
    };
    source.attribute(attribute).unwrap_or("").to_owned()
}
