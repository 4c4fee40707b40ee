//! Space that is kept for what must go on when the disk is full: control, alarms and actions.
//!
//! It is a file. When the disk is full the file goes, ingest stops with *retry later*, and what is small and precious still
//! finds room. When there is space again the file comes back, and ingest goes on by itself.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::StoreError;
use super::db::Db;
use rusqlite::Connection;

const FILE: &str = "reserve";
/// Thousands of actions, or an hour of warnings of a fleet.
const BYTES_MAX: u64 = 32 << 20;
/// On a small file system: this part of it.
const PART: u64 = 20;
/// With less than this free a write of the control database may fail.
const TIGHT_BYTES: u64 = 1 << 20;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Reserve(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    dir: PathBuf,
    bytes: u64,
    held: AtomicBool,
}

impl Reserve {
    /// Takes the space if there is enough.
    pub(super) fn open(dir: &Path) -> Self {
        let bytes = (space(dir).1 / PART).min(BYTES_MAX);
        let reserve =
            Self(Arc::new(Inner { path: dir.join(FILE), dir: dir.to_owned(), bytes, held: AtomicBool::new(false) }));
        if reserve.0.path.exists() {
            reserve.0.held.store(true, Ordering::Relaxed);
        } else {
            reserve.take_back();
        }
        reserve
    }

    /// Whether the space is held.
    pub(super) fn is_held(&self) -> bool {
        self.0.held.load(Ordering::Relaxed)
    }

    /// Bytes that are held.
    pub(super) fn held_bytes(&self) -> u64 {
        fs::metadata(&self.0.path).map_or(0, |meta| meta.len())
    }

    /// The disk is full: lets the space go.
    pub(super) fn release(&self) {
        if self.0.held.swap(false, Ordering::Relaxed) {
            tracing::error!("the disk is full: ingest waits, the reserve is for control and actions");
            // Gone already is as good.
            let _ = fs::remove_file(&self.0.path);
        }
    }

    /// Before something precious is written.
    fn make_room(&self) {
        if self.is_held() && space(&self.0.dir).0 < TIGHT_BYTES {
            self.release();
        }
    }

    /// Whether readings may be written: only while the space is held, or can be again.
    pub(super) fn allows_ingest(&self) -> bool {
        self.is_held() || self.take_back()
    }

    fn take_back(&self) -> bool {
        let Inner { path, dir, bytes, held } = &*self.0;
        // Twice: what is taken back must not fill the disk again.
        if space(dir).0 < bytes * 2 {
            return false;
        }
        let taken = File::create(path).and_then(|file| {
            rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, (*bytes).max(1)).map_err(Into::into)
        });
        match taken {
            Ok(()) => {
                held.store(true, Ordering::Relaxed);
                true
            }
            Err(error) => {
                tracing::warn!(%error, "no space can be kept in reserve");
                // A file that is too short would be taken for the reserve.
                let _ = fs::remove_file(path);
                // A file system that cannot reserve must not stop ingest for ever.
                !matches!(error.kind(), std::io::ErrorKind::StorageFull)
            }
        }
    }
}

/// Free bytes for this user, and all bytes, of a directory's file system; one that cannot be asked has plenty.
fn space(dir: &Path) -> (u64, u64) {
    rustix::fs::statvfs(dir).map_or((u64::MAX / 4, u64::MAX / 4), |stat| {
        (stat.f_bavail.saturating_mul(stat.f_frsize), stat.f_blocks.saturating_mul(stat.f_frsize))
    })
}

/// The writer of the control database, which makes room before it writes.
#[derive(Clone, Debug)]
pub(super) struct Precious {
    pub(super) db: Db,
    pub(super) reserve: Reserve,
}

impl Precious {
    /// Runs `work` on the connection's thread. A caller that stops waiting does not undo it.
    pub(super) async fn call<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<R, rusqlite::Error> + Send + 'static,
    {
        let reserve = self.reserve.clone();
        self.db
            .call(move |connection| {
                reserve.make_room();
                work(connection)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_when_asked_and_comes_back_when_there_is_space() {
        let dir = tempfile::tempdir().unwrap();
        let reserve = Reserve::open(dir.path());
        assert!(reserve.is_held() && reserve.held_bytes() > 0);
        reserve.release();
        assert!(!reserve.is_held() && reserve.held_bytes() == 0);
        assert!(reserve.allows_ingest() && reserve.is_held());
        assert!(Reserve::open(dir.path()).is_held());
    }
}
