//! What a starting collector knows, and what a crash between journal and inventory left behind.

use std::collections::HashMap;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::sample::DomainState;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::owner::{Known, Owner};
use super::state::{AgentState, State, Vm};
use super::time_of_record::ClockState;
use crate::store::{InventoryUpdate, PlacementRow, Poll, PollEnd, Store, StoreError, VmRow, VmUpdate};

/// How far back it is looked where a VM was: a spool is made for a day.
const RECENT: DurationMs = DurationMs::from_s(2 * 86_400);
/// Polls of one VM that are looked at; of one that is read so often that these are not two days, placements have to do.
const RECENT_POLLS_MAX: usize = 200_000;

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
        let recent = recently(store, placements, &end).await?;
        let owner = owner(placements, recent, &end, vm);
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

/// Active polls of a VM that moved lately: of other hosts it may still be told where it was in between.
async fn recently(
    store: &Store,
    placements: &[(AgentId, UnixMs)],
    end: &PollEnd,
) -> Result<Vec<(AgentId, UnixMs, DurationMs)>, StoreError> {
    let from = end.last.at.minus(RECENT);
    if placements.len() < 2 || placements.last().is_none_or(|(_, moved)| *moved < from) {
        return Ok(Vec::new());
    }
    let polls = store.polls(end.uuid.into(), from, UnixMs(i64::MAX), RECENT_POLLS_MAX).await?;
    if polls.len() == RECENT_POLLS_MAX {
        return Ok(Vec::new());
    }
    let active = |poll: &Poll| poll.state.is_none_or(|code| DomainState::from_code(code).is_active());
    Ok(polls.into_iter().filter(active).map(|poll| (poll.agent, poll.at, poll.interval)).collect())
}

fn owner(
    placements: &[(AgentId, UnixMs)],
    heard: Vec<(AgentId, UnixMs, DurationMs)>,
    end: &PollEnd,
    vm: Option<&VmRow>,
) -> Owner {
    let active = end.last_active == Some(end.last.at);
    Owner::restored(&Known {
        placements: placements.to_vec(),
        heard,
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
