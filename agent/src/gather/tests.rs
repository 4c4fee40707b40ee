//! Real dumps of libvirt 9.0 with QEMU 7.2 become readings; any parameters at all become no panic.

mod versions;

use std::collections::BTreeSet;

use evenkeel_common::metric::{CATALOGUE, Metric, by_id, known};
use evenkeel_common::sample::{Counter, Gauge};
use proptest::prelude::*;

use super::*;

const RUNNING: &str = include_str!("fixtures/running.json");
const PAUSED: &str = include_str!("fixtures/paused_perf_iothreads.json");
const SHUT_OFF: &str = include_str!("fixtures/shut_off.json");
const HUNG: &str = include_str!("fixtures/hung.json");
const EPOCH: CounterEpoch = CounterEpoch(9);

/// Metrics that no dump of the lab has, by the start of their names, and why.
const NOT_IN_FIXTURES: &[(&str, &str)] = &[
    ("vm_kvm_", "KVM's own statistics: the dumps are of emulated guests"),
    ("vm_vcpu_kvm_", "the same"),
    ("vm_cpu_cache_monitor_banks", "needs a CPU with resctrl"),
    ("vm_cpu_cache_occupancy_bytes", "needs a CPU with resctrl"),
    ("vm_memory_bandwidth_", "needs a CPU with resctrl"),
    ("vm_vcpu_halted", "reported by QEMU on s390 only since libvirt 7"),
    ("vm_vcpu_dirtyrate_bytes_per_second", "needs KVM's dirty ring"),
    ("vm_block_errors_total", "Xen only"),
];

fn gathered(json: &str) -> Gathered {
    read(&serde_json::from_str(json).unwrap(), EPOCH, &[])
}

fn value(gathered: &Gathered, metric: &str, device: &str) -> Option<Value> {
    let id = known(metric).id;
    gathered.readings.iter().find(|reading| reading.metric == id && reading.device == device).map(|r| r.value)
}

fn int(value: i64) -> Option<Value> {
    Some(Value::Gauge(Gauge::Int(value)))
}

fn count(value: u64) -> Option<Value> {
    Some(Value::Counter(Counter { epoch: EPOCH, value }))
}

#[test]
fn every_parameter_of_the_dumps_has_a_metric() {
    for json in [RUNNING, PAUSED, SHUT_OFF, HUNG] {
        assert_eq!(gathered(json).unmapped, Vec::<String>::new());
    }
}

/// Metrics of VMs, without those of probes, which do not come from libvirt.
fn of_libvirt() -> impl Iterator<Item = &'static Metric> {
    CATALOGUE.iter().filter(|metric| metric.name.starts_with("vm_") && !metric.name.starts_with("vm_probe_"))
}

#[test]
fn every_vm_metric_is_in_a_dump_or_has_a_reason_not_to_be() {
    let dumps = [RUNNING, PAUSED, SHUT_OFF, HUNG].map(gathered);
    let produced: BTreeSet<&str> =
        dumps.iter().flat_map(|dump| &dump.readings).filter_map(|reading| Some(by_id(reading.metric)?.name)).collect();
    for metric in of_libvirt() {
        let excused = NOT_IN_FIXTURES.iter().any(|(start, _)| metric.name.starts_with(start));
        assert!(excused || produced.contains(metric.name), "{} is in no dump", metric.name);
    }
}

#[test]
fn every_vm_metric_has_exactly_one_parameter() {
    let mut metrics = BTreeSet::new();
    let mut params = BTreeSet::new();
    for row in tables().into_iter().flatten() {
        assert!(metrics.insert(row.metric.name), "{} twice", row.metric.name);
        assert!(params.insert(row.param), "{} twice", row.param);
    }
    for metric in of_libvirt() {
        assert!(metrics.contains(metric.name), "{} has no parameter", metric.name);
    }
}

#[test]
fn a_running_guest() {
    let guest = gathered(RUNNING);
    assert_eq!(guest.domain_state(), DomainState::Running);
    assert_eq!(value(&guest, "vm_memory_maximum_bytes", ""), int(98304 * 1024));
    assert_eq!(value(&guest, "vm_block_reads_total", "vda"), count(2));
    assert_eq!(value(&guest, "vm_block_threshold_bytes", "vda"), int(60_000_000));
    assert!(matches!(value(&guest, "vm_network_receive_bytes_total", "vnet2"), Some(Value::Counter(_))));
    assert!(matches!(value(&guest, "vm_vcpu_seconds_total", "vcpu0"), Some(Value::Counter(_))));
    assert_eq!(value(&guest, "vm_dirtyrate_calc_mode", ""), int(0));
    assert_eq!(value(&guest, "vm_dirtyrate_bytes_per_second", ""), int(0));
    assert_eq!(value(&guest, "vm_perf_instructions_total", ""), Some(Value::Missing(Missing::NotEnabled)));
}

#[test]
fn a_paused_guest_without_balloon_period_still_has_values() {
    let guest = gathered(PAUSED);
    assert_eq!((guest.domain_state(), guest.reason), (DomainState::Paused, 1));
    assert_eq!(value(&guest, "vm_memory_usable_bytes", ""), Some(Value::Missing(Missing::NotEnabled)));
    assert!(matches!(value(&guest, "vm_memory_rss_bytes", ""), Some(Value::Gauge(_))));
    assert!(matches!(value(&guest, "vm_perf_page_faults_total", ""), Some(Value::Counter(_))));
    assert_eq!(value(&guest, "vm_iothread_poll_max_seconds", "iothread2"), int(32_768));
    assert_eq!(value(&guest, "vm_vcpus_maximum", ""), int(3));
    assert_eq!(value(&guest, "vm_block_capacity_bytes", "sda"), None);
}

#[test]
fn a_guest_whose_monitor_hangs_keeps_what_needs_no_monitor() {
    let guest = gathered(HUNG);
    let hung = Some(Value::Missing(Missing::Hung));
    assert!(matches!(value(&guest, "vm_cpu_seconds_total", ""), Some(Value::Counter(_))));
    assert!(matches!(value(&guest, "vm_network_receive_bytes_total", "vnet1"), Some(Value::Counter(_))));
    assert_eq!(value(&guest, "vm_block_reads_total", "vda"), hung);
    assert_eq!(value(&guest, "vm_memory_rss_bytes", ""), hung);
    assert_eq!(value(&guest, "vm_memory_usable_bytes", ""), hung);
}

#[test]
fn a_shut_off_domain_has_no_counters_and_nothing_missing() {
    let domain = gathered(SHUT_OFF);
    assert_eq!(domain.domain_state(), DomainState::Shutoff);
    assert!(domain.readings.iter().all(|reading| matches!(reading.value, Value::Gauge(_))));
}

#[test]
fn monitors_are_named_by_the_hosts_ids() {
    let params = [
        ("cpu.cache.monitor.count", Param::U64(1)),
        ("cpu.cache.monitor.0.name", Param::Text("vcpus_0-3".to_owned())),
        ("cpu.cache.monitor.0.vcpus", Param::Text("0-3".to_owned())),
        ("cpu.cache.monitor.0.bank.count", Param::U64(2)),
        ("cpu.cache.monitor.0.bank.1.id", Param::U64(4)),
        ("cpu.cache.monitor.0.bank.1.bytes", Param::U64(77)),
        ("memory.bandwidth.monitor.0.node.0.bytes.total", Param::U64(5)),
        ("vcpu.0.exits.sum", Param::U64(6)),
        ("vm.pages_4k.cur", Param::U64(7)),
        ("vcpu.0.something_new.sum", Param::U64(8)),
    ];
    let params = params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let guest = read(&RawDomain { id: Some(1), params, ..RawDomain::default() }, EPOCH, &[]);
    assert_eq!(value(&guest, "vm_cpu_cache_occupancy_bytes", "vcpus_0-3/bank4"), int(77));
    assert_eq!(value(&guest, "vm_cpu_cache_monitor_banks", "vcpus_0-3"), int(2));
    assert_eq!(value(&guest, "vm_memory_bandwidth_bytes_total", "monitor0/node0"), count(5));
    assert_eq!(value(&guest, "vm_vcpu_kvm_exits_total", "vcpu0"), count(6));
    assert_eq!(value(&guest, "vm_kvm_pages_4k", ""), int(7));
    assert_eq!(guest.unmapped, ["vcpu.0.something_new.sum"]);
}

fn any_name() -> impl Strategy<Value = String> {
    let known = tables().into_iter().flatten().map(|row| row.param).collect::<Vec<_>>();
    let pattern = proptest::sample::select(known);
    prop_oneof![
        (pattern, 0u32..4).prop_map(|(pattern, number)| pattern.replace('#', &number.to_string())),
        Just("block.0.name".to_owned()),
        Just("block.1.path".to_owned()),
        "[a-z0-9.#]{0,24}",
        ".{0,12}",
    ]
}

fn any_param() -> impl Strategy<Value = Param> {
    prop_oneof![
        any::<u64>().prop_map(Param::U64),
        any::<i64>().prop_map(Param::I64),
        any::<f64>().prop_map(Param::F64),
        any::<bool>().prop_map(Param::Bool),
        ".{0,300}".prop_map(Param::Text),
    ]
}

proptest! {
    #[test]
    fn any_parameters_become_valid_readings(
        params in proptest::collection::vec((any_name(), any_param()), 0..60),
        id in proptest::option::of(any::<u32>()),
    ) {
        let gathered = read(&RawDomain { id, params, ..RawDomain::default() }, EPOCH, &[]);
        let mut seen = BTreeSet::new();
        for reading in &gathered.readings {
            prop_assert!(seen.insert((reading.metric, reading.device.clone())), "twice");
            prop_assert!(reading.device.len() <= evenkeel_common::limits::NAME_MAX_BYTES);
            let kind = by_id(reading.metric).map(|metric| metric.kind);
            match reading.value {
                Value::Counter(_) => prop_assert_eq!(kind, Some(evenkeel_common::metric::Kind::Counter)),
                Value::Gauge(_) => prop_assert_eq!(kind, Some(evenkeel_common::metric::Kind::Gauge)),
                Value::Missing(_) => {}
            }
        }
    }
}
