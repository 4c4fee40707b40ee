//! What ingest has to know of VMs that it does not remember: those that were forgotten as nothing was heard of them.

use std::sync::PoisonError;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::sample::DomainState;
use evenkeel_common::time::UnixMs;
use rusqlite::{Connection, OptionalExtension, Row};

use super::{PlacementRow, Store, StoreError, known, sql};

/// What the inventory says of a VM, without its facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownVm {
    /// libvirt's UUID.
    pub uuid: DomainUuid,
    /// Its row; none of a VM that was only placed, when a crash came between the two, and of one that nobody knows.
    pub row: Option<KnownRow>,
    /// Where it ran, from when, oldest first.
    pub placements: Vec<(AgentId, UnixMs)>,
}

/// See [`super::VmRow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownRow {
    /// The host where it is, or was last, active.
    pub agent: AgentId,
    /// Last state heard from there.
    pub state: DomainState,
    /// Since when it is in that state.
    pub state_at: UnixMs,
    /// Last heard.
    pub last_seen: UnixMs,
    /// The other host of a conflict.
    pub rival: Option<AgentId>,
}

impl KnownRow {
    /// Since when its host does not know it any more.
    #[must_use]
    pub fn gone(&self) -> Option<UnixMs> {
        (self.state == DomainState::NoState && self.state_at > self.last_seen).then_some(self.state_at)
    }
}

const KNOWN: &str = "SELECT agent, state, state_at, last_seen, rival FROM vms WHERE uuid = ?";
/// Of those that are gone nothing is expected.
const THERE: &str = "SELECT uuid FROM vms WHERE state <> 0 OR state_at <= last_seen";
const GONE: &str = "SELECT EXISTS (SELECT 1 FROM vms WHERE state = 0 AND state_at > last_seen)";
const OF_HOST: &str = "SELECT uuid FROM vms WHERE uuid IN (SELECT uuid FROM vms WHERE agent = ?1
    UNION SELECT uuid FROM vms WHERE rival = ?1 UNION SELECT uuid FROM placements WHERE agent = ?1)
    AND (state <> 0 OR state_at <= last_seen)";

impl Store {
    /// VMs that some host knows.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn vms_there(&self) -> Result<Vec<DomainUuid>, StoreError> {
        self.control_read.call(|db| db.prepare_cached(THERE)?.query_map([], uuid)?.collect()).await
    }

    /// Whether there are others.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn has_gone_vms(&self) -> Result<bool, StoreError> {
        self.control_read.call(|db| db.query_row(GONE, [], |row| row.get(0))).await
    }

    /// Those of them that are or were on a host.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn vms_of_host(&self, agent: AgentId) -> Result<Vec<DomainUuid>, StoreError> {
        self.control_read
            .call(move |db| db.prepare_cached(OF_HOST)?.query_map([agent.to_bytes()], uuid)?.collect())
            .await
    }

    /// Where a VM ran, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn placements(&self, uuid: DomainUuid) -> Result<Vec<PlacementRow>, StoreError> {
        self.control_read.call(move |db| known::placements(db, uuid)).await
    }

    /// Where every VM ran, each oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn all_placements(&self) -> Result<Vec<PlacementRow>, StoreError> {
        self.control_read
            .call(|db| {
                db.prepare_cached("SELECT uuid, from_ms, agent FROM placements ORDER BY uuid, from_ms")?
                    .query_map([], |row| {
                        let uuid = DomainUuid::from_bytes(row.get(0)?);
                        Ok(PlacementRow { uuid, from: sql::at(row, 1)?, agent: sql::agent(row, 2)? })
                    })?
                    .collect()
            })
            .await
    }

    /// VMs, and hosts, of which something waits in the journal.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unsealed_vms(&self) -> Result<Vec<DomainUuid>, StoreError> {
        let entities = self.reader.run(|engine| engine.unsealed()).await?;
        Ok(entities.into_iter().map(|entity| DomainUuid::from_bytes(entity.0)).collect())
    }

    /// What is known of each of these.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn vms_on_record(&self, uuids: Vec<DomainUuid>) -> Result<Vec<KnownVm>, StoreError> {
        self.control_read.call(move |db| uuids.into_iter().map(|uuid| known_vm(db, uuid)).collect()).await
    }

    /// Writes when these were heard last, and remembers it no more.
    ///
    /// # Errors
    /// See [`StoreError`]; then it is remembered still.
    pub async fn keep_heard(&self, vms: Vec<DomainUuid>) -> Result<(), StoreError> {
        let heard: Vec<(DomainUuid, UnixMs)> = {
            let known = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            vms.iter().filter_map(|uuid| Some((*uuid, *known.get(uuid)?))).collect()
        };
        if heard.is_empty() {
            return Ok(());
        }
        let written = heard.clone();
        self.control
            .call(move |db| {
                let transaction = db.transaction()?;
                for (uuid, at) in &written {
                    transaction
                        .prepare_cached("UPDATE vms SET last_seen = max(last_seen, ?2) WHERE uuid = ?1")?
                        .execute((uuid.to_bytes(), at.0))?;
                }
                transaction.commit()
            })
            .await?;
        let mut known = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        for (uuid, _) in heard {
            known.remove(&uuid);
        }
        Ok(())
    }

    /// The last known offset of a host's clock.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn clock_offset_ms(&self, agent: AgentId) -> Result<Option<i64>, StoreError> {
        self.control_read
            .call(move |db| {
                db.prepare_cached("SELECT clock_offset_ms FROM hosts WHERE agent = ?")?
                    .query_row([agent.to_bytes()], |row| row.get(0))
                    .optional()
            })
            .await
    }
}

fn known_vm(db: &Connection, uuid: DomainUuid) -> Result<KnownVm, rusqlite::Error> {
    let row = db.prepare_cached(KNOWN)?.query_row([uuid.to_bytes()], known_row).optional()?;
    let mut statement = db.prepare_cached("SELECT agent, from_ms FROM placements WHERE uuid = ? ORDER BY from_ms")?;
    let placements = statement.query_map([uuid.to_bytes()], |row| Ok((sql::agent(row, 0)?, sql::at(row, 1)?)))?;
    Ok(KnownVm { uuid, row, placements: placements.collect::<Result<_, _>>()? })
}

fn known_row(row: &Row<'_>) -> Result<KnownRow, rusqlite::Error> {
    Ok(KnownRow {
        agent: sql::agent(row, 0)?,
        state: DomainState::from_code(row.get(1)?),
        state_at: sql::at(row, 2)?,
        last_seen: sql::at(row, 3)?,
        rival: row.get::<_, Option<[u8; 16]>>(4)?.map(AgentId::from_bytes),
    })
}

fn uuid(row: &Row<'_>) -> Result<DomainUuid, rusqlite::Error> {
    row.get(0).map(DomainUuid::from_bytes)
}
