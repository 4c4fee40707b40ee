//! One tick: libvirt and the host are read and become a snapshot.

use std::collections::HashSet;
use std::fs;
use std::time::Duration;

use evenkeel_common::clock;
use evenkeel_common::sample::{CounterEpoch, Missing};
use evenkeel_common::time::MonoMs;
use evenkeel_common::wire::v1::EventSample;
use uuid::Uuid;

use crate::config::Config;
use crate::events::{Marks, Place};
use crate::filter::{Curtain, Filter};
use crate::gather::batch::{Snapshot, Tick};
use crate::gather::cadence::{Cadence, also_of_the_kernel};
use crate::gather::hang;
use crate::gather::host::pools::{Ask, PoolBook, Pools};
use crate::gather::host::{self, AgentFacts, Before, Scrape};
use crate::gather::kernel::fast_path::Now;
use crate::gather::merge::merge;
use crate::gather::roster::{DomainReadings, Process, Roster};
use crate::groups::{GroupIntervals, Groups, StatsGroup};
use crate::host::HostReader;
use crate::kernel::KernelSource;
use crate::scrape::protocol::{RawDomain, Scraped};
use crate::scrape::{Asked, Plain, ScrapeError, Scraper};
use crate::selfstats::Tally;

/// Domains described per tick: each costs libvirtd four calls, about a millisecond.
const DESCRIBE_PER_TICK: u32 = 32;
/// The same when labels decide what is measured: half a second of libvirtd at the agent's start.
const DESCRIBE_FOR_FILTER: u32 = 512;

/// How often one look asks for pools and KVM that are late, and how long it waits in between: a libvirtd that was just
/// started looks at QEMU first.
const HOST_LOOKS: u32 = 20;
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// What is kept between ticks.
#[derive(Debug)]
pub struct Sampler {
    scraper: Scraper,
    roster: Roster,
    host: HostReader,
    before: Before,
    kernel: KernelSource,
    epoch: u64,
    boot_id: [u8; 16],
    interval: evenkeel_common::time::DurationMs,
    describe_max: u32,
    pools: PoolBook,
    host_looks: u32,
    marks: Marks,
    filter: Filter,
    curtain: Curtain,
    cadence: Cadence,
    group_intervals: GroupIntervals,
    /// Whether the kernel is believed that a process is stopped.
    trusts_kernel: bool,
    /// Domains whose process waited for a device at the tick before.
    waiting: HashSet<[u8; 16]>,
}

/// A snapshot and, when it has no domains for that, why libvirt gave none.
#[derive(Debug)]
pub struct Sampled {
    /// What was read.
    pub snapshot: Snapshot,
    /// Why the domains are missing.
    pub error: Option<ScrapeError>,
}

impl Sampler {
    /// For `run`: new domains are described a few per tick.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let boot_id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Self {
            scraper: Scraper::new(config),
            roster: Roster::default(),
            host: HostReader::new(config.host_intervals.filesystem, config.host_intervals.hardware),
            before: Before::default(),
            kernel: KernelSource::new(config.fast_path),
            epoch: u64::try_from(clock::wall().0).unwrap_or(0),
            boot_id: Uuid::parse_str(boot_id.trim()).unwrap_or_default().into_bytes(),
            interval: config.interval,
            describe_max: DESCRIBE_PER_TICK,
            pools: PoolBook::new(config.host_intervals.pool),
            host_looks: 1,
            marks: Marks::default(),
            filter: config.filter.clone(),
            curtain: Curtain::over(config.filter.clone()),
            cadence: Cadence::default(),
            group_intervals: config.group_intervals,
            trusts_kernel: config.fast_path,
            waiting: HashSet::new(),
        }
    }

    /// Counts calls and workers here.
    #[must_use]
    pub fn counting_in(mut self, tally: Tally) -> Self {
        self.scraper.count_in(tally);
        self
    }

    /// For `once`: all domains are described, pools and KVM are waited for, and the CPU's busy share starts now.
    #[must_use]
    pub fn for_one_look(config: &Config) -> Self {
        let mut sampler = Self::new(config);
        sampler.describe_max = u32::MAX;
        sampler.host_looks = HOST_LOOKS;
        sampler.before = Before::since(&fs::read_to_string("/proc/stat").unwrap_or_default());
        // One look has nothing to check the kernel by.
        sampler.kernel = KernelSource::new(false);
        sampler
    }

    /// Goes by another configuration from the next tick on. What only a restart changes stays as it is.
    pub fn reconfigure(&mut self, config: &Config) {
        self.scraper.reconfigure(config);
        self.host.reconfigure(config.host_intervals.filesystem, config.host_intervals.hardware);
        self.pools.set_every(config.host_intervals.pool);
        self.interval = config.interval;
        if self.filter != config.filter {
            self.filter.clone_from(&config.filter);
            self.curtain.replace(config.filter.clone());
        }
        self.group_intervals = config.group_intervals;
    }

    /// The host's boot.
    #[must_use]
    pub fn boot_id(&self) -> [u8; 16] {
        self.boot_id
    }

    /// Run of the agent whose batches these are.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Marks of domains whose description is read again at the next tick.
    #[must_use]
    pub fn marks(&self) -> Marks {
        self.marks.clone()
    }

    /// Which domains' events are told.
    #[must_use]
    pub fn curtain(&self) -> Curtain {
        self.curtain.clone()
    }

    /// What batches between the ticks say of where they are from.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { epoch: self.epoch, boot_id: self.boot_id, interval: self.interval }
    }

    /// One tick. It always gives a snapshot: without libvirt one of the host alone.
    pub async fn sample(&mut self, ticks_skipped: u64) -> Sampled {
        let tick = Tick {
            epoch: self.epoch,
            wall: clock::wall(),
            mono: clock::mono(),
            interval: self.interval,
            boot_id: self.boot_id,
        };
        self.kernel.begin(tick.mono).await;
        let is_quiet = self.refresh_marked();
        let due = self.due(tick.mono);
        let begun = tokio::time::Instant::now();
        let unchanged = self.unchanged(due).filter(|_| is_quiet);
        let was_asked = unchanged.is_none();
        let scraped = match unchanged {
            Some(scraped) => Ok(scraped),
            None => self.ask(due).await,
        };
        let mut agent = AgentFacts { since: CounterEpoch(self.epoch), ticks_skipped, ..AgentFacts::default() };
        let mut events = Vec::new();
        let mut filtered = Vec::new();
        let (scraped, error) = match scraped {
            Ok(mut scraped) => {
                filtered = self.sift(&mut scraped);
                let asked = self.ask_monitors(&mut scraped, due, filtered.is_empty(), &tick, &mut events).await;
                let took = Scrape::Took(u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX));
                agent.scrape = if was_asked { took } else { Scrape::NotAsked };
                (Some((scraped, asked)), None)
            }
            Err(error) => (None, Some(error)),
        };
        let pools = self.look_at_libvirts_host().await;
        let mut facts = self.host.read(self.pools.kvm_offered(), self.kernel.net_dev()).await;
        facts.pools = pools;
        let mut domains = Vec::new();
        if let Some((scraped, asked)) = scraped {
            facts.info.libvirt_version.clone_from(&scraped.libvirt_version);
            facts.info.qemu_version.clone_from(&scraped.qemu_version);
            let (of_libvirt, unmapped) = self.observe(&scraped, tick.wall).await;
            domains = of_libvirt;
            let now = Now { wall: tick.wall, mono: tick.mono };
            events.extend(self.kernel.apply(also_of_the_kernel(asked), &mut domains, now));
            agent.unmapped = u64::try_from(unmapped.len()).unwrap_or(u64::MAX);
            if !unmapped.is_empty() {
                tracing::debug!(?unmapped, "parameters without a metric");
            }
        }
        agent.filtered = u64::try_from(filtered.len()).unwrap_or(u64::MAX);
        domains.extend(filtered.into_iter().map(DomainReadings::filtered));
        let host = host::read(&facts, agent, &mut self.before);
        let domains_missing = error.as_ref().map(|_| Missing::LibvirtDown);
        Sampled { snapshot: Snapshot { tick, host, domains, domains_missing, events }, error }
    }

    /// What libvirt would say at a tick at which nothing but the states is due, as far as everybody is seen to be well.
    /// A libvirt that hangs is noticed at the next tick with a group that is due.
    fn unchanged(&self, due: Groups) -> Option<Scraped> {
        let only_states = due == Groups::NONE.with(StatsGroup::State);
        let is_well = only_states && self.kernel.sees_all() && self.roster.is_described();
        is_well.then(|| self.scraper.unchanged())?
    }

    async fn ask(&mut self, due: Groups) -> Result<Scraped, ScrapeError> {
        let groups = due.and(Groups::asking_qemu(false));
        self.scraper.scrape(Plain { groups, describe_max: self.describe_max(), interval: self.interval }).await
    }

    /// Where labels decide, those that are not known yet hold a domain up: many are read at once then.
    fn describe_max(&self) -> u32 {
        if self.filter.asks_labels() { self.describe_max.max(DESCRIBE_FOR_FILTER) } else { self.describe_max }
    }

    /// Leaves of a scrape what the filter lets be measured; gives the others.
    fn sift(&mut self, scraped: &mut Scraped) -> Vec<[u8; 16]> {
        let measured = self.roster.sift(&self.filter, scraped);
        let mut filtered: Vec<[u8; 16]> =
            measured.iter().filter(|(_, measured)| !**measured).map(|(uuid, _)| *uuid).collect();
        filtered.sort_unstable();
        self.curtain.judged(measured);
        filtered
    }

    /// What libvirt is asked for at a tick.
    fn due(&self, now: MonoMs) -> Groups {
        if self.kernel.is_check() {
            return Groups::ALL;
        }
        self.cadence.due(&self.group_intervals, self.interval, self.kernel.covered(), now)
    }

    /// Asks for what QEMU has to be asked for, and adds it to what libvirt said by itself; `is_all` unless the filter left
    /// some out. Gives all groups that libvirt was asked for.
    async fn ask_monitors(
        &mut self,
        scraped: &mut Scraped,
        due: Groups,
        is_all: bool,
        tick: &Tick,
        events: &mut Vec<EventSample>,
    ) -> Groups {
        let plain = due.and(Groups::asking_qemu(false));
        let is_new = !self.roster.unknown_runs(scraped).is_empty();
        let wanted = if due == Groups::ALL || is_new { Groups::ALL } else { due.and(Groups::asking_qemu(true)) };
        let (mut stopped, waiting) = self.kernel.halted();
        let stuck = &waiting & &self.waiting;
        self.waiting = waiting;
        let stuck = if self.trusts_kernel { stuck } else { HashSet::new() };
        if !self.trusts_kernel {
            stopped.clear();
        }
        let active: Vec<[u8; 16]> =
            scraped.domains.iter().filter(|domain| can_be_asked(domain)).map(|domain| domain.uuid).collect();
        let asked = Asked {
            is_all,
            groups: wanted,
            active: &active,
            stopped: &stopped,
            stuck: &stuck,
            interval: self.interval,
        };
        let monitors = self.scraper.scrape_monitors(asked).await;
        if !monitors.happened.is_empty() {
            let names = scraped.domains.iter().map(|domain| (domain.uuid, domain.name.clone())).collect();
            let told = hang::events(&monitors.happened, &names, tick.wall);
            told.iter().for_each(|event| tracing::warn!(event = event.kind, "{}", event.message));
            events.extend(told);
        }
        self.cadence.asked(plain.or(wanted), tick.mono);
        merge(&mut scraped.domains, plain, wanted, monitors);
        plain.or(wanted)
    }

    /// Pools and KVM, now and then; what is new of the pools.
    async fn look_at_libvirts_host(&mut self) -> Option<Pools> {
        let mut said = None;
        for _ in 0..self.host_looks {
            let ask = self.pools.ask(clock::mono());
            if ask == Ask::Nothing {
                break;
            }
            let look = self.scraper.look_at_host(ask == Ask::Begin).await;
            let late = look.as_ref().is_some_and(|look| look.pending_ms.is_some());
            said = self.pools.answered(ask, look, clock::mono()).or(said);
            if late && self.host_looks > 1 {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
        said
    }

    /// What libvirt told of since the last tick is described anew at this one; `true` when it told of nothing.
    fn refresh_marked(&mut self) -> bool {
        let marked = self.marks.take();
        let all = self.roster.uuids().filter(|_| marked.all);
        marked.domains.iter().copied().chain(all).for_each(|uuid| self.scraper.refresh(uuid));
        marked.is_quiet
    }

    async fn observe(
        &mut self,
        scraped: &Scraped,
        now: evenkeel_common::time::UnixMs,
    ) -> (Vec<DomainReadings>, Vec<String>) {
        let runs: Vec<Process> =
            scraped.domains.iter().filter_map(|domain| Some(Process { uuid: domain.uuid, id: domain.id? })).collect();
        let starts = self.kernel.named(runs).await;
        self.roster.observe(scraped, &starts, now)
    }
}

/// Active, and not held by libvirt.
fn can_be_asked(domain: &RawDomain) -> bool {
    domain.id.is_some() && domain.look.outcome.is_none()
}
