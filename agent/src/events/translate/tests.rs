use proptest::prelude::*;

use super::*;
use crate::scrape::protocol::Param;

fn said(what: What) -> (String, u8, String) {
    let sample = sample(&Heard { wall_ms: 7, uuid: [1; 16], name: "g1".to_owned(), what });
    assert_eq!((sample.wall_ms, sample.domain, sample.name.as_str()), (7, Some([1; 16]), "g1"));
    (sample.kind, sample.category, sample.message)
}

fn kinds(what: impl IntoIterator<Item = What>) -> Vec<(String, u8)> {
    what.into_iter().map(said).map(|(kind, category, _)| (kind, category)).collect()
}

fn lifecycle(event: i32, detail: i32) -> What {
    What::Lifecycle { event, detail }
}

/// The numbers are those of libvirt-domain.h.
#[test]
fn the_life_cycle_has_its_kinds_and_categories() {
    let events =
        [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (6, 1), (7, 0), (8, 0), (5, 2), (5, 5), (3, 2), (3, 8)];
    let expected = [
        ("vm_defined", 0),
        ("vm_undefined", 0),
        ("vm_started", 0),
        ("vm_suspended", 0),
        ("vm_resumed", 0),
        ("vm_stopped", 0),
        ("vm_shut_down", 0),
        ("vm_suspended", 0),
        ("vm_crashed", 2),
        ("vm_crashed", 2),
        ("vm_stopped", 2),
        ("vm_suspended", 1),
        ("vm_suspended", 2),
    ];
    let expected: Vec<(String, u8)> = expected.map(|(kind, category)| (kind.to_owned(), category)).to_vec();
    assert_eq!(kinds(events.map(|(event, detail)| lifecycle(event, detail))), expected);
}

#[test]
fn both_sides_of_a_migration_say_which_they_are() {
    assert!(said(lifecycle(2, 1)).2.contains("incoming side"));
    assert!(said(lifecycle(3, 1)).2.contains("outgoing side"));
    assert!(said(lifecycle(5, 3)).2.contains("outgoing side"));
    let param = |name: &str, value| (name.to_owned(), value);
    let params = vec![
        param("operation", Param::I64(5)),
        param("time_elapsed", Param::U64(2_400)),
        param("downtime", Param::U64(45)),
        param("data_processed", Param::U64(97 << 20)),
    ];
    let (kind, category, message) = said(What::JobCompleted { params: params.clone() });
    assert_eq!((kind.as_str(), category), ("vm_migration_done", 0));
    assert!(message.starts_with("outgoing migration ended (took 2s400ms, downtime 45ms, "), "{message}");
    let failed = [params, vec![param("success", Param::Bool(false)), param("errmsg", Param::Text("no route".into()))]];
    let (kind, category, message) = said(What::JobCompleted { params: failed.concat() });
    assert_eq!((kind.as_str(), category), ("vm_migration_failed", 1));
    assert!(message.ends_with(": no route"), "{message}");
}

#[test]
fn disks_are_named_with_path_and_reason() {
    let (path, alias) = ("/srv/g1.qcow2".to_owned(), "virtio-disk0".to_owned());
    let error = What::IoError { path: path.clone(), alias: alias.clone(), action: 1, reason: "enospc".into() };
    let (kind, category, message) = said(error);
    assert_eq!((kind.as_str(), category), ("vm_io_error", 2));
    assert_eq!(
        message,
        "disk virtio-disk0 (/srv/g1.qcow2) could not be read or written: no space left on the host (enospc); the guest \
         is paused"
    );
    let (kind, category, message) =
        said(What::BlockThreshold { device: "vda".into(), path, threshold_bytes: 1 << 20, excess_bytes: 512 });
    assert_eq!((kind.as_str(), category), ("vm_block_threshold", 1));
    assert!(message.starts_with("disk vda (/srv/g1.qcow2) was written beyond its threshold of 1"), "{message}");
    let dropped = What::DiskChange { old: "/a".into(), new: String::new(), alias, reason: 1 };
    assert_eq!(said(dropped).2, "disk virtio-disk0 (/a) was left out: its source was missing at start");
}

#[test]
fn the_rest_has_its_kinds_and_categories() {
    let alias = || "net1".to_owned();
    let events = [
        (What::Reboot, "vm_rebooted", 0),
        (What::Watchdog { action: 2 }, "vm_watchdog", 1),
        (What::ControlError, "vm_control_error", 2),
        (What::BlockJob { disk: "vda".into(), kind: 4, status: 1 }, "vm_block_job_failed", 1),
        (What::TrayChange { alias: alias(), reason: 0 }, "vm_tray_changed", 0),
        (What::DeviceAdded { alias: alias() }, "vm_device_added", 0),
        (What::DeviceRemoved { alias: alias() }, "vm_device_removed", 0),
        (What::DeviceRemovalFailed { alias: alias() }, "vm_device_removal_failed", 1),
        (What::AgentLifecycle { state: 1, reason: 2 }, "vm_agent_connected", 0),
        (What::AgentLifecycle { state: 2, reason: 2 }, "vm_agent_disconnected", 0),
        (What::MigrationIteration { iteration: 3 }, "vm_migration_iteration", 0),
        (What::MetadataChange { kind: 2, uri: "http://x/1".into() }, "vm_metadata_changed", 0),
        (What::MemoryFailure { recipient: 1, action: 1, flags: 0 }, "vm_memory_failure", 1),
        (What::MemoryFailure { recipient: 0, action: 2, flags: 2 }, "vm_memory_failure", 2),
        (What::MacChange { alias: alias(), old: "a".into(), new: "b".into() }, "vm_mac_changed", 0),
    ];
    for (what, kind, category) in events {
        let (found, found_category, message) = said(what);
        assert_eq!((found.as_str(), found_category), (kind, category), "{message}");
    }
}

#[test]
fn what_is_new_is_shown_by_its_number() {
    let (kind, _, message) = said(lifecycle(12, 34));
    assert_eq!(kind, "vm_event");
    assert!(message.contains("event 12 (detail 34)"), "{message}");
    assert!(said(lifecycle(2, 99)).2.contains("detail 99"));
    assert!(said(What::Watchdog { action: 77 }).2.contains("action 77"));
}

proptest! {
    #[test]
    fn no_number_or_text_breaks_it_and_everything_fits(event: i32, detail: i32, flags: u32, text in ".{0,1200}") {
        let params = vec![("operation".to_owned(), Param::I64(event.into())), ("errmsg".to_owned(), Param::Text(text.clone())),
            ("success".to_owned(), Param::Bool(false)), ("time_elapsed".to_owned(), Param::I64(i64::MIN)), ("downtime".to_owned(), Param::U64(u64::MAX))];
        let all = [
            lifecycle(event, detail),
            lifecycle(event.rem_euclid(10), detail.rem_euclid(12)),
            What::Watchdog { action: event },
            What::IoError { path: text.clone(), alias: text.clone(), action: event, reason: text.clone() },
            What::BlockJob { disk: text.clone(), kind: event, status: detail },
            What::DiskChange { old: text.clone(), new: text.clone(), alias: text.clone(), reason: event },
            What::TrayChange { alias: text.clone(), reason: event },
            What::AgentLifecycle { state: event, reason: detail },
            What::JobCompleted { params },
            What::MetadataChange { kind: event, uri: text.clone() },
            What::MemoryFailure { recipient: event, action: detail, flags },
        ];
        for what in all {
            let sample = sample(&Heard { wall_ms: 0, uuid: [0; 16], name: text.clone(), what });
            prop_assert!(sample.kind.len() <= NAME_MAX_BYTES && sample.name.len() <= NAME_MAX_BYTES);
            prop_assert!(!sample.message.is_empty() && sample.message.len() <= MESSAGE_MAX_BYTES);
        }
    }
}
