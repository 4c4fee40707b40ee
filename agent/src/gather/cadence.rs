//! [P] How often each group is asked for. What is cheap comes with every tick; what wakes QEMU comes less often, and what
//! the kernel says as well hardly ever.

use evenkeel_common::time::{DurationMs, MonoMs};

use super::kernel::group::{Group, GroupSet};
use crate::groups::{GroupIntervals, Groups, StatsGroup};

/// Intervals between two readings of a group without a setting: (while the kernel says its numbers, else).
const DEFAULT_TICKS: [(i64, i64); 11] = [
    (1, 1), // state
    (6, 1), // cpu
    (6, 6), // balloon
    (6, 1), // vcpu
    (6, 1), // interface
    (3, 3), // block
    (3, 3), // perf
    (6, 6), // iothread
    (3, 3), // memory
    (6, 6), // dirtyrate
    (6, 6), // vm
];

/// When each group was asked for last.
#[derive(Clone, Debug, Default)]
pub struct Cadence {
    last: [Option<MonoMs>; 11],
}

impl Cadence {
    /// What to ask for at a tick, `interval` after the one before: everything at the first. A tick that comes a little
    /// early counts as on time.
    #[must_use]
    pub fn due(&self, set: &GroupIntervals, interval: DurationMs, covered: GroupSet, now: MonoMs) -> Groups {
        let is_due = |group: &StatsGroup| {
            let (said_by_kernel, else_) = DEFAULT_TICKS[group.index()];
            let ticks = if is_covered(*group, covered) { said_by_kernel } else { else_ };
            // What nobody but libvirt says comes with every tick, whatever is set.
            let set = set.of(*group).filter(|_| ticks > 1);
            let every = set.unwrap_or(DurationMs(interval.0.saturating_mul(ticks)));
            self.last[group.index()].is_none_or(|last| now.since(last).0 >= every.0 - interval.0 / 2)
        };
        StatsGroup::ALL.into_iter().filter(is_due).collect::<Groups>().with(StatsGroup::State)
    }

    /// These were asked for, and answered as far as anybody can.
    pub fn asked(&mut self, groups: Groups, now: MonoMs) {
        groups.iter().for_each(|group| self.last[group.index()] = Some(now));
    }
}

fn is_covered(group: StatsGroup, covered: GroupSet) -> bool {
    match group {
        StatsGroup::Cpu => covered.has(Group::Cpu),
        StatsGroup::Vcpu => covered.has(Group::Vcpu),
        StatsGroup::Interface => covered.has(Group::Network),
        _ => false,
    }
}

/// The groups that libvirt was asked for, of those that the kernel says as well.
#[must_use]
pub fn also_of_the_kernel(asked: Groups) -> GroupSet {
    GroupSet::NONE
        .with(Group::Cpu, asked.has(StatsGroup::Cpu))
        .with(Group::Vcpu, asked.has(StatsGroup::Vcpu))
        .with(Group::Memory, asked.has(StatsGroup::Balloon))
        .with(Group::Network, asked.has(StatsGroup::Interface))
}

#[cfg(test)]
mod tests {
    use evenkeel_common::metric::RARE_TICKS;

    use super::*;

    const TICK: DurationMs = DurationMs(10_000);

    /// At which of the first `ticks` ticks a group is asked for; the ticks come up to a fifth of a second late.
    fn ticks_of(group: StatsGroup, set: &GroupIntervals, covered: GroupSet, ticks: i64) -> Vec<i64> {
        let mut cadence = Cadence::default();
        let mut asked = Vec::new();
        for tick in 0..ticks {
            let now = MonoMs(1_000_000).plus(DurationMs(tick * TICK.0 + (tick * 37) % 200));
            let due = cadence.due(set, TICK, covered, now);
            assert!(due.has(StatsGroup::State));
            cadence.asked(due, now);
            asked.extend(due.has(group).then_some(tick));
        }
        asked
    }

    #[test]
    fn dear_groups_come_less_often_and_covered_ones_hardly_ever() {
        let set = GroupIntervals::default();
        assert!(DEFAULT_TICKS.iter().all(|(covered, alone)| (*covered).max(*alone) <= RARE_TICKS));
        assert_eq!(ticks_of(StatsGroup::Block, &set, GroupSet::NONE, 8), [0, 3, 6]);
        assert_eq!(ticks_of(StatsGroup::Balloon, &set, GroupSet::NONE, 8), [0, 6]);
        assert_eq!(ticks_of(StatsGroup::Cpu, &set, GroupSet::NONE, 3), [0, 1, 2]);
        assert_eq!(ticks_of(StatsGroup::Cpu, &set, GroupSet::ALL, 13), [0, 6, 12]);
        assert_eq!(ticks_of(StatsGroup::Interface, &set, GroupSet::ALL, 8), [0, 6]);
    }

    /// Of a counter that comes rarely the collector takes differences over longer gaps: it has to know which these are.
    #[test]
    fn counters_that_come_rarely_are_known_as_such() {
        for (group, metric) in crate::gather::counters_by_group() {
            let by_kernel = [Group::Cpu, Group::Vcpu, Group::Network].map(Group::metrics).concat();
            let every_tick =
                by_kernel.iter().any(|other| other.id == metric.id) || DEFAULT_TICKS[group.index()] == (1, 1);
            assert_eq!(metric.is_rare(), !every_tick, "{}", metric.name);
        }
    }

    #[test]
    fn a_setting_holds_unless_nobody_else_says_the_numbers() {
        let set = GroupIntervals::default().with(StatsGroup::Cpu, Some(DurationMs(20_000)));
        let set = set.with(StatsGroup::Block, Some(DurationMs(1_000)));
        assert_eq!(ticks_of(StatsGroup::Cpu, &set, GroupSet::ALL, 5), [0, 2, 4]);
        assert_eq!(ticks_of(StatsGroup::Cpu, &set, GroupSet::NONE, 3), [0, 1, 2]);
        assert_eq!(ticks_of(StatsGroup::Block, &set, GroupSet::NONE, 4), [0, 1, 2, 3]);
    }
}
