//! Hosts, VMs and where they ran, as last heard. It follows the journal: written after the readings are on disk, by
//! statements that may be repeated, and brought up to date from the journal at start.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use evenkeel_common::id::{AgentId, BootId, DomainUuid};
use evenkeel_common::sample::DomainState;
use evenkeel_common::time::UnixMs;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::row::{HostFacts, VmFacts};
use super::{Attributes, KnownVms, Store, StoreError, attributes, noticing, sql};

/// When VMs were heard that are as the database has them. A write for each VM and tick would cost more than its readings;
/// after a restart the journal says it.
pub(super) type HeardVms = Arc<Mutex<HashMap<DomainUuid, UnixMs>>>;

/// A host that was heard at least once.
#[derive(Clone, Debug, PartialEq)]
pub struct HostRow {
    /// Its agent.
    pub agent: AgentId,
    /// Name given at enrolment.
    pub name: String,
    /// `pending`, `approved`, `revoked` or `retired`.
    pub agent_state: String,
    /// Time of its last tick.
    pub last_seen: UnixMs,
    /// Agent's clock − collector's clock.
    pub clock_offset_ms: i64,
    /// Kernel boot.
    pub boot_id: BootId,
    /// Time between ticks.
    pub interval_ms: i64,
    /// What it says of itself.
    pub facts: HostFacts,
}

/// A VM.
#[derive(Clone, Debug, PartialEq)]
pub struct VmRow {
    /// libvirt's UUID.
    pub uuid: DomainUuid,
    /// Its name now.
    pub name: String,
    /// The host where it is, or was last, active.
    pub agent: AgentId,
    /// Name of that host; empty when its agent is not known any more.
    pub host: String,
    /// Last state heard from there.
    pub state: DomainState,
    /// Since when it is in that state.
    pub state_at: UnixMs,
    /// Start of its QEMU process, ms since 1970; 0 when inactive.
    pub counter_epoch: u64,
    /// Start of the first QEMU process of its boot, which a migration keeps; the last one's when inactive.
    pub boot_epoch: u64,
    /// First heard.
    pub first_seen: UnixMs,
    /// Last heard.
    pub last_seen: UnixMs,
    /// It is active on two hosts.
    pub conflict: bool,
    /// The other host of a conflict.
    pub rival: Option<AgentId>,
    /// What libvirt says of it.
    pub facts: VmFacts,
}

/// Where a VM ran, from when; until the next row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacementRow {
    /// The VM.
    pub uuid: DomainUuid,
    /// From when.
    pub from: UnixMs,
    /// Where.
    pub agent: AgentId,
}

/// News of one host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostUpdate {
    /// Its agent.
    pub agent: AgentId,
    /// Time of the tick.
    pub last_seen: UnixMs,
    /// Agent's clock − collector's clock.
    pub clock_offset_ms: i64,
    /// Kernel boot.
    pub boot_id: [u8; 16],
    /// Time between ticks.
    pub interval_ms: u32,
    /// What it says of itself, when the tick says it.
    pub facts: Option<HostFacts>,
}

/// News of one VM from its owner.
#[derive(Clone, Debug, PartialEq)]
pub struct VmUpdate {
    /// libvirt's UUID.
    pub uuid: DomainUuid,
    /// Its name.
    pub name: String,
    /// The owner.
    pub agent: AgentId,
    /// Its state.
    pub state: DomainState,
    /// Start of its QEMU process; 0 when inactive.
    pub counter_epoch: u64,
    /// That process took the guest over from another host.
    pub arrived: bool,
    /// Time of the tick.
    pub at: UnixMs,
    /// The other host of a conflict.
    pub rival: Option<AgentId>,
    /// What libvirt says of it.
    pub facts: VmFacts,
}

impl VmUpdate {
    fn attributes(&self) -> Attributes {
        Attributes::of(&self.name, &self.facts)
    }

    /// Whether its attributes are those of another one, without copying them.
    fn is_like(&self, other: &Self) -> bool {
        let (a, b) = (&self.facts, &other.facts);
        self.name == other.name
            && a.labels == b.labels
            && [&a.managed_by, &a.owner, &a.project, &a.user, &a.flavour]
                == [&b.managed_by, &b.owner, &b.project, &b.user, &b.flavour]
    }
}

/// What a group of batches says about hosts and VMs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InventoryUpdate {
    /// Hosts.
    pub hosts: Vec<HostUpdate>,
    /// VMs.
    pub vms: Vec<VmUpdate>,
    /// New placements.
    pub placements: Vec<PlacementRow>,
    /// Changes of conflict: the VM and the other host, or none any more.
    pub rivals: Vec<(DomainUuid, Option<AgentId>)>,
    /// VMs that their owner's host no longer knows, and since when.
    pub gone: Vec<(DomainUuid, UnixMs)>,
    /// What VMs were before their news in `vms`, where that is something else.
    pub were: Vec<(DomainUuid, UnixMs, Attributes)>,
}

impl InventoryUpdate {
    /// Adds later news; of each host and VM only the newest stay.
    pub fn merge(&mut self, later: Self) {
        for host in later.hosts {
            let before = self.hosts.iter().position(|old| old.agent == host.agent).map(|at| self.hosts.remove(at));
            let facts = host.facts.clone().or(before.and_then(|before| before.facts));
            self.hosts.push(HostUpdate { facts, ..host });
        }
        self.were.extend(later.were);
        let newer: std::collections::HashMap<DomainUuid, &VmUpdate> =
            later.vms.iter().map(|vm| (vm.uuid, vm)).collect();
        for vm in &self.vms {
            if newer.get(&vm.uuid).is_some_and(|newer| !vm.is_like(newer)) {
                self.were.push((vm.uuid, vm.at, vm.attributes()));
            }
        }
        self.vms.retain(|vm| !newer.contains_key(&vm.uuid));
        self.vms.extend(later.vms);
        self.placements.extend(later.placements);
        self.rivals.extend(later.rivals);
        self.gone.extend(later.gone);
    }
}

const HOSTS: &str = "SELECT h.agent, a.name, a.state, h.last_seen, h.clock_offset_ms, h.boot_id, h.interval_ms, h.facts
    FROM hosts h JOIN agents a ON a.id = h.agent ORDER BY a.name, h.agent";
const VMS: &str = "SELECT v.uuid, v.name, v.agent, coalesce(a.name, ''), v.state, v.state_at, v.counter_epoch,
    v.first_seen, v.last_seen, v.conflict, v.rival, v.facts, v.boot_epoch
    FROM vms v LEFT JOIN agents a ON a.id = v.agent ORDER BY v.name, v.last_seen DESC, v.uuid";

impl Store {
    /// Every host, by name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn hosts(&self) -> Result<Vec<HostRow>, StoreError> {
        self.control_read.call(|db| db.prepare_cached(HOSTS)?.query_map([], host_row)?.collect()).await
    }

    /// Every VM, by name, the newest first where names repeat.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn vms(&self) -> Result<Vec<VmRow>, StoreError> {
        let mut vms = self.known_vms().await?.rows.clone();
        self.hear(&mut vms);
        Ok(vms)
    }

    /// Every VM as the database has it; [`Self::hear`] adds what is known since.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn known_vms(&self) -> Result<Arc<KnownVms>, StoreError> {
        let kept = self.known.clone();
        let read = |db: &Connection| db.prepare_cached(VMS)?.query_map([], vm_row)?.collect();
        self.control_read.call(move |db| kept.get(db, || read(db))).await
    }

    /// Says of VMs when they were heard last, and puts the newest first where names repeat.
    pub fn hear(&self, vms: &mut [VmRow]) {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        for vm in vms.iter_mut() {
            vm.last_seen = heard.get(&vm.uuid).copied().map_or(vm.last_seen, |at| at.max(vm.last_seen));
        }
        drop(heard);
        vms.sort_by(|a, b| (&a.name, b.last_seen, a.uuid).cmp(&(&b.name, a.last_seen, b.uuid)));
    }

    /// Takes note of VMs that were heard and are as the database has them.
    pub fn vms_heard(&self, vms: &[(DomainUuid, UnixMs)]) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        for (uuid, at) in vms {
            let newest = heard.entry(*uuid).or_insert(*at);
            *newest = at.max(newest).to_owned();
        }
    }

    /// When VMs that are gone were heard last; from now on the database says it.
    fn last_heard(&self, gone: &[(DomainUuid, UnixMs)]) -> Vec<(DomainUuid, UnixMs, Option<UnixMs>)> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let with = |(uuid, at): &(DomainUuid, UnixMs)| (*uuid, *at, heard.remove(uuid));
        gone.iter().map(with).collect()
    }

    /// Writes what a group of batches says. Repeating it, or older news after newer, changes nothing.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn update_inventory(&self, update: InventoryUpdate) -> Result<(), StoreError> {
        self.write_inventory(Arc::new(update)).await
    }

    /// The same of what may have to be written again.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn write_inventory(&self, update: Arc<InventoryUpdate>) -> Result<(), StoreError> {
        let gone = self.last_heard(&update.gone);
        self.control
            .call(move |db| {
                let transaction = db.transaction()?;
                for host in &update.hosts {
                    write_host(&transaction, host)?;
                }
                for (uuid, at, was) in &update.were {
                    attributes::note(&transaction, *uuid, *at, was)?;
                }
                for vm in &update.vms {
                    write_vm(&transaction, vm)?;
                    attributes::note(&transaction, vm.uuid, vm.at, &vm.attributes())?;
                }
                for row in &update.placements {
                    transaction
                        .prepare_cached("INSERT OR REPLACE INTO placements (uuid, from_ms, agent) VALUES (?, ?, ?)")?
                        .execute((row.uuid.to_bytes(), row.from.0, row.agent.to_bytes()))?;
                }
                for (uuid, rival) in &update.rivals {
                    transaction
                        .prepare_cached("UPDATE vms SET conflict = ?2 IS NOT NULL, rival = ?2 WHERE uuid = ?1")?
                        .execute((uuid.to_bytes(), rival.map(AgentId::to_bytes)))?;
                }
                for (uuid, at, heard) in &gone {
                    transaction
                        .prepare_cached(
                            "UPDATE vms SET last_seen = max(last_seen, ?3),
                                 state = iif(max(last_seen, ?3) <= ?2, 0, state),
                                 state_at = iif(max(last_seen, ?3) <= ?2, ?2, state_at),
                                 counter_epoch = iif(max(last_seen, ?3) <= ?2, 0, counter_epoch)
                             WHERE uuid = ?1 AND state <> 0",
                        )?
                        .execute((uuid.to_bytes(), at.0, heard.map_or(i64::MIN, |at| at.0)))?;
                }
                transaction.commit()
            })
            .await
    }
}

fn write_host(db: &Connection, host: &HostUpdate) -> Result<(), rusqlite::Error> {
    let facts = match &host.facts {
        Some(facts) => json(facts),
        None => {
            let of = (host.agent.to_bytes(), host.last_seen.0);
            let updated = db
                .prepare_cached(
                    "UPDATE hosts SET last_seen = ?2, clock_offset_ms = ?3, boot_id = ?4, interval_ms = ?5
                     WHERE agent = ?1 AND last_seen <= ?2",
                )?
                .execute((of.0, of.1, host.clock_offset_ms, host.boot_id, host.interval_ms))?;
            if updated > 0 {
                return Ok(());
            }
            db.prepare_cached("SELECT facts FROM hosts WHERE agent = ?")?
                .query_row([of.0], |row| row.get(0))
                .optional()?
                .unwrap_or_else(|| "{}".to_owned())
        }
    };
    // An agent that was deleted meanwhile has no host any more.
    db.prepare_cached(
        "INSERT INTO hosts (agent, last_seen, clock_offset_ms, boot_id, interval_ms, facts)
         SELECT :agent, :seen, :offset, :boot, :interval, :facts WHERE EXISTS (SELECT 1 FROM agents WHERE id = :agent)
         ON CONFLICT (agent) DO UPDATE SET last_seen = excluded.last_seen, clock_offset_ms = excluded.clock_offset_ms,
             boot_id = excluded.boot_id, interval_ms = excluded.interval_ms, facts = excluded.facts
         WHERE excluded.last_seen >= hosts.last_seen",
    )?
    .execute(named_params! {
        ":agent": host.agent.to_bytes(), ":seen": host.last_seen.0, ":offset": host.clock_offset_ms,
        ":boot": host.boot_id, ":interval": host.interval_ms, ":facts": facts,
    })?;
    host.facts.as_ref().map_or(Ok(()), |facts| noticing::host(db, host.agent, host.last_seen, facts))
}

fn write_vm(db: &Connection, vm: &VmUpdate) -> Result<(), rusqlite::Error> {
    let written = db
        .prepare_cached(
            "INSERT INTO vms (uuid, name, agent, state, state_at, counter_epoch, boot_epoch, first_seen, last_seen,
             conflict, rival, facts)
         VALUES (:uuid, :name, :agent, :state, :at, :epoch, :epoch, :at, :at, :rival IS NOT NULL, :rival, :facts)
         ON CONFLICT (uuid) DO UPDATE SET name = excluded.name, agent = excluded.agent,
             state_at = iif(state = excluded.state, state_at, excluded.state_at), state = excluded.state,
             counter_epoch = excluded.counter_epoch,
             boot_epoch = CASE
                 WHEN excluded.counter_epoch IN (0, counter_epoch) THEN boot_epoch
                 WHEN :arrived AND boot_epoch > 0 THEN boot_epoch
                 ELSE excluded.counter_epoch END,
             last_seen = excluded.last_seen, conflict = excluded.conflict,
             rival = excluded.rival, facts = excluded.facts
         WHERE excluded.last_seen >= vms.last_seen",
        )?
        .execute(named_params! {
            ":uuid": vm.uuid.to_bytes(), ":name": vm.name, ":agent": vm.agent.to_bytes(), ":state": vm.state.code(),
            ":at": vm.at.0, ":epoch": vm.counter_epoch.cast_signed(), ":rival": vm.rival.map(AgentId::to_bytes),
            ":facts": json(&vm.facts), ":arrived": vm.arrived,
        })?;
    // Older news, and a definition that nobody runs, say nothing of what is.
    if written > 0 && vm.counter_epoch != 0 { noticing::vm(db, vm) } else { Ok(()) }
}

fn json<T: serde::Serialize>(facts: &T) -> String {
    serde_json::to_string(facts).expect("facts are strings, numbers and lists of them")
}

fn host_row(row: &Row<'_>) -> Result<HostRow, rusqlite::Error> {
    let facts: String = row.get(7)?;
    Ok(HostRow {
        agent: sql::agent(row, 0)?,
        name: row.get(1)?,
        agent_state: row.get(2)?,
        last_seen: sql::at(row, 3)?,
        clock_offset_ms: row.get(4)?,
        boot_id: BootId::from_bytes(row.get(5)?),
        interval_ms: row.get(6)?,
        facts: serde_json::from_str(&facts).unwrap_or_default(),
    })
}

fn vm_row(row: &Row<'_>) -> Result<VmRow, rusqlite::Error> {
    let facts: String = row.get(11)?;
    Ok(VmRow {
        uuid: DomainUuid::from_bytes(row.get(0)?),
        name: row.get(1)?,
        agent: sql::agent(row, 2)?,
        host: row.get(3)?,
        state: DomainState::from_code(row.get(4)?),
        state_at: sql::at(row, 5)?,
        counter_epoch: row.get::<_, i64>(6)?.cast_unsigned(),
        boot_epoch: row.get::<_, i64>(12)?.cast_unsigned(),
        first_seen: sql::at(row, 7)?,
        last_seen: sql::at(row, 8)?,
        conflict: row.get(9)?,
        rival: row.get::<_, Option<[u8; 16]>>(10)?.map(AgentId::from_bytes),
        facts: serde_json::from_str(&facts).unwrap_or_default(),
    })
}
