//! A reading and its value. Counter, gauge and missing are different types: a rate of a gauge does not compile,
//! and a gap is never a zero.

use std::fmt;

use crate::metric::MetricId;

/// The life of a counter: the start of the QEMU process or of the host, in ms since 1970. A difference is only taken
/// within one epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterEpoch(pub u64);

/// A value that only grows within its epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// The life this value belongs to.
    pub epoch: CounterEpoch,
    /// The count, in the metric's stored unit.
    pub value: u64,
}

/// A value that goes up and down. Integers stay integers where the source gives integers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gauge {
    /// A whole number in the metric's stored unit.
    Int(i64),
    /// A measured fraction.
    Float(Finite),
}

/// A float that is neither NaN nor infinite.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Finite(f64);

impl Finite {
    /// `None` for NaN and infinities.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(value))
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Missing {
    /// No reading arrived and nothing more is known.
    NoData = 0,
    /// The agent said goodbye and did not run.
    AgentDown = 1,
    /// The host could not be reached.
    HostUnreachable = 2,
    /// The domain's monitor did not answer before the deadline.
    Hung = 3,
    /// The domain was paused.
    Paused = 4,
    /// The source has to be switched on first (balloon period, dirty rate, perf).
    NotEnabled = 5,
    /// libvirt did not answer (not running, refused, deadline).
    LibvirtDown = 6,
    /// The agent's queue was full and the oldest readings went.
    QueueFull = 7,
    /// A counter started again: there is no difference across the start.
    CounterReset = 8,
    /// What lies between the prober and its target (gateway, bridge) does not answer.
    PathDown = 9,
    /// The agent lacks a right that reading it takes.
    NotPermitted = 10,
    /// The host's filter keeps it from being measured.
    Filtered = 11,
    /// It was left out of this reading: other guests of the host hang, or the reading took too long.
    NotAsked = 12,
}

impl Missing {
    /// All reasons, in code order.
    pub const ALL: [Self; 13] = [
        Self::NoData,
        Self::AgentDown,
        Self::HostUnreachable,
        Self::Hung,
        Self::Paused,
        Self::NotEnabled,
        Self::LibvirtDown,
        Self::QueueFull,
        Self::CounterReset,
        Self::PathDown,
        Self::NotPermitted,
        Self::Filtered,
        Self::NotAsked,
    ];

    /// The code used on the wire and in the database.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The reason of a code; an unknown code (a newer agent) reads as [`Missing::NoData`].
    #[must_use]
    pub fn from_code(code: u8) -> Self {
        Self::ALL.into_iter().find(|why| why.code() == code).unwrap_or(Self::NoData)
    }

    /// The word used in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoData => "no_data",
            Self::AgentDown => "agent_down",
            Self::HostUnreachable => "host_unreachable",
            Self::Hung => "hung",
            Self::Paused => "paused",
            Self::NotEnabled => "not_enabled",
            Self::LibvirtDown => "libvirt_down",
            Self::QueueFull => "queue_full",
            Self::CounterReset => "counter_reset",
            Self::PathDown => "path_down",
            Self::NotPermitted => "not_permitted",
            Self::Filtered => "filtered",
            Self::NotAsked => "not_asked",
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a reading holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// See [`Counter`].
    Counter(Counter),
    /// See [`Gauge`].
    Gauge(Gauge),
    /// See [`Missing`].
    Missing(Missing),
}

/// One value of one metric of one device at the batch's tick. `device` is empty for the entity as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Which metric of the catalogue.
    pub metric: MetricId,
    /// `vcpu0`, `vda`, `vnet0`, a mount point …; empty for the entity itself.
    pub device: String,
    /// The value or why there is none.
    pub value: Value,
}

/// A domain's state, in libvirt's words and numbers (`virDomainState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum DomainState {
    /// No state.
    NoState = 0,
    /// Running.
    Running = 1,
    /// Blocked on a resource (Xen); counts as running.
    Blocked = 2,
    /// Paused by a user or for an operation.
    Paused = 3,
    /// Shutting down.
    Shutdown = 4,
    /// Not running.
    Shutoff = 5,
    /// Crashed.
    Crashed = 6,
    /// Suspended by the guest's power management.
    PmSuspended = 7,
}

impl DomainState {
    /// All states, in libvirt's order.
    pub const ALL: [Self; 8] = [
        Self::NoState,
        Self::Running,
        Self::Blocked,
        Self::Paused,
        Self::Shutdown,
        Self::Shutoff,
        Self::Crashed,
        Self::PmSuspended,
    ];

    /// libvirt's number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// From libvirt's number; one it does not know reads as [`DomainState::NoState`].
    #[must_use]
    pub fn from_code(code: u8) -> Self {
        Self::ALL.into_iter().find(|state| state.code() == code).unwrap_or(Self::NoState)
    }

    /// The word used in JSON and tables, as `virsh domstate` prints it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoState => "no state",
            Self::Running => "running",
            Self::Blocked => "idle",
            Self::Paused => "paused",
            Self::Shutdown => "in shutdown",
            Self::Shutoff => "shut off",
            Self::Crashed => "crashed",
            Self::PmSuspended => "pmsuspended",
        }
    }

    /// Whether the guest has a QEMU process (so that its counters move and it can be acted upon).
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Blocked | Self::Paused | Self::Shutdown | Self::PmSuspended)
    }
}

impl fmt::Display for DomainState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
