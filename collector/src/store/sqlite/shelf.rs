//! Chunks of a file that were read lately, checked and read as far as their directory: series of one entity are mostly asked
//! for together, and the same question comes again.
//!
//! A shelf belongs to a connection and is emptied as soon as another connection has changed the file
//! (`PRAGMA data_version`), so only an engine that does not write may have one.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use evenkeel_common::time::UnixMs;
use rusqlite::Connection;

use super::super::chunk::{ChunkError, ChunkName, ChunkReader, RollupReader};
use super::append::row_name;
use super::days::HOUR;
use super::layouts::{Placed, placement_bytes};

/// Readings' chunks of an entity, by the begin of their hour; none where there is no chunk.
type Hours = HashMap<(Placed, UnixMs), Option<Arc<ChunkReader<'static>>>>;
/// The chunk of an hour.
type Opened = (UnixMs, Arc<ChunkReader<'static>>);
/// Rollups of an entity in a file.
type Rolled = HashMap<Placed, Arc<Chunks>>;
/// Chunks of rollups by their begin.
type Chunks = Vec<(UnixMs, RollupReader<'static>)>;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    version: i64,
    hours: Hours,
    rolled: Rolled,
    pub(super) bytes: usize,
}

/// What was found, and what is damaged.
#[derive(Debug)]
pub(super) struct Found<T> {
    pub(super) found: T,
    pub(super) damaged: Vec<(ChunkName, ChunkError)>,
}

/// An hour that is known to be empty takes its key.
const KEY_BYTES: usize = 64;

impl Shelf {
    /// Empties it if the file has changed since the last look.
    pub(super) fn look(&mut self, db: &Connection) -> Result<(), rusqlite::Error> {
        let version = db.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if version != self.version {
            *self = Self { version, ..Self::default() };
        }
        Ok(())
    }

    /// Chunks of readings that begin in a range of hours of the file's day.
    pub(super) fn hours(
        &mut self,
        db: &Connection,
        placed: Placed,
        range: Range<UnixMs>,
    ) -> Result<Found<Vec<Opened>>, rusqlite::Error> {
        let starts =
            || std::iter::successors(Some(range.start), |at| Some(at.plus(HOUR))).take_while(|at| *at < range.end);
        let mut damaged = Vec::new();
        if !starts().all(|start| self.hours.contains_key(&(placed, start))) {
            let mut missing: Vec<UnixMs> = starts().collect();
            read(db, placed, &range, |start, body| {
                let name = row_name(placed, start);
                match ChunkReader::open(&name, body) {
                    Ok(reader) => {
                        let reader = reader.into_owned();
                        self.bytes += reader.size() + KEY_BYTES;
                        self.hours.insert((placed, start), Some(Arc::new(reader)));
                    }
                    Err(error) => damaged.push((name, error)),
                }
                missing.retain(|hour| *hour != start);
            })?;
            for start in missing {
                self.bytes += KEY_BYTES;
                self.hours.insert((placed, start), None);
            }
        }
        let known = |start: UnixMs| Some((start, Arc::clone(self.hours.get(&(placed, start))?.as_ref()?)));
        Ok(Found { found: starts().filter_map(known).collect(), damaged })
    }

    /// All rollups of an entity in the file, by their begin.
    pub(super) fn rolled(
        &mut self,
        db: &Connection,
        placed: Placed,
        day: Range<UnixMs>,
    ) -> Result<Found<Arc<Chunks>>, rusqlite::Error> {
        if let Some(known) = self.rolled.get(&placed) {
            return Ok(Found { found: Arc::clone(known), damaged: Vec::new() });
        }
        let (mut readers, mut damaged) = (Vec::new(), Vec::new());
        read(db, placed, &day, |start, body| {
            let name = row_name(placed, start);
            match RollupReader::open(&name, body) {
                Ok(reader) => readers.push((start, reader.into_owned())),
                Err(error) => damaged.push((name, error)),
            }
        })?;
        let readers = Arc::new(readers);
        if damaged.is_empty() {
            self.bytes += KEY_BYTES + readers.iter().map(|(_, reader)| reader.size()).sum::<usize>();
            self.rolled.insert(placed, Arc::clone(&readers));
        }
        Ok(Found { found: readers, damaged })
    }
}

/// Bodies of an entity's chunks of a file that begin in a range, by their begin.
fn read(
    db: &Connection,
    placed: Placed,
    range: &Range<UnixMs>,
    mut take: impl FnMut(UnixMs, &[u8]),
) -> Result<(), rusqlite::Error> {
    let mut statement = db.prepare_cached(
        "SELECT start, body FROM chunks WHERE entity = ? AND start >= ? AND start < ? AND placement = ? ORDER BY start",
    )?;
    let mut rows = statement.query((placed.0.0, range.start.0, range.end.0, placement_bytes(placed.1)))?;
    while let Some(row) = rows.next()? {
        take(UnixMs(row.get(0)?), row.get_ref(1)?.as_blob()?);
    }
    Ok(())
}
