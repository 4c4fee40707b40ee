//! The life cycle: `virDomainEventType` and the detail that belongs to each.

use super::Said;

const DEFINED: i32 = 0;
const UNDEFINED: i32 = 1;
const STARTED: i32 = 2;
const SUSPENDED: i32 = 3;
const RESUMED: i32 = 4;
const STOPPED: i32 = 5;
const SHUTDOWN: i32 = 6;
const PM_SUSPENDED: i32 = 7;
const CRASHED: i32 = 8;

pub(super) fn say(event: i32, detail: i32) -> Said {
    match event {
        DEFINED => Said::info("vm_defined", defined(detail)),
        UNDEFINED => Said::info("vm_undefined", undefined(detail)),
        STARTED => Said::info("vm_started", started(detail)),
        SUSPENDED => suspended(detail),
        RESUMED => resumed(detail),
        STOPPED => stopped(detail),
        SHUTDOWN => Said::info("vm_shut_down", shut_down(detail)),
        PM_SUSPENDED => Said::info("vm_suspended", power_saving(detail)),
        CRASHED => Said::exception("vm_crashed", crashed(detail)),
        other => Said::info(
            "vm_event",
            format!("life cycle event {other} (detail {detail}), which this version of evenkeel does not know"),
        ),
    }
}

/// A pause and its end leave the definition as it is; an arrival by migration is such an end too.
pub(super) fn changes_description(event: i32) -> bool {
    event != SUSPENDED && event != PM_SUSPENDED
}

fn defined(detail: i32) -> String {
    match detail {
        0 => "defined".to_owned(),
        1 => "its definition was changed".to_owned(),
        2 => "renamed; this is its new name".to_owned(),
        3 => "its definition was restored from a snapshot".to_owned(),
        other => format!("defined{}", unknown(other)),
    }
}

fn undefined(detail: i32) -> String {
    match detail {
        0 => "its definition was removed".to_owned(),
        1 => "renamed; this was its name".to_owned(),
        other => format!("undefined{}", unknown(other)),
    }
}

fn started(detail: i32) -> String {
    match detail {
        0 => "started: booted".to_owned(),
        1 => "started: arriving by migration from another host (incoming side)".to_owned(),
        2 => "started: restored from a saved state".to_owned(),
        3 => "started: restored from a snapshot".to_owned(),
        4 => "started: woken up".to_owned(),
        other => format!("started{}", unknown(other)),
    }
}

fn suspended(detail: i32) -> Said {
    let kind = "vm_suspended";
    match detail {
        0 => Said::info(kind, "paused"),
        1 => Said::info(kind, "paused for the last step of its migration to another host (outgoing side)"),
        2 => Said::warning(kind, "paused because a disk could not be read or written"),
        3 => Said::warning(kind, "paused by its watchdog"),
        4 => Said::info(kind, "paused, as it was when its state was saved"),
        5 => Said::info(kind, "paused, as it was when its snapshot was taken"),
        6 => Said::warning(kind, "paused because an operation of libvirt failed half-way; see libvirt's log"),
        7 => Said::info(kind, "paused: its migration goes on after the switch to the other host (post-copy)"),
        8 => Said::exception(
            kind,
            "paused because its migration failed after the switch (post-copy); neither host has all of its memory",
        ),
        other => Said::info(kind, format!("paused{}", unknown(other))),
    }
}

fn resumed(detail: i32) -> Said {
    let kind = "vm_resumed";
    match detail {
        0 => Said::info(kind, "runs again"),
        1 => Said::info(kind, "runs here at the end of its migration"),
        2 => Said::info(kind, "runs after its return to a snapshot"),
        3 => Said::info(kind, "runs here while its migration goes on (post-copy)"),
        4 => Said::warning(kind, "runs here, but its migration failed after the switch (post-copy)"),
        other => Said::info(kind, format!("runs again{}", unknown(other))),
    }
}

fn stopped(detail: i32) -> Said {
    let kind = "vm_stopped";
    match detail {
        0 => Said::info(kind, "stopped: shut down"),
        1 => Said::info(kind, "stopped: powered off by force from the host"),
        2 => Said::exception("vm_crashed", "stopped: the guest crashed"),
        3 => Said::info(kind, "stopped here: migrated to another host (outgoing side)"),
        4 => Said::info(kind, "stopped: its state was saved"),
        5 => Said::exception(kind, "stopped: QEMU failed; its log in /var/log/libvirt/qemu says why"),
        6 => Said::info(kind, "stopped: returned to a snapshot in which it was off"),
        other => Said::info(kind, format!("stopped{}", unknown(other))),
    }
}

fn shut_down(detail: i32) -> String {
    match detail {
        0 => "the guest has shut down".to_owned(),
        1 => "the guest has shut down by itself".to_owned(),
        2 => "the guest has shut down because the host asked it to".to_owned(),
        other => format!("the guest has shut down{}", unknown(other)),
    }
}

fn power_saving(detail: i32) -> String {
    match detail {
        0 => "the guest sleeps (suspended to memory)".to_owned(),
        1 => "the guest sleeps (suspended to disk)".to_owned(),
        other => format!("the guest sleeps{}", unknown(other)),
    }
}

fn crashed(detail: i32) -> String {
    match detail {
        0 => "the guest's kernel panicked".to_owned(),
        1 => "the guest's kernel crashed and its crash kernel took over".to_owned(),
        other => format!("the guest crashed{}", unknown(other)),
    }
}

fn unknown(detail: i32) -> String {
    format!(" (detail {detail}, which this version of evenkeel does not know)")
}
