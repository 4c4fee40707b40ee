//! From an hour to its rollups.

use evenkeel_common::sample::Missing;
use evenkeel_common::time::DurationMs;

use super::hour::Hour;
use super::rollup::{Rollup, Tick};
use crate::series::UNPOLLED;
use crate::series::rollup::{Bucket, Content, roll_up, start_of};

/// The rollups of an hour in buckets of `step`. `squares` keeps what a standard deviation needs.
#[must_use]
pub fn rolled(hour: &Hour, step: DurationMs, squares: bool) -> Rollup {
    let mut rollup = Rollup::default();
    let mut intervals = Vec::with_capacity(hour.times.len());
    // A row that was not polled speaks for as long as the one before it.
    let first = hour.polls.iter().flatten().next().map(|poll| DurationMs(poll.interval_ms.into()));
    let mut interval = first.unwrap_or(UNPOLLED);
    for (at, poll) in hour.times.iter().zip(&hour.polls) {
        interval = poll.map_or(interval, |poll| DurationMs(poll.interval_ms.into()));
        intervals.push(interval);
        let new = || Tick { first: *at, last: *at, ..Tick::default() };
        let tick = rollup.ticks.entry(start_of(*at, step)).or_insert_with(new);
        tick.last = *at;
        if poll.is_some() {
            tick.interval = tick.interval.max(interval);
        }
        if let Some(code) = poll.and_then(|poll| poll.missing) {
            let why = Missing::from_code(code);
            let before = tick.silent.iter().position(|(known, _)| *known == why);
            let length = before.map_or(DurationMs(0), |place| tick.silent.remove(place).1);
            tick.silent.push((why, DurationMs(length.0.saturating_add(interval.0))));
        }
    }
    for column in &hour.columns {
        let cells = hour.times.iter().zip(&column.cells).zip(&intervals);
        let readings = cells.filter_map(|((at, cell), interval)| Some((*at, (*cell)?, *interval)));
        let mut buckets = roll_up(column.key.metric, readings, step);
        if !squares {
            buckets.iter_mut().for_each(|(_, bucket)| forget_squares(bucket));
        }
        rollup.series.insert(column.key.clone(), buckets.into_iter().collect());
    }
    rollup
}

fn forget_squares(bucket: &mut Bucket) {
    if let Content::Gauge(gauges) = &mut bucket.content {
        gauges.squares = 0.0;
    }
}
