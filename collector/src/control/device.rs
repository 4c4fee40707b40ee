//! [P] The devices of a VM: those of its definition, and those that have readings.

use std::collections::BTreeSet;

use evenkeel_common::metric::{Metric, by_id};

use super::detail::some;
use crate::store::{DiskFacts, InterfaceFacts, Latest, VmFacts};
use crate::view::vm::{BackingView, DeviceView};

/// The disks and interfaces of the definition, then every other device that has readings.
pub fn devices(facts: &VmFacts, series: &[Latest]) -> Vec<DeviceView> {
    let mut devices: Vec<DeviceView> = facts.disks.iter().map(disk).collect();
    devices.extend(facts.interfaces.iter().map(interface));
    let measured: BTreeSet<(&str, &str)> = series
        .iter()
        .filter(|latest| !latest.device.is_empty())
        .filter_map(|latest| Some((latest.device.as_str(), by_id(latest.metric)?)))
        // The device of a probe's readings is the probe.
        .filter(|(_, metric)| !metric.name.starts_with("vm_probe_"))
        .map(|(device, metric)| (device, kind_of(metric)))
        .collect();
    let known: BTreeSet<String> = devices.iter().map(|device| device.device.clone()).collect();
    let others = measured.into_iter().filter(|(device, _)| !known.contains(*device));
    devices.extend(others.map(|(device, kind)| DeviceView {
        device: device.to_owned(),
        kind: kind.to_owned(),
        ..DeviceView::default()
    }));
    devices
}

fn disk(disk: &DiskFacts) -> DeviceView {
    let image =
        |image: &crate::store::BackingFacts| BackingView { source: image.source.clone(), format: some(&image.format) };
    DeviceView {
        device: disk.target.clone(),
        kind: "block".to_owned(),
        source: some(&disk.source),
        format: some(&disk.format),
        r#type: some(&disk.kind),
        model: some(&disk.bus),
        mac: None,
        readonly: Some(disk.readonly),
        shareable: Some(disk.shareable),
        backing: disk.backing.iter().map(image).collect(),
    }
}

/// One without a device on the host is called by its MAC address.
fn interface(interface: &InterfaceFacts) -> DeviceView {
    let name = if interface.target.is_empty() { &interface.mac } else { &interface.target };
    DeviceView {
        device: name.clone(),
        kind: "network".to_owned(),
        source: some(&interface.source),
        r#type: some(&interface.kind),
        model: some(&interface.model),
        mac: some(&interface.mac),
        ..DeviceView::default()
    }
}

fn kind_of(metric: &Metric) -> &'static str {
    let starts = |prefix: &str| metric.name.starts_with(prefix);
    match () {
        () if starts("vm_block_") => "block",
        () if starts("vm_network_") => "network",
        () if starts("vm_vcpu_") => "vcpu",
        () if starts("vm_iothread_") => "iothread",
        () => "other",
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::id::DomainUuid;
    use evenkeel_common::metric::by_name;

    use super::*;

    fn latest(metric: &str, device: &str) -> Latest {
        let entity = DomainUuid::from_bytes([1; 16]).into();
        Latest { entity, metric: by_name(metric).unwrap().id, device: device.to_owned(), points: Vec::new() }
    }

    #[test]
    fn devices_are_those_of_the_definition_and_what_is_measured() {
        let vda = DiskFacts { target: "vda".into(), bus: "virtio".into(), ..DiskFacts::default() };
        let tap = InterfaceFacts { target: "vnet0".into(), kind: "bridge".into(), ..InterfaceFacts::default() };
        let passed = InterfaceFacts { mac: "52:54:00:00:00:01".into(), ..InterfaceFacts::default() };
        let facts = VmFacts { disks: vec![vda], interfaces: vec![tap, passed], ..VmFacts::default() };
        let series = [
            latest("vm_block_read_bytes_total", "vda"),
            latest("vm_network_receive_bytes_total", "vnet0"),
            latest("vm_vcpu_seconds_total", "vcpu0"),
            latest("vm_cpu_seconds_total", ""),
        ];
        let found = devices(&facts, &series);
        let names: Vec<_> = found.iter().map(|device| (device.device.as_str(), device.kind.as_str())).collect();
        let wanted = [("vda", "block"), ("vnet0", "network"), ("52:54:00:00:00:01", "network"), ("vcpu0", "vcpu")];
        assert_eq!(names, wanted);
        assert_eq!((found[0].model.as_deref(), found[1].r#type.as_deref()), (Some("virtio"), Some("bridge")));
    }
}
