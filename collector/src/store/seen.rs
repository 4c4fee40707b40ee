//! [P] What hosts say of themselves and their VMs that only a change makes another one, and what differs.
//!
//! What is not told (an older agent, libvirt away for a moment) says nothing: what was known stays known.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{DiskFacts, HostFacts, InterfaceFacts, VmFacts};

/// What is known, by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Seen(BTreeMap<String, String>);

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// `vcpus`, `memory`, `definition`, `version`, `hardware`, `migrated`.
    pub(super) kind: &'static str,
    /// In words.
    pub(super) what: String,
}

/// Key of where a VM runs; its value is the agent's id.
pub(super) const PLACE: &str = "place";

impl Seen {
    /// Of a VM that runs; `place` is its host's agent.
    pub(super) fn of_vm(facts: &VmFacts, place: String) -> Self {
        let mut seen = BTreeMap::from([(PLACE.to_owned(), place)]);
        let mut put = |key: String, value: String| {
            if !value.is_empty() {
                seen.insert(key, value);
            }
        };
        put("vcpus".to_owned(), number(facts.vcpus.into()));
        put("memory".to_owned(), number(facts.memory_max_bytes));
        put("machine".to_owned(), facts.machine.clone());
        // Of a list that was cut, what is missing says nothing.
        if !facts.truncated {
            facts.disks.iter().for_each(|disk| put(format!("disk {}", disk.target), shown_disk(disk)));
            facts.interfaces.iter().for_each(|one| put(format!("interface {}", one.mac), shown_interface(one)));
        }
        Self(seen)
    }

    /// Of a host.
    pub(super) fn of_host(facts: &HostFacts) -> Self {
        let all = [
            ("libvirt", facts.libvirt_version.clone()),
            ("QEMU", facts.qemu_version.clone()),
            ("kernel", facts.kernel.clone()),
            ("CPUs", number(facts.cpus.into())),
            ("CPU model", facts.cpu_model.clone()),
        ];
        let told = all.into_iter().filter(|(_, value)| !value.is_empty());
        Self(told.map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// What differs now. Devices that are not told any more are gone; of everything else nothing was said.
    pub(super) fn differences(&self, now: &Self) -> Vec<Difference> {
        let mut found: Vec<Difference> = Vec::new();
        for (key, is) in &now.0 {
            match self.0.get(key) {
                Some(was) if was == is => {}
                Some(was) => found.push(Difference { kind: kind(key), what: words(key, was, is) }),
                None if is_device(key) && !self.0.is_empty() => {
                    found.push(Difference { kind: kind(key), what: format!("{key} added: {is}") });
                }
                None => {}
            }
        }
        if now.0.keys().any(|key| is_device(key)) {
            let gone = self.0.keys().filter(|key| is_device(key) && !now.0.contains_key(*key));
            found.extend(gone.map(|key| Difference { kind: kind(key), what: format!("{key} removed") }));
        }
        found
    }

    /// Takes over what is told now.
    pub(super) fn learn(&mut self, now: Self) {
        if now.0.keys().any(|key| is_device(key)) {
            self.0.retain(|key, _| !is_device(key) || now.0.contains_key(key));
        }
        self.0.extend(now.0);
    }

    /// Where a VM ran.
    pub(super) fn place(&self) -> Option<&str> {
        self.0.get(PLACE).map(String::as_str)
    }
}

fn is_device(key: &str) -> bool {
    key.starts_with("disk ") || key.starts_with("interface ")
}

fn kind(key: &str) -> &'static str {
    match key {
        PLACE => "migrated",
        "vcpus" => "vcpus",
        "memory" => "memory",
        "libvirt" | "QEMU" | "kernel" => "version",
        "CPUs" | "CPU model" => "hardware",
        _ => "definition",
    }
}

fn words(key: &str, was: &str, is: &str) -> String {
    match key {
        "vcpus" => format!("vCPUs from {was} to {is}"),
        "memory" => {
            let shown = |text: &str| text.parse().map_or_else(|_| text.to_owned(), evenkeel_common::units::show_bytes);
            format!("memory from {} to {}", shown(was), shown(is))
        }
        _ => format!("{key} from {was} to {is}"),
    }
}

fn number(value: u64) -> String {
    if value == 0 { String::new() } else { value.to_string() }
}

fn shown_disk(disk: &DiskFacts) -> String {
    let source = if disk.source.is_empty() { "no medium" } else { &disk.source };
    joined([&disk.kind, &disk.bus, &disk.format, source])
}

fn shown_interface(interface: &InterfaceFacts) -> String {
    joined([&interface.kind, &interface.source, &interface.model, ""])
}

fn joined(parts: [&str; 4]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vm(vcpus: u32, disks: &[(&str, &str)]) -> Seen {
        let disk = |(target, source): &(&str, &str)| DiskFacts {
            target: (*target).to_owned(),
            source: (*source).to_owned(),
            kind: "disk".to_owned(),
            ..DiskFacts::default()
        };
        let facts = VmFacts { vcpus, disks: disks.iter().map(disk).collect(), ..VmFacts::default() };
        Seen::of_vm(&facts, "a".to_owned())
    }

    fn said(was: &Seen, is: &Seen) -> Vec<(&'static str, String)> {
        was.differences(is).into_iter().map(|one| (one.kind, one.what)).collect()
    }

    #[test]
    fn what_differs_is_said_and_what_is_not_told_says_nothing() {
        let was = vm(2, &[("vda", "/a"), ("vdb", "/b")]);
        assert_eq!(said(&Seen::default(), &was), [], "the first one is no change");
        assert_eq!(said(&was, &was), []);
        assert_eq!(
            said(&was, &vm(4, &[("vda", "/c"), ("vdc", "/d")])),
            [
                ("definition", "disk vda from disk /a to disk /c".to_owned()),
                ("definition", "disk vdc added: disk /d".to_owned()),
                ("vcpus", "vCPUs from 2 to 4".to_owned()),
                ("definition", "disk vdb removed".to_owned()),
            ]
        );
        assert_eq!(said(&was, &vm(0, &[])), [], "nothing told");
        let mut learnt = was.clone();
        learnt.learn(vm(0, &[]));
        assert_eq!(learnt, was);
        learnt.learn(vm(4, &[("vda", "/a")]));
        assert_eq!(said(&learnt, &vm(4, &[("vda", "/a")])), []);
    }

    #[test]
    fn a_version_that_was_away_for_a_moment_is_compared_with_the_one_before() {
        let host =
            |libvirt: &str| Seen::of_host(&HostFacts { libvirt_version: libvirt.to_owned(), ..HostFacts::default() });
        let mut known = host("9.0.0");
        assert_eq!(said(&known, &host("")), []);
        known.learn(host(""));
        assert_eq!(said(&known, &host("10.0.0")), [("version", "libvirt from 9.0.0 to 10.0.0".to_owned())]);
    }
}
