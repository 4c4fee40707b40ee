//! One tick's readings. A batch decodes by itself, without what was sent before.

use std::sync::Arc;

use bincode::{Decode, Encode};

use super::DomainInfo;

/// One tick (or, on a host with very many domains, a part of one).
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct Batch {
    /// Stream of batches, which are delivered in order: `seq` starts at 1 in each. The agent begins another at its start,
    /// and when it is connected again while batches wait, so that fresh ones need not wait behind them.
    pub epoch: u64,
    /// Number of the batch within the stream; (agent, epoch, seq) is there once.
    pub seq: u64,
    /// What it holds.
    pub kind: BatchKind,
    /// Agent's wall clock at the tick, ms since 1970.
    pub tick_wall_ms: i64,
    /// Agent's monotonic clock at the tick, ms.
    pub tick_mono_ms: u64,
    /// Time between ticks in ms.
    pub interval_ms: u32,
    /// The host's boot id.
    pub boot_id: [u8; 16],
    /// What the host says of itself; in the first part of a tick.
    pub host: Option<HostSample>,
    /// The domains.
    pub domains: Vec<DomainSample>,
    /// Why domains are absent altogether (a `Missing` code), when libvirt did not answer at this tick.
    pub domains_missing: Option<u8>,
    /// Readings that the agent had to drop before this batch.
    pub gap: Option<Gap>,
    /// What happened since the batch before, in order.
    pub events: Vec<EventSample>,
    /// Device names that readings refer to by index; index 0 is the entity itself (an empty name).
    pub devices: Vec<String>,
}

/// Whether a batch says how everything is, or only that something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum BatchKind {
    /// Readings of a tick: a domain that is not named is gone.
    #[default]
    Tick,
    /// Events that do not wait for the next tick; there are no readings, and nobody is gone.
    Events,
}

/// Something that happened on the host.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EventSample {
    /// Agent's wall clock when it heard of it, ms since 1970.
    pub wall_ms: i64,
    /// How much it matters: 0 informational, 1 warning, 2 exception.
    pub category: u8,
    /// What kind, one word such as `vm_crashed`.
    pub kind: String,
    /// The domain it is about; `None` for the host itself.
    pub domain: Option<[u8; 16]>,
    /// That domain's name; empty for the host.
    pub name: String,
    /// In words.
    pub message: String,
}

/// Batches that went because the agent's spool was full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Gap {
    /// Tick of the first one dropped, ms since 1970.
    pub from_ms: i64,
    /// Tick of the last one dropped, ms since 1970.
    pub to_ms: i64,
    /// How many.
    pub batches: u64,
}

/// What the host says of itself.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct HostSample {
    /// Slowly changing facts.
    pub info: HostInfo,
    /// Life of the host's counters: its boot in ms since 1970.
    pub counter_epoch: u64,
    /// The readings.
    pub readings: Vec<WireReading>,
}

/// Facts of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct HostInfo {
    /// libvirt's version, `9.0.0`; empty when it does not answer.
    pub libvirt_version: String,
    /// QEMU's version, `7.2.22`; empty when unknown.
    pub qemu_version: String,
    /// Kernel release.
    pub kernel: String,
    /// Logical CPUs.
    pub cpus: u32,
    /// CPU model.
    pub cpu_model: String,
    /// Physical memory.
    pub memory_bytes: u64,
    /// Sockets; 0 when unknown.
    pub sockets: u32,
    /// CPU cores of all sockets; 0 when unknown.
    pub cores: u32,
    /// NUMA nodes with memory or CPUs; 0 when unknown.
    pub numa_nodes: u32,
    /// Operating system, `Debian GNU/Linux 12 (bookworm)`; empty when unknown.
    pub os: String,
    /// Who made the machine; empty when unknown.
    pub machine_vendor: String,
    /// Its model; empty when unknown.
    pub machine_model: String,
    /// Whether guests can run under KVM: `works`, `no_device`, `no_permission` or `not_offered_by_libvirt`; empty while
    /// libvirt has not said.
    pub kvm: String,
    /// Whether KVM lets guests be hosts themselves; `None` when KVM does not say.
    pub kvm_nested: Option<bool>,
}

/// Whether a definition on a host is the running VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Activity {
    /// It runs here (or is paused here): its readings belong to the VM.
    Active,
    /// It is arriving by migration: the source still owns the VM.
    Incoming,
    /// Only defined here.
    Inactive,
    /// It is here, and the host's filter keeps it from being measured: nothing but its UUID is said of it.
    Filtered,
}

/// One domain at the tick.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub struct DomainSample {
    /// libvirt's UUID.
    pub uuid: [u8; 16],
    /// libvirt's name.
    pub name: String,
    /// `virDomainState`.
    pub state: u8,
    /// Running here, arriving, or only defined.
    pub activity: Activity,
    /// Life of its counters: start of the QEMU process in ms since 1970; 0 when inactive.
    pub counter_epoch: u64,
    /// Slowly changing facts; batches on one line share them while they stay the same.
    pub info: Arc<DomainInfo>,
    /// The readings.
    pub readings: Vec<WireReading>,
}

/// One reading.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
pub struct WireReading {
    /// Number in the catalogue.
    pub metric: u16,
    /// Index into [`Batch::devices`].
    pub device: u16,
    /// The value.
    pub value: WireValue,
}

/// A value.
#[derive(Clone, Copy, Debug, PartialEq, Encode, Decode)]
pub enum WireValue {
    /// A count in the stored unit; its life is the entity's.
    Counter(u64),
    /// A whole number in the stored unit.
    Int(i64),
    /// A fraction; one that is not finite is refused.
    Float(f64),
    /// A `Missing` code.
    Missing(u8),
    /// A count whose life began later than the entity's: its source changed.
    CounterSince {
        /// As in `Counter`.
        value: u64,
        /// Start of its life, ms since 1970.
        epoch: u64,
    },
}
