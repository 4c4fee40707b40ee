//! What ingest remembers between batches, and a draft of it that becomes true only once the rows are on disk.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::time::{DurationMs, UnixMs};
use evenkeel_common::wire::v1::DomainInfo;

use super::owner::Owner;
use super::time_of_record::ClockState;

/// Streams of one agent whose `last_seq` and tick are kept in memory: the fresh one, and those that it catches up with. Of
/// others the number is read again, and the parts of a tick are not known to belong together.
const STREAMS_MAX: usize = 8;

/// How much is remembered of what nobody speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// VMs that no host knows any more. More: those that went first are read from disk when they come again.
    pub gone: usize,
    /// A host that was not heard for so long is forgotten with its VMs until it comes again.
    pub silent: DurationMs,
}

impl Default for Limits {
    fn default() -> Self {
        Self { gone: 1_024, silent: DurationMs::from_s(3_600) }
    }
}

/// What is remembered of all agents and VMs.
#[derive(Debug, Default)]
pub(super) struct State {
    limits: Limits,
    /// VMs that are gone, those that went first in front; some came back since.
    gone: VecDeque<DomainUuid>,
    /// Something is on disk that is not in memory.
    forgot: bool,
    /// When silent hosts were last looked for.
    looked: Option<UnixMs>,
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
    /// All its stays are in memory. Otherwise it was read from disk, and what its host was silent about was not looked up.
    pub(super) recalled: bool,
}

impl Default for Vm {
    fn default() -> Self {
        Self { owner: Owner::default(), told: None, heard: UnixMs(i64::MIN), recalled: true }
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
#[derive(Clone, Debug)]
pub(super) struct AgentState {
    pub(super) clock: ClockState,
    /// When it was heard last, by the collector's clock.
    pub(super) heard: UnixMs,
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

impl Default for AgentState {
    fn default() -> Self {
        Self::with_clock(ClockState::default())
    }
}

impl AgentState {
    pub(super) const fn with_clock(clock: ClockState) -> Self {
        Self { clock, heard: UnixMs(i64::MIN), streams: Vec::new() }
    }

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

/// What is to be forgotten.
#[derive(Clone, Debug, Default)]
pub(super) struct Idle {
    pub(super) vms: Vec<DomainUuid>,
    agents: Vec<AgentId>,
}

impl Idle {
    pub(super) const fn is_empty(&self) -> bool {
        self.vms.is_empty() && self.agents.is_empty()
    }
}

impl State {
    /// `forgot` when there is something on disk that is not going to be remembered.
    pub(super) fn new(limits: Limits, forgot: bool) -> Self {
        Self { limits, forgot, ..Self::default() }
    }

    /// All that is on disk is in memory: who is not is new.
    pub(super) const fn is_whole(&self) -> bool {
        !self.forgot
    }

    /// How many VMs are in memory.
    pub(super) fn len(&self) -> usize {
        self.vms.len()
    }

    pub(super) fn knows(&self, uuid: DomainUuid) -> bool {
        self.vms.contains_key(&uuid)
    }

    pub(super) fn vm(&self, uuid: DomainUuid) -> Option<&Vm> {
        self.vms.get(&uuid)
    }

    /// What nobody speaks of: VMs that are gone beyond those that may stay, and hosts that are silent with what was on no
    /// other host.
    pub(super) fn idle(&mut self, now: UnixMs) -> Idle {
        let mut idle = Idle::default();
        while self.gone.len() > self.limits.gone
            && let Some(uuid) = self.gone.pop_front()
        {
            idle.vms.extend(self.vms.get(&uuid).filter(|vm| vm.owner.is_gone()).map(|_| uuid));
        }
        let silent = self.limits.silent;
        // A clock that was set back: the times heard are of the future.
        if self.looked.is_some_and(|at| (0..silent.0 / 64).contains(&now.since(at).0)) {
            return idle;
        }
        self.looked = Some(now);
        let heard_lately = |state: &AgentState| now.since(state.heard) < silent;
        let quiet = |host: AgentId| self.agents.get(&host).is_none_or(|state| !heard_lately(state));
        idle.agents.extend(self.agents.keys().copied().filter(|agent| quiet(*agent)));
        let theirs = idle.agents.iter().filter_map(|agent| self.on_host.get(agent)).flatten();
        let alone = |uuid: &&DomainUuid| self.vms.get(*uuid).is_some_and(|vm| vm.owner.hosts().all(quiet));
        idle.vms.extend(theirs.filter(alone).copied());
        idle.vms.sort_unstable();
        idle.vms.dedup();
        idle
    }

    /// Forgets what is on disk.
    pub(super) fn forget(&mut self, idle: &Idle) {
        self.forgot = true;
        for uuid in &idle.vms {
            let Some(vm) = self.vms.remove(uuid) else { continue };
            for host in vm.owner.hosts() {
                if let Some(vms) = self.on_host.get_mut(&host) {
                    vms.remove(uuid);
                    if vms.is_empty() {
                        self.on_host.remove(&host);
                    }
                }
            }
        }
        for agent in &idle.agents {
            self.agents.remove(agent);
        }
        if self.vms.len() < self.vms.capacity() / 4 {
            self.vms.shrink_to_fit();
        }
    }

    pub(super) fn apply(&mut self, changes: Changes) {
        for (uuid, vm) in changes.vms {
            self.remember(uuid, vm);
        }
        self.agents.extend(changes.agents);
    }

    /// Takes in what is known of a VM.
    pub(super) fn remember(&mut self, uuid: DomainUuid, vm: Vm) {
        let before = self.vms.get(&uuid);
        if vm.owner.is_gone() && before.is_none_or(|before| !before.owner.is_gone()) {
            self.gone.push_back(uuid);
        }
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
