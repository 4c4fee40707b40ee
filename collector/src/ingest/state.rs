//! What ingest remembers between batches, and a draft of it that becomes true only once the rows are on disk.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::time::{DurationMs, UnixMs};
use evenkeel_common::wire::v1::DomainInfo;

use super::owner::Owner;
use super::time_of_record::ClockState;

/// Streams of one agent whose `last_seq` and tick are kept in memory: the fresh one, and those that it catches up with. Of
/// others the number is read again, and the parts of a tick are not known to belong together.
const STREAMS_MAX: usize = 8;

/// What is remembered of all agents and VMs.
#[derive(Debug, Default)]
pub(super) struct State {
    vms: HashMap<DomainUuid, Vm>,
    /// VMs that are or were on a host, so that a host's silence concerns few of them, however large the fleet.
    on_host: HashMap<AgentId, HashSet<DomainUuid>>,
    pub(super) agents: HashMap<AgentId, AgentState>,
}

/// What is remembered of one VM.
#[derive(Clone, Debug)]
pub(super) struct Vm {
    pub(super) owner: Owner,
    /// What the inventory was told, so that it is told again only what changed.
    pub(super) told: Option<Arc<Told>>,
    /// The newest report that the inventory knows of.
    pub(super) heard: UnixMs,
}

impl Default for Vm {
    fn default() -> Self {
        Self { owner: Owner::default(), told: None, heard: UnixMs(i64::MIN) }
    }
}

/// What the inventory was told of a VM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) name: String,
    pub(super) state: u8,
    pub(super) counter_epoch: u64,
    pub(super) agent: AgentId,
    pub(super) rival: Option<AgentId>,
    /// Nearly always the very facts that came with the batch before.
    pub(super) info: Arc<DomainInfo>,
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
    pub(super) named: Vec<DomainUuid>,
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
    vms: HashMap<DomainUuid, Vm>,
    /// VMs of which a host said something.
    named: HashMap<AgentId, Vec<DomainUuid>>,
    agents: HashMap<AgentId, AgentState>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(base: &'a State) -> Self {
        Self { base, vms: HashMap::new(), named: HashMap::new(), agents: HashMap::new() }
    }

    /// A VM of which a host says something.
    pub(super) fn vm(&mut self, uuid: DomainUuid, agent: AgentId) -> &mut Vm {
        let base = self.base;
        let named = &mut self.named;
        self.vms.entry(uuid).or_insert_with(|| {
            let known = base.vms.get(&uuid);
            if known.is_none_or(|vm| !vm.owner.hosts().any(|host| host == agent)) {
                named.entry(agent).or_default().push(uuid);
            }
            known.cloned().unwrap_or_default()
        })
    }

    /// The owner of a VM, as far as one is known.
    pub(super) fn owner(&self, uuid: DomainUuid) -> Option<&Owner> {
        self.vms.get(&uuid).or_else(|| self.base.vms.get(&uuid)).map(|vm| &vm.owner)
    }

    pub(super) fn agent(&mut self, agent: AgentId) -> &mut AgentState {
        let base = self.base;
        self.agents.entry(agent).or_insert_with(|| base.agents.get(&agent).cloned().unwrap_or_default())
    }

    /// VMs that are or were on a host and for which `wanted` holds, but for those of a sorted list; in a fixed order.
    pub(super) fn vms_of(
        &self,
        agent: AgentId,
        but: &[DomainUuid],
        wanted: impl Fn(&Owner) -> bool,
    ) -> Vec<DomainUuid> {
        let known = self.base.on_host.get(&agent).into_iter().flatten();
        let named = self.named.get(&agent).into_iter().flatten();
        let wanted = |uuid: &&DomainUuid| but.binary_search(uuid).is_err() && self.owner(**uuid).is_some_and(&wanted);
        let mut found: Vec<DomainUuid> = known.chain(named).filter(wanted).copied().collect();
        found.sort_unstable();
        found.dedup();
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
    vms: HashMap<DomainUuid, Vm>,
    agents: HashMap<AgentId, AgentState>,
}

impl State {
    pub(super) fn apply(&mut self, changes: Changes) {
        for (uuid, vm) in changes.vms {
            self.remember(uuid, vm);
        }
        self.agents.extend(changes.agents);
    }

    /// Takes in what is known of a VM.
    pub(super) fn remember(&mut self, uuid: DomainUuid, vm: Vm) {
        let before = self.vms.get(&uuid);
        if before.is_none_or(|before| !before.owner.hosts().eq(vm.owner.hosts())) {
            let left: Vec<AgentId> = before.into_iter().flat_map(|before| before.owner.hosts()).collect();
            for host in left {
                if let Some(vms) = self.on_host.get_mut(&host) {
                    vms.remove(&uuid);
                }
            }
            for host in vm.owner.hosts() {
                self.on_host.entry(host).or_default().insert(uuid);
            }
        }
        self.vms.insert(uuid, vm);
    }
}
