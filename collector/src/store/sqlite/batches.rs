//! Batches of the journal: one row each, found by host and time, and from an entity by its *sources*: which hosts said
//! something of it in an hour, and up to which row that is sealed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use evenkeel_common::id::AgentId;
use evenkeel_common::time::{DurationMs, UnixMs};
use rusqlite::{Connection, OptionalExtension};

use super::super::chunk::{BatchReader, ChunkError, ChunkName, EntryBody};
use super::super::{Entity, StoreError};
use super::SqliteEngine;
use super::append::row_name;
use super::days::HOUR;
use super::layouts::Layouts;
use super::window::{JournalRow, hour_of};

/// Bytes of batches that are decoded at once when a host's hour is sealed: a large host takes several rounds.
const ROUND_BYTES: usize = 16 << 20;

/// Bytes of batches that are kept for the next question: series of one host are mostly asked for together. Full: all go.
const KEPT_BYTES: usize = 64 << 20;

/// Batches that were read lately. A row never changes, and no number comes twice.
#[derive(Debug, Default)]
pub(super) struct Kept {
    readers: HashMap<i64, Arc<BatchReader<'static>>>,
    bytes: usize,
}

impl Kept {
    fn get(&self, id: i64) -> Option<Arc<BatchReader<'static>>> {
        self.readers.get(&id).map(Arc::clone)
    }

    fn put(&mut self, id: i64, reader: BatchReader<'static>) -> Arc<BatchReader<'static>> {
        if self.bytes > KEPT_BYTES {
            *self = Self::default();
        }
        self.bytes += reader.size();
        let reader = Arc::new(reader);
        self.readers.insert(id, Arc::clone(&reader));
        reader
    }
}

/// Which host said something of an entity in an hour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub(super) hour: UnixMs,
    pub(super) agent: AgentId,
    /// Rows up to this one are sealed.
    pub(super) done: i64,
}

/// The batches of a host in an hour.
#[derive(Debug, Default)]
pub(super) struct HostHour {
    /// Numbers of the rows.
    pub(super) ids: Vec<i64>,
    /// Rows that cannot be read, and why.
    pub(super) damaged: Vec<(i64, UnixMs, ChunkError)>,
    /// Entities that wait, with what is sealed of them and the bytes that wait.
    pub(super) waiting: BTreeMap<i64, (i64, usize)>,
    /// All its entities.
    pub(super) entities: Vec<i64>,
}

/// The name under which a batch is checked.
pub(super) fn batch_name(agent: AgentId, at: UnixMs) -> ChunkName {
    row_name((Entity::from(agent), None), at)
}

impl SqliteEngine {
    /// The sources of an entity whose hours touch `from <= at < to`, oldest first.
    pub(super) fn sources(&self, entity: i64, from: UnixMs, to: UnixMs) -> Result<Vec<Source>, StoreError> {
        let sql = "SELECT hour, agent, done FROM sources WHERE entity = ? AND hour >= ? AND hour < ? ORDER BY hour";
        let mut statement = self.journal.prepare_cached(sql)?;
        let found = statement.query_map((entity, hour_of(from).0, to.0), |row| {
            Ok(Source { hour: UnixMs(row.get(0)?), agent: AgentId::from_bytes(row.get(1)?), done: row.get(2)? })
        })?;
        Ok(found.collect::<Result<_, rusqlite::Error>>()?)
    }

    /// Times of the batches in which something of an entity may be, newest first, at most `limit`.
    pub(super) fn batch_times(&self, entity: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
        let mut times = Vec::new();
        let mut hour = UnixMs(i64::MAX);
        for source in self.sources(entity, UnixMs(i64::MIN), UnixMs(i64::MAX))?.into_iter().rev() {
            if times.len() >= limit && source.hour < hour {
                break;
            }
            hour = source.hour;
            let sql = "SELECT at FROM batches WHERE agent = ? AND at >= ? AND at < ? ORDER BY at DESC LIMIT ?";
            let range = (source.agent.to_bytes(), hour.0, hour.plus(HOUR).0, i64::try_from(limit).unwrap_or(i64::MAX));
            let mut statement = self.journal.prepare_cached(sql)?;
            for at in statement.query_map(range, |row| row.get(0))? {
                times.push(at?);
            }
        }
        times.sort_unstable_by(|a: &i64, b| b.cmp(a));
        times.dedup();
        times.truncate(limit);
        Ok(times)
    }

    /// Rows of an entity in `from <= at < to` that are in batches and not sealed. Batches that cannot be read are left out;
    /// they are put aside when their host's hour is sealed.
    pub(super) fn batch_rows(&mut self, entity: i64, from: UnixMs, to: UnixMs) -> Result<Vec<JournalRow>, StoreError> {
        let mut rows = Vec::new();
        for source in self.sources(entity, from, to)? {
            let (first, end) = (from.max(source.hour), to.min(source.hour.plus(HOUR)));
            let sql = "SELECT id, at FROM batches WHERE agent = ? AND at >= ? AND at < ? AND id > ?";
            let mut statement = self.journal.prepare_cached(sql)?;
            let mut found = statement.query((source.agent.to_bytes(), first.0, end.0, source.done))?;
            while let Some(row) = found.next()? {
                let (id, at) = (row.get(0)?, UnixMs(row.get(1)?));
                let reader = match self.kept.get(id) {
                    Some(reader) => reader,
                    // It went meanwhile: it is in a chunk, which is read later.
                    None => match read(&self.journal, source.agent, id, at)? {
                        Some(reader) => self.kept.put(id, reader),
                        None => continue,
                    },
                };
                let only = |wanted| wanted == entity;
                take(&self.journal, &mut self.layouts, &reader, (id, at), only, |_, row| rows.push(row))?;
            }
        }
        Ok(rows)
    }

    /// What a host's hour holds, of rows before `until`.
    pub(super) fn host_hour(&self, agent: AgentId, hour: UnixMs, until: i64) -> Result<HostHour, StoreError> {
        let mut found = HostHour::default();
        let mut newest: BTreeMap<i64, (i64, usize)> = BTreeMap::new();
        let mut statement =
            self.journal.prepare_cached("SELECT id, at, body FROM batches WHERE agent = ? AND at >= ? AND at < ?")?;
        let mut rows = statement.query((agent.to_bytes(), hour.0, hour.plus(HOUR).0))?;
        while let Some(row) = rows.next()? {
            let (id, at): (i64, i64) = (row.get(0)?, row.get(1)?);
            if id >= until {
                continue;
            }
            let body = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            found.ids.push(id);
            match BatchReader::open(&batch_name(agent, UnixMs(at)), body) {
                Ok(reader) => {
                    for part in &reader.parts {
                        let known = newest.entry(part.entity).or_insert((id, 0));
                        *known = (known.0.max(id), known.1 + part.bytes());
                    }
                }
                Err(error) => found.damaged.push((id, UnixMs(at), error)),
            }
        }
        let mut done =
            self.journal.prepare_cached("SELECT done FROM sources WHERE entity = ? AND hour = ? AND agent = ?")?;
        for (entity, (newest, bytes)) in newest {
            let done: Option<i64> = done.query_row((entity, hour.0, agent.to_bytes()), |row| row.get(0)).optional()?;
            let done = done.unwrap_or(0);
            if done < newest {
                found.waiting.insert(entity, (done, bytes));
            }
            found.entities.push(entity);
        }
        Ok(found)
    }

    /// Rows before `until` of some entities of a host's hour, which is read once for all of them. With each entity the row
    /// up to which it is sealed.
    pub(super) fn rows_of_host(
        &mut self,
        agent: AgentId,
        hour: UnixMs,
        until: i64,
        wanted: &HashMap<i64, i64>,
    ) -> Result<HashMap<i64, Vec<JournalRow>>, StoreError> {
        let mut rows: HashMap<i64, Vec<JournalRow>> = HashMap::with_capacity(wanted.len());
        let sql = "SELECT id, at, body FROM batches WHERE agent = ? AND at >= ? AND at < ?";
        let mut statement = self.journal.prepare_cached(sql)?;
        let mut found = statement.query((agent.to_bytes(), hour.0, hour.plus(HOUR).0))?;
        while let Some(row) = found.next()? {
            let (id, at): (i64, i64) = (row.get(0)?, row.get(1)?);
            let body = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            // Damaged ones were found a moment ago, and one that came since has its turn with the next look.
            let Ok(reader) = BatchReader::open_checked(&batch_name(agent, UnixMs(at)), body) else { continue };
            let is_wanted = |entity| wanted.get(&entity).is_some_and(|done| *done < id && id < until);
            take(&self.journal, &mut self.layouts, &reader, (id, UnixMs(at)), is_wanted, |entity, row| {
                rows.entry(entity).or_default().push(row);
            })?;
        }
        Ok(rows)
    }
}

impl HostHour {
    /// What is sealed in one round: at most `limit` entities; and whether that is all that waits.
    pub(super) fn round(&self, limit: usize) -> (Vec<(i64, i64)>, bool) {
        let (mut round, mut bytes) = (Vec::new(), 0);
        for (entity, (done, size)) in &self.waiting {
            if round.len() >= limit || (bytes > 0 && bytes + size > ROUND_BYTES) {
                break;
            }
            bytes += size;
            round.push((*entity, *done));
        }
        let whole = round.len() == self.waiting.len();
        (round, whole)
    }

    /// Removes the rows of a host's hour of which every entity is sealed, and puts damaged ones aside.
    pub(super) fn forget(&self, db: &Connection, agent: AgentId, hour: UnixMs) -> Result<(), rusqlite::Error> {
        for (id, at, error) in &self.damaged {
            tracing::error!(%agent, %at, %error, "a batch of the journal is damaged and was put aside");
            db.prepare_cached(
                "INSERT INTO quarantine (entity, at, why, body) SELECT 0, at, ?, body FROM batches WHERE id = ?",
            )?
            .execute((error.to_string(), id))?;
        }
        for id in &self.ids {
            db.prepare_cached("DELETE FROM batches WHERE id = ?")?.execute([id])?;
        }
        // A batch that came meanwhile keeps them.
        let range = (agent.to_bytes(), hour.0, hour.plus(HOUR).0);
        let more: bool = db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM batches WHERE agent = ? AND at >= ? AND at < ?)")?
            .query_row(range, |row| row.get(0))?;
        if more {
            return Ok(());
        }
        // The one that appends takes no source for known in an hour where some are gone.
        db.prepare_cached("UPDATE totals SET sources_gone = max(sources_gone, ?)")?.execute([hour.0])?;
        let mut remove = db.prepare_cached("DELETE FROM sources WHERE entity = ? AND hour = ? AND agent = ?")?;
        for entity in &self.entities {
            remove.execute((entity, hour.0, agent.to_bytes()))?;
        }
        Ok(())
    }
}

impl SqliteEngine {
    /// What is wrong with batches that wait to be sealed.
    pub(super) fn check_batches(&mut self) -> Result<Vec<String>, StoreError> {
        let mut known = self.journal.prepare("SELECT id FROM entities")?;
        let known: HashSet<i64> = known.query_map([], |row| row.get(0))?.collect::<Result<_, rusqlite::Error>>()?;
        let (mut found, mut nobody) = (Vec::new(), BTreeSet::new());
        let mut statement = self.journal.prepare("SELECT agent, at, body FROM batches")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (agent, at) = (AgentId::from_bytes(row.get(0)?), UnixMs(row.get(1)?));
            let body = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            match BatchReader::open(&batch_name(agent, at), body) {
                Ok(reader) => {
                    nobody.extend(reader.parts.iter().map(|part| part.entity).filter(|id| !known.contains(id)))
                }
                Err(error) => found.push(format!("the batch of {at} of host {agent}: {error}")),
            }
        }
        found.extend(nobody.into_iter().map(|id| format!("rows of {id}, which is nobody")));
        Ok(found)
    }
}

/// A batch, unless it is gone or damaged.
fn read(db: &Connection, agent: AgentId, id: i64, at: UnixMs) -> Result<Option<BatchReader<'static>>, rusqlite::Error> {
    let mut statement = db.prepare_cached("SELECT body FROM batches WHERE id = ?")?;
    let mut found = statement.query([id])?;
    let Some(row) = found.next()? else { return Ok(None) };
    match BatchReader::open(&batch_name(agent, at), row.get_ref(0)?.as_blob()?) {
        Ok(reader) => Ok(Some(reader.into_owned())),
        Err(error) => {
            tracing::error!(%error, id, "a batch of the journal is damaged");
            Ok(None)
        }
    }
}

/// The rows of a batch's entities that are wanted.
fn take(
    db: &Connection,
    layouts: &mut Layouts,
    reader: &BatchReader<'_>,
    (id, at): (i64, UnixMs),
    wanted: impl Fn(i64) -> bool,
    mut row: impl FnMut(i64, JournalRow),
) -> Result<(), StoreError> {
    for (place, part) in (0_u32..).zip(&reader.parts) {
        if !wanted(part.entity) {
            continue;
        }
        let keys = layouts.get(db, part.layout)?;
        let (poll, values) = reader.part(part).map_err(StoreError::Damaged)?;
        if values.len() != keys.len() {
            return Err(StoreError::Damaged(ChunkError::Content("a batch does not fit its layouts")));
        }
        let body = EntryBody::Tick { poll, values };
        row(part.entity, JournalRow { id, place: Some(place), at, layout: part.layout, keys, body });
    }
    Ok(())
}

/// The time up to which something of an entity may wait.
pub(super) fn last_hour(db: &Connection, entity: i64) -> Result<Option<UnixMs>, rusqlite::Error> {
    let hour: Option<i64> =
        db.prepare_cached("SELECT max(hour) FROM sources WHERE entity = ?")?.query_row([entity], |row| row.get(0))?;
    Ok(hour.map(|hour| UnixMs(hour).plus(HOUR).minus(DurationMs(1))))
}
