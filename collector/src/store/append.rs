//! Readings and `last_seq` in one transaction. What it has answered for is on disk.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::Reading;
use evenkeel_common::time::UnixMs;
use rusqlite::{Connection, OptionalExtension};

use super::{Entity, Store, StoreError, sql};

/// Series whose number is kept in memory. Full: all are forgotten and looked up again, which costs one seek each.
const SERIES_CACHED_MAX: usize = 500_000;

/// The readings of one entity at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityRows {
    /// Domain or host.
    pub entity: Entity,
    /// The host of a side series, during a conflict of owners.
    pub placement: Option<AgentId>,
    /// The readings.
    pub readings: Vec<Reading>,
}

/// That an entity was polled, and what was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollRow {
    /// Domain or host.
    pub entity: Entity,
    /// Code of a domain's state.
    pub state: Option<u8>,
    /// Code of the reason when the poll could not tell.
    pub missing: Option<u8>,
}

/// One batch as rows.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchRows {
    /// Whose.
    pub agent: AgentId,
    /// Which run of it.
    pub epoch: u64,
    /// Which batch of the run.
    pub seq: u64,
    /// Time of record.
    pub at: UnixMs,
    /// Time to the next tick.
    pub interval_ms: u32,
    /// The time is the collector's, as the agent's clock is far off.
    pub corrected: bool,
    /// Polls of `from <= at < to` that turned out to be another host's, to be taken back first.
    pub withdrawn: Vec<(DomainUuid, UnixMs, UnixMs)>,
    /// The readings.
    pub readings: Vec<EntityRows>,
    /// The polls.
    pub polls: Vec<PollRow>,
    /// What the agent had to drop: from, to, batches.
    pub gap: Option<(UnixMs, UnixMs, u64)>,
}

/// Numbers by device and metric.
type Devices = HashMap<String, HashMap<MetricId, i64>>;

/// Numbers of the series that are being written. Only the writer's thread locks it.
#[derive(Debug, Default)]
pub(super) struct SeriesCache {
    ids: HashMap<(Entity, Option<AgentId>), Devices>,
    count: usize,
}

impl Store {
    /// The highest number of an agent's run that is on disk; 0 when none is.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn last_seq(&self, agent: AgentId, epoch: u64) -> Result<u64, StoreError> {
        self.journal_read
            .call(move |db| {
                db.prepare_cached("SELECT seq FROM last_seq WHERE agent = ? AND epoch = ?")?
                    .query_row((agent.to_bytes(), epoch.cast_signed()), |row| row.get::<_, i64>(0))
                    .optional()
                    .map(|seq| seq.unwrap_or(0).cast_unsigned())
            })
            .await
    }

    /// Writes batches, all of them or none. A sample or poll that is there already stays as it is.
    ///
    /// # Errors
    /// See [`StoreError`]; then nothing was written.
    pub async fn append(&self, batches: Arc<Vec<BatchRows>>) -> Result<(), StoreError> {
        let cache = Arc::clone(&self.series);
        self.journal
            .call(move |db| {
                let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
                let result = write(db, &mut cache, &batches);
                if result.is_err() || cache.count > SERIES_CACHED_MAX {
                    // Numbers given in a transaction that was rolled back do not exist.
                    *cache = SeriesCache::default();
                }
                result
            })
            .await
    }
}

#[cfg(test)]
impl Store {
    /// Makes the journal as full as it is plus `more` pages; `None` lifts the limit.
    pub(crate) async fn limit_journal_pages(&self, more: Option<u32>) -> Result<(), StoreError> {
        self.journal
            .call(move |db| {
                let pages: u32 = db.query_row("PRAGMA page_count", [], |row| row.get(0))?;
                let limit = more.map_or(1_000_000, |more| pages + more);
                db.query_row(&format!("PRAGMA max_page_count = {limit}"), [], |_| Ok(()))
            })
            .await
    }
}

/// The cache behind its lock.
pub(super) type SharedSeriesCache = Arc<Mutex<SeriesCache>>;

fn write(db: &mut Connection, cache: &mut SeriesCache, batches: &[BatchRows]) -> Result<(), rusqlite::Error> {
    let transaction = db.transaction()?;
    let mut samples = 0;
    for batch in batches {
        write_polls(&transaction, batch)?;
        let mut insert = transaction.prepare_cached(
            "INSERT OR IGNORE INTO samples (series, at, value, epoch, missing) VALUES (?, ?, ?, ?, ?)",
        )?;
        for rows in &batch.readings {
            for reading in &rows.readings {
                let series = cache.id(&transaction, rows, reading)?;
                let (value, epoch, missing) = sql::columns(reading.value);
                samples += insert.execute((series, batch.at.0, value, epoch, missing))?;
            }
        }
        transaction
            .prepare_cached(
                "INSERT INTO last_seq (agent, epoch, seq) VALUES (?, ?, ?)
                 ON CONFLICT (agent, epoch) DO UPDATE SET seq = max(seq, excluded.seq)",
            )?
            .execute((batch.agent.to_bytes(), batch.epoch.cast_signed(), batch.seq.cast_signed()))?;
    }
    sql::add_samples(&transaction, i64::try_from(samples).unwrap_or(i64::MAX))?;
    transaction.commit()
}

fn write_polls(db: &Connection, batch: &BatchRows) -> Result<(), rusqlite::Error> {
    for (uuid, from, to) in &batch.withdrawn {
        db.prepare_cached("DELETE FROM polls WHERE entity = ? AND at >= ? AND at < ?")?.execute((
            uuid.to_bytes(),
            from.0,
            to.0,
        ))?;
    }
    let mut insert = db.prepare_cached(
        "INSERT OR IGNORE INTO polls (entity, at, agent, interval_ms, state, missing, corrected)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    for poll in &batch.polls {
        insert.execute((
            poll.entity.0,
            batch.at.0,
            batch.agent.to_bytes(),
            batch.interval_ms,
            poll.state,
            poll.missing,
            batch.corrected,
        ))?;
    }
    if let Some((from, to, batches)) = batch.gap {
        db.prepare_cached("INSERT OR IGNORE INTO gaps (agent, from_ms, to_ms, batches) VALUES (?, ?, ?, ?)")?
            .execute((batch.agent.to_bytes(), from.0, to.0, batches.cast_signed()))?;
    }
    Ok(())
}

impl SeriesCache {
    fn id(&mut self, db: &Connection, rows: &EntityRows, reading: &Reading) -> Result<i64, rusqlite::Error> {
        let devices = self.ids.entry((rows.entity, rows.placement)).or_default();
        if let Some(id) = devices.get(reading.device.as_str()).and_then(|metrics| metrics.get(&reading.metric)) {
            return Ok(*id);
        }
        let placement = rows.placement.map_or_else(Vec::new, |agent| agent.to_bytes().to_vec());
        let key = (rows.entity.0, reading.metric.0, reading.device.as_str(), placement);
        let found: Option<i64> = db
            .prepare_cached("SELECT id FROM series WHERE entity = ? AND metric = ? AND device = ? AND placement = ?")?
            .query_row((&key.0, key.1, key.2, &key.3), |row| row.get(0))
            .optional()?;
        let id = if let Some(id) = found {
            id
        } else {
            db.prepare_cached("INSERT INTO series (entity, metric, device, placement) VALUES (?, ?, ?, ?)")?
                .insert((&key.0, key.1, key.2, &key.3))?
        };
        devices.entry(reading.device.clone()).or_default().insert(reading.metric, id);
        self.count += 1;
        Ok(id)
    }
}
