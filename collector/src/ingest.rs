//! From a batch to rows on disk, exactly once: time of record, one owner at a time, group commit, then the inventory.
//!
//! A batch whose number is not above its stream's `last_seq` is acknowledged and changes nothing. Readings and `last_seq`
//! are one transaction of `journal.db`; hosts and VMs in `control.db` follow it and are brought up to date from the
//! journal at the next start if a crash falls between the two.

mod heal;
mod host_event;
mod memory;
mod notice;
pub mod owner;
mod pace;
mod plan;
mod shapes;
mod state;
#[cfg(test)]
mod tests;
pub mod time_of_record;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use evenkeel_common::id::AgentId;
use evenkeel_common::time::{MonoMs, UnixMs};
use evenkeel_common::wire::v1::{Batch, ConvertError};
use tokio::sync::{mpsc, oneshot};

use crate::store::{Store, StoreError};
use plan::Arrival;
pub use state::Limits;
use writer::{Waiting, Writer};

/// Batches waiting for the writer, at most 1 MiB each. Full: the session waits, which its agent sees as a missing ack.
const QUEUE: usize = 64;
/// After how many milliseconds an agent should try again when the disk is full or the database fails.
const RETRY: u32 = 5_000;

/// Why a batch was not taken.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// It could not be written now; nothing of it was.
    #[error("the store cannot write now; send the batch again in {retry_ms} ms")]
    Busy {
        /// After how long to try again.
        retry_ms: u32,
    },
    /// It makes no sense: the agent is broken.
    #[error("the batch is not valid")]
    Invalid(#[from] ConvertError),
    /// The collector is stopping.
    #[error("the collector is stopping")]
    Closed,
}

/// The handle. Cloning it is cheap; the writer ends with the last clone.
#[derive(Clone, Debug)]
pub struct Ingest {
    queue: mpsc::Sender<Waiting>,
    in_memory: Arc<AtomicUsize>,
}

impl Ingest {
    /// Reads who owns what, heals the inventory after a crash, and starts the writer on the current runtime.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(store: Store) -> Result<Self, StoreError> {
        Self::open_with(store, Limits::default()).await
    }

    /// The same with limits of one's own for what is kept in memory.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open_with(store: Store, limits: Limits) -> Result<Self, StoreError> {
        let state = heal::restore(&store, limits).await?;
        let (queue, batches) = mpsc::channel(QUEUE);
        let in_memory = Arc::new(AtomicUsize::new(state.len()));
        let count = Arc::clone(&in_memory);
        tokio::spawn(Writer { store, state, owed: Default::default(), shapes: Default::default(), count }.run(batches));
        Ok(Self { queue, in_memory })
    }

    /// VMs whose owners are in memory: those that hosts speak of, and few others.
    #[must_use]
    pub fn vms_in_memory(&self) -> usize {
        self.in_memory.load(Ordering::Relaxed)
    }

    /// Takes a batch and answers with the highest number of its stream once that is on disk.
    ///
    /// # Errors
    /// See [`IngestError`]; then nothing of the batch was stored.
    pub async fn accept(
        &self,
        agent: AgentId,
        received: UnixMs,
        sent_wall_ms: i64,
        sent_mono_ms: u64,
        batch: impl Into<Arc<Batch>>,
    ) -> Result<u64, IngestError> {
        let batch = batch.into();
        batch.validate()?;
        let (answer, answered) = oneshot::channel();
        let arrival = Arrival { agent, received, sent: UnixMs(sent_wall_ms), sent_mono: MonoMs(sent_mono_ms), batch };
        self.queue.send(Waiting { arrival, answer }).await.map_err(|_| IngestError::Closed)?;
        answered.await.map_err(|_| IngestError::Closed)?
    }
}
