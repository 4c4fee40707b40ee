//! Step 4, process: readings of a period become numbers on which something can be said. Counters become rates; codes
//! such as a state are names and not numbers, so nothing is averaged over them.

mod figures;

pub use figures::{Figures, OutageFigures, SeriesFigures, figures, hourly};

use evenkeel_common::metric::{Kind, Metric};
use evenkeel_common::sample::Value;
use evenkeel_common::time::{DurationMs, UnixMs};

use crate::series::{Feed, Function, Intervals, Number, Shown, Sink};
use crate::stats::Moments;

/// Metrics whose values are codes.
const NOMINAL: [&str; 2] = ["vm_state", "vm_state_reason"];

/// Readings of one series in one period, being processed.
#[derive(Debug)]
pub struct Process {
    feed: Feed,
    from: UnixMs,
    to: UnixMs,
    points: Vec<Shown>,
    whole_before: bool,
    metric: &'static Metric,
}

/// What became of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Processed {
    /// The values, or rates of a counter, in the shown unit and in time order.
    pub values: Vec<f64>,
    /// The time that they speak for.
    pub covered: DurationMs,
}

/// The numbers of one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aggregate {
    /// How many values.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// The largest.
    pub max: f64,
    /// Standard deviation with n − 1; none of one value.
    pub sd: Option<f64>,
}

/// Whether a metric can be averaged.
#[must_use]
pub fn is_measure(metric: &Metric) -> bool {
    !NOMINAL.contains(&metric.name)
}

/// What is made of a metric's readings.
#[must_use]
pub fn function(metric: &Metric) -> Function {
    match metric.kind {
        Kind::Counter => Function::Rate,
        Kind::Gauge => Function::Raw,
    }
}

impl Process {
    /// For one series in `from <= t < to`.
    #[must_use]
    pub fn new(metric: &'static Metric, from: UnixMs, to: UnixMs) -> Self {
        let whole_before = metric.kind == Kind::Counter;
        Self { feed: Feed::new(metric, function(metric)), from, to, points: Vec::new(), whole_before, metric }
    }

    /// The next reading. Those from before the period are there to take differences with.
    pub fn handle(&mut self, at: UnixMs, value: Value, intervals: &Intervals) {
        let mut sink = Sink::Points { from: self.from, points: &mut self.points };
        self.feed.handle(at, value, intervals.longest_gap(at), &mut sink);
    }

    /// The values and the time that they speak for: a rate for the time back to the reading before, a value for the
    /// time to the next one, neither for longer than a lost tick explains.
    #[must_use]
    pub fn finish(self, intervals: &Intervals) -> Processed {
        let mut covered = 0;
        for (index, (at, number)) in self.points.iter().enumerate() {
            if number.is_err() {
                continue;
            }
            let longest = self.metric.longest_gap(intervals.longest_gap(*at));
            let length = if self.whole_before {
                let before = self.points[..index].last().map_or(self.from, |(before, _)| *before);
                at.since(before).0
            } else {
                self.points.get(index + 1).map_or(self.to, |(next, _)| *next).since(*at).0
            };
            covered += length.clamp(0, longest.0);
        }
        let values = self.points.iter().filter_map(|(_, number)| number.ok().map(Number::as_f64)).collect();
        Processed { values, covered: DurationMs(covered) }
    }
}

impl Processed {
    /// The numbers; none of no values.
    #[must_use]
    pub fn aggregate(&self) -> Option<Aggregate> {
        let moments = Moments::of(&self.values);
        let (mean, max) = (moments.mean()?, moments.max()?);
        Some(Aggregate { n: moments.n(), mean, max, sd: moments.sd() })
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::metric;
    use evenkeel_common::sample::{Counter, CounterEpoch, Missing};

    use super::*;

    #[test]
    fn a_counter_becomes_rates_and_a_restart_is_left_out() {
        let intervals = Intervals(vec![(UnixMs(0), DurationMs(10_000))]);
        let mut process =
            Process::new(metric::by_name("vm_block_read_bytes_total").unwrap(), UnixMs(10_000), UnixMs(60_000));
        let count = |epoch, value| Value::Counter(Counter { epoch: CounterEpoch(epoch), value });
        let readings =
            [(0, count(1, 0)), (10, count(1, 100)), (20, count(1, 400)), (30, count(2, 5)), (40, count(2, 5))];
        for (at, value) in readings {
            process.handle(UnixMs(at * 1_000), value, &intervals);
        }
        process.handle(UnixMs(50_000), Value::Missing(Missing::Hung), &intervals);
        let processed = process.finish(&intervals);
        assert_eq!(processed.values, [10.0, 30.0, 0.0]);
        assert_eq!(processed.covered, DurationMs(20_000));
        let aggregate = processed.aggregate().unwrap();
        assert_eq!((aggregate.n, aggregate.max), (3, 30.0));
        assert!((aggregate.mean - 40.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_becomes_nothing() {
        let metric = metric::by_name("vm_memory_rss_bytes").unwrap();
        let intervals = Intervals::default();
        let processed = Process::new(metric, UnixMs(0), UnixMs(1)).finish(&intervals);
        assert_eq!((processed.aggregate(), processed.covered), (None, DurationMs(0)));
        assert!(is_measure(metric) && !is_measure(metric::by_name("vm_state").unwrap()));
    }
}
