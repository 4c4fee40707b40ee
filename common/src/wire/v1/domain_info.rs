//! Facts of a domain that change slowly: what its definition, its metadata and its snapshots say.

use bincode::{Decode, Encode};

use super::ProbeInfo;

/// Facts of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct DomainInfo {
    /// Current vCPUs.
    pub vcpus: u32,
    /// Maximum memory.
    pub memory_max_bytes: u64,
    /// Has a definition that survives its end.
    pub persistent: bool,
    /// Starts with the host.
    pub autostart: bool,
    /// Who manages it, from `<metadata>`: `nova`, `ovirt`, `kubevirt`, `opennebula`; empty when nobody known.
    pub managed_by: String,
    /// Owner from `<metadata>`: the manager's project, user or namespace, else our own namespace's; empty when none.
    pub owner: String,
    /// Project or tenant: its name, else its id; empty when none.
    pub project: String,
    /// The person or account that made it; empty when none.
    pub user: String,
    /// Flavour, template or instance type; empty when none.
    pub flavour: String,
    /// Labels, by name; what a manager writes and our own namespace together.
    pub labels: Vec<LabelInfo>,
    /// `<title>`.
    pub title: String,
    /// `<description>`, cut short.
    pub description: String,
    /// Machine type.
    pub machine: String,
    /// Disks.
    pub disks: Vec<DiskInfo>,
    /// Network interfaces.
    pub interfaces: Vec<InterfaceInfo>,
    /// Names of its snapshots, as libvirt lists them.
    pub snapshots: Vec<String>,
    /// Names of its checkpoints.
    pub checkpoints: Vec<String>,
    /// Whether it answers, by probe.
    pub probes: Vec<ProbeInfo>,
    /// This run of it came from another host by migration.
    pub arrived: bool,
    /// Something was left out of these facts: a list or a text is longer than what is sent.
    pub truncated: bool,
}

/// A label.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct LabelInfo {
    /// Its name.
    pub name: String,
    /// Its value; may be empty.
    pub value: String,
}

/// A disk of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct DiskInfo {
    /// Target, `vda`.
    pub target: String,
    /// File, block device or URL; empty for an empty drive.
    pub source: String,
    /// `qcow2`, `raw` …
    pub format: String,
    /// What the guest sees: `disk`, `cdrom`, `floppy`, `lun`.
    pub kind: String,
    /// `virtio`, `scsi`, `sata` …
    pub bus: String,
    /// The guest cannot write to it.
    pub readonly: bool,
    /// Several guests may write to it.
    pub shareable: bool,
    /// What it is built on, from the nearest image to the base. libvirt says it of running domains.
    pub backing: Vec<BackingInfo>,
}

/// An image that others are built on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct BackingInfo {
    /// File, block device or URL.
    pub source: String,
    /// `qcow2`, `raw` …
    pub format: String,
}

/// A network interface of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct InterfaceInfo {
    /// The host's device, `vnet0`; empty when it has none (inactive, `hostdev`, `user`).
    pub target: String,
    /// MAC address.
    pub mac: String,
    /// libvirt's type: `bridge`, `network`, `direct` (macvtap), `vhostuser`, `hostdev` … While the domain is active it is
    /// what the device really is, not how its network was defined.
    pub kind: String,
    /// Bridge, network, device, socket or PCI address that it is connected to.
    pub source: String,
    /// `virtio`, `e1000e` …; empty when the definition does not say.
    pub model: String,
}
