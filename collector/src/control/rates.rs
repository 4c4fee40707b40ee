//! [P] What the newest points of a series say about now.

use evenkeel_common::sample::{Counter, Gauge, Missing, Value};
use evenkeel_common::time::UnixMs;

/// Points of each series that are looked at: the newest and two before, so that one lost reading leaves a rate.
pub const POINTS: u32 = 3;

/// The rate of a counter in shown units per second, from the newest reading and the one before it.
///
/// # Errors
/// Why there is none: the newest is missing, there is only one, or the counter began anew.
pub fn rate(points: &[(UnixMs, Value)], stored_per_unit: f64) -> Result<f64, Missing> {
    let Some(((at, newest), before)) = points.split_first() else {
        return Err(Missing::NoData);
    };
    let newest = match newest {
        Value::Counter(counter) => counter,
        Value::Missing(why) => return Err(*why),
        Value::Gauge(_) => return Err(Missing::NoData),
    };
    let earlier = before.iter().find_map(|(at, value)| match value {
        Value::Counter(counter) => Some((*at, *counter)),
        Value::Gauge(_) | Value::Missing(_) => None,
    });
    let Some((earlier_at, earlier)) = earlier else {
        return Err(Missing::NoData);
    };
    let seconds = at.since(earlier_at).as_s();
    let difference = difference(*newest, earlier)?;
    if seconds > 0.0 { Ok(difference / stored_per_unit / seconds) } else { Err(Missing::NoData) }
}

#[expect(clippy::cast_precision_loss, reason = "a difference of two readings; 2^53 ns are 104 days")]
fn difference(newest: Counter, earlier: Counter) -> Result<f64, Missing> {
    if newest.epoch != earlier.epoch {
        return Err(Missing::CounterReset);
    }
    newest.value.checked_sub(earlier.value).map(|difference| difference as f64).ok_or(Missing::CounterReset)
}

/// The newest value of a gauge in shown units.
///
/// # Errors
/// Why there is none.
#[expect(clippy::cast_precision_loss, reason = "shown, not computed with")]
pub fn newest(points: &[(UnixMs, Value)], stored_per_unit: f64) -> Result<f64, Missing> {
    match points.first() {
        Some((_, Value::Gauge(Gauge::Int(value)))) => Ok(*value as f64 / stored_per_unit),
        Some((_, Value::Gauge(Gauge::Float(value)))) => Ok(value.value() / stored_per_unit),
        Some((_, Value::Counter(counter))) => Ok(counter.value as f64 / stored_per_unit),
        Some((_, Value::Missing(why))) => Err(*why),
        None => Err(Missing::NoData),
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::sample::CounterEpoch;

    use super::*;

    fn counter(at: i64, epoch: u64, value: u64) -> (UnixMs, Value) {
        (UnixMs(at), Value::Counter(Counter { epoch: CounterEpoch(epoch), value }))
    }

    fn check(points: &[(UnixMs, Value)], expected: Result<f64, Missing>) {
        match (rate(points, 10.0), expected) {
            (Ok(found), Ok(expected)) => assert!((found - expected).abs() < 1e-12, "{found} {expected}"),
            (found, expected) => assert_eq!(found, expected),
        }
    }

    #[test]
    fn a_rate_needs_two_readings_of_one_epoch() {
        let lost = (UnixMs(15_000), Value::Missing(Missing::Hung));
        check(&[counter(20_000, 1, 500), counter(10_000, 1, 300)], Ok(2.0));
        check(&[counter(20_000, 1, 500), lost, counter(10_000, 1, 300)], Ok(2.0));
        check(&[lost, counter(10_000, 1, 300)], Err(Missing::Hung));
        check(&[counter(20_000, 2, 5), counter(10_000, 1, 300)], Err(Missing::CounterReset));
        check(&[counter(20_000, 1, 5), counter(10_000, 1, 300)], Err(Missing::CounterReset));
        check(&[counter(20_000, 1, 500)], Err(Missing::NoData));
        check(&[], Err(Missing::NoData));
    }
}
