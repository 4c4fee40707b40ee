//! Rollups: what a long step needs to know of the readings in a short one.
//!
//! Of a gauge that is their number, sum, smallest and largest; of a counter the first and the last reading and what grew
//! between them, so that rates and increases over any whole number of buckets are those of the readings themselves, also
//! across their borders. What is missing is kept in milliseconds by reason.

use evenkeel_common::sample::{Counter, Gauge, Missing, Value};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::Deltas;
use crate::stats::Moments;

/// The short rollup's bucket.
pub const SHORT: DurationMs = DurationMs::from_s(300);
/// The long rollup's bucket.
pub const LONG: DurationMs = DurationMs::from_s(3_600);

/// Readings of one series in one bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bucket {
    /// What the readings come to.
    pub content: Content,
    /// For how long they were missing and why, the reason of the last one last.
    pub missing: Vec<(Missing, DurationMs)>,
}

/// See [`Bucket`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Content {
    /// There is no value.
    #[default]
    Empty,
    /// Values that go up and down, in stored units.
    Gauge(Gauges),
    /// Values that add up.
    Counter(Counts),
}

/// A gauge's readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gauges {
    /// How many.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// Sum of the squares of their distances from the mean; 0 in a short bucket, which does not keep it.
    pub squares: f64,
}

/// A counter's readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// How many.
    pub count: u64,
    /// The first.
    pub first: (UnixMs, Counter),
    /// The last; the same when there is one.
    pub last: (UnixMs, Counter),
    /// What is known to have grown between them, in stored units.
    pub growth: u64,
    /// In how much time.
    pub covered: DurationMs,
}

/// The begin of the bucket of a time.
#[must_use]
pub fn start_of(at: UnixMs, step: DurationMs) -> UnixMs {
    at.minus(DurationMs(at.0.rem_euclid(step.0.max(1))))
}

/// Readings of one series in time order, each with the interval that it speaks for, as buckets with their begins.
#[must_use]
pub fn roll_up(
    readings: impl IntoIterator<Item = (UnixMs, Value, DurationMs)>,
    step: DurationMs,
) -> Vec<(UnixMs, Bucket)> {
    let mut buckets: Vec<(UnixMs, Bucket)> = Vec::new();
    let mut making = Making::default();
    for (at, value, interval) in readings {
        let start = start_of(at, step);
        if buckets.last().is_none_or(|(known, _)| *known != start) {
            close(&mut buckets, std::mem::take(&mut making));
            buckets.push((start, Bucket::default()));
        }
        making.add(at, value, interval);
    }
    close(&mut buckets, making);
    buckets
}

fn close(buckets: &mut [(UnixMs, Bucket)], making: Making) {
    if let Some((_, bucket)) = buckets.last_mut() {
        *bucket = making.finish();
    }
}

#[derive(Debug, Default)]
struct Making {
    moments: Moments,
    deltas: Deltas,
    counts: Option<Counts>,
    missing: Vec<(Missing, DurationMs)>,
}

impl Making {
    fn add(&mut self, at: UnixMs, value: Value, interval: DurationMs) {
        match value {
            Value::Missing(why) => {
                let before = self.missing.iter().position(|(known, _)| *known == why);
                let length = before.map_or(DurationMs(0), |place| self.missing.remove(place).1);
                self.missing.push((why, DurationMs(length.0.saturating_add(interval.0))));
                self.deltas.handle(at, value, interval);
            }
            Value::Gauge(gauge) => self.moments.add(float(gauge)),
            Value::Counter(counter) => {
                let longest = DurationMs(interval.0.saturating_mul(5) / 2);
                let delta = self.deltas.handle(at, value, longest);
                let new =
                    Counts { count: 0, first: (at, counter), last: (at, counter), growth: 0, covered: DurationMs(0) };
                let counts = self.counts.get_or_insert(new);
                counts.count += 1;
                counts.last = (at, counter);
                if let Some((growth, length)) = delta.and_then(|delta| Some((delta.growth.ok()?, delta.duration()))) {
                    counts.growth = counts.growth.saturating_add(growth);
                    counts.covered.0 += length.0;
                }
            }
        }
    }

    fn finish(self) -> Bucket {
        let Self { moments, counts, missing, .. } = self;
        let gauges = || {
            let (min, max) = (moments.min()?, moments.max()?);
            let count = u64::try_from(moments.n()).unwrap_or(u64::MAX);
            Some(Gauges { count, sum: moments.sum(), min, max, squares: moments.squares() })
        };
        let content = match counts {
            Some(counts) => Content::Counter(counts),
            None => gauges().map_or(Content::Empty, Content::Gauge),
        };
        Bucket { content, missing }
    }
}

#[expect(clippy::cast_precision_loss, reason = "the shown result is a float; whole numbers below 2^53 stay exact")]
fn float(gauge: Gauge) -> f64 {
    match gauge {
        Gauge::Int(value) => value as f64,
        Gauge::Float(value) => value.value(),
    }
}
