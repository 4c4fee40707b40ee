//! Numbers of entities and of layouts: the lists of series that entities of one shape share.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use evenkeel_common::id::AgentId;
use evenkeel_common::time::{DurationMs, UnixMs};
use rusqlite::{Connection, OptionalExtension};

use super::super::chunk::{ColumnKey, decode_layout, encode_layout};
use super::super::{Entity, Keys, StoreError};

/// Layouts in memory. Full: all are forgotten and read again.
const LAYOUTS_MAX: usize = 10_000;
/// Entities in memory, some 200 bytes each whatever the number of their series. Full: all are forgotten and looked up
/// again, which costs two seeks each.
const ENTITIES_MAX: usize = 200_000;
/// Those that were not written for one or two of these leave it.
const IDLE: DurationMs = DurationMs::from_s(60);
/// Lists of series whose numbers are in memory. Full: all are forgotten.
const NUMBERS_MAX: usize = 4_096;
/// Layouts that one entity is tried with before the table is asked: groups that are read at a cadence of their own give
/// one each.
const LAYOUTS_OF_ENTITY_MAX: usize = 8;

/// An entity with the host of a side series.
pub(super) type Placed = (Entity, Option<AgentId>);

/// Layouts by number.
#[derive(Debug, Default)]
pub(super) struct Layouts {
    by_id: HashMap<i64, Keys>,
}

impl Layouts {
    /// The series of a layout.
    pub(super) fn get(&mut self, db: &Connection, id: i64) -> Result<Keys, StoreError> {
        if id < 0 {
            return Ok(Keys::from([]));
        }
        if let Some(keys) = self.by_id.get(&id) {
            return Ok(Arc::clone(keys));
        }
        let bytes: Vec<u8> =
            db.prepare_cached("SELECT keys FROM layouts WHERE id = ?")?.query_row([id], |row| row.get(0))?;
        let keys: Keys = decode_layout(&bytes).map_err(StoreError::Damaged)?.into();
        if self.by_id.len() >= LAYOUTS_MAX {
            self.by_id.clear();
        }
        self.by_id.insert(id, Arc::clone(&keys));
        Ok(keys)
    }
}

/// Entities that are being written, with the layouts that they had lately.
#[derive(Debug)]
pub(super) struct Entities {
    known: HashMap<Placed, Known>,
    /// Those that were known when `turned` was, and were not written since.
    former: HashMap<Placed, Known>,
    turned: UnixMs,
    /// Numbers of layouts by the place of their lists, which stay there as long as they are here.
    numbers: HashMap<usize, (Keys, i64)>,
    /// The hour of data in which the memory was last emptied, so that those who went leave it.
    hour: i64,
    /// Sources of hours up to this one may have been removed.
    gone: UnixMs,
}

#[derive(Debug)]
struct Known {
    id: i64,
    layouts: Vec<(i64, Keys)>,
    /// The newest source that is in the table.
    source: Option<(UnixMs, AgentId)>,
}

impl Default for Entities {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
            former: HashMap::new(),
            turned: UnixMs(i64::MIN),
            numbers: HashMap::new(),
            hour: i64::MIN,
            gone: UnixMs(i64::MIN),
        }
    }
}

impl Entities {
    /// Forgets everything: numbers given in a transaction that was rolled back do not exist.
    pub(super) fn clear(&mut self) {
        self.known = HashMap::new();
        self.former = HashMap::new();
        self.numbers.clear();
    }

    /// Forgets everything when another hour has begun or there are too many, and those that were not written lately.
    pub(super) fn turn(&mut self, at: UnixMs) {
        let hour = at.0.div_euclid(super::days::HOUR.0);
        if hour > self.hour || self.known.len() > ENTITIES_MAX {
            self.clear();
            self.hour = hour.max(self.hour);
        } else if at.since(self.turned) >= IDLE {
            self.former = std::mem::take(&mut self.known);
            self.turned = at;
        }
    }

    /// The one that seals removes sources; to be told within the transaction that notes others.
    pub(super) fn forget_sources_until(&mut self, hour: UnixMs) {
        self.gone = hour;
    }

    /// Notes that a host says something of an entity, which was placed, in an hour.
    pub(super) fn note_source(
        &mut self,
        db: &Connection,
        placed: Placed,
        source: (UnixMs, AgentId),
    ) -> Result<(), rusqlite::Error> {
        let Some(known) = self.known.get_mut(&placed) else { return Ok(()) };
        let (hour, agent) = source;
        if known.source == Some(source) && hour > self.gone {
            return Ok(());
        }
        known.source = Some(source);
        db.prepare_cached("INSERT OR IGNORE INTO sources (entity, hour, agent, done) VALUES (?, ?, ?, 0)")?
            .execute((known.id, hour.0, agent.to_bytes()))
            .map(drop)
    }

    /// Numbers of an entity and of the layout of its readings; both are given as needed.
    pub(super) fn place(&mut self, db: &Connection, placed: Placed, keys: &Keys) -> Result<(i64, i64), StoreError> {
        let known = match self.known.entry(placed) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(slot) => slot.insert(match self.former.remove(&placed) {
                Some(known) => known,
                None => Known { id: entity_id(db, placed)?, layouts: Vec::new(), source: None },
            }),
        };
        if let Some((layout, _)) = known.layouts.iter().find(|(_, known)| Arc::ptr_eq(known, keys) || known == keys) {
            return Ok((known.id, *layout));
        }
        let place = keys.as_ptr().addr();
        let layout = match self.numbers.get(&place) {
            Some((_, layout)) if !keys.is_empty() => *layout,
            _ => {
                if self.numbers.len() >= NUMBERS_MAX {
                    self.numbers.clear();
                }
                let layout = layout_id(db, keys)?;
                self.numbers.insert(place, (Arc::clone(keys), layout));
                layout
            }
        };
        db.prepare_cached("INSERT OR IGNORE INTO entity_layouts (entity, layout, last_at) VALUES (?, ?, 0)")?
            .execute((known.id, layout))?;
        if known.layouts.len() >= LAYOUTS_OF_ENTITY_MAX {
            known.layouts.remove(0);
        }
        known.layouts.push((layout, Arc::clone(keys)));
        Ok((known.id, layout))
    }
}

/// The bytes of a placement: empty for an entity's own series.
pub(super) fn placement_bytes(placement: Option<AgentId>) -> Vec<u8> {
    placement.map_or_else(Vec::new, |agent| agent.to_bytes().to_vec())
}

/// The number of an entity, if it has one.
pub(super) fn find_entity(db: &Connection, placed: Placed) -> Result<Option<i64>, rusqlite::Error> {
    db.prepare_cached("SELECT id FROM entities WHERE entity = ? AND placement = ?")?
        .query_row((placed.0.0, placement_bytes(placed.1)), |row| row.get(0))
        .optional()
}

pub(super) fn entity_id(db: &Connection, placed: Placed) -> Result<i64, rusqlite::Error> {
    if let Some(id) = find_entity(db, placed)? {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO entities (entity, placement) VALUES (?, ?)")?
        .insert((placed.0.0, placement_bytes(placed.1)))
}

fn layout_id(db: &Connection, keys: &[ColumnKey]) -> Result<i64, rusqlite::Error> {
    let bytes = encode_layout(keys);
    let found =
        db.prepare_cached("SELECT id FROM layouts WHERE keys = ?")?.query_row([&bytes], |row| row.get(0)).optional()?;
    match found {
        Some(id) => Ok(id),
        None => db.prepare_cached("INSERT INTO layouts (keys) VALUES (?)")?.insert([&bytes]),
    }
}
