//! The newest readings of an entity, for tables of what is now.

use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::Value;
use evenkeel_common::time::UnixMs;
use rusqlite::Connection;

use super::{Entity, Store, StoreError, sql};

/// Most points a series may be asked for here; a range goes through [`Store::samples`].
const POINTS_MAX: u32 = 16;

/// The newest points of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Latest {
    /// Domain or host.
    pub entity: Entity,
    /// Metric.
    pub metric: MetricId,
    /// Device; empty for the entity itself.
    pub device: String,
    /// Newest first.
    pub points: Vec<(UnixMs, Value)>,
}

impl Store {
    /// The newest `points` (at most 16) of each series of `entities`, of the given metrics or, when none is given, of
    /// all. Side series of a conflict of owners are left out.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn latest(
        &self,
        entities: Vec<Entity>,
        metrics: Vec<MetricId>,
        points: u32,
    ) -> Result<Vec<Latest>, StoreError> {
        self.journal_read
            .call(move |db| {
                let mut all = Vec::new();
                for entity in entities {
                    latest_of(db, entity, &metrics, points.min(POINTS_MAX), &mut all)?;
                }
                Ok(all)
            })
            .await
    }
}

fn latest_of(
    db: &Connection,
    entity: Entity,
    metrics: &[MetricId],
    points: u32,
    all: &mut Vec<Latest>,
) -> Result<(), rusqlite::Error> {
    let mut series = db.prepare_cached(
        "SELECT id, metric, device FROM series WHERE entity = ? AND placement = x'' ORDER BY metric, device",
    )?;
    let mut newest =
        db.prepare_cached("SELECT at, value, epoch, missing FROM samples WHERE series = ? ORDER BY at DESC LIMIT ?")?;
    let mut rows = series.query([entity.0])?;
    while let Some(row) = rows.next()? {
        let (id, metric): (i64, _) = (row.get(0)?, MetricId(row.get(1)?));
        if !metrics.is_empty() && !metrics.contains(&metric) {
            continue;
        }
        let points = newest
            .query_map((id, points), |row| Ok((sql::at(row, 0)?, sql::value(row, 1)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        if !points.is_empty() {
            all.push(Latest { entity, metric, device: row.get(2)?, points });
        }
    }
    Ok(())
}
