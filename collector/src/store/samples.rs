//! Readings of a range, in slices so that no read holds the database for long.

use std::sync::Arc;

use evenkeel_common::id::AgentId;
use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::Value;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::engine::{BucketRange, Buckets, Engine, Level, Rollups};
use super::{ColumnKey, Entity, Store, StoreError};

/// A series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesRow {
    /// Domain or host.
    pub entity: Entity,
    /// Metric.
    pub metric: MetricId,
    /// Device; empty for the entity itself.
    pub device: String,
    /// The host of a side series, from a conflict of owners.
    pub placement: Option<AgentId>,
}

/// One slice, oldest first, and where the next one begins, if there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The readings.
    pub readings: Vec<(UnixMs, Value)>,
    /// Begin of the next slice.
    pub next: Option<UnixMs>,
}

/// One slice of several series, and where the next one begins, if there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Slices {
    /// The readings of each, oldest first.
    pub readings: Vec<Vec<(UnixMs, Value)>>,
    /// Begin of the next slice.
    pub next: Option<UnixMs>,
}

/// Readings in `from <= at < to` of some series with one entity and placement.
#[derive(Clone, Debug, PartialEq)]
pub struct SamplesRange {
    /// The series.
    pub series: Vec<SeriesRow>,
    /// From when.
    pub from: UnixMs,
    /// Until when, exclusive.
    pub to: UnixMs,
}

impl Store {
    /// The series of some entities, of the given metrics or, when none is given, of all, by entity as given, metric
    /// and device. Side series of conflicts only with `copies`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn series(
        &self,
        entities: Vec<Entity>,
        metrics: Vec<MetricId>,
        copies: bool,
    ) -> Result<Vec<SeriesRow>, StoreError> {
        self.reader
            .run(move |engine| {
                let mut all = Vec::new();
                for entity in entities {
                    let rows = engine.series(entity, &metrics)?.into_iter();
                    all.extend(rows.filter(|row| copies || row.placement.is_none()));
                }
                Ok(all)
            })
            .await
    }

    /// One slice of a series' readings in `from <= at < to`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn samples(&self, series: SeriesRow, from: UnixMs, to: UnixMs) -> Result<Slice, StoreError> {
        let read = move |engine: &mut Box<dyn Engine>| engine.samples(&[series], from, to);
        let Slices { readings, next } = self.reader.run(read).await?;
        Ok(Slice { readings: readings.into_iter().next().unwrap_or_default(), next })
    }

    /// The first slice of several ranges, each of some series with one entity and placement.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn samples_of(&self, ranges: Vec<SamplesRange>) -> Result<Vec<Slices>, StoreError> {
        let read =
            |engine: &mut Box<dyn Engine>, range: SamplesRange| engine.samples(&range.series, range.from, range.to);
        self.reader.run(move |engine| ranges.into_iter().map(|range| read(engine, range)).collect()).await
    }

    /// Rollups of several series of an entity that begin in `from <= start < to`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rollups(
        &self,
        entity: Entity,
        keys: Vec<ColumnKey>,
        level: Level,
        from: UnixMs,
        to: UnixMs,
    ) -> Result<Rollups, StoreError> {
        let row = |key: ColumnKey| SeriesRow { entity, metric: key.metric, device: key.device, placement: None };
        let range = BucketRange { level, from, to, sketches: true };
        let found = self.buckets(keys.into_iter().map(row).collect(), range).await?;
        let ticks = found.first().map(|one| Arc::clone(&one.ticks)).unwrap_or_default();
        Ok(Rollups { series: found.into_iter().map(|one| one.buckets).collect(), ticks })
    }

    /// Rollups of each series; those of one entity are best given one after the other.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn buckets(&self, series: Vec<SeriesRow>, range: BucketRange) -> Result<Vec<Buckets>, StoreError> {
        self.reader.run(move |engine| engine.buckets(&series, range)).await
    }

    /// The begin of the first hour of an entity that is not sealed; none when all are.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unsealed_from(&self, entity: Entity) -> Result<Option<UnixMs>, StoreError> {
        self.reader.run(move |engine| engine.unsealed_from(entity)).await
    }

    /// The same of several entities.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unsealed_of(&self, entities: Vec<Entity>) -> Result<Vec<Option<UnixMs>>, StoreError> {
        self.reader.run(move |engine| entities.into_iter().map(|entity| engine.unsealed_from(entity)).collect()).await
    }

    /// Times in which an agent had to drop readings, that touch `from <= at < to`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn gaps(&self, agent: AgentId, from: UnixMs, to: UnixMs) -> Result<Vec<(UnixMs, UnixMs)>, StoreError> {
        self.reader.run(move |engine| engine.gaps(agent, from, to)).await
    }

    /// The intervals of an entity's polls in `from <= at < to`, each from when it began.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn intervals(
        &self,
        entity: Entity,
        from: UnixMs,
        to: UnixMs,
    ) -> Result<Vec<(UnixMs, DurationMs)>, StoreError> {
        self.reader
            .run(move |engine| {
                let polls = engine.polls(entity, from, to, usize::MAX)?;
                let mut intervals: Vec<_> = polls.into_iter().map(|poll| (poll.at, poll.interval)).collect();
                intervals.dedup_by_key(|(_, interval)| *interval);
                Ok(intervals)
            })
            .await
    }
}
