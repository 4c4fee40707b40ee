//! The task that makes the attempts, and what the ticks and it share.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use evenkeel_common::clock;
use evenkeel_common::metric::known;
use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Reading, Value};
use evenkeel_common::time::{MonoMs, UnixMs};
use evenkeel_common::wire::v1::{EventSample, ProbeInfo};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use super::attempt::{self, Tools};
use super::gateway::Gateways;
use super::machine::{Attempt, Machine};
use super::outcome::{Observation, Outcome};
use super::plan::{self, Invalid, Vm};
use super::resolve::Resolver;
use super::settings::ProbeSettings;
use super::tls::Trust;
use super::watch::{self, Wish};
use super::{path_reader, report};

/// Events of one tick; what is over it is summed up in one more.
const EVENTS_MAX: usize = 100;
/// Without anything due, the task looks around so often.
const IDLE: Duration = Duration::from_secs(3600);

/// The probes of this host. They end when this is dropped.
#[derive(Debug)]
pub struct Probes {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// What goes out with a tick.
#[derive(Debug, Default)]
pub struct Found {
    /// By VM: readings, and what is known of its probes.
    pub vms: HashMap<[u8; 16], (Vec<Reading>, Vec<ProbeInfo>)>,
    /// Changes.
    pub events: Vec<EventSample>,
    /// Readings of the host: the paths, and the probes as a whole.
    pub host: Vec<Reading>,
}

#[derive(Debug)]
struct Shared {
    inner: Mutex<Inner>,
    wake: Notify,
    gateways: Arc<Gateways>,
}

#[derive(Debug)]
struct Inner {
    machine: Machine,
    settings: ProbeSettings,
    tools: Arc<Tools>,
    neighbours: HashMap<String, IpAddr>,
    wish: Wish,
    invalid: Vec<Invalid>,
    host: Vec<Reading>,
    begun: UnixMs,
}

impl Probes {
    /// Starts the task. Nothing is probed before the first tick says which VMs there are.
    #[must_use]
    pub fn start(settings: ProbeSettings) -> Self {
        let gateways = Arc::new(Gateways::default());
        let inner = Inner {
            machine: Machine::default(),
            tools: tools(&settings, &gateways),
            settings,
            neighbours: HashMap::new(),
            wish: Wish::default(),
            invalid: Vec::new(),
            host: Vec::new(),
            begun: clock::wall(),
        };
        let shared = Arc::new(Shared { inner: Mutex::new(inner), wake: Notify::new(), gateways });
        let task = tokio::spawn(run(Arc::clone(&shared)));
        Self { shared, task }
    }

    /// Takes other settings over; the next tick makes the plan of them. Probes that are the same in both go on as they
    /// are.
    pub fn reload(&self, settings: ProbeSettings) {
        let mut inner = self.shared.lock();
        inner.tools = tools(&settings, &self.shared.gateways);
        inner.settings = settings;
    }

    /// A tick: these are the VMs now, and this was found since the tick before. Takes no longer than copying it does.
    #[must_use]
    pub fn tick(&self, vms: &[Vm], now: MonoMs, wall: UnixMs) -> Found {
        let mut inner = self.shared.lock();
        let found = inner.tick(vms, now, wall);
        drop(inner);
        self.shared.wake.notify_one();
        found
    }
}

impl Drop for Probes {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn tools(settings: &ProbeSettings, gateways: &Arc<Gateways>) -> Arc<Tools> {
    Arc::new(Tools {
        trust: Trust::new(&settings.ca_file),
        resolver: Resolver::new(),
        gateways: Arc::clone(gateways),
        networks: settings.networks.clone(),
    })
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Whoever panicked while it held this changed one probe at most.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn tick(&mut self, vms: &[Vm], now: MonoMs, wall: UnixMs) -> Found {
        let plan = plan::plan(&self.settings, vms, &self.neighbours);
        let targets = plan.specs.values().filter_map(|spec| spec.target.as_ref().ok()?.host.parse().ok());
        self.wish.targets = targets.take(watch::TARGETS_MAX).collect();
        let bridges = plan.specs.values().flat_map(|spec| spec.nics.iter().map(|nic| nic.bridge.clone()));
        self.wish.bridges = bridges.filter(|bridge| !bridge.is_empty()).collect();
        self.wish.neighbours = plan.needs_neighbours;
        self.invalid.extend(self.machine.replan(plan, now, wall));
        let mut found = Found::default();
        for vm in vms {
            self.machine.observe(vm.uuid, vm.run);
            for id in self.machine.ids_of(vm.uuid) {
                let Some(entry) = self.machine.entry_mut(id) else { continue };
                let (readings, infos) = found.vms.entry(vm.uuid).or_default();
                readings.extend(report::readings(entry, wall));
                infos.push(report::info(entry));
                found.events.extend(report::events(entry, now, wall));
            }
        }
        found.events.extend(std::mem::take(&mut self.invalid).iter().map(|invalid| report::invalid(invalid, wall)));
        report::bound(&mut found.events, EVENTS_MAX, wall);
        if self.machine.len() > 0 {
            found.host = std::mem::take(&mut self.host);
            found.host.extend(self.as_a_whole());
        }
        found
    }

    fn as_a_whole(&self) -> [Reading; 2] {
        let of = |metric: &str, value| Reading { metric: known(metric).id, device: String::new(), value };
        let epoch = CounterEpoch(u64::try_from(self.begun.0).unwrap_or(0));
        let count = i64::try_from(self.machine.len()).unwrap_or(i64::MAX);
        [
            of("host_path_probes", Value::Gauge(Gauge::Int(count))),
            of("host_path_turns_skipped_total", Value::Counter(Counter { epoch, value: self.machine.skipped() })),
        ]
    }
}

async fn run(shared: Arc<Shared>) {
    let mut under_way: JoinSet<(Attempt, Observation)> = JoinSet::new();
    let mut ids = HashMap::new();
    let mut watch = tokio::time::interval(watch::INTERVAL.to_std());
    watch.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut looking: Option<JoinHandle<()>> = None;
    loop {
        let (attempts, next, tools) = {
            let mut inner = shared.lock();
            let now = clock::mono();
            let attempts = inner.machine.starts(now);
            (attempts, inner.machine.next_due().map(|due| due.since(now)), Arc::clone(&inner.tools))
        };
        for attempt in attempts {
            let (tools, number) = (Arc::clone(&tools), (attempt.id, attempt.number));
            let handle = under_way.spawn(async move {
                let observation = attempt::make(&attempt, &tools).await;
                (attempt, observation)
            });
            ids.insert(handle.id(), number);
        }
        tokio::select! {
            Some(ended) = under_way.join_next_with_id(), if !under_way.is_empty() => {
                let (task, observation) = match ended {
                    Ok((task, (_, observation))) => (task, observation),
                    Err(error) => (error.id(), Observation::without_answer(Outcome::Broken, "the attempt itself failed")),
                };
                if let Some((id, number)) = ids.remove(&task) {
                    shared.lock().machine.finished(id, number, observation, clock::mono());
                }
            }
            () = tokio::time::sleep(next.map_or(IDLE, |wait| wait.to_std())) => {}
            () = shared.wake.notified() => {}
            _ = watch.tick() => {
                if looking.as_ref().is_none_or(JoinHandle::is_finished) {
                    looking = Some(tokio::spawn(look(Arc::clone(&shared))));
                }
            }
        }
    }
}

async fn look(shared: Arc<Shared>) {
    let wish = shared.lock().wish.clone();
    if wish.neighbours {
        let neighbours = tokio::task::spawn_blocking(path_reader::neighbours).await.unwrap_or_default();
        shared.lock().neighbours = neighbours;
    }
    if !wish.targets.is_empty() {
        let readings = watch::look(wish, &shared.gateways).await;
        shared.lock().host = readings;
    }
}

#[cfg(test)]
mod tests;
