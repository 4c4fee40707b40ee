//! What the actor has begun and what came of it, on disk before and after each step.
//!
//! One JSON file per action. The intent is on disk (file and directory) before libvirt is touched; the result replaces
//! it in one rename. An intent without a result after a restart means that nobody knows what happened.

mod record;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use evenkeel_common::action::{Command, Outcome};
use evenkeel_common::id::ActionId;
use evenkeel_common::time::{DurationMs, UnixMs};

use record::Record;

/// How long results are kept; a collector that comes back later than this finds nothing.
const KEPT: DurationMs = DurationMs::from_s(30 * 86_400);
/// Records kept at most; a host that has more actions than this in 30 days refuses further ones.
const RECORDS_MAX: usize = 20_000;

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refuses.
    #[error("{} cannot be {verb}; check space and owner of the directory", path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// What was tried.
        verb: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Another actor works with it.
    #[error("another actor uses {}; only one may run with one data directory", path.display())]
    InUse {
        /// The lock.
        path: PathBuf,
    },
    /// A record that is not what was written.
    #[error("{} is damaged", path.display())]
    Damaged {
        /// The record.
        path: PathBuf,
    },
}

/// What is on record of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The command as it came.
    pub command: Command,
    /// When.
    pub received: UnixMs,
    /// When and how it ended; `None` while it is carried out, or when nobody knows.
    pub finished: Option<(UnixMs, Outcome)>,
}

/// The journal's directory, locked for this process.
#[derive(Debug)]
pub struct Journal {
    dir: PathBuf,
    epoch: Mutex<u64>,
    _lock: File,
}

impl Journal {
    /// Opens `dir`, making it as needed.
    ///
    /// # Errors
    /// When it cannot be written or another actor uses it.
    pub fn open(dir: &Path) -> Result<Self, JournalError> {
        let error = |path: &Path, verb, source| JournalError::Io { path: path.to_owned(), verb, source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|e| error(dir, "made", e))?;
        let lock_path = dir.join("lock");
        let lock = File::create(&lock_path).map_err(|e| error(&lock_path, "written", e))?;
        if lock.try_lock().is_err() {
            return Err(JournalError::InUse { path: lock_path });
        }
        let epoch_path = dir.join("epoch");
        let epoch = match fs::read_to_string(&epoch_path) {
            Ok(text) => text.trim().parse().map_err(|_| JournalError::Damaged { path: epoch_path })?,
            Err(source) if source.kind() == io::ErrorKind::NotFound => 0,
            Err(source) => return Err(error(&epoch_path, "read", source)),
        };
        Ok(Self { dir: dir.to_owned(), epoch: Mutex::new(epoch), _lock: lock })
    }

    /// Highest collector generation seen.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        *self.epoch.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Remembers a higher generation; a lower one changes nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn raise_epoch(&self, seen: u64) -> Result<(), JournalError> {
        let mut epoch = self.epoch.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if seen > *epoch {
            self.replace("epoch", format!("{seen}\n").as_bytes())?;
            *epoch = seen;
        }
        Ok(())
    }

    /// What is on record of an action.
    ///
    /// # Errors
    /// When the record cannot be read; it exists then, so the action must not be begun.
    pub fn find(&self, id: ActionId) -> Result<Option<Entry>, JournalError> {
        let path = self.dir.join(file_name(id));
        match fs::read(&path) {
            Ok(bytes) => Record::parse(&bytes).map(Some).ok_or(JournalError::Damaged { path }),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(JournalError::Io { path, verb: "read", source }),
        }
    }

    /// Puts the intent on disk.
    ///
    /// # Errors
    /// When it is not surely there; then the action must not be begun.
    pub fn begin(&self, command: &Command, now: UnixMs) -> Result<(), JournalError> {
        let entry = Entry { command: command.clone(), received: now, finished: None };
        self.replace(&file_name(command.id), &Record::write(&entry))
    }

    /// Puts the result on disk.
    ///
    /// # Errors
    /// When it is not surely there; a restart will then find an intent without a result.
    pub fn finish(&self, command: &Command, outcome: &Outcome, now: UnixMs) -> Result<(), JournalError> {
        let received = self.find(command.id)?.map_or(now, |entry| entry.received);
        let entry = Entry { command: command.clone(), received, finished: Some((now, outcome.clone())) };
        self.replace(&file_name(command.id), &Record::write(&entry))
    }

    /// Intents without a result. Damaged records are left out: they are never run again either, and say so when asked.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn open_intents(&self) -> Result<Vec<Entry>, JournalError> {
        let entries = self.records()?.into_iter().filter_map(|path| Record::parse(&fs::read(path).ok()?));
        Ok(entries.filter(|entry| entry.finished.is_none()).collect())
    }

    /// Whether no further record may be made.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.records().is_ok_and(|records| records.len() >= RECORDS_MAX)
    }

    /// Forgets results older than 30 days.
    ///
    /// # Errors
    /// When a record cannot be removed.
    pub fn prune(&self, now: UnixMs) -> Result<(), JournalError> {
        for path in self.records()? {
            let finished =
                fs::read(&path).ok().and_then(|bytes| Record::parse(&bytes)).and_then(|entry| entry.finished);
            if finished.is_some_and(|(at, _)| now.since(at) > KEPT) {
                fs::remove_file(&path).map_err(|source| JournalError::Io { path, verb: "removed", source })?;
            }
        }
        Ok(())
    }

    fn records(&self) -> Result<Vec<PathBuf>, JournalError> {
        let listed = fs::read_dir(&self.dir).map_err(|source| JournalError::Io {
            path: self.dir.clone(),
            verb: "listed",
            source,
        })?;
        let paths = listed.flatten().map(|entry| entry.path());
        Ok(paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect())
    }

    /// Old or new content after a crash, never half of it.
    fn replace(&self, name: &str, content: &[u8]) -> Result<(), JournalError> {
        let (path, fresh) = (self.dir.join(name), self.dir.join(format!("{name}.new")));
        let write = || {
            let mut file = File::create(&fresh)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&fresh, &path)?;
            File::open(&self.dir)?.sync_all()
        };
        write().map_err(|source| JournalError::Io { path: path.clone(), verb: "written", source })
    }
}

fn file_name(id: ActionId) -> String {
    format!("{id}.json")
}

#[cfg(test)]
mod tests {
    use evenkeel_common::action::{Refusal, Verb};
    use evenkeel_common::id::{AgentId, DomainUuid};

    use super::*;

    fn command(byte: u8, verb: Verb) -> Command {
        Command {
            id: ActionId::from_bytes([byte; 16]),
            collector_epoch: 2,
            host: AgentId::from_bytes([8; 16]),
            verb,
            domain: DomainUuid::from_bytes([9; 16]),
            issued: UnixMs(4),
            not_after: UnixMs(5),
        }
    }

    #[test]
    fn every_outcome_comes_back_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let outcomes = [
            Outcome::Succeeded(vec![("path".into(), "/x".into())]),
            Outcome::Failed("f".into()),
            Outcome::Refused(Refusal { guard: "g".into(), message: "m".into() }),
            Outcome::Expired,
            Outcome::Unknown("u".into()),
        ];
        let verbs = [
            Verb::SNAPSHOT,
            Verb::Restart { apply_pending: true },
            Verb::migrate_to("b"),
            Verb::Verify { point: evenkeel_common::id::PointId::from_bytes([4; 16]) },
            Verb::SNAPSHOT,
        ];
        for (byte, (outcome, verb)) in (1..).zip(outcomes.into_iter().zip(verbs)) {
            let command = command(byte, verb);
            journal.begin(&command, UnixMs(1)).unwrap();
            assert_eq!(journal.open_intents().unwrap().len(), 1);
            journal.finish(&command, &outcome, UnixMs(2)).unwrap();
            let entry = journal.find(command.id).unwrap().unwrap();
            assert_eq!(entry, Entry { command, received: UnixMs(1), finished: Some((UnixMs(2), outcome)) });
        }
        assert!(journal.open_intents().unwrap().is_empty());
        journal.prune(UnixMs(2).plus(KEPT)).unwrap();
        assert_eq!(journal.records().unwrap().len(), 5);
        journal.prune(UnixMs(3).plus(KEPT)).unwrap();
        assert_eq!(journal.records().unwrap().len(), 0);
    }

    #[test]
    fn the_epoch_survives_and_never_falls() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        journal.raise_epoch(4).unwrap();
        journal.raise_epoch(3).unwrap();
        assert!(matches!(Journal::open(dir.path()), Err(JournalError::InUse { .. })));
        drop(journal);
        assert_eq!(Journal::open(dir.path()).unwrap().epoch(), 4);
    }

    #[test]
    fn a_damaged_record_is_an_error_and_not_an_absence() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        let id = ActionId::from_bytes([1; 16]);
        fs::write(dir.path().join(file_name(id)), "{").unwrap();
        assert!(matches!(journal.find(id), Err(JournalError::Damaged { .. })));
    }
}
