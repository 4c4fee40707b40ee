//! Which time a batch is stored under. The agent's wall clock at the tick, unless that clock is far off: then the
//! collector's receive time − the batch's age by the agent's monotonic clock.

use evenkeel_common::limits::{CLOCK_OFFSET_CORRECT, CLOCK_OFFSET_FLAG};
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};

/// What is remembered of an agent's clock. Without it an offset that hovers at a limit would throw readings back and
/// forth in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockState {
    /// The operator was told.
    pub flagged: bool,
    /// Times are being corrected; ends only when the clock is right again.
    pub correcting: bool,
}

/// The clocks of one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamps {
    /// Collector's clock when it arrived.
    pub received: UnixMs,
    /// Agent's wall clock when it was sent.
    pub sent: UnixMs,
    /// Agent's monotonic clock when it was sent.
    pub sent_mono: MonoMs,
    /// Agent's wall clock at the tick.
    pub tick: UnixMs,
    /// Agent's monotonic clock at the tick.
    pub tick_mono: MonoMs,
    /// Time between ticks.
    pub interval: DurationMs,
}

/// Where the time of record is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The agent's wall clock.
    Agent,
    /// Corrected: the agent's clock is off by more than a minute now.
    ClockOff,
    /// Corrected: the agent's clock was off by more than a minute at the tick and was set since.
    ClockWasOff,
    /// Corrected: by the agent's clock the tick lies more than one interval in the future.
    Future,
    /// Corrected: the clock was off by more than a minute and is not yet within two seconds.
    StillSettling,
}

/// A change that the operator is told, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The clock went off by more than two seconds.
    Flagged,
    /// The clock is right again.
    Cleared,
}

/// The time of record and what is to be said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The time.
    pub at: UnixMs,
    /// Where it is from.
    pub source: Source,
    /// Agent's clock − collector's clock, network delay included.
    pub offset: DurationMs,
    /// What changed.
    pub change: Option<Change>,
}

impl Record {
    /// Whether the time is the collector's.
    #[must_use]
    pub fn corrected(&self) -> bool {
        self.source != Source::Agent
    }
}

impl ClockState {
    /// The state that an agent's last known offset leaves, after a restart of the collector.
    #[must_use]
    pub fn restored(offset_ms: i64) -> Self {
        let off = offset_ms.unsigned_abs();
        Self {
            flagged: off > CLOCK_OFFSET_FLAG.0.unsigned_abs(),
            correcting: off > CLOCK_OFFSET_CORRECT.0.unsigned_abs(),
        }
    }

    /// The time of record of one batch.
    pub fn handle(&mut self, stamps: &Stamps) -> Record {
        let offset = stamps.sent.since(stamps.received);
        let off = offset.0.unsigned_abs();
        let by_age = stamps.received.minus(stamps.sent_mono.since(stamps.tick_mono));
        let off_at_tick = stamps.tick.since(by_age).0.unsigned_abs();
        let far = CLOCK_OFFSET_CORRECT.0.unsigned_abs();
        if off <= CLOCK_OFFSET_FLAG.0.unsigned_abs() {
            self.correcting = false;
        }
        let source = if off > far {
            self.correcting = true;
            Source::ClockOff
        } else if off_at_tick > far {
            Source::ClockWasOff
        } else if self.correcting {
            Source::StillSettling
        } else if stamps.tick > stamps.received.plus(stamps.interval) {
            Source::Future
        } else {
            Source::Agent
        };
        let flagged = off > CLOCK_OFFSET_FLAG.0.unsigned_abs();
        let change = match (self.flagged, flagged) {
            (false, true) => Some(Change::Flagged),
            (true, false) => Some(Change::Cleared),
            _ => None,
        };
        self.flagged = flagged;
        let at = if source == Source::Agent { stamps.tick } else { by_age };
        Record { at, source, offset, change }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stamps(offset: i64, age: u64) -> Stamps {
        let received = UnixMs(1_000_000_000);
        let sent = UnixMs(received.0 + offset);
        Stamps {
            received,
            sent,
            sent_mono: MonoMs(50_000_000),
            tick: UnixMs(sent.0 - i64::try_from(age).unwrap()),
            tick_mono: MonoMs(50_000_000 - age),
            interval: DurationMs(10_000),
        }
    }

    #[test]
    fn small_offsets_keep_the_agents_time_and_large_ones_the_collectors() {
        for (offset, age, source) in [
            (0, 0, Source::Agent),
            (-2_000, 100, Source::Agent),
            (9_000, 0, Source::Agent),
            (-60_000, 5_000, Source::Agent),
            (60_001, 0, Source::ClockOff),
            (-60_001, 7_200_000, Source::ClockOff),
            (11_000, 0, Source::Future),
            (11_000, 2_000, Source::Agent),
        ] {
            let stamps = stamps(offset, age);
            let record = ClockState::default().handle(&stamps);
            assert_eq!(record.source, source, "offset {offset} age {age}");
            let expected = if source == Source::Agent { offset } else { 0 };
            assert_eq!(record.at.0, stamps.received.0 - i64::try_from(age).unwrap() + expected);
            assert_eq!(record.offset.0, offset);
        }
    }

    #[test]
    fn a_batch_from_before_the_clock_was_set_gets_its_age() {
        let mut late = stamps(0, 600_000);
        late.tick = UnixMs(late.tick.0 - 3_600_000);
        let record = ClockState::default().handle(&late);
        assert_eq!((record.source, record.at.0), (Source::ClockWasOff, late.received.0 - 600_000));
    }

    #[test]
    fn the_operator_hears_of_a_change_only_and_correcting_ends_when_the_clock_is_right() {
        let mut clock = ClockState::default();
        assert_eq!(clock.handle(&stamps(70_000, 0)).change, Some(Change::Flagged));
        let settling = clock.handle(&stamps(-30_000, 0));
        assert_eq!((settling.change, settling.source), (None, Source::StillSettling));
        let right = clock.handle(&stamps(1_000, 0));
        assert_eq!((right.change, right.source), (Some(Change::Cleared), Source::Agent));
        assert_eq!(clock, ClockState::default());
        assert_eq!(ClockState::restored(-70_000), ClockState { flagged: true, correcting: true });
    }

    proptest! {
        #[test]
        fn never_in_the_future_by_more_than_one_interval(
            received in 0_i64..4_000_000_000_000,
            sent in any::<i64>(), tick in any::<i64>(), sent_mono in any::<u64>(), tick_mono in any::<u64>(),
            interval in 1_i64..3_600_000, flagged: bool, correcting: bool,
        ) {
            let stamps = Stamps {
                received: UnixMs(received), sent: UnixMs(sent), sent_mono: MonoMs(sent_mono), tick: UnixMs(tick),
                tick_mono: MonoMs(tick_mono), interval: DurationMs(interval),
            };
            let record = ClockState { flagged, correcting }.handle(&stamps);
            prop_assert!(record.at.0 <= received.saturating_add(interval));
        }
    }
}
