//! `evenkeel store`.

use serde::{Deserialize, Serialize};

use super::Time;

/// What is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoreStatusView {
    /// Readings.
    pub samples: u64,
    /// Series that were read in the last two hours.
    pub series_active: u64,
    /// Series that are known.
    pub series_total: u64,
    /// Bytes of the journal and of all levels.
    pub bytes: u64,
    /// Bytes per reading of each level.
    pub bytes_per_sample: BytesPerSample,
    /// Rows of the journal, each one VM or host at one time: what waits to be sealed.
    pub journal_batches: u64,
    /// Bytes of the journal.
    pub journal_bytes: u64,
    /// The oldest day with readings.
    pub oldest: Option<Time>,
    /// The newest reading.
    pub newest: Option<Time>,
    /// Chunks, rows of the journal and files that were damaged and put aside.
    pub quarantined_chunks: u64,
    /// Bytes kept for control and actions on a full disk; 0 while the disk is full and ingest waits.
    pub reserve_bytes: u64,
}

/// Bytes per reading: sealed readings, rollups of 5 minutes and of an hour on top, and everything with the journal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BytesPerSample {
    /// Sealed readings with their times and index; null when none is sealed.
    pub raw: Option<f64>,
    /// Rollups of five minutes.
    #[serde(rename = "5m")]
    pub short: Option<f64>,
    /// Rollups of an hour.
    #[serde(rename = "1h")]
    pub long: Option<f64>,
    /// All files over all readings.
    pub all: Option<f64>,
}

/// One thing that is damaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamageView {
    /// In which file.
    pub file: String,
    /// What is wrong, and what was done.
    pub what: String,
}

/// Where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRequest {
    /// A directory of the collector's machine.
    pub directory: String,
}

/// A backup that was made or restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupView {
    /// Where it is.
    pub directory: String,
    /// When it was made.
    pub made_at: Time,
    /// Files in it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}
