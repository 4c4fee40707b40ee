//! What the writer has in memory: everything that its hosts speak of, and of what nobody speaks of as little as it can.
//! What was forgotten is on disk, and is read again when a host names it.

use std::collections::BTreeSet;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::limits::CLOCK_OFFSET_FLAG;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::{Activity, DomainSample};

use super::heal::{self, Depth};
use super::plan::Arrival;
use super::state::{AgentState, State};
use super::time_of_record::ClockState;
use super::writer::{Waiting, Writer};
use crate::store::{InventoryUpdate, StoreError};

impl Writer {
    /// Reads what is needed of these batches' hosts, streams and VMs and is not in memory.
    pub(super) async fn load(&mut self, group: &[Waiting]) -> Result<(), StoreError> {
        self.load_agents(group).await?;
        let state = &self.state;
        let missing = named(group).map(|(_, domain)| DomainUuid::from_bytes(domain.uuid));
        let missing = missing.filter(|uuid| !state.knows(*uuid) && !state.is_whole()).collect();
        self.recall(missing, Depth::Moved).await?;
        let state = &self.state;
        let active = named(group).filter(|(_, domain)| domain.activity == Activity::Active);
        let active = active.map(|(arrival, domain)| (arrival, DomainUuid::from_bytes(domain.uuid)));
        let late = active.filter(|(arrival, uuid)| tells_late(state, arrival, *uuid)).map(|(_, uuid)| uuid).collect();
        self.recall(late, Depth::Whole).await
    }

    async fn recall(&mut self, uuids: BTreeSet<DomainUuid>, depth: Depth) -> Result<(), StoreError> {
        if uuids.is_empty() {
            return Ok(());
        }
        for (uuid, vm) in heal::recall(&self.store, uuids.into_iter().collect(), depth).await? {
            self.state.remember(uuid, vm);
        }
        Ok(())
    }

    /// Hosts with their clocks, VMs and streams.
    async fn load_agents(&mut self, group: &[Waiting]) -> Result<(), StoreError> {
        for Waiting { arrival, .. } in group {
            let (agent, epoch) = (arrival.agent, arrival.batch.epoch);
            if !self.state.agents.contains_key(&agent) && !self.state.is_whole() {
                self.load_agent(agent).await?;
            }
            let known = self.state.agents.get(&agent).and_then(|state| state.last_seq(epoch));
            if known.is_none() {
                let seq = self.store.last_seq(agent, epoch).await?;
                self.state.agents.entry(agent).or_default().set_last_seq(epoch, seq);
            }
        }
        Ok(())
    }

    /// A host that is new, or was forgotten: what it does not name any more is gone, so that its VMs are needed.
    async fn load_agent(&mut self, agent: AgentId) -> Result<(), StoreError> {
        let offset = self.store.clock_offset_ms(agent).await?;
        let vms = self.store.vms_of_host(agent).await?;
        self.recall(vms.into_iter().filter(|uuid| !self.state.knows(*uuid)).collect(), Depth::Moved).await?;
        let clock = offset.map_or_else(ClockState::default, ClockState::restored);
        self.state.agents.insert(agent, AgentState::with_clock(clock));
        Ok(())
    }

    /// Forgets what is gone and whose hosts are silent, unless the inventory does not know yet what is in memory.
    pub(super) async fn forget(&mut self, now: UnixMs) {
        if self.owed != InventoryUpdate::default() {
            return;
        }
        let idle = self.state.idle(now);
        if idle.is_empty() {
            return;
        }
        match self.store.keep_heard(idle.vms.clone()).await {
            Ok(()) => self.state.forget(&idle),
            Err(error) => tracing::warn!(%error, "what is gone stays in memory, as it could not be written"),
        }
    }
}

fn named(group: &[Waiting]) -> impl Iterator<Item = (&Arrival, &DomainSample)> {
    group.iter().flat_map(|Waiting { arrival, .. }| arrival.batch.domains.iter().map(move |domain| (arrival, domain)))
}

/// Whether another host may tell of a time that memory does not tell apart: see [`super::state::Vm::recalled`].
fn tells_late(state: &State, arrival: &Arrival, uuid: DomainUuid) -> bool {
    let Some(vm) = state.vm(uuid).filter(|vm| !vm.recalled) else { return false };
    let offset = arrival.sent.since(arrival.received).0.unsigned_abs();
    let clock_is_off = offset > CLOCK_OFFSET_FLAG.0.unsigned_abs();
    (clock_is_off || arrival.batch.tick_wall_ms <= vm.heard.0) && vm.owner.hosts().any(|host| host != arrival.agent)
}
