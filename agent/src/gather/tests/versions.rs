//! Which parameters each libvirt gives, and that none of libvirt 9 is left without a metric.
//!
//! `libvirt9_parameters.txt` is the list of virsh 9.0's manual page with the names in its QEMU driver, and for
//! `vcpu.#.NAME.TYPE` and `vm.NAME.TYPE` those of KVM on x86 up to Linux 6.12. The dump of a busy guest is real; those of
//! libvirt 7, 10, 11 and 12 are that dump with the parameters that these versions do not have yet or have besides, by
//! their release notes and headers.

use super::*;

const LIBVIRT_9: &str = include_str!("../fixtures/libvirt9_parameters.txt");
const BUSY: &str = include_str!("../fixtures/busy.json");

fn labels() -> impl Iterator<Item = &'static str> {
    [cpu::LABELS, net::LABELS, block::LABELS, bandwidth::LABELS].into_iter().flatten().copied()
}

#[test]
fn every_parameter_of_libvirt_9_is_mapped_and_nothing_else_is() {
    let documented: BTreeSet<&str> = LIBVIRT_9.lines().collect();
    let mapped: BTreeSet<&str> = tables().into_iter().flatten().map(|row| row.param).chain(labels()).collect();
    let unmapped: Vec<_> = documented.difference(&mapped).collect();
    assert_eq!(unmapped, Vec::<&&str>::new());
    let later: Vec<_> = mapped.difference(&documented).filter(|param| !param.starts_with("block.#.limits.")).collect();
    assert_eq!(later, Vec::<&&str>::new(), "libvirt 11.10 has the limits; what gives the others?");
}

#[test]
fn a_value_of_every_parameter_of_libvirt_9_becomes_a_reading() {
    for pattern in LIBVIRT_9.lines().filter(|pattern| !labels().any(|label| label == *pattern)) {
        let value = match pattern {
            "dirtyrate.calc_mode" => Param::Text("dirty-ring".to_owned()),
            "vcpu.#.halted" => Param::Bool(true),
            _ => Param::U64(1),
        };
        let raw = RawDomain { id: Some(1), params: vec![(pattern.replace('#', "0"), value)], ..RawDomain::default() };
        let guest = read(&raw, EPOCH, &[]);
        assert_eq!(guest.unmapped, Vec::<String>::new());
        let has_value = |reading: &Reading| !matches!(reading.value, Value::Missing(_));
        assert_eq!(guest.readings.iter().filter(|reading| has_value(reading)).count(), 1, "{pattern}");
    }
}

#[test]
fn a_busy_guest_has_a_value_of_every_device() {
    let guest = gathered(BUSY);
    assert_eq!(guest.unmapped, Vec::<String>::new());
    assert_eq!(value(&guest, "vm_vcpus", ""), int(2));
    assert_eq!(value(&guest, "vm_block_written_bytes_total", "vda"), count(8 << 20));
    assert_eq!(value(&guest, "vm_block_threshold_bytes", "vda"), int(50_000_000));
    assert_eq!(value(&guest, "vm_block_threshold_bytes", "vdb"), Some(Value::Missing(Missing::NotEnabled)));
    for (metric, devices) in [
        ("vm_vcpu_delay_seconds_total", &["vcpu0", "vcpu1"][..]),
        ("vm_block_read_bytes_total", &["vda", "vdb", "sda"][..]),
        ("vm_network_receive_packets_total", &["vnet1", "vnet2"][..]),
        ("vm_iothread_poll_max_seconds", &["iothread1", "iothread2"][..]),
        ("vm_memory_usable_bytes", &[""][..]),
    ] {
        for device in devices {
            assert!(
                value(&guest, metric, device).is_some_and(|value| !matches!(value, Value::Missing(_))),
                "{metric} {device}"
            );
        }
    }
}

#[test]
fn libvirt_7_lacks_some_and_they_are_not_reported_as_missing() {
    let guest = gathered(include_str!("../fixtures/libvirt7.json"));
    assert_eq!(guest.unmapped, Vec::<String>::new());
    assert_eq!(value(&guest, "vm_vcpu_delay_seconds_total", "vcpu0"), None);
    assert_eq!(value(&guest, "vm_cpu_haltpoll_success_seconds_total", ""), None);
    assert!(matches!(value(&guest, "vm_vcpu_seconds_total", "vcpu1"), Some(Value::Counter(_))));
}

#[test]
fn libvirt_10_and_11_are_mapped_too() {
    let ten = gathered(include_str!("../fixtures/libvirt10.json"));
    assert_eq!(ten.unmapped, Vec::<String>::new());
    assert_eq!(value(&ten, "vm_vcpu_kvm_exits_total", "vcpu1"), count(1002));
    assert_eq!(value(&ten, "vm_kvm_pages_2m", ""), int(60));
    let eleven = gathered(include_str!("../fixtures/libvirt11.json"));
    assert_eq!(eleven.unmapped, Vec::<String>::new());
    assert_eq!(eleven.readings.len(), ten.readings.len(), "limits of a disk's backend are no readings");
}

#[test]
fn what_a_newer_libvirt_has_besides_is_counted_by_name() {
    let guest = gathered(include_str!("../fixtures/libvirt12.json"));
    assert_eq!(guest.unmapped.len(), 7);
    assert!(guest.unmapped.iter().all(|name| name.starts_with("block.0.latency_histogram.")), "{:?}", guest.unmapped);
    assert_eq!(value(&guest, "vm_block_written_bytes_total", "vda"), count(8 << 20));
}
