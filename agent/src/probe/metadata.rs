//! Probes that a domain's definition asks for, and what of the definition a probe needs besides: its interfaces and
//! addresses.
//!
//! libvirt keeps one top element of each namespace below `<metadata>`, so several probes stand inside one:
//! `<evenkeel:domain xmlns:evenkeel='urn:evenkeel:domain:1'><evenkeel:probe kind='icmp' …/>…</evenkeel:domain>`.
//! What stands inside may have the namespace or none. A single `<evenkeel:probe …/>` may stand alone.

use core::net::IpAddr;
use roxmltree::{Document, Node};

use super::definition::{Definition, Fields, KEYS, Source};
use crate::gather::owner::NAMESPACE;

/// Probes that one domain's metadata may ask for; the others are reported and left out.
pub const PROBES_MAX: usize = 8;
/// Interfaces and addresses of one domain that are looked at.
const LIST_MAX: usize = 64;

/// What probing a VM takes from its definition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    /// Probes.
    pub probes: Vec<Definition>,
    /// What is wrong with others, one line each.
    pub invalid: Vec<String>,
    /// Addresses that the metadata names: `<evenkeel:address>`.
    pub addresses: Vec<IpAddr>,
    /// Interfaces.
    pub nics: Vec<Nic>,
}

/// A network interface of a VM as the host sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nic {
    /// The host's device, `vnet0`; empty when there is none.
    pub tap: String,
    /// The bridge that it is a port of; empty when it is of another kind.
    pub bridge: String,
    /// Its MAC address, in small letters.
    pub mac: String,
}

/// What a domain's XML says. XML that cannot be read gives nothing.
#[must_use]
pub fn hints(xml: &str) -> Hints {
    let Ok(document) = Document::parse(xml) else {
        return Hints::default();
    };
    let domain = document.root_element();
    let mut hints = Hints { nics: nics(domain), ..Hints::default() };
    let ours = |node: &Node<'_, '_>| node.is_element() && node.tag_name().namespace() == Some(NAMESPACE);
    let top = child(domain, "metadata").into_iter().flat_map(|metadata| metadata.children()).filter(ours);
    // `descendants` of an element begins with itself. What `virsh metadata` puts inside has no namespace.
    let inside = |node: &Node<'_, '_>| ours(node) || (node.is_element() && node.tag_name().namespace().is_none());
    for node in top.flat_map(|top| top.descendants()).filter(inside) {
        match node.tag_name().name() {
            "probe" => probe(node, &mut hints),
            "address" => match node.text().unwrap_or("").trim().parse() {
                Ok(address) if hints.addresses.len() < LIST_MAX => hints.addresses.push(address),
                _ => invalid(&mut hints, "an <address> is not an IP address".to_owned()),
            },
            _ => {}
        }
    }
    hints
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|node| node.has_tag_name(name))
}

fn invalid(hints: &mut Hints, line: String) {
    if hints.invalid.len() < PROBES_MAX {
        hints.invalid.push(line);
    }
}

fn probe(node: Node<'_, '_>, hints: &mut Hints) {
    let mut fields = Fields::new();
    let mut unknown = Vec::new();
    for attribute in node.attributes().filter(|attribute| attribute.name() != "name") {
        match KEYS.iter().find(|key| key.replace('_', "-") == attribute.name()) {
            Some(key) => {
                fields.insert(key, attribute.value().to_owned());
            }
            None => unknown.push(attribute.name()),
        }
    }
    let name = node.attribute("name").map_or_else(|| free_name(hints, &fields), str::to_owned);
    let about = format!("probe {:?} in the domain's metadata", shorten(&name));
    if hints.probes.len() >= PROBES_MAX {
        return invalid(hints, format!("{about} is left out: a domain may ask for {PROBES_MAX}"));
    }
    if hints.probes.iter().any(|probe| probe.name == name) {
        return invalid(hints, format!("{about} is there twice"));
    }
    if let Some(unknown) = unknown.first() {
        return invalid(hints, format!("{about}: {:?} is not a known attribute", shorten(unknown)));
    }
    match Definition::parse(&name, Source::Metadata, &fields) {
        Ok(definition) => hints.probes.push(definition),
        Err(wrong) => {
            let lines: Vec<String> =
                wrong.iter().map(|wrong| format!("{} {}", wrong.key.replace('_', "-"), wrong.message)).collect();
            invalid(hints, format!("{about}: {}", shorten(lines.join("; ").trim_start())));
        }
    }
}

/// `http`, `http-2` …
fn free_name(hints: &Hints, fields: &Fields) -> String {
    let scheme = fields.get("url").and_then(|url| url.split_once("://")).map(|(scheme, _)| scheme);
    let kind = fields.get("kind").map(String::as_str).or(scheme).unwrap_or("probe");
    let taken = |name: &str| hints.probes.iter().any(|probe| probe.name == name);
    let others = (2..).map(|number| format!("{kind}-{number}"));
    std::iter::once(kind.to_owned()).chain(others).find(|name| !taken(name)).unwrap_or_default()
}

fn shorten(text: &str) -> &str {
    &text[..text.floor_char_boundary(400)]
}

fn nics(domain: Node<'_, '_>) -> Vec<Nic> {
    let devices = child(domain, "devices").into_iter().flat_map(|devices| devices.children());
    devices.filter(|node| node.has_tag_name("interface")).take(LIST_MAX).map(nic).collect()
}

fn nic(node: Node<'_, '_>) -> Nic {
    let text = |tag: &str, attribute: &str| {
        child(node, tag).and_then(|node| node.attribute(attribute)).unwrap_or_default().to_owned()
    };
    // A port of Open vSwitch is no port of a kernel bridge.
    let is_linux_bridge = child(node, "virtualport").is_none_or(|port| port.attribute("type").is_none());
    Nic {
        tap: text("target", "dev"),
        bridge: if is_linux_bridge { text("source", "bridge") } else { String::new() },
        mac: text("mac", "address").to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::definition::Kind;
    use super::*;

    #[test]
    fn reads_a_real_definition() {
        let hints = hints(include_str!("fixtures/probes.xml"));
        let seen: Vec<(&str, Kind, String)> = hints
            .probes
            .iter()
            .map(|probe| {
                let target = probe.target("g1", hints.addresses.first().copied()).unwrap();
                (probe.name.as_str(), target.kind, target.to_string())
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("http", Kind::Http, "http://10.9.0.11/".to_owned()),
                ("ssh", Kind::Tcp, "tcp://10.9.0.11:22".to_owned()),
                ("icmp", Kind::Icmp, "icmp://10.9.0.11".to_owned()),
            ]
        );
        assert_eq!(hints.probes[0].timeout, evenkeel_common::time::DurationMs(2_000));
        let nic = Nic { tap: "vnet0".into(), bridge: "br0".into(), mac: "52:54:00:09:00:0b".into() };
        assert_eq!(hints.nics, [nic]);
        assert_eq!(hints.invalid.len(), 2, "{:?}", hints.invalid);
        assert!(hints.invalid[0].contains("\"slow\"") && hints.invalid[0].contains("interval"), "{:?}", hints.invalid);
        assert!(hints.invalid[1].contains("\"colour\" is not a known attribute"), "{:?}", hints.invalid);
    }

    #[test]
    fn one_may_stand_alone_and_very_many_are_cut() {
        let alone =
            "<domain><metadata><e:probe xmlns:e='urn:evenkeel:domain:1' url='http://10.0.0.1/'/></metadata></domain>";
        assert_eq!(hints(alone).probes.len(), 1);
        let many = "<e:probe kind='icmp'/>".repeat(20);
        let many = format!("<domain><metadata><e:domain xmlns:e='{NAMESPACE}'>{many}</e:domain></metadata></domain>");
        let found = hints(&many);
        assert_eq!((found.probes.len(), found.invalid.len()), (PROBES_MAX, PROBES_MAX));
        assert_eq!(found.probes[1].name, "icmp-2");
        let others = "<domain><metadata><x:probe xmlns:x='urn:x' kind='icmp'/></metadata></domain>";
        assert_eq!(hints(others), Hints::default());
    }

    proptest! {
        #[test]
        fn no_xml_makes_it_panic(inside in "[<>/a-z:='\" {}0-9.-]{0,80}") {
            let _ = hints(&format!("<domain><metadata><e:domain xmlns:e='{NAMESPACE}'>{inside}</e:domain></metadata></domain>"));
            let _ = hints(&inside);
        }

        #[test]
        fn no_attribute_makes_it_panic(value in "[a-zA-Z0-9 :/{}.%\"*(\\[-]{0,40}", key in 0..KEYS.len()) {
            let key = KEYS[key].replace('_', "-");
            let found = hints(&format!(
                "<domain><metadata><e:probe xmlns:e='{NAMESPACE}' kind='http' {key}='{value}'/></metadata></domain>"
            ));
            // A kind that stands twice is no XML.
            prop_assert!(key == "kind" || found.probes.len() + found.invalid.len() == 1);
        }
    }
}
