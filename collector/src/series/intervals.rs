//! How long an entity's polls speak for, which may change while it is watched.

use evenkeel_common::metric::STALE_AFTER;
use evenkeel_common::time::{DurationMs, UnixMs};

/// How long a reading speaks for where nobody polled (what was imported): two and a half of these are what Prometheus
/// calls staleness.
pub const UNPOLLED: DurationMs = DurationMs(STALE_AFTER.0 / 5 * 2);

/// Intervals, each from a time on, in time order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intervals(pub Vec<(UnixMs, DurationMs)>);

impl Intervals {
    /// The interval at a time; just before the first one that, and without any or long before [`UNPOLLED`].
    #[must_use]
    pub fn at(&self, at: UnixMs) -> DurationMs {
        let after = self.0.partition_point(|(from, _)| *from <= at);
        match self.0.get(after.saturating_sub(1)) {
            Some((from, interval)) if from.since(at) <= longest_gap(*interval) => *interval,
            _ => UNPOLLED,
        }
    }

    /// The longest time between two readings at `at` across which a difference is taken: two and a half intervals, so
    /// that one lost tick does not hide what happened.
    #[must_use]
    pub fn longest_gap(&self, at: UnixMs) -> DurationMs {
        longest_gap(self.at(at))
    }

    /// The same of one interval.
    #[must_use]
    pub fn longest_gap_of(interval: DurationMs) -> DurationMs {
        longest_gap(interval)
    }

    /// How long before and after `at` readings are looked at, so that the neighbour of one that comes with every sixth tick is seen.
    #[must_use]
    pub fn look_back(&self, at: UnixMs) -> DurationMs {
        DurationMs(self.at(at).0.saturating_mul(15)).max(DurationMs::from_s(150))
    }
}

/// See [`Intervals::longest_gap`].
fn longest_gap(interval: DurationMs) -> DurationMs {
    DurationMs(interval.0.saturating_mul(5) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_interval_of_a_time() {
        let intervals = Intervals(vec![(UnixMs(10), DurationMs(1_000)), (UnixMs(20), DurationMs(60_000))]);
        assert_eq!([5, 10, 19, 20, 99].map(|at| intervals.at(UnixMs(at)).0), [1_000, 1_000, 1_000, 60_000, 60_000]);
        assert_eq!(intervals.longest_gap(UnixMs(10)), DurationMs(2_500));
        assert_eq!(Intervals::default().at(UnixMs(0)), UNPOLLED);
        assert_eq!(intervals.at(UnixMs(-10_000)), UNPOLLED);
    }
}
