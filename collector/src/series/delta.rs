//! What a counter grew between two readings. Never negative, nothing across a restart or a gap.

use evenkeel_common::sample::{Counter, Missing, Value};
use evenkeel_common::time::{DurationMs, UnixMs};

/// What happened between two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delta {
    /// After the reading at this time.
    pub from: UnixMs,
    /// Until the reading at this time.
    pub to: UnixMs,
    /// The growth in stored units, or why it is not known.
    pub growth: Result<u64, Missing>,
}

/// Takes readings in time order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deltas {
    last: Option<(UnixMs, Counter)>,
    why: Option<Missing>,
}

impl Deltas {
    /// As if a counter had been read last at a time.
    #[must_use]
    pub fn after(at: UnixMs, counter: Counter) -> Self {
        Self { last: Some((at, counter)), why: None }
    }

    /// The next reading; nothing comes of the first one and of what is no counter. A difference over more than
    /// `longest_gap` is not known.
    pub fn handle(&mut self, at: UnixMs, value: Value, longest_gap: DurationMs) -> Option<Delta> {
        let counter = match value {
            Value::Counter(counter) => counter,
            Value::Missing(why) => {
                self.why = Some(why);
                return Some(Delta { from: at, to: at, growth: Err(why) });
            }
            Value::Gauge(_) => return None,
        };
        let why = self.why.take().unwrap_or(Missing::NoData);
        let (from, last) = self.last.replace((at, counter))?;
        let growth = if at.since(from) > longest_gap {
            Err(why)
        } else if last.epoch == counter.epoch {
            counter.value.checked_sub(last.value).ok_or(Missing::CounterReset)
        } else {
            Err(Missing::CounterReset)
        };
        Some(Delta { from, to: at, growth })
    }
}

impl Delta {
    /// How long it took.
    #[must_use]
    pub fn duration(&self) -> DurationMs {
        self.to.since(self.from)
    }

    /// The growth as a float.
    ///
    /// # Errors
    /// Why it is not known.
    #[expect(clippy::cast_precision_loss, reason = "a growth between two ticks stays far below 2^53")]
    pub fn growth_f64(&self) -> Result<f64, Missing> {
        self.growth.map(|growth| growth as f64)
    }

    /// The growth per second, in stored units.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn rate(&self) -> Result<f64, Missing> {
        let (growth, seconds) = (self.growth_f64()?, self.duration().as_s());
        if seconds > 0.0 { Ok(growth / seconds) } else { Err(Missing::NoData) }
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::sample::CounterEpoch;
    use proptest::prelude::*;

    use super::*;

    const GAP: DurationMs = DurationMs(25_000);

    fn count(epoch: u64, value: u64) -> Value {
        Value::Counter(Counter { epoch: CounterEpoch(epoch), value })
    }

    fn run(readings: &[(i64, Value)]) -> Vec<Result<u64, Missing>> {
        let mut deltas = Deltas::default();
        let all = readings.iter().filter_map(|(at, value)| deltas.handle(UnixMs(at * 1_000), *value, GAP));
        all.map(|delta| delta.growth).collect()
    }

    #[test]
    fn restarts_and_gaps_are_missing() {
        let missing = Value::Missing(Missing::Hung);
        assert_eq!(run(&[(0, count(1, 5)), (10, count(1, 7)), (20, count(1, 7))]), [Ok(2), Ok(0)]);
        assert_eq!(run(&[(0, count(1, 5)), (10, count(2, 7))]), [Err(Missing::CounterReset)]);
        assert_eq!(run(&[(0, count(1, 5)), (10, count(1, 4)), (20, count(1, 6))]), [Err(Missing::CounterReset), Ok(2)]);
        assert_eq!(run(&[(0, count(1, 5)), (26, count(1, 9))]), [Err(Missing::NoData)]);
        assert_eq!(run(&[(0, count(1, 5)), (10, missing), (20, count(1, 9))]), [Err(Missing::Hung), Ok(4)]);
        assert_eq!(
            run(&[(0, count(1, 5)), (10, missing), (30, count(1, 9))]),
            [Err(Missing::Hung), Err(Missing::Hung)]
        );
    }

    proptest! {
        #[test]
        fn growth_sums_to_no_more_than_what_was_counted(
            readings in prop::collection::vec((1_i64..40, 0_u64..3, 0_u64..1_000), 1..60)
        ) {
            let mut at = 0;
            let mut totals = std::collections::BTreeMap::<u64, (u64, u64)>::new();
            let readings: Vec<_> = readings.into_iter().map(|(wait, epoch, value)| {
                at += wait;
                let (low, high) = totals.entry(epoch).or_insert((value, value));
                (*low, *high) = ((*low).min(value), (*high).max(value));
                (at, count(epoch, value))
            }).collect();
            let rising: u64 = readings.windows(2).map(|pair| match (pair[0].1, pair[1].1) {
                (Value::Counter(a), Value::Counter(b)) if a.epoch == b.epoch && pair[1].0 - pair[0].0 <= 25 =>
                    b.value.saturating_sub(a.value),
                _ => 0,
            }).sum();
            prop_assert_eq!(run(&readings).into_iter().flatten().sum::<u64>(), rising);
        }
    }
}
