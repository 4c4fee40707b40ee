//! One tick: libvirt and the host are read and become a snapshot.

use std::fs;

use evenkeel_common::clock;
use evenkeel_common::sample::Missing;
use uuid::Uuid;

use crate::config::Config;
use crate::gather::batch::{Snapshot, Tick};
use crate::gather::host::{self, AgentFacts, CpuTicks};
use crate::gather::kernel::fast_path::Now;
use crate::gather::kernel::group::GroupSet;
use crate::gather::roster::{Process, Roster};
use crate::host::HostReader;
use crate::kernel::KernelSource;
use crate::scrape::protocol::Scraped;
use crate::scrape::{ScrapeError, Scraper};

/// Domains described per tick: each costs libvirtd four calls, about a millisecond.
const DESCRIBE_PER_TICK: u32 = 32;

/// What is kept between ticks.
#[derive(Debug)]
pub struct Sampler {
    scraper: Scraper,
    roster: Roster,
    host: HostReader,
    kernel: KernelSource,
    cpu: Option<CpuTicks>,
    epoch: u64,
    boot_id: [u8; 16],
    interval: evenkeel_common::time::DurationMs,
    describe_max: u32,
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
            host: HostReader::new(),
            kernel: KernelSource::new(config.fast_path),
            cpu: None,
            epoch: u64::try_from(clock::wall().0).unwrap_or(0),
            boot_id: Uuid::parse_str(boot_id.trim()).unwrap_or_default().into_bytes(),
            interval: config.interval,
            describe_max: DESCRIBE_PER_TICK,
        }
    }

    /// For `once`: all domains are described, and the CPU's busy share starts now.
    #[must_use]
    pub fn for_one_look(config: &Config) -> Self {
        let mut sampler = Self::new(config);
        sampler.describe_max = u32::MAX;
        // One look has nothing to check the kernel by.
        sampler.kernel = KernelSource::new(false);
        sampler.cpu = fs::read_to_string("/proc/stat").ok().and_then(|stat| CpuTicks::parse(&stat));
        sampler
    }

    /// Goes by another configuration from the next tick on. What only a restart changes stays as it is.
    pub fn reconfigure(&mut self, config: &Config) {
        self.scraper.reconfigure(config);
        self.interval = config.interval;
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
        let begun = tokio::time::Instant::now();
        let scraped = self.scraper.scrape(self.describe_max).await;
        let took = begun.elapsed();
        let mut facts = self.host.read().await;
        let mut agent = AgentFacts { ticks_skipped, ..AgentFacts::default() };
        let mut events = Vec::new();
        let (domains, error) = match scraped {
            Ok(scraped) => {
                agent.scrape_ns = u64::try_from(took.as_nanos()).ok();
                facts.info.libvirt_version.clone_from(&scraped.libvirt_version);
                facts.info.qemu_version.clone_from(&scraped.qemu_version);
                let (mut domains, unmapped) = self.observe(&scraped, tick.wall).await;
                events = self.kernel.apply(GroupSet::ALL, &mut domains, Now { wall: tick.wall, mono: tick.mono });
                agent.unmapped = u64::try_from(unmapped.len()).unwrap_or(u64::MAX);
                if !unmapped.is_empty() {
                    tracing::debug!(?unmapped, "parameters without a metric");
                }
                (domains, None)
            }
            Err(error) => (Vec::new(), Some(error)),
        };
        let host = host::read(&facts, agent, self.cpu);
        self.cpu = CpuTicks::parse(&facts.stat).or(self.cpu);
        let domains_missing = error.as_ref().map(|_| Missing::LibvirtDown);
        Sampled { snapshot: Snapshot { tick, host, domains, domains_missing, events }, error }
    }

    async fn observe(
        &mut self,
        scraped: &Scraped,
        now: evenkeel_common::time::UnixMs,
    ) -> (Vec<crate::gather::roster::DomainReadings>, Vec<String>) {
        let runs: Vec<Process> =
            scraped.domains.iter().filter_map(|domain| Some(Process { uuid: domain.uuid, id: domain.id? })).collect();
        let starts = self.kernel.named(runs).await;
        self.roster.observe(scraped, &starts, now)
    }
}
