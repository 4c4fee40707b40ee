//! Readings and polls of a range, and the newest ones.

use std::collections::{BTreeMap, BTreeSet};

use evenkeel_common::id::AgentId;
use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::Value;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::super::chunk::{ColumnKey, EntryBody, Hour};
use super::super::engine::Level;
use super::super::{Entity, Latest, Poll, SeriesRow, Slices, StoreError};
use super::SqliteEngine;
use super::days::{DAY, HOUR};
use super::layouts::{Placed, find_entity};
use super::window::{JournalRow, Wanted, hour_of};

/// Readings in one slice, about, of all its series together: some milliseconds of reading.
const SLICE_ROWS: usize = 50_000;
/// Time that is looked at at once; it divides a day.
const WINDOW: DurationMs = DurationMs(6 * HOUR.0);
/// Rows of the journal that are looked through for the newest reading of every series.
const LATEST_ROWS: usize = 128;

/// Hours before, that are looked through when the journal does not have enough.
const LATEST_HOURS: i64 = 4;

/// Newest readings of each series that is looked for.
type Newest = BTreeMap<ColumnKey, Vec<(UnixMs, Value)>>;

impl SqliteEngine {
    pub(super) fn read_series(&mut self, entity: Entity, metrics: &[MetricId]) -> Result<Vec<SeriesRow>, StoreError> {
        let wanted = |key: &&ColumnKey| metrics.is_empty() || metrics.contains(&key.metric);
        let found = self
            .journal
            .prepare_cached(
                "SELECT placement, layout FROM entities JOIN entity_layouts ON entity_layouts.entity = entities.id
                 WHERE entities.entity = ?",
            )?
            .query_map([entity.0], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?)))?
            .collect::<Result<Vec<_>, rusqlite::Error>>()?;
        let mut series = BTreeSet::new();
        for (placement, layout) in found {
            let placement = <[u8; 16]>::try_from(placement).ok().map(AgentId::from_bytes);
            let keys = self.layouts.get(&self.journal, layout)?;
            series.extend(keys.iter().filter(wanted).map(|key| (key.clone(), placement)));
        }
        let row =
            |(key, placement): (ColumnKey, _)| SeriesRow { entity, metric: key.metric, device: key.device, placement };
        Ok(series.into_iter().map(row).collect())
    }

    pub(super) fn read_samples(
        &mut self,
        series: &[SeriesRow],
        from: UnixMs,
        to: UnixMs,
    ) -> Result<Slices, StoreError> {
        let mut readings = vec![Vec::new(); series.len()];
        let Some(placed) = series.first().map(|row| (row.entity, row.placement)) else {
            return Ok(Slices { readings, next: None });
        };
        let key = |row: &SeriesRow| ColumnKey { metric: row.metric, device: row.device.clone() };
        let keys: Vec<ColumnKey> = series.iter().map(key).collect();
        let next = self.walk(placed, from, to, Wanted::Columns(&keys), |hour| {
            let begin = hour.times.partition_point(|at| *at < from);
            let end = hour.times.partition_point(|at| *at < to).max(begin);
            for (key, readings) in keys.iter().zip(&mut readings) {
                if let Some(column) = hour.column(key) {
                    let cells = hour.times[begin..end].iter().zip(&column.cells[begin..end]);
                    readings.extend(cells.filter_map(|(at, cell)| cell.map(|value| (*at, value))));
                }
            }
            readings.iter().map(Vec::len).sum::<usize>() < SLICE_ROWS
        })?;
        Ok(Slices { readings, next })
    }

    pub(super) fn read_polls(
        &mut self,
        entity: Entity,
        from: UnixMs,
        to: UnixMs,
        limit: usize,
    ) -> Result<Vec<Poll>, StoreError> {
        let mut polls = Vec::new();
        self.walk((entity, None), from, to, Wanted::Polls, |hour| {
            let inside = hour.times.iter().zip(&hour.polls).filter(|(at, _)| from <= **at && **at < to);
            polls.extend(inside.filter_map(|(at, poll)| poll.map(|poll| Poll::from((*at, poll)))));
            polls.len() < limit
        })?;
        polls.truncate(limit);
        Ok(polls)
    }

    /// Goes through the hours of a range until `take` has enough; answers with where to go on.
    fn walk(
        &mut self,
        placed: Placed,
        from: UnixMs,
        to: UnixMs,
        wanted: Wanted<'_>,
        mut take: impl FnMut(&Hour) -> bool,
    ) -> Result<Option<UnixMs>, StoreError> {
        let Some((first, end)) = self.extent(placed)? else { return Ok(None) };
        let (mut at, end) = (from.max(first), to.min(end));
        while at < end {
            let window = UnixMs(at.0.div_euclid(WINDOW.0).saturating_add(1).saturating_mul(WINDOW.0)).min(end);
            for (start, hour) in self.hours(placed, at, window, wanted)? {
                let next = start.plus(HOUR);
                if !take(&hour) && next < end {
                    return Ok(Some(next));
                }
            }
            at = window;
        }
        Ok(None)
    }

    /// From where to where there may be anything of an entity.
    fn extent(&mut self, placed: Placed) -> Result<Option<(UnixMs, UnixMs)>, StoreError> {
        let days = self.days.listed(Level::Raw)?;
        let sealed = days.first().zip(days.last()).map(|(first, last)| (first.start(), last.next().start()));
        let Some(entity) = find_entity(&self.journal, placed)? else { return Ok(sealed) };
        let waiting: (Option<i64>, Option<i64>) = (self.end_of("min", entity)?, self.end_of("max", entity)?);
        let waiting = waiting.0.zip(waiting.1).map(|(min, max)| (UnixMs(min), UnixMs(max).plus(DurationMs(1))));
        Ok(match (sealed, waiting) {
            (Some(sealed), Some(waiting)) => Some((sealed.0.min(waiting.0), sealed.1.max(waiting.1))),
            (one, other) => one.or(other),
        })
    }

    fn end_of(&self, which: &str, entity: i64) -> Result<Option<i64>, StoreError> {
        let sql = format!("SELECT {which}(at) FROM entries WHERE entity = ?");
        let of_entries: Option<i64> = self.journal.prepare_cached(&sql)?.query_row([entity], |row| row.get(0))?;
        let of_batches = if which == "min" {
            self.sources(entity, UnixMs(i64::MIN), UnixMs(i64::MAX))?.first().map(|source| source.hour.0)
        } else {
            super::batches::last_hour(&self.journal, entity)?.map(|at| at.0)
        };
        let both = [of_entries, of_batches].into_iter().flatten();
        Ok(if which == "min" { both.min() } else { both.max() })
    }

    pub(super) fn read_unsealed_from(&mut self, entity: Entity) -> Result<Option<UnixMs>, StoreError> {
        let Some(id) = find_entity(&self.journal, (entity, None))? else { return Ok(None) };
        Ok(self.end_of("min", id)?.map(|at| hour_of(UnixMs(at))))
    }

    pub(super) fn read_latest(
        &mut self,
        entity: Entity,
        metrics: &[MetricId],
        points: usize,
    ) -> Result<Vec<Latest>, StoreError> {
        let mut newest: Newest = self
            .read_series(entity, metrics)?
            .into_iter()
            .filter(|row| row.placement.is_none())
            .map(|row| (ColumnKey { metric: row.metric, device: row.device }, Vec::new()))
            .collect();
        let placed = (entity, None);
        let Some(id) = find_entity(&self.journal, placed)?.filter(|_| !newest.is_empty()) else {
            return Ok(Vec::new());
        };
        self.newest_of_journal(placed, id, points, &mut newest)?;
        self.newest_of_chunks(placed, id, points, &mut newest)?;
        let latest = |(key, points): (ColumnKey, _)| Latest { entity, metric: key.metric, device: key.device, points };
        Ok(newest.into_iter().filter(|(_, points)| !points.is_empty()).map(latest).collect())
    }

    fn newest_of_journal(
        &mut self,
        placed: Placed,
        entity: i64,
        points: usize,
        newest: &mut Newest,
    ) -> Result<(), StoreError> {
        let mut times: Vec<i64> = self
            .journal
            .prepare_cached("SELECT DISTINCT at FROM entries WHERE entity = ? ORDER BY at DESC LIMIT ?")?
            .query_map((entity, i64::try_from(LATEST_ROWS).unwrap_or(i64::MAX)), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        times.extend(self.batch_times(entity, LATEST_ROWS)?);
        times.sort_unstable_by(|a, b| b.cmp(a));
        times.dedup();
        times.truncate(LATEST_ROWS);
        // A few at a time: nearly always the newest ones are enough.
        for times in times.chunks(points.max(4)) {
            let (Some(to), Some(from)) = (times.first(), times.last()) else { break };
            let mut rows = self.journal_rows(placed, entity, UnixMs(*from), UnixMs(*to).plus(DurationMs(1)))?.rows;
            // Newest first; of two at one time the first in arrival.
            rows.sort_by_key(|row| std::cmp::Reverse(row.at));
            rows.iter().for_each(|row| take_row(row, points, newest));
            if newest.values().all(|found| found.len() >= points) {
                break;
            }
        }
        Ok(())
    }

    /// From the hours that were sealed last, what the journal does not have any more.
    fn newest_of_chunks(
        &mut self,
        placed: Placed,
        entity: i64,
        points: usize,
        newest: &mut Newest,
    ) -> Result<(), StoreError> {
        let ends = self
            .journal
            .prepare_cached(
                "SELECT layout, last_at FROM entity_layouts WHERE entity = ? AND last_at > 0 ORDER BY last_at DESC LIMIT ?",
            )?
            .query_map((entity, LATEST_HOURS), |row| Ok((row.get::<_, i64>(0)?, UnixMs(row.get(1)?))))?
            .collect::<Result<Vec<_>, rusqlite::Error>>()?;
        let mut hours = BTreeSet::new();
        for (layout, last) in ends {
            let keys = self.layouts.get(&self.journal, layout)?;
            let is_short = |found: &Vec<(UnixMs, Value)>| {
                found.len() < points || found.last().is_some_and(|(oldest, _)| *oldest <= last)
            };
            if keys.iter().filter_map(|key| newest.get(key)).any(is_short) {
                hours.insert(hour_of(last));
            }
        }
        for start in hours {
            for hour in self.hours(placed, start, start.plus(HOUR), Wanted::All)?.values() {
                take_hour(hour, points, newest);
            }
        }
        Ok(())
    }
}

fn take_hour(hour: &Hour, points: usize, newest: &mut Newest) {
    for column in &hour.columns {
        let Some(found) = newest.get_mut(&column.key) else { continue };
        let cells = hour.times.iter().zip(&column.cells).rev().filter_map(|(at, cell)| Some((*at, (*cell)?)));
        // Of two at one time the sealed one counts, and a sort leaves it in front.
        found.splice(..0, cells.take(points));
        found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        found.dedup_by_key(|(at, _)| *at);
        found.truncate(points);
    }
}

fn take_row(row: &JournalRow, points: usize, newest: &mut Newest) {
    let EntryBody::Tick { values, .. } = &row.body else { return };
    for (key, value) in row.keys.iter().zip(values) {
        if let Some(found) = newest.get_mut(key)
            && found.len() < points
            && found.last().is_none_or(|(at, _)| *at > row.at)
        {
            found.push((row.at, *value));
        }
    }
}

/// A day is a whole number of windows.
const _: () = assert!(DAY.0 % WINDOW.0 == 0);
