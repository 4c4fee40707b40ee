//! [P] The newest readings of a host as the sections of `host show`.

use std::collections::HashMap;

use evenkeel_common::metric::{MetricId, by_name};
use evenkeel_common::sample::Missing;
use evenkeel_common::time::UnixMs;

use super::rates;
use crate::store::Latest;
use crate::view::host::{
    HostCpu, HostDisk, HostFilesystem, HostHugepages, HostKsm, HostMemory, HostNetwork, HostNode, HostNow, HostPool,
    HostPressure,
};

/// `virStoragePoolState` by number.
const POOL_STATES: [&str; 5] = ["inactive", "building", "running", "degraded", "inaccessible"];

/// Everything that `host show` says of now.
pub fn now(series: &[Latest], cpus: u32) -> HostNow {
    let newest = Newest::new(series);
    HostNow {
        missing: None,
        cpu: cpu(&newest, cpus),
        memory: memory(&newest),
        pressure: ["cpu", "memory", "io"].into_iter().map(|resource| pressure(&newest, resource)).collect(),
        disks: each(&newest, "host_disk_io_seconds_total", disk),
        networks: each(&newest, "host_network_receive_bytes_total", network),
        filesystems: each(&newest, "host_filesystem_size_bytes", filesystem),
        pools: each(&newest, "host_pool_state", pool),
        ksm: ksm(&newest),
        hugepages: each(&newest, "host_hugepages", hugepages),
        nodes: each(&newest, "host_numa_memory_total_bytes", node),
    }
}

/// The host's series by metric and device.
struct Newest<'a>(HashMap<(MetricId, &'a str), &'a Latest>);

impl<'a> Newest<'a> {
    fn new(series: &'a [Latest]) -> Self {
        Self(series.iter().map(|latest| ((latest.metric, latest.device.as_str()), latest)).collect())
    }

    /// The devices that were read when the metric was last read: others are gone.
    fn devices(&self, metric: &str) -> Vec<&'a str> {
        let Some(metric) = by_name(metric) else { return Vec::new() };
        let at = |latest: &Latest| latest.points.first().map(|(at, _)| *at);
        let of = || self.0.iter().filter(|((id, device), _)| *id == metric.id && !device.is_empty());
        let newest: Option<UnixMs> = of().filter_map(|(_, latest)| at(latest)).max();
        let mut devices: Vec<&str> =
            of().filter(|(_, latest)| at(latest) == newest).map(|((_, device), _)| *device).collect();
        devices.sort_unstable();
        devices
    }

    fn gauge(&self, metric: &str, device: &str) -> Result<f64, Missing> {
        let metric = by_name(metric).ok_or(Missing::NoData)?;
        let latest = self.0.get(&(metric.id, device)).ok_or(Missing::NoData)?;
        rates::newest(&latest.points, metric.stored_per_unit)
    }

    fn whole(&self, metric: &str, device: &str) -> Option<u64> {
        self.gauge(metric, device).ok().map(whole)
    }

    fn rate(&self, metric: &str, device: &str) -> Result<f64, Missing> {
        let metric = by_name(metric).ok_or(Missing::NoData)?;
        let latest = self.0.get(&(metric.id, device)).ok_or(Missing::NoData)?;
        rates::rate(&latest.points, metric.stored_per_unit)
    }
}

fn each<T>(newest: &Newest<'_>, metric: &str, row: impl Fn(&Newest<'_>, &str) -> T) -> Vec<T> {
    newest.devices(metric).into_iter().map(|device| row(newest, device)).collect()
}

/// Why a value is missing, if it is.
fn why<T>(value: Result<T, Missing>) -> Option<String> {
    value.err().map(|why| why.as_str().to_owned())
}

fn cpu(newest: &Newest<'_>, cpus: u32) -> HostCpu {
    let share = |kind: &str| {
        let rate = newest.rate(&format!("host_cpu_{kind}_seconds_total"), "").ok()?;
        (cpus > 0).then(|| rate / f64::from(cpus))
    };
    HostCpu {
        user_ratio: share("user"),
        guest_ratio: share("guest"),
        system_ratio: share("system"),
        interrupt_ratio: share("interrupt"),
        iowait_ratio: share("iowait"),
        steal_ratio: share("steal"),
        load_1m: newest.gauge("host_load_1m", "").ok(),
        load_5m: newest.gauge("host_load_5m", "").ok(),
        load_15m: newest.gauge("host_load_15m", "").ok(),
        context_switches_per_s: newest.rate("host_context_switches_total", "").ok(),
        processes_running: newest.whole("host_processes_running", ""),
        processes_blocked: newest.whole("host_processes_blocked", ""),
    }
}

fn memory(newest: &Newest<'_>) -> HostMemory {
    let memory = |what: &str| newest.whole(&format!("host_memory_{what}_bytes"), "");
    HostMemory {
        total_bytes: memory("total"),
        used_bytes: memory("used"),
        available_bytes: memory("available"),
        cached_bytes: memory("cached"),
        dirty_bytes: memory("dirty"),
        slab_bytes: memory("slab"),
        hugetlb_bytes: memory("hugetlb"),
        swap_total_bytes: newest.whole("host_swap_total_bytes", ""),
        swap_used_bytes: newest.whole("host_swap_used_bytes", ""),
        swap_in_bytes_per_s: newest.rate("host_swap_in_bytes_total", "").ok(),
        swap_out_bytes_per_s: newest.rate("host_swap_out_bytes_total", "").ok(),
    }
}

fn pressure(newest: &Newest<'_>, resource: &str) -> HostPressure {
    let some = newest.gauge(&format!("host_pressure_{resource}_some_ratio"), "");
    HostPressure {
        resource: resource.to_owned(),
        some_ratio: some.ok(),
        full_ratio: newest.gauge(&format!("host_pressure_{resource}_full_ratio"), "").ok(),
        missing: why(some),
    }
}

fn disk(newest: &Newest<'_>, device: &str) -> HostDisk {
    let busy = newest.rate("host_disk_io_seconds_total", device);
    let rate = |metric: &str| newest.rate(metric, device).ok();
    HostDisk {
        device: device.to_owned(),
        utilisation_ratio: busy.ok().map(|busy| busy.min(1.0)),
        reads_per_s: rate("host_disk_reads_total"),
        writes_per_s: rate("host_disk_writes_total"),
        read_bytes_per_s: rate("host_disk_read_bytes_total"),
        written_bytes_per_s: rate("host_disk_written_bytes_total"),
        queue_length: rate("host_disk_io_weighted_seconds_total"),
        missing: why(busy),
    }
}

fn network(newest: &Newest<'_>, device: &str) -> HostNetwork {
    let received = newest.rate("host_network_receive_bytes_total", device);
    let both = |what: &str| {
        let one = |way: &str| newest.rate(&format!("host_network_{way}_{what}_total"), device).ok();
        Some(one("receive")? + one("transmit")?)
    };
    HostNetwork {
        device: device.to_owned(),
        up: newest.gauge("host_network_up", device).ok().map(|up| up > 0.0),
        speed_bytes_per_s: newest.whole("host_network_speed_bytes_per_second", device),
        receive_bytes_per_s: received.ok(),
        transmit_bytes_per_s: newest.rate("host_network_transmit_bytes_total", device).ok(),
        errors_per_s: both("errors"),
        drops_per_s: both("drops"),
        missing: why(received),
    }
}

fn filesystem(newest: &Newest<'_>, mount: &str) -> HostFilesystem {
    let gauge = |what: &str| newest.gauge(&format!("host_filesystem_{what}"), mount);
    let size = gauge("size_bytes");
    // A mount that hangs now keeps nothing of what it said before.
    let now = |value: Result<f64, Missing>| value.ok().filter(|_| size.is_ok());
    let (used, available) = (now(gauge("used_bytes")), now(gauge("available_bytes")));
    HostFilesystem {
        mount: mount.to_owned(),
        size_bytes: size.ok().map(whole),
        used_bytes: used.map(whole),
        available_bytes: available.map(whole),
        used_ratio: used.zip(available).and_then(|(used, available)| share(used, used + available)),
        inodes_used_ratio: now(gauge("inodes"))
            .zip(now(gauge("inodes_free")))
            .and_then(|(all, free)| share(all - free, all)),
        read_only: gauge("read_only").ok().map(|read_only| read_only > 0.0),
        missing: why(size),
    }
}

fn pool(newest: &Newest<'_>, name: &str) -> HostPool {
    let state = newest.gauge("host_pool_state", name);
    let number = state.map(whole);
    // libvirt says nothing of the size of a pool that is not active.
    let active = number.is_ok_and(|number| number > 0);
    let size = |what: &str| newest.gauge(&format!("host_pool_{what}_bytes"), name).ok().filter(|_| active);
    let (capacity, allocation) = (size("capacity"), size("allocation"));
    HostPool {
        name: name.to_owned(),
        state: number.ok().map(|number| {
            let word = usize::try_from(number).ok().and_then(|number| POOL_STATES.get(number));
            word.map_or_else(|| number.to_string(), |word| (*word).to_owned())
        }),
        capacity_bytes: capacity.map(whole),
        allocation_bytes: allocation.map(whole),
        available_bytes: size("available").map(whole),
        used_ratio: allocation.zip(capacity).and_then(|(used, all)| share(used, all)),
        missing: why(state),
    }
}

fn ksm(newest: &Newest<'_>) -> Option<HostKsm> {
    Some(HostKsm {
        running: newest.whole("host_ksm_run", "")? == 1,
        shared_bytes: newest.whole("host_ksm_shared_bytes", ""),
        saved_bytes: newest.whole("host_ksm_saved_bytes", ""),
    })
}

fn hugepages(newest: &Newest<'_>, size: &str) -> HostHugepages {
    HostHugepages {
        size: size.to_owned(),
        pages: newest.whole("host_hugepages", size),
        free: newest.whole("host_hugepages_free", size),
    }
}

fn node(newest: &Newest<'_>, node: &str) -> HostNode {
    let memory = |what: &str| newest.whole(&format!("host_numa_memory_{what}_bytes"), node);
    HostNode {
        node: node.to_owned(),
        total_bytes: memory("total"),
        used_bytes: memory("used"),
        free_bytes: memory("free"),
    }
}

fn share(part: f64, all: f64) -> Option<f64> {
    (all > 0.0).then(|| part / all)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers, never negative")]
fn whole(number: f64) -> u64 {
    number.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use evenkeel_common::id::AgentId;
    use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Value};

    use super::*;

    fn latest(metric: &str, device: &str, points: &[(i64, Value)]) -> Latest {
        Latest {
            entity: AgentId::from_bytes([1; 16]).into(),
            metric: by_name(metric).unwrap().id,
            device: device.to_owned(),
            points: points.iter().map(|(at, value)| (UnixMs(*at), *value)).collect(),
        }
    }

    fn gauge(metric: &str, device: &str, value: i64) -> Latest {
        latest(metric, device, &[(20_000, Value::Gauge(Gauge::Int(value)))])
    }

    fn counter(metric: &str, device: &str, newest: u64, before: u64) -> Latest {
        let value = |value| Value::Counter(Counter { epoch: CounterEpoch(1), value });
        latest(metric, device, &[(20_000, value(newest)), (10_000, value(before))])
    }

    #[test]
    fn says_shares_rates_and_reasons() {
        let hung = Value::Missing(Missing::Hung);
        let series = [
            // 5 s of 10 in clock ticks, on two CPUs.
            counter("host_cpu_iowait_seconds_total", "", 1_500, 1_000),
            counter("host_disk_io_seconds_total", "sda", 12_500, 10_000),
            gauge("host_filesystem_size_bytes", "/", 1000),
            gauge("host_filesystem_used_bytes", "/", 300),
            gauge("host_filesystem_available_bytes", "/", 600),
            latest("host_filesystem_size_bytes", "/gone", &[(10_000, Value::Gauge(Gauge::Int(5)))]),
            latest("host_filesystem_size_bytes", "/nfs", &[(20_000, hung)]),
            gauge("host_filesystem_used_bytes", "/nfs", 300),
            gauge("host_pool_state", "default", 2),
            gauge("host_pool_capacity_bytes", "default", 100),
            gauge("host_pool_allocation_bytes", "default", 25),
            gauge("host_pool_state", "idle", 0),
            gauge("host_pool_capacity_bytes", "idle", 100),
            latest("host_pressure_io_some_ratio", "", &[(20_000, Value::Missing(Missing::NotEnabled))]),
        ];
        let now = now(&series, 2);
        let close = |found: Option<f64>, expected: f64| assert!((found.unwrap() - expected).abs() < 1e-9, "{found:?}");
        close(now.cpu.iowait_ratio, 0.25);
        close(now.disks[0].utilisation_ratio, 0.25);
        let mounts: Vec<(&str, Option<&str>)> =
            now.filesystems.iter().map(|row| (row.mount.as_str(), row.missing.as_deref())).collect();
        assert_eq!(mounts, [("/", None), ("/nfs", Some("hung"))]);
        close(now.filesystems[0].used_ratio, 300.0 / 900.0);
        assert_eq!(now.filesystems[1].used_bytes, None);
        assert_eq!((now.pools[0].state.as_deref(), now.pools[0].used_ratio), (Some("running"), Some(0.25)));
        assert_eq!((now.pools[1].state.as_deref(), now.pools[1].capacity_bytes), (Some("inactive"), None));
        assert_eq!(now.pressure[2].missing.as_deref(), Some("not_enabled"));
        assert_eq!((now.ksm, now.cpu.steal_ratio), (None, None));
    }
}
