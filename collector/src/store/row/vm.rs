//! Facts of a domain.

use evenkeel_common::wire::v1;
use serde::{Deserialize, Serialize};

/// Facts of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VmFacts {
    /// Current vCPUs.
    pub vcpus: u32,
    /// Maximum memory.
    pub memory_max_bytes: u64,
    /// Has a definition that survives its end.
    pub persistent: bool,
    /// Starts with the host.
    pub autostart: bool,
    /// `nova`, `ovirt` …; empty when nobody known manages it.
    pub managed_by: String,
    /// Owner from the metadata; empty when none.
    pub owner: String,
    /// Project or tenant; empty when none.
    pub project: String,
    /// Who made it; empty when nobody known.
    pub user: String,
    /// Flavour, template or instance type; empty when none.
    pub flavour: String,
    /// Labels, by name.
    pub labels: Vec<LabelFacts>,
    /// `<title>`.
    pub title: String,
    /// `<description>`.
    pub description: String,
    /// Machine type.
    pub machine: String,
    /// Disks.
    pub disks: Vec<DiskFacts>,
    /// MAC addresses of its interfaces.
    pub macs: Vec<String>,
    /// Network interfaces.
    pub interfaces: Vec<InterfaceFacts>,
    /// Names of its snapshots.
    pub snapshots: Vec<String>,
    /// Names of its checkpoints.
    pub checkpoints: Vec<String>,
    /// Its probes.
    pub probes: Vec<ProbeFacts>,
    /// Something is left out of these facts: a list or a text is longer than an agent sends.
    pub truncated: bool,
}

/// A probe of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProbeFacts {
    /// Its name, which is the device of its readings.
    pub name: String,
    /// `tcp`, `http`, `https`, `icmp`.
    pub kind: String,
    /// Whom it asks; empty when that is not known.
    pub target: String,
    /// Who asked for it: the domain's metadata rather than the host's configuration.
    pub from_metadata: bool,
    /// `up`, `down`, `path` …
    pub state: String,
    /// Why, in words.
    pub reason: String,
}

/// A label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LabelFacts {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A disk of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiskFacts {
    /// Target, `vda`.
    pub target: String,
    /// File, block device or URL; empty for an empty drive.
    pub source: String,
    /// `qcow2`, `raw` …
    pub format: String,
    /// `disk`, `cdrom`, `floppy`, `lun`.
    pub kind: String,
    /// `virtio`, `scsi`, `sata` …
    pub bus: String,
    /// The guest cannot write to it.
    pub readonly: bool,
    /// Several guests may write to it.
    pub shareable: bool,
    /// What it is built on, from the nearest image to the base.
    pub backing: Vec<BackingFacts>,
}

/// An image that others are built on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackingFacts {
    /// File, block device or URL.
    pub source: String,
    /// `qcow2`, `raw` …
    pub format: String,
}

/// A network interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InterfaceFacts {
    /// The host's device, `vnet0`; empty when it has none.
    pub target: String,
    /// MAC address.
    pub mac: String,
    /// `bridge`, `network`, `direct`, `vhostuser`, `hostdev` …
    pub kind: String,
    /// Bridge, network, device, socket or PCI address.
    pub source: String,
    /// `virtio`, `e1000e` …
    pub model: String,
}

impl From<&v1::DomainInfo> for VmFacts {
    fn from(info: &v1::DomainInfo) -> Self {
        let texts = |texts: &[String]| texts.iter().map(|text| clean(text)).collect();
        let macs = info.interfaces.iter().map(|interface| clean(&interface.mac)).filter(|mac| !mac.is_empty());
        Self {
            vcpus: info.vcpus,
            memory_max_bytes: info.memory_max_bytes,
            persistent: info.persistent,
            autostart: info.autostart,
            managed_by: clean(&info.managed_by),
            owner: clean(&info.owner),
            project: clean(&info.project),
            user: clean(&info.user),
            flavour: clean(&info.flavour),
            labels: info.labels.iter().map(label).collect(),
            title: clean(&info.title),
            description: clean(&info.description),
            machine: clean(&info.machine),
            disks: info.disks.iter().map(disk).collect(),
            macs: macs.collect(),
            interfaces: info.interfaces.iter().map(interface).collect(),
            snapshots: texts(&info.snapshots),
            checkpoints: texts(&info.checkpoints),
            probes: info.probes.iter().map(probe).collect(),
            truncated: info.truncated,
        }
    }
}

fn probe(probe: &v1::ProbeInfo) -> ProbeFacts {
    ProbeFacts {
        name: clean(&probe.name),
        kind: clean(&probe.kind),
        target: clean(&probe.target),
        from_metadata: probe.from_metadata,
        state: probe.state.as_str().to_owned(),
        reason: clean(&probe.reason),
    }
}

fn label(label: &v1::LabelInfo) -> LabelFacts {
    LabelFacts { name: clean(&label.name), value: clean(&label.value) }
}

fn disk(disk: &v1::DiskInfo) -> DiskFacts {
    let image = |image: &v1::BackingInfo| BackingFacts { source: clean(&image.source), format: clean(&image.format) };
    DiskFacts {
        target: clean(&disk.target),
        source: clean(&disk.source),
        format: clean(&disk.format),
        kind: clean(&disk.kind),
        bus: clean(&disk.bus),
        readonly: disk.readonly,
        shareable: disk.shareable,
        backing: disk.backing.iter().map(image).collect(),
    }
}

fn interface(interface: &v1::InterfaceInfo) -> InterfaceFacts {
    InterfaceFacts {
        target: clean(&interface.target),
        mac: clean(&interface.mac),
        kind: clean(&interface.kind),
        source: clean(&interface.source),
        model: clean(&interface.model),
    }
}

/// Whoever may define a domain chooses these texts, and they reach terminals: no control character stays.
fn clean(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_reaches_a_terminal() {
        let info = v1::DomainInfo {
            description: "two\nlines".into(),
            labels: vec![v1::LabelInfo { name: "a".into(), value: "\u{1b}[31m".into() }],
            ..v1::DomainInfo::default()
        };
        let facts = VmFacts::from(&info);
        assert_eq!(facts.description, "two lines");
        assert_eq!(facts.labels[0].value, "\u{fffd}[31m");
    }

    #[test]
    fn facts_of_an_older_program_are_read() {
        let facts: VmFacts = serde_json::from_str(r#"{"vcpus":2,"macs":["52:54:00:00:00:01"]}"#).unwrap();
        assert_eq!((facts.vcpus, facts.macs.len(), facts.labels.len()), (2, 1, 0));
    }
}
