//! Readings of a range, in slices so that no read holds the database for long.

use evenkeel_common::id::AgentId;
use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::Value;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::{Entity, Store, StoreError, sql};

/// Readings in one slice: some 20 ms of reading.
const SLICE_ROWS: usize = 20_000;

/// A series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesRow {
    /// Its number.
    pub id: i64,
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
        self.journal_read
            .call(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT id, metric, device, placement FROM series WHERE entity = ?
                     ORDER BY metric, device, placement",
                )?;
                let mut all = Vec::new();
                for entity in entities {
                    let rows = statement.query_map([entity.0], |row| {
                        let placement = <[u8; 16]>::try_from(row.get_ref(3)?.as_blob()?);
                        Ok(SeriesRow {
                            id: row.get(0)?,
                            entity,
                            metric: MetricId(row.get(1)?),
                            device: row.get(2)?,
                            placement: placement.ok().map(AgentId::from_bytes),
                        })
                    })?;
                    for row in rows {
                        let row = row?;
                        let wanted = metrics.is_empty() || metrics.contains(&row.metric);
                        if wanted && (copies || row.placement.is_none()) {
                            all.push(row);
                        }
                    }
                }
                Ok(all)
            })
            .await
    }

    /// One slice of a series' readings in `from <= at < to`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn samples(&self, series: i64, from: UnixMs, to: UnixMs) -> Result<Slice, StoreError> {
        self.journal_read
            .call(move |db| {
                let readings = db
                    .prepare_cached(
                        "SELECT at, value, epoch, missing FROM samples
                         WHERE series = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?",
                    )?
                    .query_map((series, from.0, to.0, i64::try_from(SLICE_ROWS).unwrap_or(i64::MAX)), |row| {
                        Ok((sql::at(row, 0)?, sql::value(row, 1)?))
                    })?
                    .collect::<Result<Vec<_>, rusqlite::Error>>()?;
                let full = readings.len() == SLICE_ROWS;
                let next = readings.last().filter(|_| full).map(|(at, _)| at.plus(DurationMs(1)));
                Ok(Slice { readings, next })
            })
            .await
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
        self.journal_read
            .call(move |db| {
                db.prepare_cached(
                    "SELECT at, interval_ms FROM (
                         SELECT at, interval_ms, lag(interval_ms) OVER (ORDER BY at) AS before
                         FROM polls WHERE entity = ? AND at >= ? AND at < ?)
                     WHERE before IS NULL OR before <> interval_ms",
                )?
                .query_map((entity.0, from.0, to.0), |row| Ok((sql::at(row, 0)?, DurationMs(row.get(1)?))))?
                .collect()
            })
            .await
    }
}
