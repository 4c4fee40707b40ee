//! Readings from elsewhere: what is there already, in the journal or sealed, stays; the rest goes into the journal and
//! from there into its hour, as a late batch does.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use evenkeel_common::sample::{Reading, Value};
use evenkeel_common::time::UnixMs;
use rusqlite::{Connection, TransactionBehavior};

use super::super::chunk::{ColumnKey, EntryBody, Hour, encode_entry};
use super::super::{ImportHour, Imported, Keys, StoreError};
use super::SqliteEngine;
use super::append::{add_up, entry_name, insert, numbering};
use super::days::HOUR;
use super::layouts::Entities;
use super::window::{Wanted, hour_of};

/// What is to be added to an hour, by time.
type Added = BTreeMap<UnixMs, BTreeMap<ColumnKey, Value>>;

impl SqliteEngine {
    pub(super) fn import_hours(&mut self, hours: &[ImportHour]) -> Result<Vec<Vec<Imported>>, StoreError> {
        let (mut answers, mut added) = (Vec::with_capacity(hours.len()), Vec::with_capacity(hours.len()));
        for (index, one) in hours.iter().enumerate() {
            let Some(start) = one.readings.first().map(|(at, _)| hour_of(*at)) else {
                answers.push(Vec::new());
                continue;
            };
            self.entities.turn(start);
            let mut known = self.hours((one.entity, None), start, start.plus(HOUR), Wanted::All)?;
            let known = known.remove(&start).unwrap_or_default();
            // The same hour may come twice in one go.
            let earlier: Vec<&Added> = added
                .iter()
                .filter(|(of, _): &&(usize, Added)| hours[*of].entity == one.entity)
                .map(|(_, added)| added)
                .collect();
            let (answer, new) = compare(&known, &earlier, &one.readings);
            answers.push(answer);
            added.push((index, new));
        }
        let result = write(&mut self.journal, &mut self.entities, hours, &added);
        if result.is_err() {
            self.entities.clear();
        }
        result.map(|()| answers)
    }
}

fn compare(known: &Hour, earlier: &[&Added], readings: &[(UnixMs, Reading)]) -> (Vec<Imported>, Added) {
    let mut added = Added::new();
    let answers = readings.iter().map(|(at, reading)| {
        let key = ColumnKey { metric: reading.metric, device: reading.device.clone() };
        let row = known.times.binary_search(at).ok();
        let stored = row.and_then(|row| known.column(&key)?.cells[row]);
        let before = || earlier.iter().find_map(|added| added.get(at)?.get(&key).copied());
        if let Some(value) = stored.or_else(before) {
            return Imported::beside(value, reading.value);
        }
        match added.entry(*at).or_default().entry(key) {
            Entry::Occupied(other) => Imported::beside(*other.get(), reading.value),
            Entry::Vacant(free) => {
                free.insert(reading.value);
                Imported::New
            }
        }
    });
    (answers.collect(), added)
}

fn write(
    db: &mut Connection,
    entities: &mut Entities,
    hours: &[ImportHour],
    added: &[(usize, Added)],
) -> Result<(), StoreError> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut samples = 0_usize;
    let (mut next_id, _) = numbering(&transaction)?;
    for (hour, added) in added {
        let placed = (hours[*hour].entity, None);
        for (at, values) in added {
            let keys: Keys = values.keys().cloned().collect();
            let (entity, layout) = entities.place(&transaction, placed, &keys)?;
            let values = values.values().copied().collect();
            let body = encode_entry(&entry_name(placed, *at, layout), &EntryBody::Tick { poll: None, values });
            insert(&transaction, &mut next_id, (entity, *at), layout, &body)?;
            samples += keys.len();
        }
    }
    add_up(&transaction, samples, next_id)?;
    transaction.commit()?;
    Ok(())
}
