//! The host's own readings, from what its kernel says.

use evenkeel_common::metric::{Kind, Metric, known};
use evenkeel_common::sample::{Counter, CounterEpoch, Finite, Gauge, Missing, Reading, Value};
use evenkeel_common::wire::v1::HostInfo;

pub mod kvm;

use super::batch::HostReadings;
use super::row::clip;

/// Interfaces and file systems read per tick; a host with thousands of container mounts does not flood the wire.
const DEVICES_MAX: usize = 1024;

/// What was read from the host at a tick.
#[derive(Clone, Debug, Default)]
pub struct HostFacts {
    /// Slowly changing facts.
    pub info: HostInfo,
    /// `/proc/stat`.
    pub stat: String,
    /// `/proc/net/dev`.
    pub net_dev: String,
    /// Load over 1, 5 and 15 minutes; `None` when it cannot be read.
    pub load: Option<[f64; 3]>,
    /// Memory in bytes; `None` when it cannot be read.
    pub memory: Option<Memory>,
    /// Mounted file systems.
    pub filesystems: Vec<Filesystem>,
}

/// Memory in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// Physical memory.
    pub total: u64,
    /// Can be given out without swapping.
    pub available: u64,
    /// Not used for anything.
    pub free: u64,
    /// Swap space.
    pub swap_total: u64,
    /// Swap space in use.
    pub swap_used: u64,
}

/// A mounted file system.
#[derive(Clone, Debug, Default)]
pub struct Filesystem {
    /// Device or pool.
    pub source: String,
    /// Mount point.
    pub mount: String,
    /// Type, `ext4`.
    pub kind: String,
    /// Size in bytes.
    pub size: u64,
    /// Room in bytes.
    pub available: u64,
}

/// What the agent says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct AgentFacts {
    /// How long libvirt took; `None` when it did not answer.
    pub scrape_ns: Option<u64>,
    /// Ticks left out since the agent's start.
    pub ticks_skipped: u64,
    /// Parameters without a metric at this tick.
    pub unmapped: u64,
}

/// The first line of `/proc/stat`: clock ticks by kind of use, summed over CPUs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTicks {
    user: u64,
    guest: u64,
    system: u64,
    interrupt: u64,
    iowait: u64,
    steal: u64,
    idle: u64,
}

impl CpuTicks {
    /// From the text of `/proc/stat`; `None` when it is another file.
    #[must_use]
    pub fn parse(stat: &str) -> Option<Self> {
        let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
        let mut fields = line.split_ascii_whitespace().map(|field| field.parse::<u64>().unwrap_or(0));
        let mut next = || fields.next().unwrap_or(0);
        let (user, nice, system, idle, iowait) = (next(), next(), next(), next(), next());
        let (irq, softirq, steal, guest, guest_nice) = (next(), next(), next(), next(), next());
        Some(Self {
            user: user.saturating_add(nice),
            guest: guest.saturating_add(guest_nice),
            system,
            interrupt: irq.saturating_add(softirq),
            iowait,
            steal,
            idle,
        })
    }

    /// The share of time since `before` that was not idle; `None` when no time has passed.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "clock ticks stay far below 2^53")]
    pub fn busy_since(self, before: Self) -> Option<f64> {
        let idle = (self.idle.saturating_add(self.iowait)).checked_sub(before.idle.saturating_add(before.iowait))?;
        let total = self.total().checked_sub(before.total())?;
        (total > 0).then(|| 1.0 - idle.min(total) as f64 / total as f64)
    }

    /// Guests' time is a part of user's.
    fn total(self) -> u64 {
        [self.system, self.interrupt, self.iowait, self.steal, self.idle]
            .into_iter()
            .fold(self.user, u64::saturating_add)
    }
}

/// Seconds since 1970 at which the host booted, from `/proc/stat`.
#[must_use]
pub fn boot_time_s(stat: &str) -> Option<u64> {
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

/// Number of CPUs that are online, from `/proc/stat`.
#[must_use]
pub fn cpus(stat: &str) -> u32 {
    let is_cpu =
        |line: &&str| line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    u32::try_from(stat.lines().filter(is_cpu).count()).unwrap_or(u32::MAX)
}

/// The host's readings. `before` is the CPU use at the last tick; without it there is no busy share yet.
#[must_use]
pub fn read(facts: &HostFacts, agent: AgentFacts, before: Option<CpuTicks>) -> HostReadings {
    let counter_epoch = boot_time_s(&facts.stat).map_or(0, |seconds| seconds.saturating_mul(1000));
    let mut out = Out { epoch: CounterEpoch(counter_epoch), readings: Vec::new() };
    cpu(&mut out, &facts.stat, before);
    if let Some(load) = facts.load {
        for (metric, load) in ["host_load_1m", "host_load_5m", "host_load_15m"].into_iter().zip(load) {
            out.float(metric, Some(load), Missing::NoData);
        }
    }
    if let Some(memory) = facts.memory {
        out.whole("host_memory_total_bytes", "", memory.total);
        out.whole("host_memory_available_bytes", "", memory.available);
        out.whole("host_memory_used_bytes", "", memory.total.saturating_sub(memory.available));
        out.whole("host_memory_free_bytes", "", memory.free);
        out.whole("host_swap_total_bytes", "", memory.swap_total);
        out.whole("host_swap_used_bytes", "", memory.swap_used);
    }
    for filesystem in filesystems(&facts.filesystems).into_iter().take(DEVICES_MAX) {
        out.whole("host_filesystem_size_bytes", &filesystem.mount, filesystem.size);
        out.whole("host_filesystem_available_bytes", &filesystem.mount, filesystem.available);
    }
    net(&mut out, &facts.net_dev);
    match agent.scrape_ns {
        Some(ns) => out.whole("host_agent_scrape_seconds", "", ns),
        None => out.push(known("host_agent_scrape_seconds"), "", Value::Missing(Missing::LibvirtDown)),
    }
    out.whole("host_agent_ticks_skipped_total", "", agent.ticks_skipped);
    out.whole("host_agent_unmapped_parameters", "", agent.unmapped);
    HostReadings { info: facts.info.clone(), counter_epoch, readings: out.readings }
}

struct Out {
    epoch: CounterEpoch,
    readings: Vec<Reading>,
}

impl Out {
    fn push(&mut self, metric: &'static Metric, device: &str, value: Value) {
        self.readings.push(Reading { metric: metric.id, device: clip(device), value });
    }

    fn whole(&mut self, metric: &str, device: &str, value: u64) {
        let metric = known(metric);
        let value = match metric.kind {
            Kind::Counter => Value::Counter(Counter { epoch: self.epoch, value }),
            Kind::Gauge => Value::Gauge(Gauge::Int(i64::try_from(value).unwrap_or(i64::MAX))),
        };
        self.push(metric, device, value);
    }

    fn float(&mut self, metric: &str, value: Option<f64>, why: Missing) {
        let value = value.and_then(Finite::new).map_or(Value::Missing(why), |value| Value::Gauge(Gauge::Float(value)));
        self.push(known(metric), "", value);
    }
}

fn cpu(out: &mut Out, stat: &str, before: Option<CpuTicks>) {
    let Some(now) = CpuTicks::parse(stat) else { return };
    out.float("host_cpu_busy_ratio", before.and_then(|before| now.busy_since(before)), Missing::NoData);
    out.whole("host_cpu_user_seconds_total", "", now.user);
    out.whole("host_cpu_guest_seconds_total", "", now.guest);
    out.whole("host_cpu_system_seconds_total", "", now.system);
    out.whole("host_cpu_interrupt_seconds_total", "", now.interrupt);
    out.whole("host_cpu_iowait_seconds_total", "", now.iowait);
    out.whole("host_cpu_steal_seconds_total", "", now.steal);
    out.whole("host_cpu_idle_seconds_total", "", now.idle);
    out.whole("host_cpus", "", cpus(stat).into());
}

/// Real file systems, each once: of several mounts of one device the shortest path, which is not a bind mount's.
fn filesystems(all: &[Filesystem]) -> Vec<&Filesystem> {
    const PSEUDO: &[&str] = &["overlay", "squashfs", "tmpfs", "devtmpfs", "ramfs", "iso9660", "erofs", "efivarfs"];
    let mut real: Vec<&Filesystem> =
        all.iter().filter(|filesystem| filesystem.size > 0 && !PSEUDO.contains(&filesystem.kind.as_str())).collect();
    real.sort_by(|a, b| (&a.source, a.mount.len(), &a.mount).cmp(&(&b.source, b.mount.len(), &b.mount)));
    real.dedup_by(|a, b| a.source == b.source || a.mount == b.mount);
    real.sort_by(|a, b| a.mount.cmp(&b.mount));
    real.dedup_by(|a, b| a.mount == b.mount);
    real
}

/// `/proc/net/dev`: the loopback says nothing of the host, and a guest's tap is already the guest's reading.
fn net(out: &mut Out, net_dev: &str) {
    let lines = net_dev.lines().filter_map(|line| line.split_once(':'));
    let real = lines.map(|(name, rest)| (name.trim(), rest)).filter(|(name, _)| *name != "lo" && !is_tap(name));
    for (name, rest) in real.take(DEVICES_MAX) {
        let fields: Vec<u64> = rest.split_ascii_whitespace().map(|field| field.parse().unwrap_or(0)).collect();
        let [receive @ .., _, _, _, _, _, _, _, _] = fields.as_slice() else { continue };
        let Some(transmit) = fields.get(8..12) else { continue };
        for (word, values) in [("receive", receive), ("transmit", transmit)] {
            for (what, value) in ["bytes", "packets", "errors", "drops"].into_iter().zip(values) {
                out.whole(&format!("host_network_{word}_{what}_total"), name, *value);
            }
        }
    }
}

fn is_tap(name: &str) -> bool {
    name.strip_prefix("vnet").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "cpu  100 5 50 1000 40 3 2 6 30 1\ncpu0 50 0 25 500 20 1 1 3 15 0\ncpu1 50 5 25 500 20 2 1 3 15 1\n\
                        intr 1\nbtime 1700000000\n";
    const NET: &str = "Inter-|   Receive   |  Transmit\n face |bytes packets errs drop fifo frame compressed multicast|bytes\n\
                       \x20   lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n  eth0: 10 2 3 4 0 0 0 0 50 6 7 8 0 0 0 0\n vnet0: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n";

    fn facts() -> HostFacts {
        let filesystem = |source: &str, mount: &str, kind: &str| Filesystem {
            source: source.to_owned(),
            mount: mount.to_owned(),
            kind: kind.to_owned(),
            size: 10,
            available: 5,
        };
        HostFacts {
            stat: STAT.to_owned(),
            net_dev: NET.to_owned(),
            filesystems: vec![
                filesystem("/dev/sda1", "/var/lib/docker/x", "ext4"),
                filesystem("/dev/sda1", "/", "ext4"),
                filesystem("overlay", "/merged", "overlay"),
                filesystem("/dev/sdb1", "/srv", "xfs"),
            ],
            ..HostFacts::default()
        }
    }

    fn value(readings: &HostReadings, metric: &str, device: &str) -> Option<Value> {
        let metric = known(metric).id;
        let mut found = readings.readings.iter().filter(|r| r.metric == metric && r.device == device);
        let value = found.next().map(|reading| reading.value);
        assert!(found.next().is_none(), "twice");
        value
    }

    #[test]
    fn reads_the_kernel() {
        let readings = read(&facts(), AgentFacts::default(), CpuTicks::parse("cpu  0 0 0 0 0 0 0 0 0 0"));
        let epoch = CounterEpoch(1_700_000_000_000);
        let count = |value| Some(Value::Counter(Counter { epoch, value }));
        assert_eq!(value(&readings, "host_cpu_user_seconds_total", ""), count(105));
        assert_eq!(value(&readings, "host_cpus", ""), Some(Value::Gauge(Gauge::Int(2))));
        assert_eq!(value(&readings, "host_network_receive_drops_total", "eth0"), count(4));
        assert_eq!(value(&readings, "host_network_transmit_bytes_total", "eth0"), count(50));
        assert_eq!(value(&readings, "host_network_receive_bytes_total", "lo"), None);
        assert_eq!(value(&readings, "host_network_receive_bytes_total", "vnet0"), None);
        let mounts: Vec<&str> = readings
            .readings
            .iter()
            .filter(|reading| reading.metric == known("host_filesystem_size_bytes").id)
            .map(|reading| reading.device.as_str())
            .collect();
        assert_eq!(mounts, ["/", "/srv"]);
    }

    #[test]
    fn busy_is_what_is_neither_idle_nor_waiting() {
        let before = CpuTicks::parse("cpu  0 0 0 0 0 0 0 0 0 0").unwrap();
        let now = CpuTicks::parse("cpu  30 0 10 50 5 0 0 5 20 0").unwrap();
        assert!((now.busy_since(before).unwrap() - 0.45).abs() < 1e-9);
        assert_eq!(before.busy_since(before), None);
        assert_eq!(before.busy_since(now), None);
    }

    #[test]
    fn nonsense_gives_nothing() {
        let facts = HostFacts { stat: "x".into(), net_dev: "a: 1\nb:".into(), ..HostFacts::default() };
        let readings = read(&facts, AgentFacts::default(), None);
        assert_eq!(readings.counter_epoch, 0);
        assert!(readings.readings.iter().all(|reading| reading.device.is_empty()));
    }
}
