//! When the next tick is. Pure.
//!
//! Ticks lie on a grid: times of the wall clock that leave the host's offset when they are divided by the interval. The
//! offset comes from the machine id, so that a thousand hosts do not send at one moment, and each keeps its place
//! across restarts. The first tick comes at once; then the grid rules, but no two ticks are nearer than half an
//! interval, however the wall clock is set.

use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};

/// The place of a host within every interval, as any number: FNV-1a (64 bits) of the machine id's text. Its remainder
/// by the interval in milliseconds is the offset.
#[must_use]
pub fn place_of(machine_id: &str) -> u64 {
    machine_id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Ticks of one agent.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    interval: DurationMs,
    place: u64,
    last: Option<MonoMs>,
    /// Since when ticks of the interval that holds now are expected.
    counted_from: Option<MonoMs>,
    due: Option<MonoMs>,
    skipped: u64,
}

impl Schedule {
    /// Nothing has ticked yet.
    #[must_use]
    pub fn new(interval: DurationMs, place: u64) -> Self {
        let interval = DurationMs(interval.0.max(1));
        Self { interval, place, last: None, counted_from: None, due: None, skipped: 0 }
    }

    /// Ticks come at another interval from now on. The next one comes no later than it would have come without the
    /// change, and none is counted as skipped because of it.
    pub fn set_interval(&mut self, interval: DurationMs, wall: UnixMs, mono: MonoMs) {
        let interval = DurationMs(interval.0.max(1));
        if interval == self.interval {
            return;
        }
        if let Some(from) = self.counted_from {
            // What a slow tick held up until now is still counted by the interval that held.
            self.skip(mono.since(from).0.saturating_sub(self.interval.0 / 2) / self.interval.0);
            self.counted_from = Some(mono);
        }
        self.interval = interval;
        if let (Some(due), Some(last)) = (self.due, self.last) {
            self.due = Some(due.min(mono.plus(self.to_grid(wall, mono.since(last)))));
        }
    }

    /// How long to wait for the next tick; nothing when it is due.
    pub fn wait(&mut self, wall: UnixMs, mono: MonoMs) -> DurationMs {
        let due = match (self.due, self.last) {
            (Some(due), _) => due,
            (None, None) => mono,
            (None, Some(last)) => mono.plus(self.to_grid(wall, mono.since(last))),
        };
        self.due = Some(due);
        due.since(mono)
    }

    /// Time to the next place on the grid that is not too near to the last tick.
    fn to_grid(self, wall: UnixMs, since_last: DurationMs) -> DurationMs {
        let interval = self.interval.0;
        let offset = i64::try_from(self.place % u64::try_from(interval).unwrap_or(1)).unwrap_or(0);
        let next = interval - wall.0.saturating_sub(offset).rem_euclid(interval);
        // A tick that came a little early by the wall clock must not be followed by its own place.
        let too_soon = since_last.0.saturating_add(next) < interval / 2;
        DurationMs(if too_soon { next + interval } else { next })
    }

    /// A tick happens now. Counts those that should have happened since the last one and did not.
    pub fn ticked(&mut self, mono: MonoMs) {
        if let Some(from) = self.counted_from {
            let half = self.interval.0 / 2;
            self.skip(mono.since(from).0.saturating_add(half) / self.interval.0 - 1);
        }
        (self.last, self.counted_from, self.due) = (Some(mono), Some(mono), None);
    }

    fn skip(&mut self, ticks: i64) {
        self.skipped = self.skipped.saturating_add(u64::try_from(ticks).unwrap_or(0));
    }

    /// Ticks left out so far.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEN: DurationMs = DurationMs(10_000);
    /// Its offset in ten seconds is 3 s.
    const THREE: u64 = 20_003_000;

    fn ticked(interval: DurationMs, place: u64, mono: u64) -> Schedule {
        let mut schedule = Schedule::new(interval, place);
        schedule.ticked(MonoMs(mono));
        schedule
    }

    #[test]
    fn the_place_of_a_host_never_changes() {
        // Offsets of hosts in production depend on it: the published test vectors of FNV-1a.
        assert_eq!(place_of(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(place_of("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(place_of("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_thousand_hosts_are_spread_over_the_interval() {
        let mut in_second = [0; 10];
        for host in 0..1_000_u64 {
            in_second[usize::try_from(place_of(&format!("{host:032x}")) % 10_000 / 1_000).unwrap()] += 1;
        }
        assert!(in_second.iter().all(|hosts| (60..140).contains(hosts)), "{in_second:?}");
    }

    #[test]
    fn the_first_tick_comes_at_once_and_the_others_lie_on_the_grid() {
        let mut schedule = Schedule::new(TEN, THREE);
        assert_eq!(schedule.wait(UnixMs(1_000_004), MonoMs(5)), DurationMs(0));
        schedule.ticked(MonoMs(5));
        assert_eq!(schedule.wait(UnixMs(1_000_004), MonoMs(5)), DurationMs(12_996), "2 996 ms are too near");
        assert_eq!(ticked(TEN, 0, 0).wait(UnixMs(1_000_003), MonoMs(0)), DurationMs(9_997));
        assert_eq!(ticked(TEN, 0, 0).wait(UnixMs(1_000_000), MonoMs(0)), DurationMs(10_000));
        assert_eq!(ticked(TEN, THREE, 0).wait(UnixMs(999_999), MonoMs(9_000)), DurationMs(3_001));
        assert_eq!(ticked(TEN, 0, 0).wait(UnixMs(-1), MonoMs(9_000)), DurationMs(1));
    }

    #[test]
    fn a_tick_that_came_early_is_not_repeated() {
        assert_eq!(ticked(TEN, 0, 5_000).wait(UnixMs(9_999), MonoMs(5_001)), DurationMs(10_001));
    }

    #[test]
    fn counts_what_was_left_out() {
        let mut schedule = Schedule::new(TEN, 0);
        for at in [0, 10_010, 19_990, 50_000] {
            schedule.ticked(MonoMs(at));
        }
        assert_eq!(schedule.skipped(), 2);
    }

    #[test]
    fn another_interval_skips_nothing_but_forgets_nothing() {
        let mut schedule = ticked(TEN, 0, 0);
        schedule.wait(UnixMs(0), MonoMs(0));
        schedule.set_interval(DurationMs(1_000), UnixMs(7_500), MonoMs(7_500));
        assert_eq!(schedule.wait(UnixMs(7_500), MonoMs(7_500)), DurationMs(500));
        schedule.ticked(MonoMs(8_001));
        assert_eq!(schedule.skipped(), 0);
        // A tick that took 25 s held up those at 10 and 20.
        let mut slow = ticked(TEN, 0, 0);
        slow.set_interval(DurationMs(1_000), UnixMs(25_000), MonoMs(25_000));
        assert_eq!(slow.skipped(), 2);
    }

    #[test]
    fn a_tick_that_is_due_survives_the_change() {
        let mut schedule = ticked(TEN, 0, 0);
        schedule.wait(UnixMs(0), MonoMs(0));
        schedule.set_interval(DurationMs(60_000), UnixMs(9_990), MonoMs(9_990));
        assert_eq!(schedule.wait(UnixMs(9_990), MonoMs(9_990)), DurationMs(10));
        schedule.set_interval(DurationMs(30_000), UnixMs(10_000), MonoMs(10_000));
        assert_eq!(schedule.wait(UnixMs(10_000), MonoMs(10_000)), DurationMs(0));
    }

    /// Intervals that configurations had, and when each began to hold.
    fn changes() -> impl Strategy<Value = Vec<(u64, i64)>> {
        proptest::collection::vec((1u64..20_000, 1_000i64..20_000), 0..6)
    }

    proptest! {
        #[test]
        fn the_wait_is_never_two_intervals_and_ends_on_the_grid(
            wall in any::<i32>(), mono in 0u64..1_000_000, last in 0u64..1_000_000, interval in 1_000i64..3_600_000,
            place in any::<u64>(),
        ) {
            let mut schedule = ticked(DurationMs(interval), place, last.min(mono));
            let wait = schedule.wait(UnixMs(wall.into()), MonoMs(mono)).0;
            prop_assert!(wait > 0 && wait < 2 * interval);
            let offset = i64::try_from(place % interval.unsigned_abs()).unwrap();
            prop_assert_eq!((i64::from(wall) + wait - offset).rem_euclid(interval), 0);
        }

        /// Whenever reloads come, the next tick is neither later than the interval before allowed nor nearer than half
        /// of the shortest that held, and nothing counts as skipped.
        #[test]
        fn reloads_neither_lose_nor_double_a_tick(changes in changes(), place in any::<u64>()) {
            let at = |now: u64| (UnixMs(i64::try_from(now).unwrap()), MonoMs(now));
            let mut changes = std::collections::VecDeque::from(changes);
            let (mut now, mut interval, mut changed, mut ticks) = (0, 10_000, 0, Vec::new());
            let mut schedule = Schedule::new(DurationMs(interval), place);
            let mut shortest = interval;
            while ticks.len() < 60 {
                let due = now + schedule.wait(at(now).0, at(now).1).0.unsigned_abs();
                if let Some((after, other)) = changes.front().copied().filter(|(after, _)| changed + after <= due) {
                    changes.pop_front();
                    changed += after;
                    (now, interval, shortest) = (changed, other, shortest.min(other));
                    schedule.set_interval(DurationMs(interval), at(now).0, at(now).1);
                    continue;
                }
                now = due;
                schedule.ticked(MonoMs(now));
                if let Some((before, held)) = ticks.last().copied() {
                    let passed = i64::try_from(now - before).unwrap();
                    prop_assert!(passed * 2 <= held * 3, "{passed} ms after an interval of {held}");
                    prop_assert!(passed * 2 >= shortest - 1, "{passed} ms, at least {shortest} always held");
                }
                ticks.push((now, interval));
                shortest = interval;
                prop_assert_eq!(schedule.skipped(), 0);
            }
        }
    }
}
