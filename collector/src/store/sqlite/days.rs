//! The files of chunks: one per UTC day and level, `data-YYYYMMDD.db`, `data-YYYYMMDD-5m.db`, `data-YYYYMMDD-1h.db`.
//!
//! A file that SQLite cannot read is put aside by the engine that writes; one that reads takes it for empty and says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use evenkeel_common::clock;
use evenkeel_common::time::{DurationMs, UnixMs};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OpenFlags};

use super::super::StoreError;
use super::super::engine::Level;
pub(super) use super::damage::is_damage;
use super::shelf::Shelf;

/// A UTC day, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Day(pub(super) i64);

/// Milliseconds of a day.
pub(super) const DAY: DurationMs = DurationMs::from_s(86_400);
/// Milliseconds of an hour.
pub(super) const HOUR: DurationMs = DurationMs::from_s(3_600);
/// Files held open; the one that was not used for longest closes first.
const OPEN_MAX: usize = 96;
/// Bytes of chunks that are kept for the next question, over all files. Full: all go.
const SHELVES_BYTES: usize = 32 << 20;
/// A list of the directory is trusted as long as the directory does not change, once it was left alone for so long: two
/// changes may have the same time.
const LIST_SETTLED: Duration = Duration::from_secs(1);
/// Small pages: a chunk of some kilobytes wastes half a page on average.
const PAGE_BYTES: u32 = 512;
const SCHEMA_VERSION: u32 = 1;
const SCHEMA: &str = "
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    entity BLOB NOT NULL,
    placement BLOB NOT NULL,
    start INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE UNIQUE INDEX chunks_name ON chunks (entity, start, placement);
-- How many readings the chunks have, kept with each change.
CREATE TABLE totals (readings INTEGER NOT NULL);
INSERT INTO totals VALUES (0);
-- Damaged chunks, put aside.
CREATE TABLE quarantine (
    entity BLOB NOT NULL,
    placement BLOB NOT NULL,
    start INTEGER NOT NULL,
    why TEXT NOT NULL,
    body BLOB NOT NULL
);
";

impl Day {
    pub(super) fn of(at: UnixMs) -> Self {
        Self(at.0.div_euclid(DAY.0))
    }

    pub(super) fn start(self) -> UnixMs {
        UnixMs(self.0.saturating_mul(DAY.0))
    }

    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The file's name. Times outside of the years 0 to 9999 have none, and ingest lets none in.
    fn file(self, level: Level) -> Option<String> {
        let stamp = jiff::Timestamp::from_millisecond(self.start().0).ok()?;
        let date = stamp.to_zoned(TimeZone::UTC).date();
        let suffix = match level {
            Level::Raw => "",
            Level::Short => "-5m",
            Level::Long => "-1h",
        };
        Some(format!("data-{:04}{:02}{:02}{suffix}.db", date.year(), date.month(), date.day()))
    }

    fn parse(name: &str) -> Option<(Self, Level)> {
        let stem = name.strip_prefix("data-")?.strip_suffix(".db")?;
        let (date, level) = match (stem.strip_suffix("-5m"), stem.strip_suffix("-1h")) {
            (Some(date), _) => (date, Level::Short),
            (_, Some(date)) => (date, Level::Long),
            _ => (stem, Level::Raw),
        };
        let date = Date::strptime("%Y%m%d", date).ok()?;
        let start = date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond();
        Some((Self::of(UnixMs(start)), level))
    }
}

/// A file that is held open.
#[derive(Debug)]
struct Open {
    used: u64,
    /// Which file it is: another one may take its name when it was damaged.
    inode: Option<u64>,
    db: Connection,
    shelf: Shelf,
}

/// The days that have a file of each level, as they were when the directory was changed last.
#[derive(Debug)]
struct Listed {
    changed: SystemTime,
    days: [BTreeSet<Day>; 3],
}

/// The files of a data directory.
#[derive(Debug)]
pub(super) struct Days {
    dir: PathBuf,
    writes: bool,
    open: BTreeMap<(Level, Day), Open>,
    clock: u64,
    listed: Option<Listed>,
    /// Files that could not be read, since this engine was opened.
    damaged: BTreeSet<PathBuf>,
}

impl Days {
    pub(super) fn new(dir: &Path, writes: bool) -> Self {
        Self { dir: dir.to_owned(), writes, open: BTreeMap::new(), clock: 0, listed: None, damaged: BTreeSet::new() }
    }

    pub(super) fn path(&self, level: Level, day: Day) -> PathBuf {
        self.dir.join(day.file(level).unwrap_or_else(|| "data-none.db".to_owned()))
    }

    /// The days that have a file of a level.
    pub(super) fn list(&self, level: Level) -> Result<BTreeSet<Day>, StoreError> {
        let mut days = BTreeSet::new();
        for entry in fs::read_dir(&self.dir)? {
            let name = entry?.file_name();
            if let Some((day, found)) = name.to_str().and_then(Day::parse)
                && found == level
            {
                days.insert(day);
            }
        }
        Ok(days)
    }

    /// The same, from memory while nobody changes the directory.
    pub(super) fn listed(&mut self, level: Level) -> Result<&BTreeSet<Day>, StoreError> {
        let changed = fs::metadata(&self.dir)?.modified()?;
        if self.listed.as_ref().is_none_or(|listed| listed.changed != changed) {
            let now = SystemTime::UNIX_EPOCH + Duration::from_millis(clock::wall().0.unsigned_abs());
            let days = [self.list(Level::Raw)?, self.list(Level::Short)?, self.list(Level::Long)?];
            let settled = now.duration_since(changed).is_ok_and(|age| age > LIST_SETTLED);
            // A time that never comes makes the next question list again.
            let changed = if settled { changed } else { SystemTime::UNIX_EPOCH };
            self.listed = Some(Listed { changed, days });
        }
        let place = Level::ALL.iter().position(|known| *known == level).unwrap_or(0);
        Ok(self.listed.as_ref().map(|listed| &listed.days[place]).unwrap_or(&NONE))
    }

    /// Files that were put aside.
    pub(super) fn aside(&self) -> Result<u64, StoreError> {
        let mut count = 0;
        for entry in fs::read_dir(&self.dir)? {
            let name = entry?.file_name();
            count +=
                u64::from(name.to_str().is_some_and(|name| name.starts_with("data-") && name.ends_with(".damaged")));
        }
        Ok(count)
    }

    /// Works on a day's file, if there is one. One that cannot be read counts as empty.
    pub(super) fn read<T>(
        &mut self,
        level: Level,
        day: Day,
        work: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<Option<T>, StoreError> {
        self.read_open(level, day, |open| work(&open.db))
    }

    fn read_open<T>(
        &mut self,
        level: Level,
        day: Day,
        work: impl FnOnce(&mut Open) -> Result<T, rusqlite::Error>,
    ) -> Result<Option<T>, StoreError> {
        let path = self.path(level, day);
        let inode = inode(&path);
        if self.open.get(&(level, day)).is_some_and(|open| open.inode != inode) {
            self.close(level, day);
        }
        if inode.is_none() {
            return Ok(None);
        }
        match self.opened(level, day).and_then(work) {
            Ok(found) => Ok(Some(found)),
            Err(error) if is_damage(&error) => {
                self.close(level, day);
                if self.damaged.insert(path.clone()) {
                    tracing::error!(file = %path.display(), %error, "a file of readings is damaged; `evenkeel store check` says more");
                }
                Ok(None)
            }
            // It went between the look and the opening: its day is over.
            Err(_) if !path.exists() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// As [`Self::read`], with the file's shelf.
    pub(super) fn read_shelf<T>(
        &mut self,
        level: Level,
        day: Day,
        work: impl FnOnce(&Connection, &mut Shelf) -> Result<T, rusqlite::Error>,
    ) -> Result<Option<T>, StoreError> {
        if self.open.values().map(|open| open.shelf.bytes).sum::<usize>() > SHELVES_BYTES {
            self.open.values_mut().for_each(|open| open.shelf = Shelf::default());
        }
        let writes = self.writes;
        self.read_open(level, day, |open| {
            // What this very connection writes changes nothing that it could see.
            if writes {
                open.shelf = Shelf::default();
            }
            open.shelf.look(&open.db)?;
            work(&open.db, &mut open.shelf)
        })
    }

    /// Works on a day's file in one transaction, making it as needed. A damaged one is put aside and begun anew.
    pub(super) fn write<T>(
        &mut self,
        level: Level,
        day: Day,
        mut work: impl FnMut(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, StoreError> {
        match self.transact(level, day, &mut work) {
            Err(error) if is_damage(&error) && self.is_broken(level, day) => {
                self.put_aside(level, day)?;
                Ok(self.transact(level, day, &mut work)?)
            }
            result => Ok(result?),
        }
    }

    /// Works on a day's file outside of a transaction.
    pub(super) fn write_alone(
        &mut self,
        level: Level,
        day: Day,
        work: impl FnOnce(&Connection) -> Result<(), rusqlite::Error>,
    ) -> Result<(), StoreError> {
        Ok(self.connection(level, day).and_then(|db| work(db))?)
    }

    fn transact<T>(
        &mut self,
        level: Level,
        day: Day,
        work: &mut impl FnMut(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, rusqlite::Error> {
        let db = self.connection(level, day)?;
        let transaction = db.transaction()?;
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }

    /// Whether the whole file is to be given up: an error of a single statement is no reason.
    fn is_broken(&mut self, level: Level, day: Day) -> bool {
        self.close(level, day);
        let look = connect(&self.path(level, day), false).and_then(|db| {
            db.query_row("SELECT count(*) FROM totals", [], |row| row.get::<_, i64>(0))?;
            db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
        });
        look.map_or_else(|error| is_damage(&error), |found| found != "ok")
    }

    fn put_aside(&mut self, level: Level, day: Day) -> Result<(), StoreError> {
        self.close(level, day);
        let path = self.path(level, day);
        let aside = (0..).map(|n| path.with_extension(format!("db.{n}.damaged"))).find(|aside| !aside.exists());
        if let Some(aside) = aside {
            tracing::error!(file = %path.display(), aside = %aside.display(), "a damaged file of readings was put aside");
            fs::rename(&path, aside)?;
        }
        for suffix in ["-wal", "-shm"] {
            let mut beside = path.clone().into_os_string();
            beside.push(suffix);
            // There is one only after a crash.
            let _ = fs::remove_file(beside);
        }
        Ok(())
    }

    /// Removes a day's file.
    pub(super) fn remove(&mut self, level: Level, day: Day) -> Result<(), StoreError> {
        self.close(level, day);
        let path = self.path(level, day);
        for suffix in ["", "-wal", "-shm"] {
            let mut file = path.clone().into_os_string();
            file.push(suffix);
            match fs::remove_file(file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn close(&mut self, level: Level, day: Day) {
        self.open.remove(&(level, day));
    }

    /// Bytes of a level's files with their write-ahead logs.
    pub(super) fn bytes(&self, level: Level) -> Result<u64, StoreError> {
        let mut bytes = 0;
        for day in self.list(level)? {
            bytes += file_bytes(&self.path(level, day));
        }
        Ok(bytes)
    }

    fn connection(&mut self, level: Level, day: Day) -> Result<&mut Connection, rusqlite::Error> {
        self.opened(level, day).map(|open| &mut open.db)
    }

    fn opened(&mut self, level: Level, day: Day) -> Result<&mut Open, rusqlite::Error> {
        self.clock += 1;
        let clock = self.clock;
        if !self.open.contains_key(&(level, day)) {
            if self.open.len() >= OPEN_MAX
                && let Some(oldest) = self.open.iter().min_by_key(|(_, open)| open.used).map(|(key, _)| *key)
            {
                self.open.remove(&oldest);
            }
            let path = self.path(level, day);
            let db = connect(&path, self.writes)?;
            self.open.insert((level, day), Open { used: clock, inode: inode(&path), db, shelf: Shelf::default() });
        }
        let open = self.open.get_mut(&(level, day)).ok_or(rusqlite::Error::InvalidQuery)?;
        open.used = clock;
        Ok(open)
    }
}

static NONE: BTreeSet<Day> = BTreeSet::new();

/// Which file has a name now.
fn inode(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().map(|meta| meta.ino())
}

/// Bytes of a database with its write-ahead log.
pub(super) fn file_bytes(path: &Path) -> u64 {
    let mut wal = path.to_owned().into_os_string();
    wal.push("-wal");
    let len = |path: &Path| fs::metadata(path).map_or(0, |meta| meta.len());
    len(path) + len(Path::new(&wal))
}

fn connect(path: &Path, writes: bool) -> Result<Connection, rusqlite::Error> {
    if !writes {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags)?;
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        return Ok(db);
    }
    let mut db = Connection::open(path)?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    // The size of a page is settled before anything is in the file.
    db.pragma_update(None, "page_size", PAGE_BYTES)?;
    db.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")?;
    let version: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        let transaction = db.transaction()?;
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        transaction.commit()?;
    }
    Ok(db)
}
