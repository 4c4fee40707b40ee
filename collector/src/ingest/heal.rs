//! What the store knows of VMs that are not in memory: at start, and when a host names one that was forgotten. At start
//! also what a crash between journal and inventory left behind.

use std::collections::HashMap;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::sample::DomainState;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::owner::{HeardPoll, Known, Owner};
use super::state::{AgentState, Limits, State, Vm};
use super::time_of_record::ClockState;
use crate::store::{
    InventoryUpdate, KnownRow, KnownVm, PlacementRow, Poll, PollEnd, Store, StoreError, VmRow, VmUpdate,
};

/// How far back it is looked where a VM was: a spool is made for a day.
const RECENT: DurationMs = DurationMs::from_s(2 * 86_400);
/// Polls of one VM that are looked at; of one that is read so often that these are not two days, placements have to do.
const RECENT_POLLS_MAX: usize = 200_000;
/// VMs that are looked up at once.
const AT_ONCE: usize = 4_096;

/// How thoroughly the store is asked for a VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Where it was is looked up in its polls only when it moved lately.
    Moved,
    /// In any case: another host tells late where it was.
    Whole,
}

/// Reads owners and clocks from the store: of VMs that some host knows, and of those in the journal. That is the truth: an
/// inventory behind it is brought up to date; a VM that the inventory does not know yet gets its placement now and its
/// name with the next batch.
pub(super) async fn restore(store: &Store, limits: Limits) -> Result<State, StoreError> {
    let mut state = State::new(limits, store.has_gone_vms().await?);
    let mut wanted = store.vms_there().await?;
    wanted.extend(store.unsealed_vms().await?);
    wanted.sort_unstable();
    wanted.dedup();
    for some in wanted.chunks(AT_ONCE) {
        for (uuid, vm) in recall(store, some.to_vec(), Depth::Moved).await? {
            state.remember(uuid, vm);
        }
    }
    for host in store.hosts().await? {
        let agent: &mut AgentState = state.agents.entry(host.agent).or_default();
        agent.clock = ClockState::restored(host.clock_offset_ms);
        agent.heard = host.last_seen;
    }
    Ok(state)
}

/// What the store knows of VMs; those that were never polled are left out.
pub(super) async fn recall(
    store: &Store,
    uuids: Vec<DomainUuid>,
    depth: Depth,
) -> Result<Vec<(DomainUuid, Vm)>, StoreError> {
    let known = store.vms_on_record(uuids).await?;
    let newest = known.iter().map(|vm| (vm.uuid, vm.placements.last().copied())).collect();
    let mut known: HashMap<DomainUuid, KnownVm> = known.into_iter().map(|vm| (vm.uuid, vm)).collect();
    let mut healed = InventoryUpdate::default();
    let (mut heard, mut behind, mut vms) = (Vec::new(), Vec::new(), Vec::new());
    for end in store.poll_ends(newest).await? {
        let Some(KnownVm { row, mut placements, .. }) = known.remove(&end.uuid) else { continue };
        let elsewhere = placements.last().is_none_or(|(agent, _)| *agent != end.last.agent);
        if elsewhere && end.last_active.is_some() {
            placements.push((end.last.agent, end.here_from));
            healed.placements.push(PlacementRow { uuid: end.uuid, from: end.here_from, agent: end.last.agent });
        }
        match row.filter(|row| row.last_seen < end.last.at) {
            // That it was heard since is kept in memory only while nothing else changes.
            Some(row) if row.agent == end.last.agent && row.state == state_of(&row, &end) => {
                heard.push((end.uuid, end.last.at));
            }
            Some(_) => behind.push(end),
            None => {}
        }
        let recent = recently(store, &placements, &end, depth).await?;
        let recalled = recent.is_some();
        let owner = owner(&placements, recent.unwrap_or_default(), &end, row);
        let newest = row.map_or(end.last.at, |row| row.last_seen.max(end.last.at));
        vms.push((end.uuid, Vm { owner, told: None, heard: newest, recalled }));
    }
    store.vms_heard(&heard);
    catch_up(store, &behind, healed).await?;
    Ok(vms)
}

/// Writes what the journal knows better than the inventory.
async fn catch_up(store: &Store, behind: &[PollEnd], mut healed: InventoryUpdate) -> Result<(), StoreError> {
    if !behind.is_empty() {
        let rows: HashMap<DomainUuid, VmRow> = store.vms().await?.into_iter().map(|vm| (vm.uuid, vm)).collect();
        healed.vms.extend(behind.iter().filter_map(|end| Some(caught_up(rows.get(&end.uuid)?, end))));
    }
    if healed == InventoryUpdate::default() {
        return Ok(());
    }
    let (vms, placements) = (healed.vms.len(), healed.placements.len());
    tracing::info!(vms, placements, "inventory healed from the journal");
    store.update_inventory(healed).await
}

/// Polls of a VM: of other hosts it may still be told where it was in between. None when they were not looked up.
async fn recently(
    store: &Store,
    placements: &[(AgentId, UnixMs)],
    end: &PollEnd,
    depth: Depth,
) -> Result<Option<Vec<HeardPoll>>, StoreError> {
    let from = end.last.at.minus(RECENT);
    let moved = placements.len() > 1 && placements.last().is_some_and(|(_, moved)| *moved >= from);
    if depth == Depth::Moved && !moved {
        return Ok(None);
    }
    let polls = store.polls(end.uuid.into(), from, UnixMs(i64::MAX), RECENT_POLLS_MAX).await?;
    if polls.len() == RECENT_POLLS_MAX {
        return Ok(Some(Vec::new()));
    }
    let active = |poll: &Poll| poll.state.is_none_or(|code| DomainState::from_code(code).is_active());
    let heard =
        |poll: Poll| HeardPoll { agent: poll.agent, at: poll.at, interval: poll.interval, active: active(&poll) };
    Ok(Some(polls.into_iter().map(heard).collect()))
}

fn owner(placements: &[(AgentId, UnixMs)], heard: Vec<HeardPoll>, end: &PollEnd, row: Option<KnownRow>) -> Owner {
    let active = end.last_active == Some(end.last.at);
    Owner::restored(&Known {
        placements: placements.to_vec(),
        heard,
        last_poll: Some((end.last.agent, end.last.at, active)),
        last_active: end.last_active,
        rival: row.and_then(|row| row.rival),
        gone: row.and_then(|row| row.gone()),
    })
}

fn state_of(row: &KnownRow, end: &PollEnd) -> DomainState {
    end.last.state.map_or(row.state, DomainState::from_code)
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
