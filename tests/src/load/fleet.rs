//! Simulated hosts: the real uplink with its spool, each with guests of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use evenkeel_agent::gather::batch::{HostReadings, Snapshot, Tick};
use evenkeel_agent::gather::roster::DomainReadings;
use evenkeel_agent::uplink::join::{Join, join};
use evenkeel_agent::uplink::{Options, Status, Uplink};
use evenkeel_common::clock;
use evenkeel_common::sample::{Gauge, Value};
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::token::JoinToken;
use evenkeel_common::wire::v1::{Activity, Batch, DomainInfo, Goodbye, HostInfo};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

use super::guest::Guest;

/// Hosts that join at once.
const JOINING: usize = 32;
/// How long a host may wait for its batches to be acknowledged.
const PATIENCE: Duration = Duration::from_secs(300);
/// Batches that wait for an acknowledgement when a host measures as fast as it can.
const FLOOD_BACKLOG: u64 = 8;

/// What a fleet does.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Hosts.
    pub agents: usize,
    /// Guests of each.
    pub vms: usize,
    /// Ticks of each.
    pub ticks: u32,
    /// Time between ticks; zero: as fast as the collector takes them. Guests live ten seconds from tick to tick.
    pub interval: Duration,
    /// Guests have 22 more readings that are not enabled, as real ones.
    pub with_disabled: bool,
    /// Guests of each host that vanish after each tick, as many new ones in their place.
    pub churn: usize,
    /// Seed of the guests.
    pub seed: u64,
}

/// A host.
pub struct Host {
    /// Its name.
    pub name: String,
    /// Its guests.
    pub guests: Guests,
    uplink: Uplink,
    wish: Wish,
}

/// A guest with its name.
pub struct Vm {
    /// Its UUID.
    pub uuid: Uuid,
    /// Its number on its host.
    pub number: usize,
    /// It.
    pub guest: Guest,
    /// Ticks that were told of it.
    pub ticks: u64,
    /// When the last one was.
    pub last_ms: i64,
    /// What each of its series adds up to, in stored units; in the order of its readings.
    pub sums: Vec<i128>,
}

/// What a host measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    /// Readings with a value.
    pub samples: u64,
    /// All readings.
    pub readings: u64,
}

/// Joins and connects the hosts of a wish; their data lies below `dir`.
///
/// # Errors
/// When one cannot.
pub async fn connect(dir: &Path, wish: Wish, tokens: Vec<JoinToken>) -> Result<Vec<Host>> {
    let places = Arc::new(Semaphore::new(JOINING));
    let mut joining = JoinSet::new();
    for (number, token) in tokens.into_iter().enumerate() {
        let (dir, places) = (dir.to_owned(), Arc::clone(&places));
        joining.spawn(async move {
            let _place = places.acquire().await?;
            host(&dir, number, token, wish).await
        });
    }
    let mut hosts = Vec::new();
    while let Some(host) = joining.join_next().await {
        hosts.push(host??);
    }
    hosts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(hosts)
}

/// The name of a host by its number.
#[must_use]
pub fn name(number: usize) -> String {
    format!("load{number:05}")
}

/// A host that joined and does not run yet.
#[derive(Debug)]
pub struct Place {
    name: String,
    address: String,
    machine_id: String,
    /// Where its data lies.
    pub data_dir: PathBuf,
}

impl Place {
    /// Starts its uplink, as another run than those whose batches may be in its spool.
    ///
    /// # Errors
    /// When it cannot.
    pub fn start(self, run: u64) -> Result<Uplink> {
        let (commands, _none) = mpsc::channel(1);
        let options = Options { run, ..Options::new(self.address, self.name, self.machine_id, self.data_dir) };
        Ok(Uplink::start(options, commands)?)
    }
}

/// Joins a host.
///
/// # Errors
/// When the collector refuses it.
pub async fn place(dir: &Path, number: usize, token: JoinToken) -> Result<Place> {
    let name = name(number);
    let data_dir = dir.join(&name);
    let address = token.address.clone();
    let machine_id = format!("machine-{number}");
    let join_wish = Join {
        token,
        address: Some(address.clone()),
        name: name.clone(),
        machine_id: machine_id.clone(),
        drop_in_dir: data_dir.join("agent.conf.d"),
        data_dir: data_dir.clone(),
    };
    join(&join_wish, |_| {}).await.with_context(|| format!("{name} cannot join"))?;
    Ok(Place { name, address, machine_id, data_dir })
}

async fn host(dir: &Path, number: usize, token: JoinToken, wish: Wish) -> Result<Host> {
    let place = place(dir, number, token).await?;
    let name = place.name.clone();
    let run = clock::wall().0.unsigned_abs();
    let uplink = place.start(run)?;
    let guests = Guests::new(name.clone(), number, run, wish);
    let host = Host { name, guests, uplink, wish };
    host.until(|status| status.connected).await.context("no session")?;
    Ok(host)
}

impl Host {
    /// How the line is.
    #[must_use]
    pub fn status(&self) -> Status {
        self.uplink.status().borrow().clone()
    }

    async fn until(&self, condition: impl Fn(&Status) -> bool) -> Result<()> {
        let mut status = self.uplink.status();
        timeout(PATIENCE, status.wait_for(|status| condition(status))).await??;
        Ok(())
    }

    /// Waits until it has a session and the collector has everything.
    ///
    /// # Errors
    /// When that takes too long.
    pub async fn fresh(&self) -> Result<()> {
        self.until(|status| status.connected && status.backlog == 0)
            .await
            .with_context(|| format!("{} is away", self.name))
    }

    /// Waits until the collector has everything.
    ///
    /// # Errors
    /// When that takes too long.
    pub async fn delivered(&self) -> Result<()> {
        self.until(|status| status.backlog == 0).await.with_context(|| format!("{} waits for acks", self.name))
    }

    /// Ends it.
    pub async fn stop(self) {
        self.uplink.stop(Goodbye { reason: "stop".to_owned(), expected_s: 0 }).await;
    }

    /// All its ticks. Latencies from measuring to the acknowledgement go to `latencies`, when there is a pace.
    ///
    /// # Errors
    /// When the collector takes too long.
    pub async fn work(&mut self, place: Duration, latencies: &mut Vec<Duration>) -> Result<Measured> {
        let Wish { ticks, interval, .. } = self.wish;
        let begin = Instant::now() + place;
        let mut measured = Measured::default();
        for tick in 0..ticks {
            if tick > 0 {
                self.guests.churn();
            }
            if interval.is_zero() {
                self.until(|status| status.backlog < FLOOD_BACKLOG).await?;
            } else {
                sleep_until(begin + interval * tick).await;
            }
            let asked = Instant::now();
            let before = self.status().taken;
            let batches = self.tick(&mut measured);
            let count = batches.len() as u64;
            for batch in batches {
                self.uplink.offer(batch).await;
            }
            self.until(|status| status.taken >= before + count).await?;
            if !interval.is_zero() && self.until_soon(interval).await {
                latencies.push(asked.elapsed());
            }
        }
        Ok(measured)
    }

    /// `false` when the collector has not everything before the next tick.
    async fn until_soon(&self, interval: Duration) -> bool {
        let mut status = self.uplink.status();
        timeout(interval, status.wait_for(|status| status.backlog == 0)).await.is_ok_and(|waited| waited.is_ok())
    }

    /// Time between its ticks.
    #[must_use]
    pub const fn interval(&self) -> Duration {
        self.wish.interval
    }

    fn tick(&mut self, measured: &mut Measured) -> Vec<Batch> {
        // Two ticks of a host are never at the same millisecond; the guest that is there the longest had the last one.
        let last = self.guests.vms.iter().map(|vm| vm.last_ms).max().unwrap_or(0);
        let mut wall = clock::wall();
        while wall.0 <= last {
            std::thread::yield_now();
            wall = clock::wall();
        }
        let snapshot = self.guests.snapshot(wall, clock::mono());
        for (domain, vm) in snapshot.domains.iter().zip(&mut self.guests.vms) {
            vm.sums.resize(domain.readings.len(), 0);
            for (reading, sum) in domain.readings.iter().zip(&mut vm.sums) {
                measured.readings += 1;
                *sum += match reading.value {
                    Value::Missing(_) => continue,
                    Value::Counter(counter) => i128::from(counter.value),
                    Value::Gauge(Gauge::Int(value)) => i128::from(value),
                    Value::Gauge(Gauge::Float(_)) => 0,
                };
                measured.samples += 1;
            }
        }
        snapshot.into_batches(1)
    }
}

/// The guests of a host.
pub struct Guests {
    /// They.
    pub vms: Vec<Vm>,
    /// Those that vanished.
    pub gone: Vec<Vm>,
    /// The number of the host, and that of the next guest.
    numbers: (usize, usize),
    name: String,
    run: u64,
    interval: DurationMs,
    wish: Wish,
}

impl Guests {
    fn new(name: String, number: usize, run: u64, wish: Wish) -> Self {
        let interval = DurationMs(i64::try_from(wish.interval.as_millis()).unwrap_or(i64::MAX)).max(DurationMs(1));
        let mut guests = Self { vms: Vec::new(), gone: Vec::new(), numbers: (number, 0), name, run, interval, wish };
        guests.begin(wish.vms);
        guests
    }

    /// More guests.
    fn begin(&mut self, count: usize) {
        let (wish, (host, first)) = (self.wish, self.numbers);
        self.numbers.1 += count;
        for number in first..first + count {
            let seed = wish.seed ^ ((host as u64) << 32) ^ ((number as u64) << 8);
            self.vms.push(Vm {
                uuid: Uuid::from_u64_pair(wish.seed | 1 << 63, ((host as u64) << 32) | number as u64),
                number,
                guest: Guest::new(seed, number, self.run, wish.with_disabled),
                ticks: 0,
                last_ms: 0,
                sums: Vec::new(),
            });
        }
    }

    /// Some vanish, those that are there the longest.
    fn churn(&mut self) {
        let count = self.wish.churn.min(self.vms.len());
        self.gone.extend(self.vms.drain(..count));
        self.begin(count);
    }

    /// The next tick.
    pub fn snapshot(&mut self, wall: UnixMs, mono: MonoMs) -> Snapshot {
        let tick = Tick { epoch: self.run, wall, mono, interval: self.interval, boot_id: [7; 16] };
        let Self { vms, name, run, .. } = self;
        let domain = |vm: &mut Vm| {
            let number = vm.number;
            vm.guest.pass();
            (vm.ticks, vm.last_ms) = (vm.ticks + 1, wall.0);
            DomainReadings {
                uuid: vm.uuid.into_bytes(),
                name: format!("{name}-g{number}"),
                state: 1,
                activity: Activity::Active,
                counter_epoch: *run,
                info: info(number).into(),
                definition: None,
                readings: vm.guest.readings(),
            }
        };
        let domains = vms.iter_mut().map(domain).collect();
        let info = HostInfo { libvirt_version: "9.0.0".to_owned(), cpus: 32, ..HostInfo::default() };
        let host = HostReadings { info, counter_epoch: *run, readings: Vec::new() };
        Snapshot { tick, host, domains, domains_missing: None, events: Vec::new() }
    }
}

/// Guests of a host that is not connected.
#[must_use]
pub fn offline(wish: Wish) -> Guests {
    Guests::new(name(0), 0, 1, wish)
}

fn info(number: usize) -> DomainInfo {
    DomainInfo {
        vcpus: 2,
        memory_max_bytes: 4 << 30,
        persistent: true,
        machine: "pc-q35-7.2".to_owned(),
        title: format!("load {number}"),
        ..DomainInfo::default()
    }
}
