//! libvirt's events in words: kind, category and message of each. What a newer libvirt adds is shown by its number.

mod device;
mod job;
mod lifecycle;
#[cfg(test)]
mod tests;

use evenkeel_common::limits::NAME_MAX_BYTES;
use evenkeel_common::wire::v1::EventSample;

use super::protocol::{Heard, What};

/// Longest message in bytes; libvirt's part of it may be as long as a path.
const MESSAGE_MAX_BYTES: usize = 1_000;

/// How much an event matters, as on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    Informational,
    Warning,
    Exception,
}

impl Category {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Informational => 0,
            Self::Warning => 1,
            Self::Exception => 2,
        }
    }
}

/// An event in words.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    kind: &'static str,
    category: Category,
    message: String,
}

impl Said {
    fn info(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, category: Category::Informational, message: message.into() }
    }

    fn warning(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, category: Category::Warning, message: message.into() }
    }

    fn exception(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, category: Category::Exception, message: message.into() }
    }
}

/// The event as it goes to the collector.
#[must_use]
pub fn sample(heard: &Heard) -> EventSample {
    let said = say(&heard.what);
    EventSample {
        wall_ms: heard.wall_ms,
        category: said.category.code(),
        kind: said.kind.to_owned(),
        domain: Some(heard.uuid),
        name: cut(&heard.name, NAME_MAX_BYTES),
        message: cut(&said.message, MESSAGE_MAX_BYTES),
    }
}

/// An event about the host itself.
pub(super) fn of_host(wall_ms: i64, category: Category, kind: &str, message: &str) -> EventSample {
    EventSample {
        wall_ms,
        category: category.code(),
        kind: kind.to_owned(),
        domain: None,
        name: String::new(),
        message: cut(message, MESSAGE_MAX_BYTES),
    }
}

/// Whether the domain's description may be another one now.
pub(super) fn changes_description(what: &What) -> bool {
    match what {
        What::Lifecycle { event, .. } => lifecycle::changes_description(*event),
        What::BlockJob { .. }
        | What::DiskChange { .. }
        | What::TrayChange { .. }
        | What::DeviceAdded { .. }
        | What::DeviceRemoved { .. }
        | What::MetadataChange { .. }
        | What::MacChange { .. } => true,
        What::Reboot
        | What::Watchdog { .. }
        | What::IoError { .. }
        | What::ControlError
        | What::DeviceRemovalFailed { .. }
        | What::AgentLifecycle { .. }
        | What::MigrationIteration { .. }
        | What::JobCompleted { .. }
        | What::BlockThreshold { .. }
        | What::MemoryFailure { .. } => false,
    }
}

fn say(what: &What) -> Said {
    match what {
        What::Lifecycle { event, detail } => lifecycle::say(*event, *detail),
        What::Reboot => Said::info("vm_rebooted", "the guest was reset"),
        What::Watchdog { action } => watchdog(*action),
        What::IoError { path, alias, action, reason } => device::io_error(path, alias, *action, reason),
        What::ControlError => Said::exception(
            "vm_control_error",
            "libvirt has lost the monitor of QEMU; nothing can be asked or changed until the guest is started anew",
        ),
        What::BlockJob { disk, kind, status } => job::block_job(disk, *kind, *status),
        What::DiskChange { old, new, alias, reason } => device::disk_change(old, new, alias, *reason),
        What::TrayChange { alias, reason } => device::tray(alias, *reason),
        What::DeviceAdded { alias } => Said::info("vm_device_added", format!("device {alias} was added")),
        What::DeviceRemoved { alias } => Said::info("vm_device_removed", format!("device {alias} was removed")),
        What::DeviceRemovalFailed { alias } => {
            Said::warning("vm_device_removal_failed", format!("the guest did not give device {alias} up"))
        }
        What::AgentLifecycle { state, reason } => agent(*state, *reason),
        What::MigrationIteration { iteration } => {
            Said::info("vm_migration_iteration", format!("outgoing migration: pass {iteration} over the memory begins"))
        }
        What::JobCompleted { params } => job::completed(params),
        What::MetadataChange { kind, uri } => metadata(*kind, uri),
        What::BlockThreshold { device, path, threshold_bytes, excess_bytes } => {
            device::threshold(device, path, *threshold_bytes, *excess_bytes)
        }
        What::MemoryFailure { recipient, action, flags } => memory(*recipient, *action, *flags),
        What::MacChange { alias, old, new } => {
            Said::info("vm_mac_changed", format!("the guest changed the address of {alias} from {old} to {new}"))
        }
    }
}

fn watchdog(action: i32) -> Said {
    let did = match action {
        0 => "nothing is done".to_owned(),
        1 => "the guest is paused".to_owned(),
        2 => "the guest is reset".to_owned(),
        3 => "the guest is powered off".to_owned(),
        4 => "the guest is asked to shut down".to_owned(),
        5 => "QEMU wrote a message to its log".to_owned(),
        6 => "the guest gets a non-maskable interrupt".to_owned(),
        other => format!("action {other}"),
    };
    Said::warning("vm_watchdog", format!("the watchdog fired, the guest did not answer it in time: {did}"))
}

fn agent(state: i32, reason: i32) -> Said {
    let why = match reason {
        0 => String::new(),
        1 => " (the domain started)".to_owned(),
        2 => " (its channel changed)".to_owned(),
        other => format!(" (reason {other})"),
    };
    match state {
        1 => Said::info("vm_agent_connected", format!("the guest agent is connected{why}")),
        2 => Said::info("vm_agent_disconnected", format!("the guest agent is not connected any more{why}")),
        other => Said::info("vm_agent_changed", format!("the guest agent is in state {other}{why}")),
    }
}

fn metadata(kind: i32, uri: &str) -> Said {
    let what = match kind {
        0 => "the description".to_owned(),
        1 => "the title".to_owned(),
        2 if uri.is_empty() => "an element of the metadata".to_owned(),
        2 => format!("the metadata of {uri}"),
        other => format!("metadata of type {other}"),
    };
    Said::info("vm_metadata_changed", format!("{what} was changed"))
}

fn memory(recipient: i32, action: i32, flags: u32) -> Said {
    let whose = match recipient {
        0 => "QEMU's own memory".to_owned(),
        1 => "the guest's memory".to_owned(),
        other => format!("memory of recipient {other}"),
    };
    let again = if flags & 2 == 0 { "" } else { ", while an earlier failure was still being handled" };
    let (did, is_fatal) = match action {
        0 => ("it could be ignored".to_owned(), false),
        1 => ("the guest was told".to_owned(), false),
        2 => ("QEMU cannot go on".to_owned(), true),
        3 => ("the guest is reset".to_owned(), true),
        other => (format!("action {other}"), false),
    };
    let message = format!("memory of the host failed in {whose}{again}: {did}");
    if is_fatal { Said::exception("vm_memory_failure", message) } else { Said::warning("vm_memory_failure", message) }
}

/// At most so many bytes, never half a character.
fn cut(text: &str, max_bytes: usize) -> String {
    if text.len() <= max_bytes {
        return text.to_owned();
    }
    const MORE: char = '…';
    let mut end = max_bytes - MORE.len_utf8();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut short = text[..end].to_owned();
    short.push(MORE);
    short
}
