//! What ingest writes: readings and polls of one batch, as rows.

use std::sync::Arc;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::sample::{Reading, Value};
use evenkeel_common::time::UnixMs;

use super::chunk::ColumnKey;
use super::{Entity, Store, StoreError};

/// A list of series, which entities of one shape share.
pub type Keys = Arc<[ColumnKey]>;

/// The readings of one entity at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityRows {
    /// Domain or host.
    pub entity: Entity,
    /// The host of a side series, during a conflict of owners.
    pub placement: Option<AgentId>,
    /// The series.
    pub keys: Keys,
    /// A value for each of them.
    pub values: Vec<Value>,
}

impl EntityRows {
    /// From readings.
    #[must_use]
    pub fn new(entity: Entity, placement: Option<AgentId>, readings: &[Reading]) -> Self {
        let key = |reading: &Reading| ColumnKey { metric: reading.metric, device: reading.device.clone() };
        let values = readings.iter().map(|reading| reading.value).collect();
        Self { entity, placement, keys: readings.iter().map(key).collect(), values }
    }
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

impl Store {
    /// The highest number of an agent's run that is on disk; 0 when none is.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn last_seq(&self, agent: AgentId, epoch: u64) -> Result<u64, StoreError> {
        self.reader.run(move |engine| engine.last_seq(agent, epoch)).await
    }

    /// Writes batches, all of them or none. A sample or poll that is there already stays as it is.
    ///
    /// # Errors
    /// See [`StoreError`]; then nothing was written. On a full disk readings wait, so that control and actions find room.
    pub async fn append(&self, batches: Arc<Vec<BatchRows>>) -> Result<(), StoreError> {
        if !self.reserve.allows_ingest() {
            return Err(StoreError::DiskFull);
        }
        let result = self.writer.run(move |engine| engine.append(&batches)).await;
        if matches!(result, Err(StoreError::DiskFull)) {
            self.reserve.release();
        }
        result
    }
}

#[cfg(test)]
impl Store {
    /// Makes the journal as full as it is plus `more` pages; `None` lifts the limit.
    pub(crate) async fn limit_journal_pages(&self, more: Option<u32>) -> Result<(), StoreError> {
        self.writer.run(move |engine| engine.limit_pages(more)).await
    }
}
