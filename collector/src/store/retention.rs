//! Sealing, and forgetting whole days.

use evenkeel_common::time::UnixMs;

use super::engine::{Due, Figures, Level, Sealed};
use super::{Store, StoreError};

/// Hours of entities sealed before something else has its turn; each host is a transaction of its own.
const SEAL_SLICE: usize = 512;
/// Entities whose rollups are put together in one transaction.
const COMPACT_SLICE: usize = 256;

impl Store {
    /// Seals a slice of what is due. Doing it again changes nothing.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn seal(&self, due: Due) -> Result<Sealed, StoreError> {
        self.sealer.run(move |engine| engine.seal(due, SEAL_SLICE)).await
    }

    /// Puts rollups of days before `before` together, a slice at a time; answers with whether there is more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn compact(&self, before: UnixMs) -> Result<bool, StoreError> {
        self.sealer.run(move |engine| engine.compact(before, COMPACT_SLICE)).await
    }

    /// Removes whole days of a level that end at or before `before`; answers with how many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn forget(&self, level: Level, before: UnixMs) -> Result<u64, StoreError> {
        self.sealer.run(move |engine| engine.forget(level, before)).await
    }

    /// Bytes that are kept for control and actions on a full disk; 0 while they are in use and ingest waits.
    #[must_use]
    pub fn reserve_bytes(&self) -> u64 {
        self.reserve.held_bytes()
    }

    /// What is stored.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn figures(&self) -> Result<Figures, StoreError> {
        self.reader.run(|engine| engine.figures()).await
    }
}
