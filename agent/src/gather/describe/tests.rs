//! Real definitions, every kind of device, and any bytes at all.

use evenkeel_common::wire::v1::{BackingInfo, DiskInfo, InterfaceInfo};
use proptest::prelude::*;

use super::*;

const FIXTURES: [&str; 8] = [
    include_str!("../fixtures/running.xml"),
    include_str!("../fixtures/shut_off.xml"),
    include_str!("../fixtures/busy.xml"),
    include_str!("../fixtures/nova.xml"),
    include_str!("../fixtures/opennebula.xml"),
    include_str!("../fixtures/ovirt.xml"),
    include_str!("../fixtures/kubevirt.xml"),
    include_str!("../fixtures/own.xml"),
];

fn of(xml: &str) -> DomainInfo {
    describe(&Description { xml: xml.to_owned(), persistent: true, ..Description::default() })
}

#[test]
fn reads_a_real_domain() {
    let info = of(include_str!("../fixtures/running.xml"));
    assert_eq!((info.vcpus, info.memory_max_bytes, info.persistent), (1, 96 << 20, true));
    assert_eq!(info.machine, "pc-q35-7.2");
    let interface = InterfaceInfo {
        target: "vnet2".into(),
        mac: "52:54:00:09:00:0b".into(),
        kind: "bridge".into(),
        source: "br0".into(),
        model: "virtio".into(),
    };
    assert_eq!(info.interfaces, [interface]);
    let disk = DiskInfo {
        target: "vda".into(),
        source: "/srv/vm/g1.qcow2".into(),
        format: "qcow2".into(),
        kind: "disk".into(),
        bus: "virtio".into(),
        ..DiskInfo::default()
    };
    assert_eq!(info.disks, [disk]);
    assert_eq!((info.managed_by.as_str(), info.truncated), ("", false));
}

#[test]
fn reads_a_real_domain_with_two_of_everything() {
    let info = of(include_str!("../fixtures/busy.xml"));
    assert_eq!((info.vcpus, info.title.as_str(), info.owner.as_str()), (2, "Rich", "shop"));
    assert_eq!(info.labels[0], LabelInfo { name: "tier".into(), value: "web".into() });
    let chain: Vec<&str> = info.disks[0].backing.iter().map(|image| image.source.as_str()).collect();
    assert_eq!(
        (info.disks[0].source.as_str(), chain),
        ("/srv/vm/rich.s1", vec!["/srv/vm/rich.qcow2", "/srv/vm/rich-base.qcow2"])
    );
    let kinds: Vec<_> = info.disks.iter().map(|disk| (disk.kind.as_str(), disk.bus.as_str(), disk.readonly)).collect();
    assert_eq!(kinds, [("disk", "virtio", false), ("disk", "virtio", false), ("cdrom", "sata", true)]);
    let taps: Vec<_> = info.interfaces.iter().map(|one| (one.target.as_str(), one.mac.as_str())).collect();
    assert_eq!(taps, [("vnet1", "52:54:00:09:01:01"), ("vnet2", "52:54:00:09:01:02")]);
}

#[test]
fn current_vcpus_and_empty_drives() {
    let info = of(include_str!("../fixtures/shut_off.xml"));
    assert_eq!(info.vcpus, 2);
    let disks: Vec<_> =
        info.disks.iter().map(|disk| (disk.source.as_str(), disk.kind.as_str(), disk.readonly)).collect();
    assert_eq!(disks, [("/srv/vm/fy.raw", "disk", false), ("", "cdrom", true)]);
}

#[test]
fn knows_other_sources_and_units() {
    let info = of("<domain><memory unit='GiB'>2</memory><devices>\
         <disk><source protocol='rbd' name='vms/a'/><target dev='vda'/><shareable/></disk>\
         <disk><source pool='p' volume='v'/><target dev='vdb'/></disk>\
         <disk type='nvme'><source type='pci' namespace='1'>\
         <address domain='0x0000' bus='0x3' slot='0x10' function='0x1'/></source><target dev='vdd'/></disk>\
         <disk><source dev='/dev/vg/lv'/><target dev='vdc'/></disk></devices></domain>");
    let sources: Vec<_> = info.disks.iter().map(|disk| disk.source.as_str()).collect();
    assert_eq!(info.memory_max_bytes, 2 << 30);
    assert_eq!(sources, ["rbd:vms/a", "p/v", "0000:03:10.1", "/dev/vg/lv"]);
    assert!(info.disks[0].shareable);
}

#[test]
fn a_backing_chain_is_listed_from_the_top_to_the_base() {
    let info = of("<domain><devices><disk type='file'><driver type='qcow2'/><source file='/c' index='3'/>\
         <backingStore type='file' index='2'><format type='qcow2'/><source file='/b'/>\
         <backingStore type='network' index='1'><format type='raw'/><source protocol='rbd' name='p/a'/>\
         <backingStore/></backingStore></backingStore><target dev='vda'/></disk></devices></domain>");
    let image = |source: &str, format: &str| BackingInfo { source: source.into(), format: format.into() };
    assert_eq!(info.disks[0].backing, [image("/b", "qcow2"), image("rbd:p/a", "raw")]);
}

#[test]
fn interfaces_of_every_type_say_what_they_are_connected_to() {
    let info = of("<domain><devices>\
         <interface type='network'><source network='default' bridge='virbr0'/><target dev='vnet1'/></interface>\
         <interface type='direct'><source dev='eth0' mode='bridge'/><target dev='macvtap0'/></interface>\
         <interface type='vhostuser'><source type='unix' path='/run/vhu0' mode='client'/></interface>\
         <interface type='hostdev'><source><address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x1'/>\
         </source></interface>\
         <interface type='user'><mac address='52:54:00:00:00:01'/></interface></devices></domain>");
    let found: Vec<_> =
        info.interfaces.iter().map(|one| (one.kind.as_str(), one.target.as_str(), one.source.as_str())).collect();
    let wanted = [
        ("network", "vnet1", "default"),
        ("direct", "macvtap0", "eth0"),
        ("vhostuser", "", "/run/vhu0"),
        ("hostdev", "", "0000:03:10.1"),
        ("user", "", ""),
    ];
    assert_eq!(found, wanted);
}

#[test]
fn broken_xml_keeps_what_is_known() {
    assert_eq!(of("<domain>"), DomainInfo { persistent: true, ..DomainInfo::default() });
}

#[test]
fn a_definition_of_any_size_stays_within_its_room() {
    let disk = |n| format!("<disk><source file='/{}'/><target dev='vd{n}'/></disk>", "x".repeat(4_000));
    let disks: String = (0..300).map(disk).collect();
    let label = |n| format!("<label name='{n}'>{}</label>", "v".repeat(300));
    let labels: String = (0..100).map(label).collect();
    let info = of(&format!(
        "<domain><description>{}</description><metadata><e:domain xmlns:e='urn:evenkeel:domain:1'>{labels}\
         </e:domain></metadata><devices>{disks}</devices></domain>",
        "d".repeat(9_000)
    ));
    assert!(info.truncated);
    let texts: usize = info.disks.iter().map(|disk| disk.source.len()).sum();
    assert!(info.disks.len() < 30 && texts < 100_000, "{} disks, {texts} bytes", info.disks.len());
}

#[test]
fn elements_within_elements_without_end_are_no_end_of_the_stack() {
    for depth in [1_000, 100_000] {
        let xml = format!("<domain>{}{}</domain>", "<backingStore>".repeat(depth), "</backingStore>".repeat(depth));
        of(&xml);
    }
}

/// A fixture with some of its pieces cut out, doubled or replaced.
fn damaged() -> impl Strategy<Value = String> {
    let cut =
        (0_usize..4_096, 0_usize..64, prop_oneof![Just(String::new()), "[<>/='\"&;!\\[\\]a-z0-9]{0,12}", ".{0,8}"]);
    (0..FIXTURES.len(), proptest::collection::vec(cut, 1..6)).prop_map(|(fixture, cuts)| {
        let mut text = FIXTURES[fixture].to_owned();
        for (at, length, new) in cuts {
            let from = text.floor_char_boundary(at % (text.len() + 1));
            let to = text.floor_char_boundary((from + length).min(text.len())).max(from);
            text.replace_range(from..to, &new);
        }
        text
    })
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(xml in prop_oneof![".{0,300}", damaged()]) {
        of(&xml);
    }

    #[test]
    fn whatever_stands_in_the_elements_is_kept_within_its_room(value in "[^<>&'\u{0}-\u{1f}\u{fffe}\u{ffff}]{0,400}") {
        let xml = format!(
            "<domain><name>{value}</name><title>{value}</title><vcpu current='{value}'>{value}</vcpu>\
             <memory unit='{value}'>{value}</memory><metadata><e:domain xmlns:e='urn:evenkeel:domain:1'>\
             <owner>{value}</owner><label name='{value}'>{value}</label></e:domain></metadata><devices>\
             <interface type='hostdev'><source><address domain='{value}' bus='{value}'/></source></interface>\
             <disk><source file='{value}'/><target dev='{value}'/></disk></devices></domain>"
        );
        let info = of(&xml);
        for text in [&info.title, &info.owner, &info.disks[0].target, &info.interfaces[0].kind] {
            prop_assert!(text.len() <= NAME_MAX);
        }
    }
}
