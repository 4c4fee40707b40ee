//! Readings and `last_seq` in one transaction of the journal.

use std::collections::HashMap;

use evenkeel_common::id::AgentId;
use evenkeel_common::time::{DurationMs, UnixMs};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::super::chunk::{BatchHead, BatchWriter, ChunkName, EntryBody, PollCodes, encode_entry};
use super::super::{BatchRows, Entity, Keys, StoreError};
use super::SqliteEngine;
use super::batches::{batch_name, last_hour};
use super::days::HOUR;
use super::layouts::{Entities, Placed};
use super::window::hour_of;

/// How far back polls can be taken back: a spool holds about two days, this is many times that.
const WITHDRAW_MAX: DurationMs = DurationMs::from_s(40 * 86_400);

/// In place of a layout: the row takes polls back.
pub(super) const WITHDRAWAL: i64 = -1;

/// The name under which a row of the journal is checked.
pub(super) fn row_name(placed: Placed, at: UnixMs) -> ChunkName {
    let placement = placed.1.map_or([0; 16], AgentId::to_bytes);
    ChunkName { entity: placed.0.0, placement, start: at.0 }
}

/// The same for a row with readings, bound to their list of series too: under another one they would be other readings.
pub(super) fn entry_name(placed: Placed, at: UnixMs, layout: i64) -> ChunkName {
    let ChunkName { entity, placement, start } = row_name(placed, at);
    ChunkName { entity, placement, start: start ^ layout.wrapping_add(1).wrapping_mul(0x61c8_8646_80b5_83eb) }
}

impl SqliteEngine {
    pub(super) fn read_last_seq(&mut self, agent: AgentId, epoch: u64) -> Result<u64, StoreError> {
        let seq = self
            .journal
            .prepare_cached("SELECT seq FROM last_seq WHERE agent = ? AND epoch = ?")?
            .query_row((agent.to_bytes(), epoch.cast_signed()), |row| row.get::<_, i64>(0))
            .optional()?;
        Ok(seq.unwrap_or(0).cast_unsigned())
    }

    pub(super) fn write_batches(&mut self, batches: &[BatchRows]) -> Result<(), StoreError> {
        for batch in batches {
            self.entities.turn(batch.at);
        }
        let result = write(&mut self.journal, &mut self.entities, batches);
        if result.is_err() {
            self.entities.clear();
        }
        result
    }
}

fn write(db: &mut Connection, entities: &mut Entities, batches: &[BatchRows]) -> Result<(), StoreError> {
    // Immediate: the sealer deletes rows beside, and what was begun as a read could then not become a write.
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut samples = 0_usize;
    let (mut next_id, gone) = numbering(&transaction)?;
    entities.forget_sources_until(UnixMs(gone));
    for batch in batches {
        write_withdrawn(&transaction, entities, batch, &mut next_id)?;
        samples += write_rows(&transaction, entities, batch, &mut next_id)?;
        if let Some((from, to, count)) = batch.gap {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO gaps (agent, from_ms, to_ms, batches) VALUES (?, ?, ?, ?)")?
                .execute((batch.agent.to_bytes(), from.0, to.0, count.cast_signed()))?;
        }
        transaction
            .prepare_cached(
                "INSERT INTO last_seq (agent, epoch, seq, at) VALUES (?, ?, ?, ?)
                 ON CONFLICT (agent, epoch) DO UPDATE SET seq = max(seq, excluded.seq), at = max(at, excluded.at)",
            )?
            .execute((batch.agent.to_bytes(), batch.epoch.cast_signed(), batch.seq.cast_signed(), batch.at.0))?;
    }
    add_up(&transaction, samples, next_id)?;
    transaction.commit()?;
    Ok(())
}

fn write_rows(
    db: &Connection,
    entities: &mut Entities,
    batch: &BatchRows,
    next_id: &mut i64,
) -> Result<usize, StoreError> {
    let mut polls: HashMap<Entity, PollCodes> = HashMap::with_capacity(batch.polls.len());
    for poll in &batch.polls {
        polls.entry(poll.entity).or_insert((poll.state, poll.missing));
    }
    let mut samples = batch.readings.iter().map(|rows| rows.values.len()).sum();
    let mut writer = BatchWriter::new(samples);
    samples = 0;
    let source = (hour_of(batch.at), batch.agent);
    for rows in &batch.readings {
        let placed = (rows.entity, rows.placement);
        let poll = if rows.placement.is_none() { polls.remove(&rows.entity) } else { None };
        if poll.is_none() && rows.values.is_empty() {
            continue;
        }
        let (entity, layout) = entities.place(db, placed, &rows.keys)?;
        entities.note_source(db, placed, source)?;
        writer.put(entity, layout, poll, &rows.values);
        samples += rows.values.len();
    }
    // In the order of the batch, so that the same batches make the same journal.
    for poll in &batch.polls {
        let Some(codes) = polls.remove(&poll.entity) else { continue };
        let placed = (poll.entity, None);
        let (entity, layout) = entities.place(db, placed, &Keys::from([]))?;
        entities.note_source(db, placed, source)?;
        writer.put(entity, layout, Some(codes), &[]);
    }
    if !writer.is_empty() {
        let head = BatchHead { agent: batch.agent, interval_ms: batch.interval_ms, corrected: batch.corrected };
        let body = writer.finish(&batch_name(batch.agent, batch.at), &head);
        db.prepare_cached("INSERT INTO batches (id, agent, at, body) VALUES (?, ?, ?, ?)")?.execute((
            take_id(next_id),
            batch.agent.to_bytes(),
            batch.at.0,
            &body,
        ))?;
    }
    Ok(samples)
}

/// The number of the next row, and the hour up to which sources may be gone.
pub(super) fn numbering(db: &Connection) -> Result<(i64, i64), rusqlite::Error> {
    db.prepare_cached("SELECT next_id, sources_gone FROM totals")?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// What a transaction added.
pub(super) fn add_up(db: &Connection, samples: usize, next_id: i64) -> Result<(), rusqlite::Error> {
    db.prepare_cached("UPDATE totals SET samples = samples + ?, next_id = ?")?
        .execute((i64::try_from(samples).unwrap_or(i64::MAX), next_id))
        .map(drop)
}

fn take_id(next_id: &mut i64) -> i64 {
    let id = *next_id;
    *next_id += 1;
    id
}

/// One row for each hour that it touches, so that an hour can be sealed by itself.
fn write_withdrawn(
    db: &Connection,
    entities: &mut Entities,
    batch: &BatchRows,
    next_id: &mut i64,
) -> Result<(), StoreError> {
    for (uuid, from, to) in &batch.withdrawn {
        let placed = (Entity::from(*uuid), None);
        let (entity, _) = entities.place(db, placed, &Keys::from([]))?;
        let to = newest(db, entity)?.map_or(*from, |newest| newest.plus(DurationMs(1))).min(*to);
        let mut from = (*from).max(to.minus(WITHDRAW_MAX));
        while from < to {
            let end = UnixMs(from.0.div_euclid(HOUR.0).saturating_add(1).saturating_mul(HOUR.0)).min(to);
            let body = encode_entry(&row_name(placed, from), &EntryBody::Withdraw { to: end });
            insert(db, next_id, (entity, from), WITHDRAWAL, &body)?;
            from = end;
        }
    }
    Ok(())
}

/// The newest time of an entity that may have been polled.
fn newest(db: &Connection, entity: i64) -> Result<Option<UnixMs>, rusqlite::Error> {
    let newest: Option<i64> = db
        .prepare_cached(
            "SELECT max(at) FROM (SELECT max(at) AS at FROM entries WHERE entity = ?1
                                  UNION ALL SELECT at FROM last_polls WHERE entity = ?1)",
        )?
        .query_row([entity], |row| row.get(0))?;
    Ok(newest.map(UnixMs).max(last_hour(db, entity)?))
}

/// Adds a row of one entity, numbered among all rows of the journal in the order of their arrival.
pub(super) fn insert(
    db: &Connection,
    next_id: &mut i64,
    (entity, at): (i64, UnixMs),
    layout: i64,
    body: &[u8],
) -> Result<(), rusqlite::Error> {
    db.prepare_cached("INSERT INTO entries (id, entity, at, layout, body) VALUES (?, ?, ?, ?, ?)")?
        .execute((take_id(next_id), entity, at.0, layout, body))
        .map(drop)
}
