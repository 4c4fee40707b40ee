//! Rollups of a range, of many series at once: each file is opened once for all of them, and each chunk once for all series
//! of its entity.

use std::collections::BTreeSet;
use std::sync::Arc;

use evenkeel_common::time::UnixMs;

use super::super::chunk::{ChunkError, ColumnKey, RollupReader, Tick};
use super::super::engine::{BucketRange, Buckets};
use super::super::{SeriesRow, StoreError};
use super::SqliteEngine;
use super::append::row_name;
use super::days::Day;
use super::layouts::Placed;
use super::shelf::Found;
use crate::series::rollup::Bucket;

/// What was found of one entity.
#[derive(Debug)]
struct Making {
    placed: Placed,
    keys: Vec<ColumnKey>,
    ticks: Vec<(UnixMs, Tick)>,
    columns: Vec<Vec<(UnixMs, Bucket)>>,
}

impl SqliteEngine {
    pub(super) fn read_buckets(
        &mut self,
        series: &[SeriesRow],
        range: BucketRange,
    ) -> Result<Vec<Buckets>, StoreError> {
        let same = |a: &SeriesRow, b: &SeriesRow| (a.entity, a.placement) == (b.entity, b.placement);
        let mut entities: Vec<Making> = series.chunk_by(same).map(Making::new).collect();
        let days = self.days.listed(range.level)?.range(Day::of(range.from)..=Day::of(range.to));
        for day in days.copied().collect::<Vec<Day>>() {
            // The begin of a rollup of a whole day is that of the day.
            let whole = day.start()..day.next().start();
            let read = self.days.read_shelf(range.level, day, |db, shelf| {
                entities.iter().map(|entity| shelf.rolled(db, entity.placed, whole.clone())).collect()
            })?;
            let read: Vec<Found<_>> = read.unwrap_or_default();
            for (entity, Found { found, mut damaged }) in entities.iter_mut().zip(read) {
                for (start, reader) in found.iter() {
                    if let Err(error) = entity.add(reader, range) {
                        damaged.push((row_name(entity.placed, *start), error));
                    }
                }
                for (name, error) in damaged {
                    self.note_damage(&name, &error);
                }
            }
        }
        Ok(entities.into_iter().flat_map(Making::finish).collect())
    }
}

impl Making {
    fn new(series: &[SeriesRow]) -> Self {
        let keys: Vec<ColumnKey> =
            series.iter().map(|row| ColumnKey { metric: row.metric, device: row.device.clone() }).collect();
        let placed = series.first().map(|row| (row.entity, row.placement));
        Self {
            // A chunk of a list has a first one.
            placed: placed.unwrap_or((super::super::Entity([0; 16]), None)),
            ticks: Vec::new(),
            columns: vec![Vec::new(); keys.len()],
            keys,
        }
    }

    /// Adds a chunk. Of two buckets for one time that of the later chunk counts: a file may have the rollup of a day and,
    /// until the next time they are put together, that of an hour which was sealed again.
    fn add(&mut self, reader: &RollupReader<'_>, range: BucketRange) -> Result<(), ChunkError> {
        let columns = self.keys.iter().map(|key| reader.column(key, range.sketches));
        let columns = columns.collect::<Result<Vec<_>, ChunkError>>()?;
        let ticks = reader.ticks();
        let follows = match (self.ticks.last(), ticks.first()) {
            (Some((last, _)), Some((first, _))) => last < first,
            _ => true,
        };
        if !follows {
            let again: BTreeSet<UnixMs> = ticks.iter().map(|(start, _)| *start).collect();
            self.ticks.retain(|(start, _)| !again.contains(start));
            self.columns.iter_mut().for_each(|column| column.retain(|(start, _)| !again.contains(start)));
        }
        let inside = |start: UnixMs| range.from <= start && start < range.to;
        self.ticks.extend(ticks.iter().filter(|(start, _)| inside(*start)).cloned());
        for (all, column) in self.columns.iter_mut().zip(columns) {
            all.extend(column.into_iter().filter(|(start, _)| inside(*start)));
        }
        if !follows {
            self.ticks.sort_by_key(|(start, _)| *start);
            self.columns.iter_mut().for_each(|column| column.sort_by_key(|(start, _)| *start));
        }
        Ok(())
    }

    fn finish(self) -> impl Iterator<Item = Buckets> {
        let ticks = Arc::new(self.ticks);
        self.columns.into_iter().map(move |buckets| Buckets { buckets, ticks: Arc::clone(&ticks) })
    }
}
