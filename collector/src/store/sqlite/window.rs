//! An entity's hours as they are now: what was sealed, and what the journal says beside it.
//!
//! The journal is read first. A seal that falls between the two reads then shows readings twice, which the merge undoes;
//! the other order could lose them.

use std::collections::BTreeMap;

use evenkeel_common::time::UnixMs;
use rusqlite::Connection;

use super::super::chunk::{
    ChunkError, ChunkName, ChunkReader, Column, ColumnKey, EntryBody, Hour, HourBuilder, decode_entry,
};
use super::super::engine::Level;
use super::super::{Keys, StoreError};
use super::SqliteEngine;
use super::append::{entry_name, row_name};
use super::days::{Day, HOUR};
use super::layouts::{Placed, find_entity, placement_bytes};
use super::shelf::Found;

/// What is wanted of an hour.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'a> {
    /// When the entity was asked.
    Polls,
    /// Some series.
    Columns(&'a [ColumnKey]),
    /// Everything.
    All,
}

/// One row of the journal.
#[derive(Debug)]
pub(super) struct JournalRow {
    pub(super) id: i64,
    /// Its place in the batch with that number; none of an entry.
    pub(super) place: Option<u32>,
    pub(super) at: UnixMs,
    pub(super) layout: i64,
    pub(super) keys: Keys,
    pub(super) body: EntryBody,
}

/// Rows of the journal, and those that are damaged.
#[derive(Debug, Default)]
pub(super) struct JournalRows {
    /// In the order of their arrival.
    pub(super) rows: Vec<JournalRow>,
    pub(super) damaged: Vec<(i64, UnixMs, StoreError)>,
}

/// The begin of the hour of a time.
pub(super) fn hour_of(at: UnixMs) -> UnixMs {
    UnixMs(at.0.div_euclid(HOUR.0).saturating_mul(HOUR.0))
}

impl SqliteEngine {
    /// Rows of an entity in `from <= at < to`.
    pub(super) fn journal_rows(
        &mut self,
        placed: Placed,
        entity: i64,
        from: UnixMs,
        to: UnixMs,
    ) -> Result<JournalRows, StoreError> {
        let mut statement = self
            .journal
            .prepare_cached("SELECT id, at, layout, body FROM entries WHERE entity = ? AND at >= ? AND at < ?")?;
        let mut found = statement.query((entity, from.0, to.0))?;
        let mut all = JournalRows::default();
        while let Some(row) = found.next()? {
            let (id, at, layout): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let body = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
            let at = UnixMs(at);
            // Rows of an older version, and those that take polls back, are not bound to a list of series.
            let entry = decode_entry(&entry_name(placed, at, layout), body)
                .or_else(|_| decode_entry(&row_name(placed, at), body));
            let read = entry.map_err(StoreError::Damaged).and_then(|entry| {
                let keys = self.layouts.get(&self.journal, layout)?;
                match &entry.body {
                    EntryBody::Tick { values, .. } if values.len() != keys.len() => {
                        Err(StoreError::Damaged(ChunkError::Content("a row does not fit its layout")))
                    }
                    _ => Ok(JournalRow { id, place: None, at, layout, keys, body: entry.body }),
                }
            });
            match read {
                Ok(row) => all.rows.push(row),
                Err(error) => all.damaged.push((id, at, error)),
            }
        }
        drop(found);
        drop(statement);
        all.rows.extend(self.batch_rows(entity, from, to)?);
        all.rows.sort_unstable_by_key(|row| (row.id, row.place));
        Ok(all)
    }

    /// The hours that touch `from <= at < to`, which lie within one day.
    pub(super) fn hours(
        &mut self,
        placed: Placed,
        from: UnixMs,
        to: UnixMs,
        wanted: Wanted<'_>,
    ) -> Result<BTreeMap<UnixMs, Hour>, StoreError> {
        let (first, end) = (hour_of(from), hour_of(UnixMs(to.0.saturating_sub(1))).plus(HOUR));
        let rows = match find_entity(&self.journal, placed)? {
            Some(entity) => self.journal_rows(placed, entity, first, end)?.rows,
            None => Vec::new(),
        };
        let mut waiting: BTreeMap<UnixMs, Vec<JournalRow>> = BTreeMap::new();
        for row in rows {
            waiting.entry(hour_of(row.at)).or_default().push(row);
        }
        let mut hours = BTreeMap::new();
        for (start, hour) in self.sealed(placed, first, end, wanted)? {
            hours.insert(start, hour);
        }
        for (start, rows) in waiting {
            let mut builder = HourBuilder::default();
            if let Some(hour) = hours.remove(&start) {
                builder.add_hour(hour);
            }
            add_rows(&mut builder, &rows, wanted);
            hours.insert(start, builder.finish());
        }
        Ok(hours)
    }

    /// The sealed hours that begin in `first <= start < end`. A damaged one is left out.
    fn sealed(
        &mut self,
        placed: Placed,
        first: UnixMs,
        end: UnixMs,
        wanted: Wanted<'_>,
    ) -> Result<Vec<(UnixMs, Hour)>, StoreError> {
        let read = self.days.read_shelf(Level::Raw, Day::of(first), |db, shelf| shelf.hours(db, placed, first..end))?;
        let Some(Found { found, mut damaged }) = read else { return Ok(Vec::new()) };
        let mut hours = Vec::with_capacity(found.len());
        for (start, reader) in found {
            match partly(&reader, wanted) {
                Ok(hour) => hours.push((start, hour)),
                Err(error) => damaged.push((row_name(placed, start), error)),
            }
        }
        for (name, error) in damaged {
            self.note_damage(&name, &error);
        }
        Ok(hours)
    }

    /// Says once that a chunk is damaged; the next seal of its hour, or a check, puts it aside.
    pub(super) fn note_damage(&mut self, name: &ChunkName, error: &ChunkError) {
        if self.damaged.insert(*name) {
            tracing::error!(?name, %error, "a chunk is damaged; its hour shows as a gap");
        }
    }
}

/// Bodies of an entity's chunks of a file, by their begin.
pub(super) fn chunks(
    db: &Connection,
    placed: Placed,
    first: UnixMs,
    end: UnixMs,
) -> Result<Vec<(UnixMs, Vec<u8>)>, rusqlite::Error> {
    db.prepare_cached(
        "SELECT start, body FROM chunks WHERE entity = ? AND start >= ? AND start < ? AND placement = ? ORDER BY start",
    )?
    .query_map((placed.0.0, first.0, end.0, placement_bytes(placed.1)), |row| Ok((UnixMs(row.get(0)?), row.get(1)?)))?
    .collect()
}

fn partly(reader: &ChunkReader<'_>, wanted: Wanted<'_>) -> Result<Hour, ChunkError> {
    let mut columns = Vec::new();
    let mut add = |key: &ColumnKey| {
        columns.extend(reader.column(key)?.map(|cells| Column { key: key.clone(), cells }));
        Ok(())
    };
    match wanted {
        Wanted::All => reader.keys().try_for_each(&mut add)?,
        Wanted::Polls => {}
        Wanted::Columns(keys) => keys.iter().try_for_each(&mut add)?,
    }
    columns.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    Ok(Hour { times: reader.times.clone(), polls: reader.polls.clone(), columns })
}

/// Adds rows of the journal in the order of their arrival.
pub(super) fn add_rows(builder: &mut HourBuilder, rows: &[JournalRow], wanted: Wanted<'_>) {
    // Rows of one layout follow each other: places are looked up when it changes.
    let mut places: (i64, Vec<(usize, usize)>) = (-1, Vec::new());
    for row in rows {
        let (poll, values) = match &row.body {
            EntryBody::Withdraw { to } => {
                builder.withdraw(row.at, *to);
                continue;
            }
            EntryBody::Tick { poll, values } => (*poll, values),
        };
        if places.0 != row.layout {
            let wanted = row.keys.iter().enumerate().filter(|(_, key)| match wanted {
                Wanted::All => true,
                Wanted::Polls => false,
                Wanted::Columns(wanted) => wanted.contains(key),
            });
            places = (row.layout, wanted.map(|(index, key)| (index, builder.place(key))).collect());
        }
        builder.row(row.at, poll);
        for (index, place) in &places.1 {
            if let Some(value) = values.get(*index) {
                builder.reading(*place, row.at, *value);
            }
        }
    }
}
