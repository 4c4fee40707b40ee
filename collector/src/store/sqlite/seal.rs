//! The journal becomes chunks and rollups, a host and hour at a time: its batches are read once for all its entities.
//!
//! WAL mode has no commit across files, so the order is: rollups, chunk, and only then the journal's rows go. A crash in
//! between leaves rows that are in the chunk already; sealing them again merges them and changes nothing.

use std::collections::{BTreeMap, HashMap};

use evenkeel_common::id::AgentId;
use evenkeel_common::time::{DurationMs, UnixMs};
use rusqlite::{Connection, OptionalExtension};

use super::super::chunk::{ChunkName, Hour, HourBuilder, Rollup, decode, decode_rollup, encode, encode_rollup, rolled};
use super::super::engine::{Due, Level, Sealed};
use super::super::{Entity, StoreError, sql};
use super::SqliteEngine;
use super::append::row_name;
use super::batches::HostHour;
use super::days::{Day, HOUR};
use super::layouts::{Placed, placement_bytes};
use super::window::{JournalRow, JournalRows, Wanted, add_rows, hour_of};

/// Late batches of an agent that was just connected again mostly come within this time after an hour.
const GRACE: DurationMs = DurationMs::from_s(300);
/// Over which time the sealing of an hour is spread.
const SPREAD: DurationMs = DurationMs::from_s(3_000);

/// Hours in a rollup of an hour, and in that of a closed day: the column `readings` of a rollup's row.
pub(super) const ONE_HOUR: i64 = 1;
/// See [`ONE_HOUR`].
pub(super) const WHOLE_DAY: i64 = 24;

/// An hour of an entity that waits.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    entity: i64,
    placed: Placed,
    start: UnixMs,
}

/// What became of it.
#[derive(Debug)]
struct Ready {
    waiting: Waiting,
    hour: Hour,
    rows: JournalRows,
}

impl SqliteEngine {
    pub(super) fn seal_due(&mut self, due: Due, limit: usize) -> Result<Sealed, StoreError> {
        // Several reads are not one moment: what comes meanwhile waits for the next time, so that nothing in between is
        // taken for sealed.
        let until: i64 = self.journal.query_row("SELECT next_id FROM totals", [], |row| row.get(0))?;
        let waiting = self.waiting(due, limit)?;
        // An entity may have further hours behind the first one.
        let mut sealed = Sealed { more: !waiting.is_empty(), ..Sealed::default() };
        self.seal_entries(waiting, until, &mut sealed)?;
        self.seal_hosts(due, limit, until, &mut sealed)?;
        Ok(sealed)
    }

    /// Hours in which something waits outside of the batches.
    fn seal_entries(&mut self, waiting: Vec<Waiting>, until: i64, sealed: &mut Sealed) -> Result<(), StoreError> {
        let mut days: BTreeMap<Day, Vec<Waiting>> = BTreeMap::new();
        for one in waiting {
            days.entry(Day::of(one.start)).or_default().push(one);
        }
        for (day, waiting) in days {
            let mut ready = Vec::with_capacity(waiting.len());
            for one in waiting {
                ready.push(self.prepare(day, one, until)?);
            }
            self.write_chunks(day, &ready)?;
            self.forget_rows(&ready, None)?;
            count(sealed, &ready);
        }
        Ok(())
    }

    /// Hours of hosts, until `limit` entities are done.
    fn seal_hosts(&mut self, due: Due, limit: usize, until: i64, sealed: &mut Sealed) -> Result<(), StoreError> {
        let mut after = Vec::new();
        let mut left = limit.saturating_sub(usize::try_from(sealed.chunks).unwrap_or(usize::MAX));
        while left > 0 {
            let next: Option<([u8; 16], i64)> = self
                .journal
                .prepare_cached("SELECT agent, at FROM batches WHERE agent > ? ORDER BY agent, at LIMIT 1")?
                .query_row([&after], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((agent, at)) = next else { break };
            after = agent.to_vec();
            let agent = AgentId::from_bytes(agent);
            let start = hour_of(UnixMs(at));
            if is_due(due, start, i64::from_le_bytes(std::array::from_fn(|index| after[index + 8]))) {
                let done = self.seal_host((agent, start), left, until, sealed)?;
                left = left.saturating_sub(done.max(1));
                sealed.more = true;
            }
        }
        Ok(())
    }

    /// At most `limit` entities of a host's hour; when these are all, its batches go. Answers with how many there were.
    fn seal_host(
        &mut self,
        (agent, start): (AgentId, UnixMs),
        limit: usize,
        until: i64,
        sealed: &mut Sealed,
    ) -> Result<usize, StoreError> {
        let host = self.host_hour(agent, start, until)?;
        let (round, is_whole) = host.round(limit);
        // What others said of an entity, or what was taken back, is looked up for it alone.
        let mut alone = HashMap::new();
        for (entity, done) in &round {
            let has_others: bool = self
                .journal
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM sources WHERE entity = ?1 AND hour = ?2) > 1
                         OR EXISTS (SELECT 1 FROM entries WHERE entity = ?1 AND at >= ?2 AND at < ?3)",
                )?
                .query_row((entity, start.0, start.plus(HOUR).0), |row| row.get(0))?;
            if !has_others {
                alone.insert(*entity, *done);
            }
        }
        let mut rows = self.rows_of_host(agent, start, until, &alone)?;
        let day = Day::of(start);
        let mut ready = Vec::with_capacity(round.len());
        for (entity, _) in &round {
            let placed = self.placed(*entity)?;
            let waiting = Waiting { entity: *entity, placed, start };
            ready.push(match rows.remove(entity).filter(|_| alone.contains_key(entity)) {
                Some(mut rows) => {
                    rows.sort_unstable_by_key(|row| (row.id, row.place));
                    self.build(day, waiting, JournalRows { rows, damaged: Vec::new() })?
                }
                None => self.prepare(day, waiting, until)?,
            });
        }
        self.write_chunks(day, &ready)?;
        self.forget_rows(&ready, is_whole.then_some((&host, agent, start)))?;
        count(sealed, &ready);
        Ok(ready.len())
    }

    fn placed(&self, entity: i64) -> Result<Placed, StoreError> {
        let mut name = self.journal.prepare_cached("SELECT entity, placement FROM entities WHERE id = ?")?;
        Ok(name.query_row([entity], |row| {
            let placement = <[u8; 16]>::try_from(row.get_ref(1)?.as_blob()?);
            Ok((Entity(row.get(0)?), placement.ok().map(AgentId::from_bytes)))
        })?)
    }

    /// The first waiting hour of each entity, if it is due.
    fn waiting(&self, due: Due, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        let mut next = self
            .journal
            .prepare_cached("SELECT entity, at FROM entries WHERE entity > ? ORDER BY entity, at LIMIT 1")?;
        let mut found = Vec::new();
        let mut after = i64::MIN;
        while found.len() < limit {
            let Some((entity, at)) =
                next.query_row([after], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).optional()?
            else {
                break;
            };
            after = entity;
            let start = hour_of(UnixMs(at));
            if is_due(due, start, entity) {
                found.push(Waiting { entity, placed: self.placed(entity)?, start });
            }
        }
        Ok(found)
    }

    /// What is sealed and what waits, put together.
    fn prepare(&mut self, day: Day, waiting: Waiting, until: i64) -> Result<Ready, StoreError> {
        let Waiting { entity, placed, start } = waiting;
        let mut rows = self.journal_rows(placed, entity, start, start.plus(HOUR))?;
        rows.rows.retain(|row| row.id < until);
        self.build(day, waiting, rows)
    }

    fn build(&mut self, day: Day, waiting: Waiting, rows: JournalRows) -> Result<Ready, StoreError> {
        let Waiting { placed, start, .. } = waiting;
        let name = row_name(placed, start);
        let before = self.days.read(Level::Raw, day, |db| body(db, &name, placed))?.flatten();
        let mut builder = HourBuilder::default();
        if let Some(body) = before {
            match decode(&name, &body) {
                Ok(hour) => builder.add_hour(hour),
                Err(error) => {
                    self.note_damage(&name, &error);
                    self.days.write(Level::Raw, day, |db| quarantine(db, placed, start, &error.to_string()))?;
                }
            }
        }
        add_rows(&mut builder, &rows.rows, Wanted::All);
        Ok(Ready { waiting, hour: builder.finish(), rows })
    }

    /// Writes one hour that comes from elsewhere than the journal's rows.
    pub(super) fn write_hour(
        &mut self,
        day: Day,
        placed: Placed,
        start: UnixMs,
        hour: &Hour,
        long: Rollup,
        short: Rollup,
    ) -> Result<(), StoreError> {
        self.days.write(Level::Long, day, |db| put_rollup(db, day, placed, start, long.clone()))?;
        self.days.write(Level::Short, day, |db| put_rollup(db, day, placed, start, short.clone()))?;
        self.days.write(Level::Raw, day, |db| put_chunk(db, &row_name(placed, start), placed, hour))
    }

    fn write_chunks(&mut self, day: Day, ready: &[Ready]) -> Result<(), StoreError> {
        for level in [Level::Long, Level::Short] {
            let Some(step) = level.step() else { continue };
            self.days.write(level, day, |db| {
                for Ready { waiting, hour, .. } in ready {
                    put_rollup(db, day, waiting.placed, waiting.start, rolled(hour, step, level == Level::Long))?;
                }
                Ok(())
            })?;
        }
        self.days.write(Level::Raw, day, |db| {
            for Ready { waiting, hour, .. } in ready {
                put_chunk(db, &row_name(waiting.placed, waiting.start), waiting.placed, hour)?;
            }
            Ok(())
        })
    }

    /// The rows of the journal that were read go, with them what is remembered of their entity.
    /// What is sealed of batches is noted; the batches go with the whole host's hour.
    fn forget_rows(&mut self, ready: &[Ready], whole: Option<(&HostHour, AgentId, UnixMs)>) -> Result<(), StoreError> {
        let transaction = self.journal.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut samples = 0;
        for Ready { waiting, rows, hour } in ready {
            for (id, at, error) in &rows.damaged {
                tracing::error!(entity = ?waiting.placed.0, %at, %error, "a row of the journal is damaged and was put aside");
                transaction
                    .prepare_cached(
                        "INSERT INTO quarantine (entity, at, why, body) SELECT entity, at, ?, body FROM entries WHERE id = ?",
                    )?
                    .execute((error.to_string(), id))?;
                delete(&transaction, *id)?;
            }
            let mut done = None;
            for row in &rows.rows {
                if row.place.is_some() {
                    samples += row.keys.len();
                    done = done.max(Some(row.id));
                } else {
                    samples += delete(&transaction, row.id)? * row.keys.len();
                }
            }
            if let Some(done) = done {
                transaction
                    .prepare_cached("UPDATE sources SET done = max(done, ?) WHERE entity = ? AND hour = ?")?
                    .execute((done, waiting.entity, waiting.start.0))?;
            }
            note_layouts(&transaction, waiting.entity, &rows.rows)?;
            super::ends::note_polls(&transaction, waiting.entity, hour)?;
        }
        if let Some((host, agent, hour)) = whole {
            host.forget(&transaction, agent, hour)?;
        }
        sql::add_samples(&transaction, -i64::try_from(samples).unwrap_or(i64::MAX))?;
        transaction.commit()?;
        Ok(())
    }
}

fn count(sealed: &mut Sealed, ready: &[Ready]) {
    sealed.chunks += u64::try_from(ready.len()).unwrap_or(u64::MAX);
    sealed.readings += ready.iter().map(|ready| ready.hour.readings()).sum::<u64>();
}

/// Whether an hour's time to be sealed has come; `number` is the entity's, or one of the host's.
fn is_due(due: Due, start: UnixMs, number: i64) -> bool {
    match due {
        Due::Before(before) => start < before,
        Due::Spread(now) => start.plus(HOUR).plus(GRACE).plus(place_in_hour(number)) <= now,
    }
}

/// Where in the time after an hour an entity's or a host's turn is.
fn place_in_hour(entity: i64) -> DurationMs {
    // Fibonacci hashing: numbers that follow each other come far apart.
    let hash = entity.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let place = hash % SPREAD.0.unsigned_abs();
    DurationMs(place.cast_signed())
}

fn body(db: &Connection, name: &ChunkName, placed: Placed) -> Result<Option<Vec<u8>>, rusqlite::Error> {
    db.prepare_cached("SELECT body FROM chunks WHERE entity = ? AND start = ? AND placement = ?")?
        .query_row((placed.0.0, name.start, placement_bytes(placed.1)), |row| row.get(0))
        .optional()
}

/// Puts a damaged chunk aside.
pub(super) fn quarantine(db: &Connection, placed: Placed, start: UnixMs, why: &str) -> Result<(), rusqlite::Error> {
    let name = (placed.0.0, start.0, placement_bytes(placed.1));
    db.prepare_cached(
        "INSERT INTO quarantine (entity, placement, start, why, body)
         SELECT entity, placement, start, ?4, body FROM chunks WHERE entity = ?1 AND start = ?2 AND placement = ?3",
    )?
    .execute((name.0, name.1, &name.2, why))?;
    remove(db, placed, start)
}

/// Removes a chunk and its readings from the total.
fn remove(db: &Connection, placed: Placed, start: UnixMs) -> Result<(), rusqlite::Error> {
    let before: Option<i64> = db
        .prepare_cached("DELETE FROM chunks WHERE entity = ? AND start = ? AND placement = ? RETURNING readings")?
        .query_row((placed.0.0, start.0, placement_bytes(placed.1)), |row| row.get(0))
        .optional()?;
    add_readings(db, -before.unwrap_or(0))
}

fn add_readings(db: &Connection, readings: i64) -> Result<(), rusqlite::Error> {
    db.prepare_cached("UPDATE totals SET readings = readings + ?")?.execute([readings]).map(drop)
}

fn put_chunk(db: &Connection, name: &ChunkName, placed: Placed, hour: &Hour) -> Result<(), rusqlite::Error> {
    remove(db, placed, UnixMs(name.start))?;
    if hour.times.is_empty() {
        return Ok(());
    }
    let readings = i64::try_from(hour.readings()).unwrap_or(i64::MAX);
    insert(db, placed, UnixMs(name.start), readings, &encode(name, hour))?;
    add_readings(db, readings)
}

pub(super) fn insert(
    db: &Connection,
    placed: Placed,
    start: UnixMs,
    readings: i64,
    body: &[u8],
) -> Result<(), rusqlite::Error> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO chunks (entity, placement, start, readings, body) VALUES (?, ?, ?, ?, ?)",
    )?
    .execute((placed.0.0, placement_bytes(placed.1), start.0, readings, body))
    .map(drop)
}

/// An hour's rollups, beside those of other hours or into those of the whole day when these were put together already.
fn put_rollup(db: &Connection, day: Day, placed: Placed, start: UnixMs, rollup: Rollup) -> Result<(), rusqlite::Error> {
    let whole: Option<Vec<u8>> = db
        .prepare_cached("SELECT body FROM chunks WHERE entity = ? AND start = ? AND placement = ? AND readings = ?")?
        .query_row((placed.0.0, day.start().0, placement_bytes(placed.1), WHOLE_DAY), |row| row.get(0))
        .optional()?;
    let day_name = row_name(placed, day.start());
    // A damaged whole is begun anew from this hour; the others can be made again from their readings.
    if let Some(Ok(mut known)) = whole.map(|body| decode_rollup(&day_name, &body)) {
        known.drop_hour(start, start.plus(HOUR));
        known.replace_with(rollup);
        return insert(db, placed, day.start(), WHOLE_DAY, &encode_rollup(&day_name, &known));
    }
    if rollup.ticks.is_empty() {
        return db
            .prepare_cached("DELETE FROM chunks WHERE entity = ? AND start = ? AND placement = ?")?
            .execute((placed.0.0, start.0, placement_bytes(placed.1)))
            .map(drop);
    }
    insert(db, placed, start, ONE_HOUR, &encode_rollup(&row_name(placed, start), &rollup))
}

fn delete(db: &Connection, id: i64) -> Result<usize, rusqlite::Error> {
    db.prepare_cached("DELETE FROM entries WHERE id = ?")?.execute([id])
}

/// Until when each of an entity's lists of series was in use.
fn note_layouts(db: &Connection, entity: i64, rows: &[JournalRow]) -> Result<(), rusqlite::Error> {
    let mut last: BTreeMap<i64, UnixMs> = BTreeMap::new();
    for row in rows {
        let at = last.entry(row.layout).or_insert(row.at);
        *at = row.at.max(*at);
    }
    for (layout, at) in last {
        db.prepare_cached("UPDATE entity_layouts SET last_at = max(last_at, ?) WHERE entity = ? AND layout = ?")?
            .execute((at.0, entity, layout))?;
    }
    Ok(())
}
