//! What can go wrong with the store.

use std::path::PathBuf;

use super::chunk::ChunkError;

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite refuses.
    #[error("the database {} cannot be opened; check that the directory exists and belongs to this user", path.display())]
    Open {
        /// Which one.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// Written by a newer evenkeel.
    #[error("the database {} has schema {found}, this program knows up to {known}; install the newer evenkeel again", path.display())]
    Newer {
        /// Which one.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// Readings of an older version cannot be carried over.
    #[error("the readings in {} cannot be carried over to this version's format; nothing of them was removed", path.display())]
    Convert {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<StoreError>,
    },
    /// No thread for it.
    #[error("no thread can be started for the database {}", path.display())]
    Thread {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}

/// Why an operation on the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full: nothing was written, try again when there is space.
    #[error("the disk of the data directory is full; free space or lower the retention, nothing acknowledged is lost")]
    DiskFull,
    /// SQLite reports an error.
    #[error("the database reports an error")]
    Sqlite(#[source] rusqlite::Error),
    /// The system reports an error.
    #[error("a file of the data directory cannot be read or written")]
    Io(#[source] std::io::Error),
    /// Bytes that are no chunk.
    #[error("stored bytes are damaged; `evenkeel store check` says where")]
    Damaged(#[source] ChunkError),
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Sqlite(error),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull,
            _ => Self::Io(error),
        }
    }
}
