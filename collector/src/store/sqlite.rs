//! The engine on SQLite: a journal, and a file of chunks per UTC day and level.

mod append;
mod batches;
mod care;
mod convert;
mod damage;
mod days;
mod ends;
mod figures;
mod import;
mod layouts;
mod read;
mod rollups;
mod seal;
mod shelf;
#[cfg(test)]
mod tests;
mod window;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::metric::MetricId;
use evenkeel_common::time::UnixMs;
use rusqlite::Connection;

use super::chunk::ChunkName;
use super::db::{self, Access};
use super::engine::{BucketRange, Buckets, Copied, Damage, Due, Engine, Figures, Level, Sealed};
use super::{
    BatchRows, Entity, ImportHour, Imported, JOURNAL_FILE, Latest, OpenError, Poll, PollEnd, SeriesRow, Slices,
    StoreError, schema, sql,
};
use days::{Day, Days};
use layouts::{Entities, Layouts};

/// What an engine is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The first one to be opened: it brings the schema up to date.
    Append,
    /// Seals, compacts, forgets and checks.
    Seal,
    /// Reads.
    Read,
}

/// See the module.
#[derive(Debug)]
pub(super) struct SqliteEngine {
    dir: PathBuf,
    journal: Connection,
    days: Days,
    layouts: Layouts,
    entities: Entities,
    kept: batches::Kept,
    /// Chunks that were found damaged and are still in their place.
    damaged: BTreeSet<ChunkName>,
    /// Days whose rollups were put together since this engine was opened.
    compacted: BTreeSet<(Level, Day)>,
    remembered: figures::Remembered,
}

impl SqliteEngine {
    pub(super) fn open(dir: &Path, role: Role) -> Result<Self, OpenError> {
        let path = dir.join(JOURNAL_FILE);
        let access = match role {
            Role::Append => Access::Write(schema::JOURNAL),
            Role::Seal => Access::WriteOnly,
            Role::Read => Access::Read,
        };
        if role == Role::Append && !path.exists() {
            begin_journal(&path).map_err(|source| OpenError::Open { path: path.clone(), source })?;
        }
        let journal = db::connect(&path, access)?;
        let mut engine = Self {
            dir: dir.to_owned(),
            journal,
            days: Days::new(dir, role != Role::Read),
            layouts: Layouts::default(),
            entities: Entities::default(),
            kept: batches::Kept::default(),
            damaged: BTreeSet::new(),
            compacted: BTreeSet::new(),
            remembered: figures::Remembered::default(),
        };
        if role == Role::Append {
            engine.convert().map_err(|source| OpenError::Convert { path, source: Box::new(source) })?;
        }
        Ok(engine)
    }
}

/// A batch takes some ten kilobytes, and a row of it is a chain of pages. A journal of an older version keeps the pages
/// that it has.
fn begin_journal(path: &Path) -> Result<(), rusqlite::Error> {
    Connection::open(path)?.execute_batch("PRAGMA page_size=4096; PRAGMA journal_mode=WAL;")
}

impl Engine for SqliteEngine {
    fn last_seq(&mut self, agent: AgentId, epoch: u64) -> Result<u64, StoreError> {
        self.read_last_seq(agent, epoch)
    }

    fn append(&mut self, batches: &[BatchRows]) -> Result<(), StoreError> {
        self.write_batches(batches)
    }

    fn import(&mut self, hours: &[ImportHour]) -> Result<Vec<Vec<Imported>>, StoreError> {
        self.import_hours(hours)
    }

    fn seal(&mut self, due: Due, limit: usize) -> Result<Sealed, StoreError> {
        self.seal_due(due, limit)
    }

    fn compact(&mut self, before: UnixMs, limit: usize) -> Result<bool, StoreError> {
        self.compact_days(before, limit)
    }

    fn series(&mut self, entity: Entity, metrics: &[MetricId]) -> Result<Vec<SeriesRow>, StoreError> {
        self.read_series(entity, metrics)
    }

    fn samples(&mut self, series: &[SeriesRow], from: UnixMs, to: UnixMs) -> Result<Slices, StoreError> {
        self.read_samples(series, from, to)
    }

    fn buckets(&mut self, series: &[SeriesRow], range: BucketRange) -> Result<Vec<Buckets>, StoreError> {
        self.read_buckets(series, range)
    }

    fn unsealed_from(&mut self, entity: Entity) -> Result<Option<UnixMs>, StoreError> {
        self.read_unsealed_from(entity)
    }

    fn polls(&mut self, entity: Entity, from: UnixMs, to: UnixMs, limit: usize) -> Result<Vec<Poll>, StoreError> {
        self.read_polls(entity, from, to, limit)
    }

    fn latest(&mut self, entity: Entity, metrics: &[MetricId], points: usize) -> Result<Vec<Latest>, StoreError> {
        self.read_latest(entity, metrics, points)
    }

    fn last_poll(&mut self, entity: Entity) -> Result<Option<Poll>, StoreError> {
        self.read_last_poll(entity)
    }

    fn poll_ends(&mut self, of: &HashMap<DomainUuid, Option<(AgentId, UnixMs)>>) -> Result<Vec<PollEnd>, StoreError> {
        self.read_poll_ends(of)
    }

    fn unsealed(&mut self) -> Result<Vec<Entity>, StoreError> {
        self.read_unsealed()
    }

    fn gaps(&mut self, agent: AgentId, from: UnixMs, to: UnixMs) -> Result<Vec<(UnixMs, UnixMs)>, StoreError> {
        let mut statement = self.journal.prepare_cached(
            "SELECT from_ms, to_ms FROM gaps WHERE agent = ? AND from_ms < ? AND to_ms > ? ORDER BY from_ms",
        )?;
        let gaps =
            statement.query_map((agent.to_bytes(), to.0, from.0), |row| Ok((sql::at(row, 0)?, sql::at(row, 1)?)))?;
        Ok(gaps.collect::<Result<_, rusqlite::Error>>()?)
    }

    fn figures(&mut self) -> Result<Figures, StoreError> {
        self.read_figures()
    }

    fn forget(&mut self, level: Level, before: UnixMs) -> Result<u64, StoreError> {
        self.forget_days(level, before)
    }

    fn check(&mut self) -> Result<Vec<Damage>, StoreError> {
        self.check_all()
    }

    fn copy_journal(&mut self, to: &Path) -> Result<(), StoreError> {
        Ok(super::backup::copy_database(&self.journal, to)?)
    }

    fn copy_days(&mut self, to: &Path) -> Result<Vec<Copied>, StoreError> {
        self.copy_all_days(to)
    }

    #[cfg(test)]
    fn limit_pages(&mut self, more: Option<u32>) -> Result<(), StoreError> {
        let pages: u32 = self.journal.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        let limit = more.map_or(1_000_000, |more| pages + more);
        Ok(self.journal.query_row(&format!("PRAGMA max_page_count = {limit}"), [], |_| Ok(()))?)
    }

    #[cfg(test)]
    fn seal_and_die(&mut self, due: Due) -> Result<(), StoreError> {
        self.seal_without_forgetting(due)
    }

    #[cfg(test)]
    fn damage(&mut self, pick: usize) -> Result<Option<(Entity, Option<AgentId>, UnixMs)>, StoreError> {
        self.damage_chunk(pick)
    }
}
