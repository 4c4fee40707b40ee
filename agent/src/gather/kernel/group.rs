//! The groups of readings that the kernel has as well as libvirt.

use std::fmt;

use evenkeel_common::metric::{Kind, Metric, known};

/// What is decided together: one source for all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// CPU time of the process.
    Cpu,
    /// Time and delay of each vCPU.
    Vcpu,
    /// Resident memory.
    Memory,
    /// Traffic of the taps.
    Network,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Vcpu, Self::Memory, Self::Network];

    /// Its place in [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// In words, for logs and events.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Cpu => "CPU time",
            Self::Vcpu => "vCPU times",
            Self::Memory => "resident memory",
            Self::Network => "network traffic",
        }
    }

    /// What is read of it.
    #[must_use]
    pub const fn metrics(self) -> &'static [&'static Metric] {
        match self {
            Self::Cpu => &CPU,
            Self::Vcpu => &VCPU,
            Self::Memory => &MEMORY,
            Self::Network => &NETWORK,
        }
    }
}

/// A set of groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupSet([bool; 4]);

impl GroupSet {
    /// All groups.
    pub const ALL: Self = Self([true; 4]);
    /// No group.
    pub const NONE: Self = Self([false; 4]);

    /// Whether it holds this one.
    #[must_use]
    pub const fn has(self, group: Group) -> bool {
        self.0[group.index()]
    }

    /// The same with or without this one.
    #[must_use]
    pub const fn with(mut self, group: Group, is_in: bool) -> Self {
        self.0[group.index()] = is_in;
        self
    }
}

impl fmt::Display for GroupSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups = Group::ALL.into_iter().filter(|group| self.has(*group)).map(Group::words);
        f.write_str(groups.next().unwrap_or("nothing"))?;
        groups.try_for_each(|group| write!(f, ", {group}"))
    }
}

/// One number of a group: which of its metrics, of which device.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which metric.
    pub metric: &'static Metric,
    /// `vcpu0`, `vnet0`; empty for the domain itself.
    pub device: String,
    /// In the metric's stored unit.
    pub value: u64,
}

impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.is_same_series(other) && self.value == other.value
    }
}

impl Eq for Line {}

impl Line {
    /// Whether both are of one series.
    #[must_use]
    pub fn is_same_series(&self, other: &Self) -> bool {
        self.metric.id == other.metric.id && self.device == other.device
    }

    /// Whether its number only grows.
    #[must_use]
    pub fn is_counter(&self) -> bool {
        self.metric.kind == Kind::Counter
    }
}

pub(super) static CPU: [&Metric; 3] =
    [known("vm_cpu_seconds_total"), known("vm_cpu_user_seconds_total"), known("vm_cpu_system_seconds_total")];
pub(super) static VCPU: [&Metric; 2] = [known("vm_vcpu_seconds_total"), known("vm_vcpu_delay_seconds_total")];
pub(super) static MEMORY: [&Metric; 1] = [known("vm_memory_rss_bytes")];
/// Receive, then transmit: bytes, packets, errors, drops.
pub(super) static NETWORK: [&Metric; 8] = [
    known("vm_network_receive_bytes_total"),
    known("vm_network_receive_packets_total"),
    known("vm_network_receive_errors_total"),
    known("vm_network_receive_drops_total"),
    known("vm_network_transmit_bytes_total"),
    known("vm_network_transmit_packets_total"),
    known("vm_network_transmit_errors_total"),
    known("vm_network_transmit_drops_total"),
];
