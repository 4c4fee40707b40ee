//! When the next tick is: on multiples of the interval by the wall clock, so that the hosts of a fleet are read at the
//! same moments, but never early by the monotonic one when the wall clock is set back and forth. Pure.

use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};

/// Ticks of one agent.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    interval: DurationMs,
    last: Option<MonoMs>,
    skipped: u64,
}

impl Schedule {
    /// Nothing has ticked yet.
    #[must_use]
    pub fn new(interval: DurationMs) -> Self {
        Self { interval: DurationMs(interval.0.max(1)), last: None, skipped: 0 }
    }

    /// How long to wait for the next tick.
    #[must_use]
    pub fn wait(&self, wall: UnixMs, mono: MonoMs) -> DurationMs {
        let to_multiple = self.interval.0 - wall.0.rem_euclid(self.interval.0);
        let since_last = self.last.map_or(i64::MAX, |last| mono.since(last).0);
        // A tick that came a little early by the wall clock must not be followed by its own multiple.
        let too_soon = since_last.saturating_add(to_multiple) < self.interval.0 / 2;
        DurationMs(if too_soon { to_multiple + self.interval.0 } else { to_multiple })
    }

    /// A tick happens now. Counts those that should have happened since the last one and did not.
    pub fn ticked(&mut self, mono: MonoMs) {
        if let Some(last) = self.last {
            let half = self.interval.0 / 2;
            let passed = mono.since(last).0.saturating_add(half) / self.interval.0;
            self.skipped = self.skipped.saturating_add(u64::try_from(passed - 1).unwrap_or(0));
        }
        self.last = Some(mono);
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

    #[test]
    fn ticks_lie_on_multiples() {
        let schedule = Schedule::new(TEN);
        assert_eq!(schedule.wait(UnixMs(1_000_003), MonoMs(0)), DurationMs(9_997));
        assert_eq!(schedule.wait(UnixMs(1_000_000), MonoMs(0)), DurationMs(10_000));
        assert_eq!(schedule.wait(UnixMs(-1), MonoMs(0)), DurationMs(1));
    }

    #[test]
    fn a_tick_that_came_early_is_not_repeated() {
        let mut schedule = Schedule::new(TEN);
        schedule.ticked(MonoMs(5_000));
        assert_eq!(schedule.wait(UnixMs(9_999), MonoMs(5_001)), DurationMs(10_001));
    }

    #[test]
    fn counts_what_was_left_out() {
        let mut schedule = Schedule::new(TEN);
        for at in [0, 10_010, 19_990, 50_000] {
            schedule.ticked(MonoMs(at));
        }
        assert_eq!(schedule.skipped(), 2);
    }

    proptest! {
        #[test]
        fn the_wait_is_never_nothing_and_never_two_intervals(
            wall in any::<i32>(), mono in 0u64..1_000_000, last in 0u64..1_000_000, interval in 1_000i64..3_600_000,
        ) {
            let mut schedule = Schedule::new(DurationMs(interval));
            schedule.ticked(MonoMs(last.min(mono)));
            let wait = schedule.wait(UnixMs(wall.into()), MonoMs(mono)).0;
            prop_assert!(wait > 0 && wait < 2 * interval);
            prop_assert_eq!((i64::from(wall) + wait).rem_euclid(interval), 0);
        }
    }
}
