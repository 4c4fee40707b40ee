//! Events of disks and drives.

use evenkeel_common::units::show_bytes;

use super::Said;

pub(super) fn io_error(path: &str, alias: &str, action: i32, reason: &str) -> Said {
    let disk = disk(alias, path);
    let why = match reason {
        "" => String::new(),
        "enospc" => ": no space left on the host (enospc)".to_owned(),
        other => format!(": {other}"),
    };
    let did = match action {
        0 => "nothing is done".to_owned(),
        1 => "the guest is paused".to_owned(),
        2 => "the guest was told".to_owned(),
        other => format!("action {other}"),
    };
    Said::exception("vm_io_error", format!("{disk} could not be read or written{why}; {did}"))
}

pub(super) fn disk_change(old: &str, new: &str, alias: &str, reason: i32) -> Said {
    let why = match reason {
        0 | 1 => "its source was missing at start".to_owned(),
        other => format!("reason {other}"),
    };
    if new.is_empty() {
        let disk = disk(alias, old);
        return Said::warning("vm_disk_dropped", format!("{disk} was left out: {why}"));
    }
    Said::warning("vm_disk_changed", format!("{} has {new} in place of {old}: {why}", disk(alias, "")))
}

pub(super) fn tray(alias: &str, reason: i32) -> Said {
    let did = match reason {
        0 => "was opened".to_owned(),
        1 => "was closed".to_owned(),
        other => format!("moved (reason {other})"),
    };
    Said::info("vm_tray_changed", format!("the tray of {alias} {did}"))
}

pub(super) fn threshold(device: &str, path: &str, threshold_bytes: u64, excess_bytes: u64) -> Said {
    let (threshold, excess) = (show_bytes(threshold_bytes), show_bytes(excess_bytes));
    let disk = disk(device, path);
    Said::warning("vm_block_threshold", format!("{disk} was written beyond its threshold of {threshold} by {excess}"))
}

fn disk(name: &str, path: &str) -> String {
    match (name, path) {
        ("", "") => "a disk".to_owned(),
        (name, "") => format!("disk {name}"),
        ("", path) => format!("the disk {path}"),
        (name, path) => format!("disk {name} ({path})"),
    }
}
