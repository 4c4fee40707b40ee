//! [P] libvirt's groups of domain statistics, and which of them make libvirt ask QEMU.

use std::fmt;

use evenkeel_common::time::DurationMs;
use serde::{Deserialize, Serialize};

/// One group (`virDomainStatsTypes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatsGroup {
    /// `state`: what the domain does, and why.
    State,
    /// `cpu-total`: CPU time, cache monitors, halt polling.
    Cpu,
    /// `balloon`: memory.
    Balloon,
    /// `vcpu`: each vCPU.
    Vcpu,
    /// `interface`: each interface.
    Interface,
    /// `block`: each disk.
    Block,
    /// `perf`: perf events that are switched on.
    Perf,
    /// `iothread`: each I/O thread.
    Iothread,
    /// `memory`: bandwidth, with resctrl.
    Memory,
    /// `dirtyrate`: the last measurement.
    Dirtyrate,
    /// `vm`: what KVM counts, since libvirt 8.10.
    Vm,
}

impl StatsGroup {
    /// All of them, in libvirt's order.
    pub const ALL: [Self; 11] = [
        Self::State,
        Self::Cpu,
        Self::Balloon,
        Self::Vcpu,
        Self::Interface,
        Self::Block,
        Self::Perf,
        Self::Iothread,
        Self::Memory,
        Self::Dirtyrate,
        Self::Vm,
    ];

    /// Its place in [`Self::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// libvirt's bit.
    const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// libvirt's word, as in the parameters' names and in `[intervals]`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Cpu => "cpu",
            Self::Balloon => "balloon",
            Self::Vcpu => "vcpu",
            Self::Interface => "interface",
            Self::Block => "block",
            Self::Perf => "perf",
            Self::Iothread => "iothread",
            Self::Memory => "memory",
            Self::Dirtyrate => "dirtyrate",
            Self::Vm => "vm",
        }
    }

    /// Whether libvirt may ask QEMU's monitor for it, and so hang where QEMU does.
    #[must_use]
    pub const fn asks_qemu(self) -> bool {
        !matches!(self, Self::State | Self::Interface | Self::Perf | Self::Memory)
    }
}

/// A set of groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Groups(u32);

impl Groups {
    /// No group.
    pub const NONE: Self = Self(0);
    /// Every group that this program knows.
    pub const ALL: Self = Self((1 << StatsGroup::ALL.len()) - 1);

    /// Those of [`Self::ALL`] for which libvirt asks QEMU, or does not.
    #[must_use]
    pub fn asking_qemu(asks: bool) -> Self {
        StatsGroup::ALL.into_iter().filter(|group| group.asks_qemu() == asks).collect()
    }

    /// Whether it holds this one.
    #[must_use]
    pub const fn has(self, group: StatsGroup) -> bool {
        self.0 & group.bit() != 0
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The same and this one.
    #[must_use]
    pub const fn with(self, group: StatsGroup) -> Self {
        Self(self.0 | group.bit())
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in one of them.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// For libvirt: its bits, or its 0 for all that it has, newer ones too, when every group is wanted.
    #[must_use]
    pub const fn flags(self) -> u32 {
        if self.0 == Self::ALL.0 { 0 } else { self.0 }
    }

    /// Its groups.
    pub fn iter(self) -> impl Iterator<Item = StatsGroup> {
        StatsGroup::ALL.into_iter().filter(move |group| self.has(*group))
    }
}

impl FromIterator<StatsGroup> for Groups {
    fn from_iter<I: IntoIterator<Item = StatsGroup>>(groups: I) -> Self {
        groups.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Display for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            return f.write_str("all");
        }
        let mut words = self.iter().map(StatsGroup::word);
        f.write_str(words.next().unwrap_or("none"))?;
        words.try_for_each(|word| write!(f, "+{word}"))
    }
}

/// What the configuration says of each group, by its place in [`StatsGroup::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupIntervals([Option<DurationMs>; 11]);

impl GroupIntervals {
    /// The same with another interval of one group.
    #[must_use]
    pub fn with(mut self, group: StatsGroup, every: Option<DurationMs>) -> Self {
        self.0[group.index()] = every;
        self
    }

    /// What is set for a group.
    #[must_use]
    pub const fn of(&self, group: StatsGroup) -> Option<DurationMs> {
        self.0[group.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_libvirts() {
        let bits = StatsGroup::ALL.map(|group| Groups::NONE.with(group).flags());
        assert_eq!(bits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
        assert_eq!((Groups::ALL.flags(), Groups::NONE.flags()), (0, 0));
    }

    #[test]
    fn every_group_asks_qemu_or_does_not() {
        let (asking, others) = (Groups::asking_qemu(true), Groups::asking_qemu(false));
        assert_eq!((asking.or(others), asking.and(others)), (Groups::ALL, Groups::NONE));
        assert_eq!(others.to_string(), "state+interface+perf+memory");
        assert_eq!((Groups::ALL.to_string(), Groups::NONE.to_string()), ("all".to_owned(), "none".to_owned()));
    }
}
