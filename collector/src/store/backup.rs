//! Backup of a running collector, and restore into an empty data directory.
//!
//! The journal is copied first: what is sealed meanwhile is then in both copies, and sealing it again changes nothing. Each
//! database is copied by the connection that writes it, so that nothing is copied in the middle of a commit. Files of days
//! that did not change since the last backup into the same directory are not copied again.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use evenkeel_common::time::UnixMs;
use rusqlite::Connection;
use rusqlite::backup::Backup;
use serde::{Deserialize, Serialize};

use super::db::{self, Access};
use super::engine::Copied;
use super::{CONTROL_FILE, JOURNAL_FILE, Store, StoreError, schema};

/// Lists what belongs to a backup; written last, so that a broken off backup has none of its own.
pub const MANIFEST: &str = "backup.json";

/// See [`MANIFEST`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// When it was made, ms since 1970.
    pub at_ms: i64,
    /// Version of the program.
    pub version: String,
    /// The files.
    pub files: Vec<ManifestFile>,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its path in the data directory.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// BLAKE3 of its content, hexadecimal.
    pub blake3: String,
}

/// Why there is no backup or no restore.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file.
    #[error("{} cannot be read or written", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A database.
    #[error("the databases cannot be copied")]
    Store(#[from] StoreError),
    /// No manifest, or one that is not understood.
    #[error("{} is no backup that is complete; it has no readable {MANIFEST}", .0.display())]
    NoManifest(PathBuf),
    /// The content is not what was written.
    #[error("{} of the backup is damaged or missing; restore from another backup", .0)]
    Damaged(String),
    /// There is something already.
    #[error("{} holds a collector's databases; restore into an empty --data-dir", .0.display())]
    Occupied(PathBuf),
}

impl Store {
    /// Copies the databases of `data_dir`, where this store is, and the keys beside them into `target`, which is made as
    /// needed. Ingest waits while the journal is copied.
    ///
    /// # Errors
    /// See [`BackupError`]; what is in `target` is then no complete backup.
    pub async fn backup(&self, data_dir: &Path, target: &Path, now: UnixMs) -> Result<Manifest, BackupError> {
        let (source, dir) = (data_dir.to_owned(), target.to_owned());
        blocking(move || prepare(&dir)).await?;
        let to = target.join(JOURNAL_FILE);
        self.writer.run(move |engine| engine.copy_journal(&to)).await?;
        let to = target.to_owned();
        let days: Vec<Copied> = self.sealer.run(move |engine| engine.copy_days(&to)).await?;
        let to = target.join(CONTROL_FILE);
        self.control.call(move |db| copy_database(db, &to)).await?;
        let target = target.to_owned();
        blocking(move || finish(&source, &target, &days, now)).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| BackupError::Store(StoreError::Closed))?
}

fn prepare(target: &Path) -> Result<(), BackupError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(target);
    made.map_err(|source| BackupError::File { path: target.to_owned(), source })
}

/// Copies a whole database, as it is between two commits.
pub(super) fn copy_database(db: &Connection, target: &Path) -> Result<(), rusqlite::Error> {
    // What an earlier backup left would be taken for the begin of this one.
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut path = target.to_owned().into_os_string();
        path.push(suffix);
        let _ = fs::remove_file(path);
    }
    let mut copy = Connection::open(target)?;
    Backup::new(db, &mut copy)?.step(-1)?;
    copy.execute_batch("PRAGMA journal_mode=DELETE;")
}

/// Copies the keys, removes days that are gone, and writes the manifest.
fn finish(source: &Path, target: &Path, days: &[Copied], now: UnixMs) -> Result<Manifest, BackupError> {
    let mut names: Vec<String> = vec![CONTROL_FILE.to_owned(), JOURNAL_FILE.to_owned()];
    names.extend(days.iter().map(|day| day.name.clone()));
    for name in other_files(source)? {
        let (from, to) = (source.join(&name), target.join(&name));
        if let Some(parent) = to.parent() {
            prepare(parent)?;
        }
        // With its mode: keys stay the owner's.
        fs::copy(&from, &to).map_err(|source| BackupError::File { path: from, source })?;
        names.push(name);
    }
    remove_strangers(target, &names)?;
    let files = names.iter().map(|name| describe(target, name)).collect::<Result<Vec<_>, BackupError>>()?;
    let manifest = Manifest { at_ms: now.0, version: env!("CARGO_PKG_VERSION").to_owned(), files };
    let path = target.join(MANIFEST);
    let file = |source| BackupError::File { path: path.clone(), source };
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| file(error.into()))?;
    let new = target.join(format!("{MANIFEST}.new"));
    fs::write(&new, text).and_then(|()| File::open(&new)?.sync_all()).map_err(file)?;
    fs::rename(&new, &path).and_then(|()| File::open(target)?.sync_all()).map_err(file)?;
    Ok(manifest)
}

/// Keys and certificates.
fn other_files(source: &Path) -> Result<Vec<String>, BackupError> {
    let dir = source.join("pki");
    let entries = match fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(BackupError::File { path: dir, source }),
    };
    let names = entries.map(|entry| Ok(format!("pki/{}", entry?.file_name().to_string_lossy())));
    names.collect::<io::Result<Vec<_>>>().map_err(|source| BackupError::File { path: dir, source })
}

/// Days that an earlier backup held and the collector has forgotten since.
fn remove_strangers(target: &Path, names: &[String]) -> Result<(), BackupError> {
    let file = |source| BackupError::File { path: target.to_owned(), source };
    for entry in fs::read_dir(target).map_err(file)? {
        let entry = entry.map_err(file)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("data-") && !names.contains(&name) {
            fs::remove_file(entry.path()).map_err(file)?;
        }
    }
    Ok(())
}

fn describe(target: &Path, name: &str) -> Result<ManifestFile, BackupError> {
    let path = target.join(name);
    let (bytes, blake3) = hash(&path).map_err(|source| BackupError::File { path, source })?;
    Ok(ManifestFile { name: name.to_owned(), bytes, blake3 })
}

fn hash(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hasher, mut bytes, mut buffer) = (blake3::Hasher::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            file.sync_all()?;
            return Ok((bytes, hasher.finalize().to_hex().to_string()));
        }
        hasher.update(&buffer[..read]);
        bytes += u64::try_from(read).unwrap_or(0);
    }
}

/// Restores a backup into `data_dir`, which must hold no databases. The collector becomes a new generation: its commands
/// count above all that any actor has seen, and actions that were open are unknown.
///
/// # Errors
/// See [`BackupError`]; nothing is copied before every file of the backup was found whole.
pub fn restore(source: &Path, data_dir: &Path, now: UnixMs) -> Result<Manifest, BackupError> {
    let text = fs::read(source.join(MANIFEST)).map_err(|_| BackupError::NoManifest(source.to_owned()))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| BackupError::NoManifest(source.to_owned()))?;
    if [CONTROL_FILE, JOURNAL_FILE].iter().any(|name| data_dir.join(name).exists()) {
        return Err(BackupError::Occupied(data_dir.to_owned()));
    }
    for file in &manifest.files {
        let path = Path::new(&file.name);
        let is_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        let found = hash(&source.join(path)).ok();
        if !is_inside || found != Some((file.bytes, file.blake3.clone())) {
            return Err(BackupError::Damaged(file.name.clone()));
        }
    }
    prepare(data_dir)?;
    // The control database last: without it nothing starts on half a restore.
    let (control, others): (Vec<_>, Vec<_>) = manifest.files.iter().partition(|file| file.name == CONTROL_FILE);
    for file in others.into_iter().chain(control) {
        let to = data_dir.join(&file.name);
        if let Some(parent) = to.parent() {
            prepare(parent)?;
        }
        let part = data_dir.join("restoring");
        let copied = fs::copy(source.join(&file.name), &part).and_then(|_| File::open(&part)?.sync_all());
        let failed = |source| BackupError::File { path: to.clone(), source };
        copied.map_err(failed)?;
        if file.name == CONTROL_FILE {
            new_generation(&part, now)?;
        }
        fs::rename(&part, &to).map_err(failed)?;
    }
    Ok(manifest)
}

fn new_generation(control: &Path, now: UnixMs) -> Result<(), BackupError> {
    let file = || BackupError::File { path: control.to_owned(), source: io::Error::other("not a control database") };
    let mut db = db::connect(control, Access::Write(schema::CONTROL)).map_err(|_| file())?;
    let change = |db: &mut Connection| -> Result<(), rusqlite::Error> {
        let transaction = db.transaction()?;
        // Seconds since 1970 are above every generation that another restore before this one can have given.
        transaction
            .execute("UPDATE meta SET value = max(value + 1, ?) WHERE key = 'collector_epoch'", [now.0 / 1_000])?;
        transaction.execute(
            "UPDATE actions SET state = 'unknown', finished_at = ?1, news_at = ?1
             WHERE state IN ('requested', 'dispatched', 'running')",
            [now.0],
        )?;
        transaction.commit()?;
        db.execute_batch("PRAGMA journal_mode=DELETE;")
    };
    change(&mut db).map_err(|error| StoreError::from(error).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn some_store(dir: &Path) -> Store {
        fs::create_dir_all(dir.join("pki")).unwrap();
        fs::write(dir.join("pki/ca.key"), "secret").unwrap();
        let store = Store::open(dir).unwrap();
        store
            .control
            .call(|db| {
                db.execute_batch(
                    "INSERT INTO actions (id, verb, arguments, uuid, name, agent, host, state, requested_by, requested_at, not_after, dispatches, news_at)
                     VALUES (x'01', 'restart', '{}', x'02', 'g', x'03', 'h', 'running', 'root', 1, 2, 1, 1),
                            (x'02', 'restart', '{}', x'02', 'g', x'03', 'h', 'succeeded', 'root', 1, 2, 1, 1)",
                )
            })
            .await
            .unwrap();
        store
    }

    #[tokio::test]
    async fn a_restored_collector_is_a_new_generation_and_its_open_actions_are_unknown() {
        let (dir, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let home = dir.path().join("a");
        let store = some_store(&home).await;
        let before = store.collector_epoch().await.unwrap();
        let now = UnixMs(1_800_000_000_000);
        for _ in 0..2 {
            let made = store.backup(&home, target.path(), now).await.unwrap();
            assert!(made.files.iter().any(|file| file.name == "pki/ca.key"));
        }
        assert!(matches!(restore(target.path(), &home, now), Err(BackupError::Occupied(_))));
        let new = dir.path().join("b");
        restore(target.path(), &new, now).unwrap();
        assert_eq!(fs::read(new.join("pki/ca.key")).unwrap(), b"secret");
        let restored = Store::open(&new).unwrap();
        let epoch = restored.collector_epoch().await.unwrap();
        assert!(epoch > before && epoch >= 1_800_000_000, "{epoch}");
        let states = restored
            .control
            .call(|db| {
                let mut states = db.prepare("SELECT state FROM actions ORDER BY id")?;
                states.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()
            })
            .await
            .unwrap();
        assert_eq!(states, ["unknown", "succeeded"]);
    }

    #[tokio::test]
    async fn a_damaged_or_broken_off_backup_is_refused_before_anything_is_copied() {
        let (dir, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let home = dir.path().join("a");
        some_store(&home).await.backup(&home, target.path(), UnixMs(5)).await.unwrap();
        let new = dir.path().join("b");
        let journal = target.path().join(JOURNAL_FILE);
        let mut bytes = fs::read(&journal).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&journal, bytes).unwrap();
        assert!(
            matches!(restore(target.path(), &new, UnixMs(6)), Err(BackupError::Damaged(name)) if name == JOURNAL_FILE)
        );
        fs::remove_file(target.path().join(MANIFEST)).unwrap();
        assert!(matches!(restore(target.path(), &new, UnixMs(6)), Err(BackupError::NoManifest(_))));
        assert!(!new.exists());
    }
}
