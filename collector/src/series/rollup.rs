//! Rollups: what a long step needs to know of the readings in a short one.
//!
//! Of a gauge that is their number, sum, smallest and largest; of a counter the first and the last reading and what grew
//! between them, so that rates and increases over any whole number of buckets are those of the readings themselves, also
//! across their borders. What is missing is kept in milliseconds by reason.

use evenkeel_common::metric::{MetricId, STALE_AFTER, by_id};
use evenkeel_common::sample::{Counter, Gauge, Missing, Value};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::Deltas;
use super::sketch::Sketch;
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
    /// Of a distribution in a long bucket, the values of a gauge or the rates of a counter in it; that of a counter to the
    /// reading before the bucket is not in it.
    pub sketch: Option<Sketch>,
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
    metric: MetricId,
    readings: impl IntoIterator<Item = (UnixMs, Value, DurationMs)>,
    step: DurationMs,
) -> Vec<(UnixMs, Bucket)> {
    let known = by_id(metric);
    let gap = |of_ticks: DurationMs| match known {
        Some(known) => known.longest_gap(of_ticks),
        None if metric.is_foreign() => STALE_AFTER,
        None => of_ticks,
    };
    let sketch = (step >= LONG && known.is_some_and(|known| known.distribution)).then(Sketch::default);
    let new = || Making { sketch: sketch.clone(), ..Making::default() };
    let mut buckets: Vec<(UnixMs, Bucket)> = Vec::new();
    let mut current = new();
    for (at, value, interval) in readings {
        let start = start_of(at, step);
        if buckets.last().is_none_or(|(known, _)| *known != start) {
            close(&mut buckets, std::mem::replace(&mut current, new()));
            buckets.push((start, Bucket::default()));
        }
        current.add(at, value, interval, gap);
    }
    close(&mut buckets, current);
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
    sketch: Option<Sketch>,
}

impl Making {
    fn add(&mut self, at: UnixMs, value: Value, interval: DurationMs, gap: impl Fn(DurationMs) -> DurationMs) {
        match value {
            Value::Missing(why) => {
                let before = self.missing.iter().position(|(known, _)| *known == why);
                let length = before.map_or(DurationMs(0), |place| self.missing.remove(place).1);
                self.missing.push((why, DurationMs(length.0.saturating_add(interval.0))));
                self.deltas.handle(at, value, interval);
            }
            Value::Gauge(gauge) => {
                self.moments.add(float(gauge));
                if let Some(sketch) = &mut self.sketch {
                    sketch.add(float(gauge));
                }
            }
            Value::Counter(counter) => {
                let longest = gap(DurationMs(interval.0.saturating_mul(5) / 2));
                let delta = self.deltas.handle(at, value, longest);
                let new =
                    Counts { count: 0, first: (at, counter), last: (at, counter), growth: 0, covered: DurationMs(0) };
                let counts = self.counts.get_or_insert(new);
                counts.count += 1;
                counts.last = (at, counter);
                if let (Some(sketch), Some(rate)) = (&mut self.sketch, delta.and_then(|delta| delta.rate().ok())) {
                    sketch.add(rate);
                }
                if let Some((growth, length)) = delta.and_then(|delta| Some((delta.growth.ok()?, delta.duration()))) {
                    counts.growth = counts.growth.saturating_add(growth);
                    counts.covered.0 += length.0;
                }
            }
        }
    }

    fn finish(self) -> Bucket {
        let Self { moments, counts, missing, sketch, .. } = self;
        let gauges = || {
            let (min, max) = (moments.min()?, moments.max()?);
            let count = u64::try_from(moments.n()).unwrap_or(u64::MAX);
            Some(Gauges { count, sum: moments.sum(), min, max, squares: moments.squares() })
        };
        let content = match counts {
            Some(counts) => Content::Counter(counts),
            None => gauges().map_or(Content::Empty, Content::Gauge),
        };
        Bucket { sketch: sketch.filter(|_| content != Content::Empty), content, missing }
    }
}

#[expect(clippy::cast_precision_loss, reason = "the shown result is a float; whole numbers below 2^53 stay exact")]
fn float(gauge: Gauge) -> f64 {
    match gauge {
        Gauge::Int(value) => value as f64,
        Gauge::Float(value) => value.value(),
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::metric::by_name;
    use evenkeel_common::sample::CounterEpoch;
    use proptest::prelude::*;

    use super::super::{Cells, Feed, Function, Grid, Sink};
    use super::*;

    const INTERVAL: DurationMs = DurationMs(10_000);
    const GAP: DurationMs = DurationMs(25_000);

    /// A number in steps, from readings.
    fn raw(metric: &str, function: Function, readings: &[(UnixMs, Value)], grid: Grid) -> Vec<Result<f64, Missing>> {
        let mut feed = Feed::new(by_name(metric).unwrap(), function);
        let mut cells = Cells::new(grid, function);
        for (at, value) in readings {
            feed.handle(*at, *value, GAP, &mut Sink::Cells(&mut cells));
        }
        cells.results().map(|(_, result)| result).collect()
    }

    /// The same, from buckets.
    fn rolled(
        metric: &str,
        function: Function,
        readings: &[(UnixMs, Value)],
        grid: Grid,
        step: DurationMs,
    ) -> Vec<Result<f64, Missing>> {
        let mut feed = Feed::new(by_name(metric).unwrap(), function);
        let mut cells = Cells::new(grid, function);
        for (start, bucket) in
            roll_up(by_name(metric).unwrap().id, readings.iter().map(|(at, value)| (*at, *value, INTERVAL)), step)
        {
            feed.bucket(start, &bucket, GAP, &mut cells);
        }
        cells.results().map(|(_, result)| result).collect()
    }

    fn near(a: &[Result<f64, Missing>], b: &[Result<f64, Missing>]) -> bool {
        a.len() == b.len()
            && a.iter().zip(b).all(|(a, b)| match (a, b) {
                (Ok(a), Ok(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0),
                (a, b) => a.is_ok() == b.is_ok(),
            })
    }

    proptest! {
        /// Percentiles of an hour's sketches are those of the readings, within the bound.
        #[test]
        fn percentiles_of_buckets_are_near_those_of_the_readings(
            ticks in prop::collection::vec((1_i64..4, 1_u64..100_000, prop::bool::weighted(0.02)), 1..900), share in 0.0..=1.0
        ) {
            let (mut at, mut sum, mut epoch) = (1_800_000_000_000_i64, 5_u64, 1_u64);
            let (mut counts, mut gauges) = (Vec::new(), Vec::new());
            for (steps, growth, restarts) in ticks {
                at += steps * 10_000;
                sum = if restarts { growth } else { sum + growth };
                epoch += u64::from(restarts);
                counts.push((UnixMs(at), Value::Counter(Counter { epoch: CounterEpoch(epoch), value: sum })));
                gauges.push((UnixMs(at), Value::Gauge(Gauge::Int(i64::try_from(growth).unwrap()))));
            }
            let function = Function::Quantile(share);
            for step in [LONG, DurationMs(4 * LONG.0)] {
                let grid = Grid::new(UnixMs(1_800_000_000_000), UnixMs(at + 1), step, 10_000).unwrap();
                for (metric, readings) in [("vm_network_receive_bytes_total", &counts), ("vm_memory_rss_bytes", &gauges)] {
                    let (one, other) = (raw(metric, function, readings, grid), rolled(metric, function, readings, grid, LONG));
                    for (exact, found) in one.iter().zip(&other) {
                        let near = match (exact, found) {
                            (Ok(exact), Ok(found)) => (exact - found).abs() <= crate::series::sketch::ERROR_MAX * exact.abs(),
                            (exact, found) => exact.is_ok() == found.is_ok(),
                        };
                        prop_assert!(near, "{metric} {function}: {exact:?} {found:?}");
                    }
                }
            }
        }

        /// Growth is that of the readings, also across borders, restarts and gaps; and so is what is made of a gauge.
        #[test]
        fn steps_of_buckets_are_those_of_the_readings(
            ticks in prop::collection::vec((1_i64..4, 0_u64..1_000, prop::bool::weighted(0.02), prop::bool::weighted(0.05)), 1..700)
        ) {
            let (mut at, mut sum, mut epoch) = (1_800_000_000_000_i64, 5_u64, 1_u64);
            let (mut counts, mut gauges) = (Vec::new(), Vec::new());
            for (steps, growth, restarts, hangs) in ticks {
                at += steps * 10_000 + i64::try_from(growth % 7).unwrap();
                sum = if restarts { growth } else { sum + growth };
                epoch += u64::from(restarts);
                let missing = Value::Missing(Missing::Hung);
                counts.push((UnixMs(at), if hangs { missing } else { Value::Counter(Counter { epoch: CounterEpoch(epoch), value: sum }) }));
                gauges.push((UnixMs(at), if hangs { missing } else { Value::Gauge(Gauge::Int(i64::try_from(growth).unwrap())) }));
            }
            for step in [SHORT, LONG] {
                // The last step of a range also knows the reading behind it, which neither of the two sees here.
                let grid = Grid::new(UnixMs(1_800_000_000_000), UnixMs(at + 1), step, 10_000).unwrap();
                for function in [Function::Rate, Function::Increase, Function::Count] {
                    let metric = "vm_block_read_bytes_total";
                    let (one, other) = (raw(metric, function, &counts, grid), rolled(metric, function, &counts, grid, step));
                    prop_assert!(near(&one, &other), "{function}: {one:?} {other:?}");
                }
                for function in [Function::Avg, Function::Min, Function::Max, Function::Sum, Function::Count] {
                    let metric = "vm_memory_rss_bytes";
                    let (one, other) = (raw(metric, function, &gauges, grid), rolled(metric, function, &gauges, grid, step));
                    prop_assert!(near(&one, &other), "{function}: {one:?} {other:?}");
                }
            }
        }
    }
}
