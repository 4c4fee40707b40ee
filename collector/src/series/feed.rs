//! One series' readings into points or steps.

use evenkeel_common::metric::{Kind, Metric};
use evenkeel_common::sample::{Missing, Value};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::rollup::{Bucket, Content};
use super::sketch::Sketch;
use super::{Cells, Delta, Deltas, Function, Number, Scale};

/// A point as it is shown.
pub type Shown = (UnixMs, Result<Number, Missing>);

/// Where readings go.
#[derive(Debug)]
pub enum Sink<'a> {
    /// A point for each, from a time on.
    Points {
        /// Readings before are only there to take differences with.
        from: UnixMs,
        /// The points.
        points: &'a mut Vec<Shown>,
    },
    /// Steps.
    Cells(&'a mut Cells),
}

/// Takes one series' readings in time order.
#[derive(Clone, Copy, Debug)]
pub struct Feed {
    function: Function,
    scale: Scale,
    differences: bool,
    metric: &'static Metric,
    deltas: Deltas,
}

impl Feed {
    /// For one series of a metric.
    #[must_use]
    pub fn new(metric: &'static Metric, function: Function) -> Self {
        let differences = metric.kind == Kind::Counter && (function.of_growth() || function.of_rates());
        Self { function, scale: Scale::of(metric), differences, metric, deltas: Deltas::default() }
    }

    /// The next reading. `longest_gap` is that of what comes with every tick.
    pub fn handle(&mut self, at: UnixMs, value: Value, longest_gap: DurationMs, sink: &mut Sink<'_>) {
        if !self.differences {
            sink.take(at, self.scale.number(value));
            return;
        }
        let longest_gap = self.metric.longest_gap(longest_gap);
        let Some(delta) = self.deltas.handle(at, value, longest_gap) else { return };
        let rate = || delta.rate().map(|rate| Number::Float(self.scale.float(rate)));
        let growth = || delta.growth_f64().map(|growth| self.scale.float(growth));
        match (sink, self.function) {
            (Sink::Cells(cells), function) if function.of_growth() => match growth() {
                Ok(growth) => cells.growth(&delta, growth),
                Err(why) if delta.from < delta.to => cells.unknown(delta.from, delta.to, why),
                Err(why) => cells.missing(delta.to, why),
            },
            (sink, Function::Increase) => sink.take(delta.to, growth().map(Number::Float)),
            (sink, _) => sink.take(delta.to, rate()),
        }
    }
}

impl Feed {
    /// Whether steps of this function can be made from buckets: what was in them does not have to be told apart.
    #[must_use]
    pub fn takes_buckets(metric: &Metric, function: Function) -> bool {
        if matches!(function, Function::Quantile(_)) {
            return metric.distribution;
        }
        match metric.kind {
            Kind::Counter => function.of_growth() || function == Function::Count,
            Kind::Gauge => {
                matches!(function, Function::Avg | Function::Min | Function::Max | Function::Sum | Function::Count)
            }
        }
    }

    /// Whether a bucket says enough for this function: those of older versions have no sketch.
    #[must_use]
    pub fn is_told_by(&self, bucket: &Bucket) -> bool {
        !matches!(self.function, Function::Quantile(_)) || bucket.sketch.is_some() || bucket.content == Content::Empty
    }

    /// The next bucket, which lies within one step.
    pub fn bucket(&mut self, start: UnixMs, bucket: &Bucket, longest_gap: DurationMs, cells: &mut Cells) {
        match &bucket.content {
            Content::Empty => {}
            Content::Gauge(gauges) => {
                let n = usize::try_from(gauges.count).unwrap_or(usize::MAX);
                let [sum, min, max] = [gauges.sum, gauges.min, gauges.max].map(|value| self.scale.float(value));
                cells.many(start, n, sum, min, max);
            }
            Content::Counter(counts) if !self.differences => {
                let value = self.scale.number(Value::Counter(counts.last.1)).map_or(0.0, Number::as_f64);
                let n = usize::try_from(counts.count).unwrap_or(usize::MAX);
                cells.many(start, n, value, value, value);
            }
            Content::Counter(counts) => {
                let mut sink = Sink::Cells(cells);
                self.handle(counts.first.0, Value::Counter(counts.first.1), longest_gap, &mut sink);
                if counts.covered.0 > 0 && self.function.of_growth() {
                    let growth = Delta { from: counts.first.0, to: counts.last.0, growth: Ok(counts.growth) };
                    if let Ok(grown) = growth.growth_f64() {
                        cells.grown(start, self.scale.float(grown), counts.covered);
                    }
                }
                self.deltas = Deltas::after(counts.last.0, counts.last.1);
            }
        }
        if matches!(self.function, Function::Quantile(_)) {
            for (value, count) in bucket.sketch.iter().flat_map(Sketch::values) {
                cells.weighted(start, self.scale.float(value), count);
            }
        }
        if let Some((why, _)) = bucket.missing.last() {
            cells.missing(start, *why);
        }
    }
}

impl Sink<'_> {
    fn take(&mut self, at: UnixMs, number: Result<Number, Missing>) {
        match (self, number) {
            (Self::Points { from, points }, number) if at >= *from => points.push((at, number)),
            (Self::Points { .. }, _) => {}
            (Self::Cells(cells), Ok(number)) => cells.value(at, number.as_f64()),
            (Self::Cells(cells), Err(why)) => cells.missing(at, why),
        }
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::metric;
    use evenkeel_common::sample::{Counter, CounterEpoch, Gauge};

    use super::super::Grid;
    use super::*;

    fn count(value: u64) -> Value {
        Value::Counter(Counter { epoch: CounterEpoch(1), value })
    }

    fn points(metric: &str, function: Function, readings: &[(i64, Value)]) -> Vec<Shown> {
        let mut feed = Feed::new(metric::by_name(metric).unwrap(), function);
        let mut points = Vec::new();
        for (at, value) in readings {
            let mut sink = Sink::Points { from: UnixMs(10_000), points: &mut points };
            feed.handle(UnixMs(at * 1_000), *value, DurationMs(25_000), &mut sink);
        }
        points
    }

    #[test]
    fn whole_numbers_stay_whole_and_nanoseconds_become_seconds() {
        let bytes = points("vm_block_read_bytes_total", Function::Raw, &[(10, count(u64::MAX))]);
        assert_eq!(bytes, [(UnixMs(10_000), Ok(Number::UInt(u64::MAX)))]);
        let seconds = points("vm_cpu_seconds_total", Function::Raw, &[(10, count(1_500_000_000))]);
        assert_eq!(seconds, [(UnixMs(10_000), Ok(Number::Float(1.5)))]);
        let gauge = points("vm_memory_rss_bytes", Function::Raw, &[(10, Value::Gauge(Gauge::Int(7)))]);
        assert_eq!(gauge, [(UnixMs(10_000), Ok(Number::Int(7)))]);
    }

    #[test]
    fn rates_use_the_reading_before_the_range() {
        let rates = points("vm_cpu_seconds_total", Function::Rate, &[(0, count(0)), (10, count(5_000_000_000))]);
        assert_eq!(rates, [(UnixMs(10_000), Ok(Number::Float(0.5)))]);
    }

    #[test]
    fn the_mean_of_a_counter_is_the_mean_of_its_rates() {
        let grid = Grid::whole(UnixMs(0), UnixMs(60_000));
        let mut cells = Cells::new(grid, Function::Avg);
        let mut feed = Feed::new(metric::by_name("vm_block_read_bytes_total").unwrap(), Function::Avg);
        for (at, value) in [(0, 0), (10, 100), (20, 400)] {
            feed.handle(UnixMs(at * 1_000), count(value), DurationMs(25_000), &mut Sink::Cells(&mut cells));
        }
        assert_eq!(cells.results().next(), Some((UnixMs(0), Ok(20.0))));
    }
}
