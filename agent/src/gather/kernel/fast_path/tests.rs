use evenkeel_common::metric::{by_name, known};
use evenkeel_common::sample::Missing;
use evenkeel_common::wire::v1::{DomainInfo, InterfaceInfo};
use proptest::prelude::*;

use super::*;
use crate::gather::kernel::compare::Difference;
use crate::gather::kernel::{CpuSource, CpuTime, ProcessState, VcpuTime};

const S: u64 = 1_000_000_000;
const UUID: [u8; 16] = [1; 16];
const RUN: Process = Process { uuid: UUID, id: 1 };

/// A look at a guest that has used `seconds` of CPU and sent as many bytes.
fn look(seconds: u64) -> KernelLook {
    let cpu = CpuTime { total_ns: seconds * S, user_ns: seconds * S, system_ns: 0, source: CpuSource::Process };
    let record = KernelRecord {
        id: 1,
        start: UnixMs(500),
        process_state: ProcessState::Sleeping,
        cpu: Some(cpu),
        rss_bytes: Some(100 << 20),
        vcpus: vec![VcpuTime { index: 0, time_ns: seconds * S, delay_ns: 0 }],
    };
    let net_dev = format!("vnet0: {seconds} 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n").into_bytes();
    KernelLook { domains: HashMap::from([(UUID, record)]), net_dev }
}

/// What libvirt says of it.
fn libvirt(seconds: u64) -> DomainReadings {
    let count = |metric: &str, device: &str, value| {
        let value = Value::Counter(Counter { epoch: CounterEpoch(500), value });
        Reading { metric: known_id(metric), device: device.to_owned(), value }
    };
    let mut readings = vec![
        count("vm_cpu_seconds_total", "", seconds * S),
        count("vm_cpu_user_seconds_total", "", seconds * S),
        count("vm_cpu_system_seconds_total", "", 0),
        count("vm_vcpu_seconds_total", "vcpu0", seconds * S),
        count("vm_vcpu_wait_seconds_total", "vcpu0", 3),
        Reading {
            metric: known_id("vm_memory_rss_bytes"),
            device: String::new(),
            value: Value::Gauge(Gauge::Int(101 << 20)),
        },
    ];
    for metric in Group::Network.metrics() {
        let is_it = metric.name == "vm_network_transmit_bytes_total";
        readings.push(count(metric.name, "vnet0", if is_it { seconds } else { 0 }));
    }
    domain(readings)
}

fn domain(readings: Vec<Reading>) -> DomainReadings {
    let tap = InterfaceInfo { target: "vnet0".to_owned(), kind: "bridge".to_owned(), ..InterfaceInfo::default() };
    DomainReadings {
        uuid: UUID,
        name: "g1".to_owned(),
        state: 1,
        activity: Activity::Active,
        counter_epoch: 500,
        info: DomainInfo { machine: "pc".to_owned(), interfaces: vec![tap], ..DomainInfo::default() }.into(),
        definition: None,
        readings,
    }
}

fn known_id(metric: &str) -> evenkeel_common::metric::MetricId {
    by_name(metric).unwrap().id
}

fn tick(path: &mut FastPath, at_s: u64, kernel: u64, mut said: DomainReadings) -> (DomainReadings, Heard) {
    let mono = MonoMs(at_s * 1000);
    let is_check = path.begin(mono);
    let (before, after) = (look(kernel), look(kernel + 1));
    let looks = Looks { before: &before, after: is_check.then_some(&after), asked: GroupSet::ALL };
    let wall = UnixMs(i64::try_from(at_s * 1000 + 1000).unwrap());
    let heard = path.apply(looks, &[RUN], std::slice::from_mut(&mut said), Now { wall, mono });
    (said, heard)
}

fn counter(domain: &DomainReadings, metric: &str) -> (u64, u64) {
    let id = known(metric).id;
    let mut found = domain.readings.iter().filter(|reading| reading.metric == id);
    let Some(Reading { value: Value::Counter(counter), .. }) = found.next() else { panic!("no counter {metric}") };
    assert!(found.next().is_none(), "{metric} twice");
    (counter.value, counter.epoch.0)
}

#[test]
fn a_checked_guest_is_read_from_the_kernel_and_libvirt_is_not_asked() {
    let mut path = FastPath::new(true);
    let (first, heard) = tick(&mut path, 0, 5, libvirt(5));
    assert_eq!((counter(&first, "vm_cpu_seconds_total"), heard), ((5 * S, 500), Heard::default()));
    assert_eq!(path.covered(), GroupSet::NONE);
    tick(&mut path, 10, 7, libvirt(7));
    assert_eq!(path.covered(), GroupSet::ALL);
    assert!(!path.begin(MonoMs(20_000)));
    let (third, _) = tick(&mut path, 20, 9, domain(Vec::new()));
    assert_eq!(counter(&third, "vm_cpu_seconds_total"), (9 * S, 500));
    assert_eq!(counter(&third, "vm_network_transmit_bytes_total"), (9, 500));
    assert!(path.begin(MonoMs(3_700_000)), "the hourly check");
    assert_eq!(path.covered(), GroupSet::NONE);
}

#[test]
fn what_libvirt_alone_has_stays() {
    let mut path = FastPath::new(true);
    tick(&mut path, 0, 5, libvirt(5));
    let (domain, _) = tick(&mut path, 10, 7, libvirt(7));
    assert_eq!(counter(&domain, "vm_vcpu_wait_seconds_total"), (3, 500));
}

#[test]
fn a_difference_falls_back_once_and_loudly_and_each_change_is_a_new_life() {
    let mut path = FastPath::new(true);
    for at in 0..3 {
        tick(&mut path, at * 10, 5, libvirt(5));
    }
    let hour = 3_600;
    let (_, heard) = tick(&mut path, hour, 50, libvirt(90));
    assert!(heard.events.is_empty(), "one difference may be a late answer");
    let (domain, heard) = tick(&mut path, hour + 10, 60, libvirt(90));
    assert_eq!(counter(&domain, "vm_cpu_seconds_total"), (90 * S, (hour + 10) * 1000 + 1000));
    assert_eq!(counter(&domain, "vm_vcpu_wait_seconds_total"), (3, 500), "not a counter of the group");
    let kinds: Vec<&str> = heard.events.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["host_fast_path_off"; 3], "CPU, vCPUs and network");
    let said = &heard.events[0].message;
    assert!(said.starts_with("CPU time of g1: ") && said.contains("61.000 and 90.000"), "{said}");
    let (domain, heard) = tick(&mut path, hour + 20, 70, libvirt(91));
    assert_eq!(counter(&domain, "vm_cpu_seconds_total").0, 91 * S);
    assert!(heard.events.is_empty());
    assert!(!path.covered().has(Group::Cpu) && path.covered().has(Group::Memory));
    let (domain, heard) = tick(&mut path, 2 * hour + 10, 100, libvirt(100));
    assert_eq!(counter(&domain, "vm_cpu_seconds_total"), (100 * S, (2 * hour + 10) * 1000 + 1000));
    assert!(heard.events.iter().all(|event| event.kind == "host_fast_path_on") && heard.events.len() == 3);
}

#[test]
fn the_kernel_stands_in_for_a_hung_guest_even_when_switched_off() {
    let mut path = FastPath::new(false);
    let (domain_then, _) = tick(&mut path, 0, 5, libvirt(5));
    assert_eq!(counter(&domain_then, "vm_cpu_seconds_total"), (5 * S, 500));
    let hung = Reading {
        metric: known("vm_memory_rss_bytes").id,
        device: String::new(),
        value: Value::Missing(Missing::Hung),
    };
    let (now, heard) = tick(&mut path, 10, 7, domain(vec![hung]));
    assert_eq!(counter(&now, "vm_cpu_seconds_total"), (7 * S, 11_000));
    let memory: Vec<Value> = now
        .readings
        .iter()
        .filter(|reading| reading.metric == known("vm_memory_rss_bytes").id)
        .map(|reading| reading.value)
        .collect();
    assert_eq!(memory, [Value::Gauge(Gauge::Int(100 << 20))]);
    assert_eq!(heard, Heard::default());
    assert_eq!(path.covered(), GroupSet::NONE);
}

#[test]
fn another_run_begins_anew_and_what_cannot_be_read_is_said_once() {
    let mut path = FastPath::new(true);
    let nothing = KernelLook::default();
    let mut warnings = 0;
    for at in 0..10 {
        path.begin(MonoMs(at));
        let looks = Looks { before: &nothing, after: Some(&nothing), asked: GroupSet::ALL };
        let mut one = libvirt(5);
        let now = Now { wall: UnixMs(1), mono: MonoMs(at) };
        warnings += path.apply(looks, &[RUN], std::slice::from_mut(&mut one), now).warnings.len();
        assert_eq!(counter(&one, "vm_cpu_seconds_total"), (5 * S, 500));
    }
    assert_eq!(warnings, Group::ALL.len());
    assert!(path.is_new(&Process { id: 2, ..RUN }) && !path.is_new(&RUN));
}

#[derive(Clone, Debug)]
struct Step {
    kernel: Option<(u64, bool)>,
    libvirt: Option<u64>,
    asked: bool,
    check: Option<bool>,
    wait_ms: u64,
}

fn step() -> impl Strategy<Value = Step> {
    let kernel = proptest::option::weighted(0.8, (0..100_u64, proptest::bool::weighted(0.9)));
    let libvirt = proptest::option::weighted(0.7, 0..100_u64);
    let check = proptest::option::weighted(0.3, any::<bool>());
    (kernel, libvirt, any::<bool>(), check, 0..3_u64).prop_map(|(kernel, libvirt, asked, check, wait_ms)| Step {
        kernel,
        libvirt,
        asked,
        check,
        wait_ms,
    })
}

proptest! {
    /// Against a model that only knows the last value and source that went out: nothing falls within a life, a change of
    /// source is a new life, lives only go up.
    #[test]
    fn counters_never_fall_within_a_life(enabled: bool, steps in proptest::collection::vec(step(), 1..60)) {
        let lines = |value| vec![Line { metric: Group::Cpu.metrics()[0], device: String::new(), value }];
        let mut path = GroupPath::default();
        let mut now_ms = 1_000;
        let mut model: Option<(u64, u64, bool)> = None;
        let mut differing = 0;
        for step in steps {
            now_ms += step.wait_ms;
            if let Some(is_other) = step.check {
                let difference = Difference { metric: "m", device: String::new(), kernel: None, libvirt: None };
                path.checked(is_other.then_some(difference));
                differing = if is_other { differing + 1 } else { 0 };
            }
            let source = |is_cgroup| if is_cgroup { CpuSource::CgroupV2 } else { CpuSource::Process };
            let kernel = step.kernel.map(|(value, group)| (lines(value), source(group))).ok_or(NotThere::NoProcess);
            let libvirt = step.libvirt.map(lines).unwrap_or_default();
            let facts = Facts { enabled, asked: step.asked, kernel: &kernel, libvirt: &libvirt };
            let choice = path.choose(facts);
            let usable = kernel.is_ok() && differing < 2;
            let expected = match (step.libvirt.is_some(), usable) {
                (true, true) => if enabled { 'k' } else { 'l' },
                (true, false) => 'l',
                (false, true) if enabled || step.asked => 'k',
                (false, _) => '-',
            };
            let (got, out) = match &choice {
                Choice::Kernel(_) => ('k', kernel.as_ref().map(|(lines, _)| lines.clone()).unwrap_or_default()),
                Choice::Libvirt(_) => ('l', libvirt.clone()),
                Choice::Nobody => ('-', Vec::new()),
            };
            prop_assert_eq!(got, expected);
            let Some(line) = out.first() else { continue };
            let epoch = path.emit(&choice, facts, &out, now_ms).unwrap_or(0);
            if let Some((last_epoch, last_value, was_kernel)) = model {
                prop_assert!(epoch >= last_epoch);
                prop_assert!(epoch > last_epoch || line.value >= last_value);
                prop_assert!(epoch > last_epoch || was_kernel == (got == 'k'));
                let same_source = was_kernel == (got == 'k');
                let no_cgroups = step.kernel.is_none_or(|(_, is_cgroup)| is_cgroup);
                if same_source && got == 'l' && no_cgroups && line.value >= last_value {
                    prop_assert_eq!(epoch, last_epoch, "a life that nothing ended");
                }
            }
            model = Some((epoch, line.value, got == 'k'));
        }
    }
}
