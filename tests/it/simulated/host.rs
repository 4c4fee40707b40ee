//! One host: the agent's session machine on its spool, without a network.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use evenkeel_agent::spool::{Cursor, RealFs, Settings, Spool};
use evenkeel_agent::uplink::session::{At, Away, CertLife, Effect, Event, Machine, Myself};
use evenkeel_common::id::AgentId;
use evenkeel_common::metric::known;
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::VERSION_MAX;
use evenkeel_common::wire::pack::Unpacker;
use evenkeel_common::wire::v1::{
    Activity, Batch, DomainInfo, DomainSample, HostInfo, HostSample, ToCollector, WireReading, WireValue,
};
use uuid::Uuid;

/// The metric that says the number of a reading.
pub const METRIC: &str = "vm_memory_current_bytes";
/// The monotonic clock of a host when time begins.
const UPTIME_MS: i64 = 5_000_000;

/// A VM by its number.
pub fn vm(number: u8) -> Uuid {
    Uuid::from_bytes([number; 16])
}

/// A batch under way, with the clocks that its message says.
pub struct UnderWay {
    pub sent_wall_ms: i64,
    /// By the agent's monotonic clock when it was sent, seen from the tick.
    pub sent_mono_ms: u64,
    pub batch: Batch,
}

/// See the module.
pub struct Host {
    pub agent: AgentId,
    pub spool: Spool<RealFs>,
    machine: Machine,
    cursors: [Cursor; 2],
    lanes: [Unpacker; 2],
    /// How far the wall clock is off.
    pub clock_off_ms: i64,
    pub interval_ms: i64,
    /// Whether the collector can be reached.
    pub line: bool,
    pub up: VecDeque<UnderWay>,
    /// Numbers of VMs with a definition here.
    known: BTreeSet<u8>,
    draw: u64,
}

impl Host {
    pub fn new(number: u8, dir: &Path, interval_ms: i64) -> Self {
        let mut spool = Spool::open(RealFs::open(&dir.join("spool")).unwrap(), Settings::new(256 << 20)).unwrap();
        let first_stream = spool.begin(1);
        let far = UnixMs(i64::MAX / 2);
        let me = Myself {
            run: 1,
            first_stream,
            version_max: VERSION_MAX,
            machine_id: format!("machine {number}"),
            agent_version: "0.1.0".into(),
            csr_der: Vec::new(),
            cert: CertLife { renew_at: far, not_after: far },
        };
        Self {
            agent: AgentId::from_bytes([number; 16]),
            spool,
            machine: Machine::new(me, MonoMs(0)),
            cursors: [Cursor::default(), Cursor::default()],
            lanes: Default::default(),
            clock_off_ms: 0,
            interval_ms,
            line: true,
            up: VecDeque::new(),
            known: BTreeSet::new(),
            draw: number.into(),
        }
    }

    pub fn is_live(&self) -> bool {
        self.machine.is_live()
    }

    fn at(&mut self, now: UnixMs) -> At {
        self.draw = self.draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let mono = u64::try_from(UPTIME_MS + now.0 - super::world::START).unwrap();
        At { mono: MonoMs(mono), wall: UnixMs(now.0 + self.clock_off_ms), draw: self.draw >> 20 }
    }

    /// A tick: every VM that runs here says `number`, those that only have a definition are shut off.
    pub fn tick(&mut self, now: UnixMs, number: i64, running: &[u8], ends: &impl Fn(&[u64]) -> Vec<u64>) {
        self.known.extend(running);
        let domain = |vm_number: u8| {
            let runs = running.contains(&vm_number);
            let reading = WireReading { metric: known(METRIC).id.0, device: 0, value: WireValue::Int(number) };
            DomainSample {
                uuid: vm(vm_number).into_bytes(),
                name: format!("vm{vm_number}"),
                state: if runs { 1 } else { 5 },
                activity: if runs { Activity::Active } else { Activity::Inactive },
                counter_epoch: 1,
                info: DomainInfo::default().into(),
                readings: if runs { vec![reading] } else { Vec::new() },
            }
        };
        let at = self.at(now);
        let batch = Batch {
            tick_wall_ms: at.wall.0,
            tick_mono_ms: at.mono.0,
            interval_ms: u32::try_from(self.interval_ms).unwrap(),
            boot_id: [1; 16],
            host: Some(HostSample { info: HostInfo::default(), counter_epoch: 1, readings: Vec::new() }),
            domains: self.known.clone().into_iter().map(domain).collect(),
            devices: vec![String::new()],
            ..Batch::default()
        };
        let pushed = self.spool.push(batch).unwrap();
        self.spool.sync();
        self.handle(Event::Stored(Box::new(pushed)), now, ends);
    }

    /// Lets time pass; `ends` is what the collector has of streams.
    pub fn pass(&mut self, now: UnixMs, ends: &impl Fn(&[u64]) -> Vec<u64>) {
        let at = self.at(now);
        if self.machine.next_timeout(at).is_some_and(|due| due <= at.mono) {
            self.handle(Event::Timer, now, ends);
        }
        self.spool.retire(at.wall);
    }

    /// The line breaks, and what is under way is lost.
    pub fn cut(&mut self, now: UnixMs) {
        self.line = false;
        self.up.clear();
        self.handle(Event::Lost(Away::Unreachable("cut".into())), now, &|_| Vec::new());
    }

    /// One step of the machine, and what follows from it.
    pub fn handle(&mut self, event: Event, now: UnixMs, ends: &impl Fn(&[u64]) -> Vec<u64>) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let at = self.at(now);
            for effect in self.machine.handle(event, at) {
                events.extend(self.carry_out(effect, now, ends));
            }
        }
    }

    fn carry_out(&mut self, effect: Effect, now: UnixMs, ends: &impl Fn(&[u64]) -> Vec<u64>) -> Option<Event> {
        match effect {
            Effect::Connect if self.line => {
                (self.lanes, self.up) = Default::default();
                Some(Event::Connected)
            }
            Effect::Connect => Some(Event::Lost(Away::Unreachable("no line".into()))),
            Effect::Streams => {
                self.spool.begin_if_behind(1);
                Some(Event::Streams(self.spool.streams()))
            }
            Effect::Resume(all) => {
                all.into_iter().for_each(|(epoch, seq)| self.spool.resume(epoch, seq));
                None
            }
            Effect::Acknowledge { epoch, seq } => {
                self.spool.acknowledge(epoch, seq);
                None
            }
            Effect::Read { lane, epoch, after, max, max_bytes } => {
                self.cursors[lane].seek(epoch, after);
                let batches = self.spool.read(&mut self.cursors[lane], max, max_bytes).unwrap();
                Some(Event::Read((lane, epoch, after), Some(batches)))
            }
            Effect::Send(message) => self.send(*message, ends, now),
            Effect::Say(_) => None,
            other => panic!("{other:?} at {now}"),
        }
    }

    fn send(&mut self, message: ToCollector, ends: &impl Fn(&[u64]) -> Vec<u64>, _now: UnixMs) -> Option<Event> {
        use evenkeel_common::wire::v1::{ToAgent, Welcome};
        let (sent_wall_ms, age_ms, batch) = match message {
            ToCollector::Hello(hello) => {
                let welcome = Welcome { version: VERSION_MAX, ends: ends(&hello.streams), collector_epoch: 1 };
                return Some(Event::Received(ToAgent::Welcome(welcome)));
            }
            ToCollector::Packed(packed) => {
                let lane = &mut self.lanes[usize::from(packed.lane)];
                (packed.sent_wall_ms, packed.age_ms, lane.unpack(&packed.packed).unwrap())
            }
            other => panic!("{}", other.name()),
        };
        // As the collector's session does it: the monotonic clock of another run is another one, the age counts.
        let sent_mono_ms = batch.tick_mono_ms + age_ms;
        self.up.push_back(UnderWay { sent_wall_ms, sent_mono_ms, batch });
        None
    }

    pub fn interval(&self) -> DurationMs {
        DurationMs(self.interval_ms)
    }
}
