//! Hosts, a collector and time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use evenkeel_agent::uplink::session::Event;
use evenkeel_collector::ingest::{Ingest, Limits};
use evenkeel_collector::store::engine::Due;
use evenkeel_collector::store::{CONTROL_FILE, Store};
use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::sample::{Gauge, Value};
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::ToAgent;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::host::{Host, vm};

/// The begin of time.
pub const START: i64 = 1_800_000_000_000;
/// How long a message is under way.
const LATENCY_MS: i64 = 3;

/// The collector's ingest on its databases.
struct Collector {
    store: Store,
    ingest: Ingest,
}

/// A reading of a VM as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub at: UnixMs,
    pub number: i64,
    /// The host that it is from.
    pub agent: AgentId,
}

/// See the module.
pub struct World {
    dir: TempDir,
    data_dir: PathBuf,
    runtime: Runtime,
    collector: Option<Collector>,
    pub now: UnixMs,
    /// How far the collector's clock is off.
    pub clock_off_ms: i64,
    pub hosts: Vec<Host>,
    /// Batches that the collector takes of each host in a step.
    pub pace: usize,
    /// What the collector keeps in memory, from its next start on.
    pub limits: Limits,
    /// Which VMs run on which host.
    pub runs: Vec<Vec<u8>>,
    /// Numbers of VMs' readings, with when and where they were taken, and the collector's clock then.
    pub taken: BTreeMap<(u8, i64), (UnixMs, AgentId)>,
    /// When the batch of a number was stored.
    pub stored_at: BTreeMap<i64, UnixMs>,
    numbers: i64,
    due: Vec<UnixMs>,
}

impl World {
    /// Each host runs the VM of its own number.
    pub fn new(hosts: u8, interval_ms: i64) -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let data_dir = dir.path().join("collector");
        std::fs::create_dir(&data_dir).unwrap();
        drop(Store::open(&data_dir).unwrap());
        let db = rusqlite::Connection::open(data_dir.join(CONTROL_FILE)).unwrap();
        let mut all = Vec::new();
        for number in 1..=hosts {
            db.execute(
                "INSERT INTO agents VALUES (?, ?, '', x'', 'approved', '', '', 0, NULL)",
                (AgentId::from_bytes([number; 16]).to_bytes(), format!("host{number}")),
            )
            .unwrap();
            let own = dir.path().join(format!("host{number}"));
            std::fs::create_dir(&own).unwrap();
            all.push(Host::new(number, &own, interval_ms));
        }
        let mut world = Self {
            dir,
            data_dir,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            collector: None,
            now: UnixMs(START),
            clock_off_ms: 0,
            pace: 1_000,
            limits: Limits::default(),
            runs: (1..=hosts).map(|number| vec![number]).collect(),
            taken: BTreeMap::new(),
            stored_at: BTreeMap::new(),
            numbers: 0,
            // Hosts do not tick at the same moment.
            due: (0..i64::from(hosts)).map(|host| UnixMs(START + 1 + host * 137)).collect(),
            hosts: all,
        };
        world.start();
        world
    }

    pub fn start(&mut self) {
        let store = Store::open(&self.data_dir).unwrap();
        let ingest = self.runtime.block_on(Ingest::open_with(store.clone(), self.limits)).unwrap();
        self.collector = Some(Collector { store, ingest });
    }

    /// The collector is gone, with everything that it did not acknowledge.
    pub fn stop(&mut self) {
        self.collector = None;
        // The writer ends.
        self.runtime.block_on(async {
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
        });
        for host in &mut self.hosts {
            host.cut(self.now);
        }
    }

    pub fn lines(&mut self, up: bool) {
        self.hosts.iter_mut().for_each(|host| host.line = up);
    }

    pub fn store(&self) -> &Store {
        &self.collector.as_ref().unwrap().store
    }

    pub fn block_on<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }

    /// Seals every hour that is over.
    pub fn seal(&self) {
        while self.block_on(self.store().seal(Due::Before(self.collectors_clock()))).unwrap().more {}
    }

    pub fn collectors_clock(&self) -> UnixMs {
        UnixMs(self.now.0 + self.clock_off_ms)
    }

    /// Goes on for so long in steps: what is due ticks, what is under way arrives.
    pub fn run(&mut self, for_ms: i64, step_ms: i64) {
        let until = self.now.0 + for_ms;
        while self.now.0 < until {
            self.now = UnixMs((self.now.0 + step_ms).min(until));
            for index in 0..self.hosts.len() {
                self.host_step(index);
                self.collect(index);
            }
        }
    }

    /// Goes on until nothing waits.
    pub fn settle(&mut self) {
        for _ in 0..20_000 {
            self.run(1_000, 1_000);
            if self.hosts.iter().all(|host| host.spool.waiting().0 == 0) {
                return;
            }
        }
        panic!("something waits for ever");
    }

    fn host_step(&mut self, index: usize) {
        let Self { hosts, collector, runtime, .. } = self;
        let host = &mut hosts[index];
        let agent = host.agent;
        let ends = |streams: &[u64]| {
            let store = &collector.as_ref().unwrap().store;
            let end = |epoch: &u64| runtime.block_on(store.last_seq(agent, *epoch)).unwrap();
            streams.iter().map(end).collect()
        };
        host.pass(self.now, &ends);
        if self.now < self.due[index] {
            return;
        }
        self.due[index] = self.due[index].plus(host.interval());
        self.numbers += 1;
        for vm in &self.runs[index] {
            self.taken.insert((*vm, self.numbers), (self.now, agent));
        }
        host.tick(self.now, self.numbers, &self.runs[index], &ends);
    }

    /// The collector takes what a host has sent.
    fn collect(&mut self, index: usize) {
        for _ in 0..self.pace {
            let received = UnixMs(self.collectors_clock().0 + LATENCY_MS);
            let Self { hosts, collector, runtime, .. } = self;
            let (host, Some(collector)) = (&mut hosts[index], collector.as_ref()) else { return };
            let Some(one) = host.up.pop_front() else { return };
            let (epoch, number) = (one.batch.epoch, number_of(&one.batch));
            let taken = collector.ingest.accept(host.agent, received, one.sent_wall_ms, one.sent_mono_ms, one.batch);
            let seq = runtime.block_on(taken).unwrap();
            host.handle(Event::Received(ToAgent::Ack { epoch, seq }), self.now, &|_| Vec::new());
            if let Some(number) = number {
                self.stored_at.entry(number).or_insert(self.now);
                self.not_in_the_future(index, number);
            }
        }
    }

    /// What was just stored is not later than an interval from now.
    fn not_in_the_future(&self, index: usize, number: i64) {
        let from = UnixMs(self.collectors_clock().0 + LATENCY_MS + self.hosts[index].interval_ms + 1);
        for vm in &self.runs[index] {
            let found = self.stored_from(*vm, from);
            assert!(found.iter().all(|(_, stored)| *stored != number), "{number} is in the collector's future");
        }
    }

    fn stored_from(&self, number: u8, from: UnixMs) -> Vec<(UnixMs, i64)> {
        let entity = DomainUuid(vm(number)).into();
        let series = self.block_on(self.store().series(vec![entity], Vec::new(), false)).unwrap();
        let mut all = Vec::new();
        for row in series {
            let mut next = Some(from);
            while let Some(from) = next {
                let slice = self.block_on(self.store().samples(row.clone(), from, UnixMs(i64::MAX))).unwrap();
                all.extend(slice.readings.into_iter().filter_map(|(at, value)| match value {
                    Value::Gauge(Gauge::Int(number)) => Some((at, number)),
                    _ => None,
                }));
                next = slice.next;
            }
        }
        all
    }

    /// Everything that is stored of a VM, with the host of each time.
    pub fn stored(&self, number: u8) -> Vec<Stored> {
        let entity = DomainUuid(vm(number)).into();
        let polls = self.block_on(self.store().polls(entity, UnixMs(0), UnixMs(i64::MAX), usize::MAX)).unwrap();
        let agents: BTreeMap<UnixMs, AgentId> = polls.into_iter().map(|poll| (poll.at, poll.agent)).collect();
        let readings = self.stored_from(number, UnixMs(i64::MIN));
        let stored = |(at, number)| Stored { at, number, agent: agents[&at] };
        readings.into_iter().map(stored).collect()
    }

    /// Every reading that was taken is stored once, from where it was taken, no time is there twice, and nobody speaks of a
    /// gap. Answers with what is stored of each VM.
    pub fn nothing_lost_or_doubled(&self) -> BTreeMap<u8, Vec<Stored>> {
        let mut vms: BTreeMap<u8, BTreeMap<i64, AgentId>> = BTreeMap::new();
        for ((vm, number), (_, agent)) in &self.taken {
            vms.entry(*vm).or_default().insert(*number, *agent);
        }
        let mut all = BTreeMap::new();
        for (vm, taken) in vms {
            let stored = self.stored(vm);
            assert!(stored.is_sorted_by(|a, b| a.at < b.at), "VM {vm}: a time is there twice");
            let by_number: BTreeMap<i64, AgentId> = stored.iter().map(|one| (one.number, one.agent)).collect();
            assert_eq!(by_number.len(), stored.len(), "VM {vm}: a reading is there twice");
            let missing: Vec<_> = taken.keys().filter(|number| !by_number.contains_key(number)).collect();
            assert!(missing.is_empty(), "VM {vm}: {} of {} are lost: {missing:?}", missing.len(), taken.len());
            assert_eq!(by_number, taken, "VM {vm}: from where it was taken");
            all.insert(vm, stored);
        }
        for host in &self.hosts {
            let gaps = self.block_on(self.store().gaps(host.agent, UnixMs(i64::MIN), UnixMs(i64::MAX))).unwrap();
            assert!(gaps.is_empty(), "{gaps:?}");
        }
        all
    }

    /// Another data directory, for the next start.
    pub fn move_to(&mut self, name: &str) -> PathBuf {
        self.data_dir = self.dir.path().join(name);
        self.data_dir.clone()
    }

    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }
}

/// The number that the VMs of a batch say.
fn number_of(batch: &evenkeel_common::wire::v1::Batch) -> Option<i64> {
    batch.domains.iter().flat_map(|domain| &domain.readings).find_map(|reading| match reading.value {
        evenkeel_common::wire::v1::WireValue::Int(number) => Some(number),
        _ => None,
    })
}
