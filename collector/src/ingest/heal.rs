//! What a starting collector knows, and what a crash between journal and inventory left behind.

use std::collections::HashMap;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::sample::DomainState;
use evenkeel_common::time::UnixMs;

use super::owner::{Known, Owner};
use super::state::{AgentState, State, Vm};
use super::time_of_record::ClockState;
use crate::store::{InventoryUpdate, PlacementRow, PollEnd, Store, StoreError, VmRow, VmUpdate};

/// Reads owners and clocks from the store. The journal is the truth: an inventory behind it is brought up to date; a
/// VM that the inventory does not know yet gets its placement now and its name with the next batch.
pub(super) async fn restore(store: &Store) -> Result<State, StoreError> {
    let mut placed: HashMap<DomainUuid, Vec<(AgentId, UnixMs)>> = HashMap::new();
    for row in store.all_placements().await? {
        placed.entry(row.uuid).or_default().push((row.agent, row.from));
    }
    let newest = placed.iter().filter_map(|(uuid, rows)| rows.last().map(|newest| (*uuid, *newest))).collect();
    let known: HashMap<DomainUuid, VmRow> = store.vms().await?.into_iter().map(|vm| (vm.uuid, vm)).collect();
    let mut state = State::default();
    let mut healed = InventoryUpdate::default();
    let mut heard = Vec::new();
    for end in store.poll_ends(newest).await? {
        let vm = known.get(&end.uuid);
        let placements = placed.entry(end.uuid).or_default();
        let elsewhere = placements.last().is_none_or(|(agent, _)| *agent != end.last.agent);
        if elsewhere && end.last_active.is_some() {
            placements.push((end.last.agent, end.here_from));
            healed.placements.push(PlacementRow { uuid: end.uuid, from: end.here_from, agent: end.last.agent });
        }
        let behind = vm.filter(|vm| vm.last_seen < end.last.at).map(|vm| (vm, caught_up(vm, &end)));
        match behind {
            // That it was heard since is kept in memory only while nothing else changes.
            Some((vm, update)) if vm.agent == update.agent && vm.state == update.state => {
                heard.push((end.uuid, end.last.at));
            }
            behind => healed.vms.extend(behind.map(|(_, update)| update)),
        }
        let owner = owner(placements, &end, vm);
        let newest = vm.map_or(end.last.at, |vm| vm.last_seen.max(end.last.at));
        state.remember(end.uuid, Vm { owner, told: None, heard: newest });
    }
    store.vms_heard(&heard);
    if healed != InventoryUpdate::default() {
        tracing::info!(
            vms = healed.vms.len(),
            placements = healed.placements.len(),
            "inventory healed from the journal"
        );
        store.update_inventory(healed).await?;
    }
    for host in store.hosts().await? {
        let agent: &mut AgentState = state.agents.entry(host.agent).or_default();
        agent.clock = ClockState::restored(host.clock_offset_ms);
    }
    Ok(state)
}

fn owner(placements: &[(AgentId, UnixMs)], end: &PollEnd, vm: Option<&VmRow>) -> Owner {
    let active = end.last_active == Some(end.last.at);
    Owner::restored(&Known {
        placements: placements.to_vec(),
        last_poll: Some((end.last.agent, end.last.at, active)),
        last_active: end.last_active,
        rival: vm.and_then(|vm| vm.rival),
    })
}

fn caught_up(vm: &VmRow, end: &PollEnd) -> VmUpdate {
    VmUpdate {
        uuid: vm.uuid,
        name: vm.name.clone(),
        agent: end.last.agent,
        state: end.last.state.map_or(vm.state, DomainState::from_code),
        counter_epoch: vm.counter_epoch,
        arrived: false,
        at: end.last.at,
        rival: vm.rival,
        facts: vm.facts.clone(),
    }
}
