//! A collector with two hosts and some VMs, whose readings a function makes.

use std::path::Path;
use std::sync::Arc;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::metric::known;
use evenkeel_common::pki::CertificateAuthority;
use evenkeel_common::sample::{Counter, CounterEpoch, DomainState, Gauge, Reading, Value};
use evenkeel_common::time::UnixMs;

use crate::config;
use crate::control::{Control, Parts, Progress, Watch};
use crate::net::Sessions;
use crate::store::engine::Due;
use crate::store::{
    AgentRow, AgentState, BatchRows, Enrolled, EntityRows, InventoryUpdate, PlacementRow, PollRow, Store, VmFacts,
    VmUpdate,
};
use crate::view::cycle::{ServiceReviewRequest, ServiceReviewView};

/// Time between two readings.
pub const STEP_S: i64 = 1_800;
pub const HOSTS: [AgentId; 2] = [AgentId::from_bytes([1; 16]), AgentId::from_bytes([2; 16])];

/// What a VM says at one time; nothing when it is not heard.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said {
    pub running: bool,
    /// The probe's answer takes so long; none when it does not answer.
    pub answers_s: Option<f64>,
    /// Processors in use since the reading before.
    pub cpu: f64,
    pub memory_bytes: i64,
}

#[derive(Clone, Copy, Debug)]
pub struct Vm {
    pub number: u8,
    pub name: &'static str,
    pub from_s: i64,
    /// No host knows it from then on.
    pub gone_s: Option<i64>,
    /// It runs on the second host from then on.
    pub moves_s: Option<i64>,
}

impl Vm {
    pub fn new(number: u8, name: &'static str, from_s: i64) -> Self {
        Self { number, name, from_s, gone_s: None, moves_s: None }
    }

    fn uuid(self) -> DomainUuid {
        DomainUuid::from_bytes([self.number; 16])
    }

    fn host(self, second: i64) -> AgentId {
        HOSTS[usize::from(self.moves_s.is_some_and(|moves| second >= moves))]
    }
}

pub struct Site {
    pub control: Control,
    watch: Watch,
    seq: u64,
    cpu: [f64; 256],
}

/// A number from 0 to 1 that looks like chance, the same for the same seed and place.
pub fn noise(seed: u64, place: i64) -> f64 {
    let mut z = seed.wrapping_add(place.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    let share = ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
    share
}

pub fn second(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}

fn at(second: i64) -> UnixMs {
    UnixMs(second * 1_000)
}

impl Site {
    pub async fn new(dir: &Path, service: &str, begin_s: i64) -> Self {
        std::fs::create_dir(dir.join("services")).unwrap();
        std::fs::write(dir.join("services/shop.toml"), service).unwrap();
        let store = Store::open(dir).unwrap();
        for (id, name) in HOSTS.into_iter().zip(["hosta", "hostb"]) {
            let agent = AgentRow {
                id,
                name: name.to_owned(),
                machine_id: String::new(),
                key_hash: [0; 32],
                state: AgentState::Approved,
                token_id: String::new(),
                agent_version: String::new(),
                enrolled_at: at(begin_s),
                cert_expires_at: None,
            };
            let enrolled = Enrolled { agent, count_use: false };
            let stored = store.enrol(String::new(), name.to_owned(), [0; 32], move |_| Ok::<_, ()>(enrolled)).await;
            stored.unwrap().unwrap();
        }
        let pin = CertificateAuthority::generate(at(begin_s)).unwrap().pin();
        let settings = config::settings(dir).unwrap().0;
        let (sessions, data_dir) = (Sessions::default(), dir.to_owned());
        let control = Control::new(Parts { store, sessions, pin, settings, data_dir, started_at: at(begin_s) });
        control.load_services(dir, at(begin_s)).await;
        let listed = control.service_list().await.unwrap();
        assert_eq!(listed.len(), 1, "the service is fine");
        Self { control, watch: Watch::default(), seq: 0, cpu: [0.0; 256] }
    }

    /// Readings of `from_s <= t < to_s`, sealed, with outages found.
    pub async fn run(&mut self, vms: &[Vm], from_s: i64, to_s: i64, said: impl Fn(&Vm, i64) -> Option<Said>) {
        self.send(vms, from_s, to_s, said).await;
        self.settle(to_s).await;
    }

    /// Readings without sealing them.
    pub async fn send(&mut self, vms: &[Vm], from_s: i64, to_s: i64, said: impl Fn(&Vm, i64) -> Option<Said>) {
        self.inventory(vms, to_s).await;
        let mut batches = Vec::new();
        let mut second = from_s;
        while second < to_s {
            for host in HOSTS {
                let here = vms.iter().filter(|vm| vm.from_s <= second && vm.gone_s.is_none_or(|gone| second < gone));
                let here: Vec<(&Vm, Said)> =
                    here.filter(|vm| vm.host(second) == host).filter_map(|vm| Some((vm, said(vm, second)?))).collect();
                batches.push(self.batch(host, second, &here));
            }
            second += STEP_S;
        }
        self.control.store().append(Arc::new(batches)).await.unwrap();
    }

    fn batch(&mut self, host: AgentId, second: i64, here: &[(&Vm, Said)]) -> BatchRows {
        self.seq += 1;
        let mut polls = vec![PollRow { entity: host.into(), state: None, missing: None }];
        let mut readings = Vec::new();
        for (vm, said) in here {
            let state = if said.running { DomainState::Running } else { DomainState::Shutoff };
            polls.push(PollRow { entity: vm.uuid().into(), state: Some(state.code()), missing: None });
            let used = &mut self.cpu[usize::from(vm.number)];
            #[expect(clippy::cast_precision_loss, reason = "a step is small")]
            let grown = said.cpu * STEP_S as f64 * 1e9;
            *used += grown;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2^53 ns")]
            let cpu = Value::Counter(Counter { epoch: CounterEpoch(1), value: *used as u64 });
            let reading = |metric: &str, device: &str, value| Reading {
                metric: known_metric(metric),
                device: device.to_owned(),
                value,
            };
            #[expect(clippy::cast_possible_truncation, reason = "microseconds below 2^53")]
            let micros = |s: f64| Value::Gauge(Gauge::Int((s * 1e6).round() as i64));
            let mut own = vec![
                reading("vm_cpu_seconds_total", "", cpu),
                reading("vm_memory_rss_bytes", "", Value::Gauge(Gauge::Int(said.memory_bytes))),
            ];
            if said.running {
                let outcome = if said.answers_s.is_some() { 0 } else { 2 };
                own.push(reading("vm_probe_outcome", "http", Value::Gauge(Gauge::Int(outcome))));
                own.push(reading("vm_probe_response_seconds", "http", micros(said.answers_s.unwrap_or(5.0))));
            }
            readings.push(EntityRows::new(vm.uuid().into(), None, &own));
        }
        BatchRows {
            agent: host,
            epoch: 1,
            seq: self.seq,
            at: at(second),
            interval_ms: 1_800_000,
            corrected: false,
            withdrawn: Vec::new(),
            readings,
            polls,
            gap: None,
        }
    }

    async fn inventory(&self, vms: &[Vm], until_s: i64) {
        let mut update = InventoryUpdate::default();
        for vm in vms.iter().filter(|vm| vm.from_s < until_s) {
            let known = self.control.store().placements(vm.uuid()).await.unwrap();
            if known.is_empty() {
                update.placements.push(PlacementRow { uuid: vm.uuid(), from: at(vm.from_s), agent: HOSTS[0] });
                update.vms.push(news(vm, vm.from_s));
            }
        }
        self.control.store().update_inventory(update).await.unwrap();
        let mut update = InventoryUpdate::default();
        for vm in vms.iter().filter(|vm| vm.from_s < until_s) {
            update.vms.push(news(vm, vm.gone_s.unwrap_or(until_s).min(until_s) - STEP_S));
            if let Some(moves) = vm.moves_s.filter(|moves| *moves < until_s) {
                update.placements.push(PlacementRow { uuid: vm.uuid(), from: at(moves), agent: HOSTS[1] });
            }
            update.gone.extend(vm.gone_s.filter(|gone| *gone < until_s).map(|gone| (vm.uuid(), at(gone))));
        }
        self.control.store().update_inventory(update).await.unwrap();
    }

    /// Seals what is over, and finds outages.
    pub async fn settle(&mut self, now_s: i64) {
        while self.control.store().seal(Due::Before(at(now_s - now_s.rem_euclid(3_600)))).await.unwrap().more {}
        // A round reads a day on; holes are looked for in every thirtieth.
        for _ in 0..40 {
            self.control.watch(&mut self.watch, at(now_s)).await.unwrap();
        }
    }

    pub async fn review(&self, period: &str, now_s: i64) -> ServiceReviewView {
        let request = ServiceReviewRequest { service: "shop".to_owned(), period: period.to_owned(), recorded: false };
        self.control.service_review(request, Progress::default(), at(now_s)).await.unwrap()
    }
}

fn known_metric(name: &str) -> evenkeel_common::metric::MetricId {
    known(name).id
}

fn news(vm: &Vm, second: i64) -> VmUpdate {
    VmUpdate {
        uuid: vm.uuid(),
        name: vm.name.to_owned(),
        agent: vm.host(second),
        state: DomainState::Running,
        counter_epoch: 1,
        arrived: false,
        at: at(second),
        rival: None,
        facts: VmFacts { vcpus: 4, memory_max_bytes: 4 << 30, owner: "shop".to_owned(), ..VmFacts::default() },
    }
}
