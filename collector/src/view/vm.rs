//! `evenkeel vm …`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Time;
use super::activity::ActivityRow;

/// A line of `vm list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VmSummary {
    /// libvirt's UUID.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// The host where it is or was last active; empty when that is not known any more.
    pub host: String,
    /// libvirt's word: `running`, `shut off` …
    pub state: String,
    /// Owner from the metadata.
    pub owner: Option<String>,
    /// `nova`, `ovirt`, `kubevirt`, `opennebula`.
    pub managed_by: Option<String>,
    /// Project, tenant or group.
    pub project: Option<String>,
    /// Labels from the metadata.
    pub labels: BTreeMap<String, String>,
    /// Current vCPUs.
    pub vcpus: u32,
    /// Maximum memory.
    pub memory_max_bytes: u64,
    /// CPU time per second and vCPU between the last two readings.
    pub cpu_ratio: Option<f64>,
    /// Host memory resident for it.
    pub memory_rss_bytes: Option<u64>,
    /// Last heard.
    pub last_seen: Time,
    /// Why readings are missing: all of them, or with `hung` those that only QEMU knows.
    pub missing: Option<String>,
}

/// `vm show`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VmDetail {
    /// What `vm list` says.
    #[serde(flatten)]
    pub summary: VmSummary,
    /// The person or account that made it.
    pub user: Option<String>,
    /// Flavour, template or instance type.
    pub flavour: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Since when it is in its state.
    pub state_since: Time,
    /// First heard.
    pub first_seen: Time,
    /// Start of its QEMU process.
    pub started_at: Option<Time>,
    /// Its boot: another one after a restart, the same after a migration; none while it does not run.
    pub boot_id: Option<String>,
    /// Has a definition that survives its end.
    pub persistent: bool,
    /// Starts with the host.
    pub autostart: bool,
    /// Machine type.
    pub machine: String,
    /// The other host where it is active too, if there is one: actions are refused.
    pub conflict_with: Option<String>,
    /// Its devices.
    pub devices: Vec<DeviceView>,
    /// Its MAC addresses.
    pub macs: Vec<String>,
    /// Names of its snapshots.
    pub snapshots: Vec<String>,
    /// Names of its checkpoints.
    pub checkpoints: Vec<String>,
    /// Something is left out of these facts: a list or a text is longer than an agent sends.
    pub truncated: bool,
    /// Whether it answers, by probe.
    pub probes: Vec<ProbeView>,
    /// What is missing now, and why.
    pub missing_readings: Vec<MissingView>,
    /// Where it ran, oldest first.
    pub placements: Vec<PlacementView>,
    /// What happened to it lately, oldest first.
    pub events: Vec<ActivityRow>,
}

/// A probe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeView {
    /// Its name.
    pub name: String,
    /// `tcp`, `http`, `https`, `icmp`.
    pub kind: String,
    /// Whom it asks.
    pub target: Option<String>,
    /// Who asked for it: `config` (agent.toml on its host) or `metadata` (of the domain).
    pub source: String,
    /// `up`, `down`, `path` (what lies between host and VM is broken), `not_permitted`, `paused`, `not_running`, `unknown`.
    pub state: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// How long the newest answer took; null when the newest attempt got none.
    pub response_s: Option<f64>,
    /// Until the server's certificate ends; negative when it has ended.
    pub certificate_days: Option<f64>,
    /// Newest news of it; an attempt is up to one interval older.
    pub last_time: Option<Time>,
}

/// A device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// `vda`, `vnet0`, `vcpu0`; the MAC address of an interface without a device on the host.
    pub device: String,
    /// `block`, `network`, `vcpu`, `iothread`, `other`.
    pub kind: String,
    /// File, block device or URL of a disk; bridge, network, device, socket or PCI address of an interface.
    pub source: Option<String>,
    /// Format of a disk.
    pub format: Option<String>,
    /// `disk`, `cdrom` …; `bridge`, `network`, `direct`, `vhostuser`, `hostdev` …
    pub r#type: Option<String>,
    /// Bus of a disk, model of an interface.
    pub model: Option<String>,
    /// MAC address of an interface.
    pub mac: Option<String>,
    /// The guest cannot write to the disk.
    pub readonly: Option<bool>,
    /// Several guests may write to the disk.
    pub shareable: Option<bool>,
    /// What the disk is built on, from the nearest image to the base.
    pub backing: Vec<BackingView>,
}

/// An image that a disk is built on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackingView {
    /// File, block device or URL.
    pub source: String,
    /// `qcow2`, `raw` …
    pub format: Option<String>,
}

/// Readings that are missing for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingView {
    /// What: `balloon statistics`, `disks` …
    pub what: String,
    /// The reason, as readings have it: `not_enabled`, `hung` …
    pub reason: String,
    /// The reason in words, or what to do.
    pub words: String,
    /// The metrics.
    pub metrics: Vec<String>,
    /// The devices; none: the VM itself.
    pub devices: Vec<String>,
}

/// Where a VM was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacementView {
    /// The host.
    pub host: String,
    /// From when.
    pub from: Time,
    /// Until when; null: still.
    pub to: Option<Time>,
}

/// `vm stats`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VmStats {
    /// libvirt's UUID.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// The newest reading of each metric and device.
    pub readings: Vec<ReadingView>,
}

/// The newest reading of one series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingView {
    /// Metric.
    pub metric: String,
    /// Device; empty for the VM itself.
    pub device: String,
    /// `counter` or `gauge`.
    pub kind: String,
    /// Unit of the value.
    pub unit: String,
    /// The value; an integer where the source gives integers of that unit.
    pub value: Option<serde_json::Number>,
    /// A counter's rate per second between its last two readings.
    pub rate: Option<f64>,
    /// When it was read.
    pub time: Time,
    /// Why there is no value.
    pub missing: Option<String>,
}

/// A line of `vm top`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VmTop {
    /// libvirt's UUID.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// Its host.
    pub host: String,
    /// Its state.
    pub state: String,
    /// CPU time per second and vCPU.
    pub cpu_ratio: Option<f64>,
    /// Host memory resident for it.
    pub memory_rss_bytes: Option<u64>,
    /// Bytes read and written per second, all disks.
    pub disk_bytes_per_s: Option<f64>,
    /// Bytes received and sent per second, all interfaces.
    pub network_bytes_per_s: Option<f64>,
    /// Time per second and vCPU that it waited for a host CPU.
    pub steal_ratio: Option<f64>,
    /// Why readings are missing.
    pub missing: Option<String>,
}
