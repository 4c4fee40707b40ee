//! Hourly rollups of members, put together as they come.

use std::collections::BTreeMap;

use evenkeel_common::metric::{Kind, Metric};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::{Hour, MemberFigures, SeriesFacts};
use crate::series::rollup::{Bucket, Content, LONG};
use crate::series::{Cells, Feed, Function, Grid, Scale};
use crate::sla::Span;
use crate::stats::Moments;

/// A difference of a counter is taken across this many hours at most.
const GAP: DurationMs = DurationMs(LONG.0 * 5 / 2);

/// What was read of one member's series.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The member's name.
    pub member: &'a str,
    /// When it was one.
    pub present: Span,
    /// Rollups of an hour, by begin.
    pub buckets: &'a [(UnixMs, Bucket)],
    /// For how long nobody could tell anything of the member, by begin of the hour and reason.
    pub silent: &'a [(UnixMs, Vec<(String, i64)>)],
}

/// See the module. Hours are whole ones of UTC that begin in the period.
#[derive(Debug)]
pub struct Gathering {
    metric: &'static Metric,
    period: Span,
    grid: Grid,
    hours: Vec<Moments>,
    members: Vec<MemberFigures>,
    missing: BTreeMap<String, i64>,
    expected_s: i64,
}

impl Gathering {
    /// Of a metric in a period; none when that has no whole hour.
    #[must_use]
    pub fn new(metric: &'static Metric, period: Span) -> Option<Self> {
        let hour = LONG.0 / 1_000;
        let first = period.from.div_euclid(hour) * hour;
        let first = if first < period.from { first + hour } else { first };
        let end = period.to.div_euclid(hour) * hour;
        let at = |second: i64| UnixMs(second.saturating_mul(1_000));
        let grid = Grid::new(at(first), at(end.max(first)), LONG, 24 * 400).ok().filter(|grid| !grid.is_empty())?;
        let hours = (0..grid.len()).map(|_| Moments::default()).collect();
        let period = Span { from: first, to: end };
        Some(Self { metric, period, grid, hours, members: Vec::new(), missing: BTreeMap::new(), expected_s: 0 })
    }

    /// The hours that are to be read.
    #[must_use]
    pub fn span(&self) -> Span {
        self.period
    }

    /// One member's series.
    pub fn take(&mut self, part: &Part<'_>) {
        let mut own = Moments::default();
        let mut heard = vec![false; self.grid.len()];
        if self.metric.kind == Kind::Counter {
            self.rates(part, &mut own, &mut heard);
        } else {
            self.values(part, &mut own, &mut heard);
        }
        self.count_missing(part, &heard);
        if let (Some(mean), Some(min), Some(max)) = (own.mean(), own.min(), own.max()) {
            let n = u64::try_from(own.n()).unwrap_or(u64::MAX);
            self.members.push(MemberFigures(part.member.to_owned(), n, mean, min, max, own.sd()));
        }
    }

    fn values(&mut self, part: &Part<'_>, own: &mut Moments, heard: &mut [bool]) {
        let scale = Scale::of(self.metric);
        for (start, bucket) in part.buckets {
            let (Content::Gauge(gauges), Some(index)) = (&bucket.content, self.grid.index(*start)) else { continue };
            let n = usize::try_from(gauges.count).unwrap_or(usize::MAX);
            let [sum, min, max] = [gauges.sum, gauges.min, gauges.max].map(|value| scale.float(value));
            let squares = scale.float(scale.float(gauges.squares));
            own.add_many(n, sum, squares, min, max);
            self.hours[index].add_many(n, sum, squares, min, max);
            heard[index] = true;
        }
    }

    fn rates(&mut self, part: &Part<'_>, own: &mut Moments, heard: &mut [bool]) {
        let mut cells = Cells::new(self.grid, Function::Rate);
        let mut feed = Feed::new(self.metric, Function::Rate);
        for (start, bucket) in part.buckets {
            feed.bucket(*start, bucket, GAP, &mut cells);
        }
        for (index, (_, rate)) in cells.results().enumerate() {
            if let (Ok(rate), Some(hour)) = (rate, self.hours.get_mut(index)) {
                own.add(rate);
                hour.add(rate);
                heard[index] = true;
            }
        }
    }

    /// Hours without a reading, in whole, by the reason that is on record; of the others only what is on record.
    fn count_missing(&mut self, part: &Part<'_>, heard: &[bool]) {
        let buckets: BTreeMap<usize, &Bucket> =
            part.buckets.iter().filter_map(|(start, bucket)| Some((self.grid.index(*start)?, bucket))).collect();
        let silent: BTreeMap<usize, &Vec<(String, i64)>> =
            part.silent.iter().filter_map(|(start, silent)| Some((self.grid.index(*start)?, silent))).collect();
        for (index, heard) in heard.iter().enumerate() {
            let from = self.grid.start(index).0 / 1_000;
            let hour = Span { from, to: from + LONG.0 / 1_000 };
            let Some(there) = hour.common(part.present) else { continue };
            self.expected_s += there.length_s();
            let of_bucket = buckets.get(&index).map(|bucket| bucket.missing.as_slice()).unwrap_or_default();
            let of_bucket = of_bucket.iter().map(|(why, length)| (why.as_str(), length.0 / 1_000));
            let of_ticks = silent.get(&index).into_iter().flat_map(|all| all.iter().map(|(why, s)| (why.as_str(), *s)));
            let known: Vec<(&str, i64)> = of_bucket.chain(of_ticks).filter(|(_, length)| *length > 0).collect();
            if *heard {
                for (why, length) in known {
                    *self.missing.entry(why.to_owned()).or_default() += length.min(there.length_s());
                }
            } else {
                let why = known.iter().max_by_key(|(_, length)| *length).map_or("no_data", |(why, _)| *why);
                *self.missing.entry(why.to_owned()).or_default() += there.length_s();
            }
        }
    }

    /// What all came to.
    #[must_use]
    pub fn finish(self, facts: SeriesFacts) -> SeriesFacts {
        let hours = self.hours.iter().enumerate().filter_map(|(index, hour)| {
            let n = u64::try_from(hour.n()).unwrap_or(u64::MAX);
            Some(Hour(self.grid.start(index).0 / 1_000, n, hour.mean()?, hour.min()?, hour.max()?))
        });
        SeriesFacts {
            hours: hours.collect(),
            members: self.members,
            missing: self.missing.into_iter().collect(),
            expected_s: self.expected_s,
            ..facts
        }
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::metric::by_name;
    use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Missing, Value};

    use super::*;
    use crate::series::rollup::roll_up;

    const HOUR_MS: i64 = 3_600_000;

    type Readings<'a> = (&'a str, Span, Vec<(i64, Value)>);

    fn gather(metric: &str, period: Span, members: &[Readings<'_>]) -> SeriesFacts {
        let metric = by_name(metric).unwrap();
        let mut gathering = Gathering::new(metric, period).unwrap();
        for (member, present, readings) in members {
            let readings = readings.iter().map(|(at, value)| (UnixMs(*at), *value, DurationMs(600_000)));
            let buckets = roll_up(metric.id, readings, LONG);
            gathering.take(&Part { member, present: *present, buckets: &buckets, silent: &[] });
        }
        gathering.finish(SeriesFacts::default())
    }

    #[test]
    fn values_of_members_are_put_together_by_hour_and_what_is_missing_is_counted() {
        let value = |at: i64, value: i64| (at, Value::Gauge(Gauge::Int(value)));
        let present = Span { from: 0, to: 3 * 3_600 };
        let young = Span { from: 2 * 3_600, to: 3 * 3_600 };
        let a =
            vec![value(0, 10), value(600_000, 20), value(HOUR_MS, 30), (2 * HOUR_MS, Value::Missing(Missing::Hung))];
        let found =
            gather("vm_memory_rss_bytes", present, &[("a", present, a), ("b", young, vec![value(2 * HOUR_MS, 100)])]);
        assert_eq!(
            found.hours,
            [Hour(0, 2, 15.0, 10.0, 20.0), Hour(3_600, 1, 30.0, 30.0, 30.0), Hour(7_200, 1, 100.0, 100.0, 100.0)]
        );
        assert_eq!(found.members.len(), 2);
        assert_eq!(found.members[0], MemberFigures("a".to_owned(), 3, 20.0, 10.0, 30.0, Some(10.0)));
        assert_eq!((found.missing, found.expected_s), (vec![("hung".to_owned(), 3_600)], 4 * 3_600));
    }

    #[test]
    fn counters_become_rates_of_hours_also_across_their_borders() {
        let count = |at: i64, value: u64| {
            (at, Value::Counter(Counter { epoch: CounterEpoch(1), value: value * 1_000_000_000 }))
        };
        let readings =
            (0_i32..=12).map(|step| count(i64::from(step) * 600_000, u64::from(step.unsigned_abs()) * 300)).collect();
        let present = Span { from: 0, to: 2 * 3_600 };
        let found = gather("vm_cpu_seconds_total", present, &[("a", present, readings)]);
        assert_eq!(found.hours, [Hour(0, 1, 0.5, 0.5, 0.5), Hour(3_600, 1, 0.5, 0.5, 0.5)]);
        assert!(found.missing.is_empty());
    }

    #[test]
    fn only_whole_hours_of_the_period_count() {
        let metric = by_name("vm_memory_rss_bytes").unwrap();
        assert_eq!(
            Gathering::new(metric, Span { from: 1, to: 7_201 }).unwrap().span(),
            Span { from: 3_600, to: 7_200 }
        );
        assert!(Gathering::new(metric, Span { from: 1, to: 3_601 }).is_none());
    }
}
