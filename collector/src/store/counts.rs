//! How much there is.

use super::{Store, StoreError};

/// Numbers for `evenkeel status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// VMs known.
    pub vms: u64,
    /// Readings.
    pub samples: u64,
    /// Bytes of the database of readings.
    pub journal_bytes: u64,
}

impl Store {
    /// Counts what there is.
    ///
    /// # Errors
    /// When a database fails.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let vms = self
            .control_read
            .call(|connection| connection.query_row("SELECT COUNT(*) FROM vms", [], |row| count(row, 0)))
            .await?;
        let figures = self.figures().await?;
        let samples = figures.journal_samples + figures.sealed_samples;
        let journal_bytes = figures.journal_bytes;
        Ok(Counts { vms, samples, journal_bytes })
    }
}

/// SQLite counts in `i64`; a count is never negative.
fn count(row: &rusqlite::Row<'_>, column: usize) -> Result<u64, rusqlite::Error> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}
