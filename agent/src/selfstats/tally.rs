//! [P] The counts as they stand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use evenkeel_common::metric::Kind;
use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Missing, Reading, Value};

use super::Indicator;

/// Rows kept; a further one is left out. A few dozen are usual.
const ROWS_MAX: usize = 512;

type Rows = BTreeMap<(Indicator, String), Result<u64, Missing>>;

/// What the agent counts of itself. Clones are handles of the same counts; each part of the agent may hold one.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    rows: Arc<Mutex<Rows>>,
}

impl Tally {
    /// Adds to a counter, in its stored unit.
    pub fn add(&self, indicator: Indicator, device: &str, by: u64) {
        self.update(indicator, device, |before| Ok(before.unwrap_or(0).saturating_add(by)));
    }

    /// Says how much it is now, in its stored unit.
    pub fn set(&self, indicator: Indicator, device: &str, now: u64) {
        self.update(indicator, device, |_| Ok(now));
    }

    /// Says why it cannot be known now.
    pub fn set_missing(&self, indicator: Indicator, device: &str, why: Missing) {
        self.update(indicator, device, |_| Err(why));
    }

    /// Forgets all devices of a gauge: those that still exist are set again.
    pub fn clear(&self, indicator: Indicator) {
        self.rows().retain(|(of, _), _| *of != indicator);
    }

    fn update(
        &self,
        indicator: Indicator,
        device: &str,
        to: impl FnOnce(Result<u64, Missing>) -> Result<u64, Missing>,
    ) {
        let mut rows = self.rows();
        let key = (indicator, device.to_owned());
        let before = rows.get(&key).copied();
        if before.is_some() || rows.len() < ROWS_MAX {
            rows.insert(key, to(before.unwrap_or(Ok(0))));
        }
    }

    /// A panic elsewhere leaves whole numbers behind: they are still good.
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of it. Counters began at `epoch`, the agent's start.
    #[must_use]
    pub fn readings(&self, epoch: CounterEpoch) -> Vec<Reading> {
        let one = |((indicator, device), value): (&(Indicator, String), &Result<u64, Missing>)| {
            let metric = indicator.metric();
            let value = match (*value, metric.kind) {
                (Err(why), _) => Value::Missing(why),
                (Ok(value), Kind::Counter) => Value::Counter(Counter { epoch, value }),
                (Ok(value), Kind::Gauge) => Value::Gauge(Gauge::Int(i64::try_from(value).unwrap_or(i64::MAX))),
            };
            Reading { metric: metric.id, device: device.clone(), value }
        };
        self.rows().iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_add_up_from_the_agents_start_and_gauges_are_replaced() {
        let tally = Tally::default();
        let other = tally.clone();
        tally.add(Indicator::Calls, "block", 2);
        other.add(Indicator::Calls, "block", 3);
        tally.set(Indicator::QueueBatches, "", 9);
        tally.set(Indicator::QueueBatches, "", 1);
        tally.set_missing(Indicator::Pss, "agent", Missing::NotPermitted);
        let epoch = CounterEpoch(7);
        let values: Vec<_> = tally.readings(epoch).into_iter().map(|reading| (reading.device, reading.value)).collect();
        let expected = [
            ("agent", Value::Missing(Missing::NotPermitted)),
            ("block", Value::Counter(Counter { epoch, value: 5 })),
            ("", Value::Gauge(Gauge::Int(1))),
        ];
        assert_eq!(values, expected.map(|(device, value)| (device.to_owned(), value)));
        tally.clear(Indicator::Pss);
        assert_eq!(tally.readings(epoch).len(), 2);
    }

    #[test]
    fn never_holds_more_rows_than_its_bound() {
        let tally = Tally::default();
        for device in 0..2 * ROWS_MAX {
            tally.add(Indicator::Calls, &device.to_string(), 1);
        }
        assert_eq!(tally.readings(CounterEpoch(1)).len(), ROWS_MAX);
    }
}
