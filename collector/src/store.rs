//! The store handle: the only door to what is on disk. No SQL outside this folder.
//!
//! Two databases, both WAL with `synchronous=FULL`: `control.db` (identities, tokens, actions, activity: small and
//! precious) and `journal.db` (readings and each agent's `last_seq`, in one transaction). Each has one writer thread,
//! which is also the only one that writes, and reader threads of its own so that a long query never delays a commit.

pub mod actions;
pub mod activity;
mod agents;
mod append;
mod attributes;
pub mod backup;
mod calendar;
mod changes;
mod check;
pub mod chunk;
mod counts;
mod cycles;
mod db;
pub mod engine;
mod error;
mod findings;
mod fleet;
mod foreign;
mod forgotten;

mod import;
mod imported;
mod inventory;
mod known;
mod latest;
mod noticing;
mod outages;
mod polls;
mod reported;
mod reserve;
mod retention;
mod row;
mod samples;
mod schema;
mod seen;
mod spells;
mod sql;
mod sqlite;
mod tokens;

pub use agents::{AgentRow, AgentState, Enrolled, Situation};
pub use append::{BatchRows, EntityRows, Keys, PollRow};
pub use attributes::Attributes;
pub use calendar::CalendarRow;
pub use changes::{CHANGES_MAX, ChangeRow, ChangeSource, ChangeTarget, ChangesWanted};
pub use chunk::ColumnKey;
pub use counts::Counts;
pub use cycles::{CycleChange, CycleRow, FindingRow, StepRow, WhyRow};
pub use error::{OpenError, StoreError};
pub use fleet::FleetRow;
pub use forgotten::{KnownRow, KnownVm};
pub use import::{ImportHour, Imported};
pub use imported::ImportedRow;
pub use inventory::{HostRow, HostUpdate, InventoryUpdate, PlacementRow, VmRow, VmUpdate};
pub use known::KnownVms;
pub use latest::Latest;
pub use outages::{Correction, OutageRow};
pub use polls::{Poll, PollEnd};
pub use reported::ReportedRow;
pub use row::{BackingFacts, DiskFacts, HostFacts, InterfaceFacts, LabelFacts, ProbeFacts, VmFacts};
pub use samples::{SamplesRange, SeriesRow, Slice, Slices};
pub use spells::{Rewrite, SPELLS_MAX, SpellKey, SpellRow};
pub use sql::Entity;
pub use tokens::TokenRow;

use std::path::Path;

use db::{Access, Db, Worker};
use engine::Engine;
use foreign::Foreign;
use inventory::HeardVms;
use reserve::{Precious, Reserve};
use sqlite::{Role, SqliteEngine};

/// Name of the database of identities, tokens, actions and activity in the data directory.
pub const CONTROL_FILE: &str = "control.db";
/// Name of the database of readings in the data directory.
pub const JOURNAL_FILE: &str = "journal.db";

/// The handle. Cloning it is cheap; the databases close when the last clone goes.
#[derive(Clone, Debug)]
pub struct Store {
    control: Precious,
    control_read: Db,
    writer: Worker<Box<dyn Engine>>,
    sealer: Worker<Box<dyn Engine>>,
    reader: Worker<Box<dyn Engine>>,
    reserve: Reserve,
    foreign: Foreign,
    heard: HeardVms,
    known: known::Kept,
}

impl Store {
    /// Opens the databases in `data_dir`, making them and bringing their schema up to date as needed.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(data_dir: &Path) -> Result<Self, OpenError> {
        let control = data_dir.join(CONTROL_FILE);
        let engine = |name: &str, role| {
            let engine: Box<dyn Engine> = Box::new(SqliteEngine::open(data_dir, role)?);
            Worker::start(name.to_owned(), engine)
                .map_err(|source| OpenError::Thread { path: data_dir.to_owned(), source })
        };
        let reserve = Reserve::open(data_dir);
        let writes = Db::open(&control, Access::Write(schema::CONTROL))?;
        let foreign = Foreign::load(&db::connect(&control, Access::Read)?)
            .map_err(|source| OpenError::Open { path: control.clone(), source })?;
        Ok(Self {
            control: Precious { db: writes, reserve: reserve.clone() },
            control_read: Db::open(&control, Access::Read)?,
            // The first one brings the schema up to date.
            writer: engine("journal", Role::Append)?,
            sealer: engine("sealer", Role::Seal)?,
            reader: engine("reader", Role::Read)?,
            reserve,
            foreign,
            heard: HeardVms::default(),
            known: known::Kept::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_older_control_database_is_brought_up_to_date() {
        for known in 1..schema::CONTROL.len() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(CONTROL_FILE);
            let control = rusqlite::Connection::open(&path).unwrap();
            schema::CONTROL[..known].iter().for_each(|step| control.execute_batch(step).unwrap());
            control.pragma_update(None, "user_version", i64::try_from(known).unwrap()).unwrap();
            control
                .execute_batch(
                    "INSERT INTO activity (at, category, kind, message) VALUES (7, 'warning', 'kept', 'here')",
                )
                .unwrap();
            drop(control);
            let store = Store::open(dir.path()).unwrap();
            let kept = store.activities(activity::ActivityFilter { limit: 9, ..Default::default() }).await.unwrap();
            assert_eq!(kept.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["kept"], "from {known}");
            assert_eq!((store.imported().await.unwrap().len(), store.attributes().await.unwrap().len()), (0, 0));
            store.add_foreign(vec!["x".to_owned()]).await.unwrap();
        }
    }

    #[test]
    fn opens_twice_and_refuses_a_newer_schema() {
        let dir = tempfile::tempdir().unwrap();
        drop(Store::open(dir.path()).unwrap());
        drop(Store::open(dir.path()).unwrap());
        let control = rusqlite::Connection::open(dir.path().join(CONTROL_FILE)).unwrap();
        control.pragma_update(None, "user_version", 99).unwrap();
        let error = Store::open(dir.path()).unwrap_err();
        assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
    }
}
