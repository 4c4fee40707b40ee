//! What an engine for readings can do. Everything above it is the same whatever holds the chunks.
//!
//! An engine is used by one thread. The store opens several on the same data: one that appends, one that seals, one that
//! reads. The conformance suite (`engine/conformance.rs`) holds every engine against a model in memory.

#[cfg(test)]
pub(super) mod conformance;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::metric::MetricId;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::chunk::Tick;
use super::{BatchRows, Entity, ImportHour, Imported, Latest, Poll, PollEnd, SeriesRow, Slices, StoreError};
use crate::series::rollup::{Bucket, LONG, SHORT};

/// How finely readings are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every reading.
    Raw,
    /// Buckets of five minutes.
    Short,
    /// Buckets of an hour.
    Long,
}

impl Level {
    /// All levels.
    pub const ALL: [Self; 3] = [Self::Raw, Self::Short, Self::Long];

    /// Length of a bucket; none of readings.
    #[must_use]
    pub fn step(self) -> Option<DurationMs> {
        match self {
            Self::Raw => None,
            Self::Short => Some(SHORT),
            Self::Long => Some(LONG),
        }
    }
}

/// Which hours are to be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Those that are over at this time, each entity at its own place within the hour that follows.
    Spread(UnixMs),
    /// All that begin before this time, at once.
    Before(UnixMs),
}

/// What sealing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Hours of entities.
    pub chunks: u64,
    /// Readings in them.
    pub readings: u64,
    /// There may be more to seal.
    pub more: bool,
}

/// What is stored, for `store status`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Readings that wait in the journal.
    pub journal_samples: u64,
    /// Rows of the journal: a batch each.
    pub journal_rows: u64,
    /// Bytes of the journal with its write-ahead log.
    pub journal_bytes: u64,
    /// Readings in chunks.
    pub sealed_samples: u64,
    /// Bytes of each level's files.
    pub level_bytes: [u64; 3],
    /// Series that were read in the last two hours of data.
    pub series_active: u64,
    /// Series that are known.
    pub series_total: u64,
    /// Chunks, rows and files that were damaged and put aside.
    pub quarantined: u64,
    /// The oldest day that has readings.
    pub oldest: Option<UnixMs>,
    /// The newest reading in the journal, or the end of the newest sealed hour.
    pub newest: Option<UnixMs>,
}

/// One finding of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// In which file.
    pub file: PathBuf,
    /// What is wrong.
    pub what: String,
}

/// A file that was copied into a backup, or was there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its name in both directories.
    pub name: String,
    /// Whether it had to be copied.
    pub is_new: bool,
}

/// Which buckets are asked for: those that begin in `from <= start < to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BucketRange {
    /// How fine; readings have none.
    pub level: Level,
    /// From when.
    pub from: UnixMs,
    /// Until when, exclusive.
    pub to: UnixMs,
    /// With their sketches, which take longer to read than everything else.
    pub sketches: bool,
}

/// Rollups of one series, with what held for its entity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Buckets {
    /// By begin.
    pub buckets: Vec<(UnixMs, Bucket)>,
    /// By begin; also where the series has no bucket.
    pub ticks: Arc<Vec<(UnixMs, Tick)>>,
}

/// Rollups of several series of one entity, with what held for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollups {
    /// Each series' by begin, in the order in which they were asked for.
    pub series: Vec<Vec<(UnixMs, Bucket)>>,
    /// By begin.
    pub ticks: Arc<Vec<(UnixMs, Tick)>>,
}

/// See the module. An error means that nothing changed.
pub trait Engine: Send {
    /// The highest number of an agent's run that is on disk; 0 when none is.
    fn last_seq(&mut self, agent: AgentId, epoch: u64) -> Result<u64, StoreError>;

    /// Writes batches, all of them or none. What is there already stays as it is.
    fn append(&mut self, batches: &[BatchRows]) -> Result<(), StoreError>;

    /// Adds readings that are not there yet, all of them or none, whether their hour is sealed or not; answers for each
    /// hour and reading. Readings of an [`ImportHour`] are of one hour.
    fn import(&mut self, hours: &[ImportHour]) -> Result<Vec<Vec<Imported>>, StoreError>;

    /// Seals at most `limit` hours of entities. Doing it again changes nothing, wherever it was interrupted.
    fn seal(&mut self, due: Due, limit: usize) -> Result<Sealed, StoreError>;

    /// Puts the rollups of days before `before` together, at most `limit` entities; answers with whether there is more.
    fn compact(&mut self, before: UnixMs, limit: usize) -> Result<bool, StoreError>;

    /// The series of an entity, of the given metrics or, when none is given, of all, by metric and device; side series of
    /// conflicts behind its own.
    fn series(&mut self, entity: Entity, metrics: &[MetricId]) -> Result<Vec<SeriesRow>, StoreError>;

    /// One slice of the readings in `from <= at < to` of some series, which have one entity and placement.
    fn samples(&mut self, series: &[SeriesRow], from: UnixMs, to: UnixMs) -> Result<Slices, StoreError>;

    /// The rollups of each series. Those of one entity are best given one after the other.
    fn buckets(&mut self, series: &[SeriesRow], range: BucketRange) -> Result<Vec<Buckets>, StoreError>;

    /// The begin of the first hour of an entity that is not sealed; none when all are.
    fn unsealed_from(&mut self, entity: Entity) -> Result<Option<UnixMs>, StoreError>;

    /// Polls of an entity in `from <= at < to`, oldest first, at most `limit`.
    fn polls(&mut self, entity: Entity, from: UnixMs, to: UnixMs, limit: usize) -> Result<Vec<Poll>, StoreError>;

    /// The newest `points` of each series of an entity, of the given metrics or, when none is given, of all.
    fn latest(&mut self, entity: Entity, metrics: &[MetricId], points: usize) -> Result<Vec<Latest>, StoreError>;

    /// The newest poll of an entity.
    fn last_poll(&mut self, entity: Entity) -> Result<Option<Poll>, StoreError>;

    /// How the polls of these VMs end, with where and since when each was known to run; those never polled are left out.
    fn poll_ends(&mut self, of: &HashMap<DomainUuid, Option<(AgentId, UnixMs)>>) -> Result<Vec<PollEnd>, StoreError>;

    /// Entities of which something waits to be sealed.
    fn unsealed(&mut self) -> Result<Vec<Entity>, StoreError>;

    /// Times in which an agent had to drop readings, that touch `from <= at < to`.
    fn gaps(&mut self, agent: AgentId, from: UnixMs, to: UnixMs) -> Result<Vec<(UnixMs, UnixMs)>, StoreError>;

    /// What is stored.
    fn figures(&mut self) -> Result<Figures, StoreError>;

    /// Removes whole days of a level that end at or before `before`; answers with how many.
    fn forget(&mut self, level: Level, before: UnixMs) -> Result<u64, StoreError>;

    /// Reads everything and says what is damaged.
    fn check(&mut self) -> Result<Vec<Damage>, StoreError>;

    /// Copies the journal to a file.
    fn copy_journal(&mut self, to: &Path) -> Result<(), StoreError>;

    /// Copies the chunks into a directory; what is there already and did not change stays.
    fn copy_days(&mut self, to: &Path) -> Result<Vec<Copied>, StoreError>;

    /// Makes the journal as full as it is plus `more` pages; `None` lifts the limit.
    #[cfg(test)]
    fn limit_pages(&mut self, more: Option<u32>) -> Result<(), StoreError>;

    /// Seals as [`Engine::seal`] does, and stops where a crash hurts most: everything is written, nothing is removed.
    #[cfg(test)]
    fn seal_and_die(&mut self, due: Due) -> Result<(), StoreError>;

    /// Flips a bit of a chunk that `pick` chooses; answers with whose it was and when it begins.
    #[cfg(test)]
    fn damage(&mut self, pick: usize) -> Result<Option<(Entity, Option<AgentId>, UnixMs)>, StoreError>;
}
