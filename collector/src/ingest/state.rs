//! What ingest remembers between batches, and a draft of it that becomes true only once the rows are on disk.

use std::collections::{HashMap, HashSet};

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::owner::Owner;
use super::time_of_record::ClockState;

/// Streams of one agent whose `last_seq` and tick are kept in memory: the fresh one, and those that it catches up with. Of
/// others the number is read again, and the parts of a tick are not known to belong together.
const STREAMS_MAX: usize = 8;

/// What is remembered of all agents and VMs.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) vms: HashMap<DomainUuid, Owner>,
    pub(super) agents: HashMap<AgentId, AgentState>,
}

/// What is remembered of one agent.
#[derive(Clone, Debug, Default)]
pub(super) struct AgentState {
    pub(super) clock: ClockState,
    streams: Vec<Stream>,
}

/// A stream of batches.
#[derive(Clone, Debug)]
struct Stream {
    epoch: u64,
    last_seq: u64,
    tick: Option<Tick>,
}

/// The tick whose parts are arriving.
#[derive(Clone, Debug)]
pub(super) struct Tick {
    pub(super) mono_ms: u64,
    pub(super) last_seq: u64,
    pub(super) at: UnixMs,
    pub(super) interval: DurationMs,
    /// Nothing of it is missing so far, so that silence about a VM means something.
    pub(super) whole: bool,
    pub(super) named: HashSet<DomainUuid>,
}

impl AgentState {
    /// How far a stream is on disk, if that is in memory.
    pub(super) fn last_seq(&self, epoch: u64) -> Option<u64> {
        self.streams.iter().find(|stream| stream.epoch == epoch).map(|stream| stream.last_seq)
    }

    /// A batch that is no part of a tick does not break the order of the tick's parts.
    pub(super) fn follow(&mut self, epoch: u64, seq: u64) {
        if let Some(tick) = self.stream(epoch).tick.as_mut().filter(|tick| tick.last_seq + 1 == seq) {
            tick.last_seq = seq;
        }
    }

    pub(super) fn set_last_seq(&mut self, epoch: u64, seq: u64) {
        self.stream(epoch).last_seq = seq;
    }

    /// The tick whose parts are arriving in a stream.
    pub(super) fn tick(&mut self, epoch: u64) -> &mut Option<Tick> {
        &mut self.stream(epoch).tick
    }

    /// A stream, which is the most recently used one then.
    fn stream(&mut self, epoch: u64) -> &mut Stream {
        let known = self.streams.iter().position(|stream| stream.epoch == epoch);
        let stream = match known {
            Some(index) => self.streams.remove(index),
            None => Stream { epoch, last_seq: 0, tick: None },
        };
        if self.streams.len() >= STREAMS_MAX {
            self.streams.remove(0);
        }
        self.streams.push(stream);
        let last = self.streams.len() - 1;
        &mut self.streams[last]
    }
}

/// Changes to a [`State`] that can still be thrown away.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    base: &'a State,
    vms: HashMap<DomainUuid, Owner>,
    agents: HashMap<AgentId, AgentState>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(base: &'a State) -> Self {
        Self { base, vms: HashMap::new(), agents: HashMap::new() }
    }

    pub(super) fn vm(&mut self, uuid: DomainUuid) -> &mut Owner {
        let base = self.base;
        self.vms.entry(uuid).or_insert_with(|| base.vms.get(&uuid).cloned().unwrap_or_default())
    }

    /// Whether anything is remembered of a VM.
    pub(super) fn knows(&self, uuid: DomainUuid) -> bool {
        self.vms.contains_key(&uuid) || self.base.vms.contains_key(&uuid)
    }

    pub(super) fn agent(&mut self, agent: AgentId) -> &mut AgentState {
        let base = self.base;
        self.agents.entry(agent).or_insert_with(|| base.agents.get(&agent).cloned().unwrap_or_default())
    }

    /// VMs for which `wanted` holds, in a fixed order.
    pub(super) fn vms_where(&self, wanted: impl Fn(&Owner) -> bool) -> Vec<DomainUuid> {
        let unchanged = self.base.vms.iter().filter(|(uuid, _)| !self.vms.contains_key(uuid));
        let mut found: Vec<DomainUuid> =
            unchanged.chain(&self.vms).filter(|(_, owner)| wanted(owner)).map(|(uuid, _)| *uuid).collect();
        found.sort_unstable();
        found
    }

    /// The changes alone.
    pub(super) fn into_changes(self) -> Changes {
        Changes { vms: self.vms, agents: self.agents }
    }
}

/// What a draft changed.
#[derive(Debug)]
pub(super) struct Changes {
    vms: HashMap<DomainUuid, Owner>,
    agents: HashMap<AgentId, AgentState>,
}

impl State {
    pub(super) fn apply(&mut self, changes: Changes) {
        self.vms.extend(changes.vms);
        self.agents.extend(changes.agents);
    }
}
