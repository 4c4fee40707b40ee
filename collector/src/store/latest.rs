//! The newest readings of an entity, for tables of what is now.

use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::Value;
use evenkeel_common::time::UnixMs;

use super::{Entity, Store, StoreError};

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
        let points = usize::try_from(points.min(POINTS_MAX)).unwrap_or(1);
        self.reader
            .run(move |engine| {
                let mut all = Vec::new();
                for entity in entities {
                    all.extend(engine.latest(entity, &metrics, points)?);
                }
                Ok(all)
            })
            .await
    }
}
