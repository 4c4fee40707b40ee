//! The host's own readings, from what its kernel and libvirt say of it.

pub mod disks;
pub mod facts;
pub mod filesystems;
pub mod hugepages;
pub mod ksm;
pub mod kvm;
pub mod memory;
pub mod net;
pub mod numa;
pub mod pools;
pub mod pressure;
pub mod source;
pub mod stat;

mod agent;
mod out;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use evenkeel_common::sample::CounterEpoch;
use evenkeel_common::wire::v1::HostInfo;

use super::batch::HostReadings;
pub use agent::{AgentFacts, Scrape};
use disks::Widening;
use filesystems::Filesystem;
use hugepages::Hugepages;
use ksm::Ksm;
use net::{Link, LinkKind};
use numa::Node;
use out::Out;
use pools::Pools;
use source::Source;
pub use stat::boot_time_s;
use stat::{CpuTicks, Stat};

/// What was read from the host at a tick.
#[derive(Clone, Debug, Default)]
pub struct HostFacts {
    /// What stays until the next boot, and libvirt's versions.
    pub info: HostInfo,
    /// Bytes of a page of memory.
    pub page_bytes: u64,
    /// `/proc/stat`.
    pub stat: Source,
    /// `/proc/loadavg`.
    pub loadavg: Source,
    /// `/proc/meminfo`.
    pub meminfo: Source,
    /// `/proc/vmstat`.
    pub vmstat: Source,
    /// `/proc/pressure/…` in the order of [`pressure::RESOURCES`].
    pub pressure: [Source; 3],
    /// `/proc/diskstats`.
    pub diskstats: Source,
    /// `/proc/net/dev`.
    pub net_dev: Source,
    /// What the names of devices mean.
    pub names: Arc<Names>,
    /// File systems, when they were read since the last tick.
    pub filesystems: Option<Vec<Filesystem>>,
    /// What changes rarely, when it was read since the last tick.
    pub hardware: Option<Hardware>,
    /// Storage pools, when something new is known of them.
    pub pools: Option<Pools>,
}

/// What the names of devices mean; empty until it was read once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The device mapper's own names: `dm-0` is `vg-root`.
    pub mapped: HashMap<String, String>,
    /// What each interface is.
    pub links: HashMap<String, LinkKind>,
}

/// What changes rarely or costs much to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hardware {
    /// Interfaces.
    pub links: Vec<Link>,
    /// KSM; `None` on kernels without it.
    pub ksm: Option<Ksm>,
    /// Pools of huge pages.
    pub hugepages: Vec<Hugepages>,
    /// NUMA nodes.
    pub nodes: Vec<Node>,
}

/// What is kept from tick to tick.
#[derive(Clone, Debug, Default)]
pub struct Before {
    cpu: Option<CpuTicks>,
    widening: Widening,
}

impl Before {
    /// From a look at `/proc/stat` alone: the CPU's busy share counts from there.
    #[must_use]
    pub fn since(stat: &str) -> Self {
        Self { cpu: Stat::parse(stat).map(|stat| stat.cpu), ..Self::default() }
    }
}

/// The host's readings.
#[must_use]
pub fn read(facts: &HostFacts, agent: AgentFacts, before: &mut Before) -> HostReadings {
    let parsed = Stat::parse(facts.stat.text());
    let counter_epoch = parsed.as_ref().map_or(0, Stat::counter_epoch);
    let mut out = Out { epoch: CounterEpoch(counter_epoch), readings: Vec::new() };
    stat::read(&mut out, parsed.as_ref(), &facts.stat, before.cpu);
    before.cpu = parsed.as_ref().map(|stat| stat.cpu).or(before.cpu);
    stat::load(&mut out, &facts.loadavg);
    memory::read(&mut out, &facts.meminfo);
    memory::paging(&mut out, &facts.vmstat, facts.page_bytes);
    pressure::read(&mut out, &facts.pressure);
    disks::read(&mut out, &facts.diskstats, &facts.names.mapped, &mut before.widening);
    net::read(&mut out, &facts.net_dev, &facts.names.links);
    if let Some(filesystems) = &facts.filesystems {
        filesystems::read(&mut out, filesystems);
    }
    if let Some(hardware) = &facts.hardware {
        net::links(&mut out, &hardware.links);
        if let Some(ksm) = hardware.ksm {
            ksm::read(&mut out, ksm, facts.page_bytes);
        }
        hugepages::read(&mut out, &hardware.hugepages);
        numa::read(&mut out, &hardware.nodes);
    }
    if let Some(pools) = &facts.pools {
        pools::read(&mut out, pools);
    }
    agent::read(&mut out, agent);
    let mut info = facts.info.clone();
    info.cpus = parsed.as_ref().map_or(0, |stat| stat.cpus);
    info.memory_bytes = memory::total_bytes(facts.meminfo.text()).unwrap_or(0);
    HostReadings { info, counter_epoch, readings: out.readings }
}
