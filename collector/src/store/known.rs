//! VMs as the database has them, with an index, kept until the database changes: every question begins with whom it means.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use evenkeel_common::id::DomainUuid;
use rusqlite::Connection;

use super::{PlacementRow, Store, StoreError, VmRow, sql};

/// See the module.
#[derive(Debug, Default)]
pub struct KnownVms {
    /// Every VM, by name.
    pub rows: Vec<VmRow>,
    by_name: HashMap<String, Vec<usize>>,
    by_uuid: HashMap<DomainUuid, usize>,
}

impl KnownVms {
    fn new(rows: Vec<VmRow>) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            by_name.entry(row.name.clone()).or_default().push(place);
        }
        let by_uuid = rows.iter().enumerate().map(|(place, row)| (row.uuid, place)).collect();
        Self { rows, by_name, by_uuid }
    }

    /// Those of a name.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &VmRow> {
        self.by_name.get(name).into_iter().flatten().filter_map(|place| self.rows.get(*place))
    }

    /// The one with a UUID.
    #[must_use]
    pub fn of(&self, uuid: DomainUuid) -> Option<&VmRow> {
        self.by_uuid.get(&uuid).and_then(|place| self.rows.get(*place))
    }
}

/// What was read last, and the version of the database that it is of.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept(Arc<Mutex<Option<Versioned>>>);

type Versioned = (i64, Arc<KnownVms>);

impl Kept {
    /// What is kept if the database has not changed since (`PRAGMA data_version`), and what `read` says otherwise. `db` is
    /// always the same connection, one that only reads.
    pub(super) fn get(
        &self,
        db: &Connection,
        read: impl FnOnce() -> Result<Vec<VmRow>, rusqlite::Error>,
    ) -> Result<Arc<KnownVms>, rusqlite::Error> {
        let version: i64 = db.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, known)) = known.filter(|(known, _)| *known == version) {
            return Ok(known);
        }
        let new = Arc::new(KnownVms::new(read()?));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, Arc::clone(&new)));
        Ok(new)
    }
}

impl Store {
    /// Where some VMs ran, each oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn placements_of(&self, uuids: Vec<DomainUuid>) -> Result<Vec<Vec<PlacementRow>>, StoreError> {
        self.control_read.call(move |db| uuids.into_iter().map(|uuid| placements(db, uuid)).collect()).await
    }
}

/// Where a VM ran, oldest first.
pub(super) fn placements(db: &Connection, uuid: DomainUuid) -> Result<Vec<PlacementRow>, rusqlite::Error> {
    db.prepare_cached("SELECT from_ms, agent FROM placements WHERE uuid = ? ORDER BY from_ms")?
        .query_map([uuid.to_bytes()], |row| {
            Ok(PlacementRow { uuid, from: sql::at(row, 0)?, agent: sql::agent(row, 1)? })
        })?
        .collect()
}
