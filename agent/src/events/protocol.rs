//! What `evenkeel-agent-libvirt event-worker` says on its stdout, in the frames of [`crate::scrape::protocol`]. Numbers
//! are libvirt's own: what they mean is decided on this side, and one that is new is shown as it is.

use serde::{Deserialize, Serialize};

use crate::scrape::protocol::Param;

/// From the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Told {
    /// Events are heard from now on.
    Listening {
        /// Numbers of the events that this libvirt does not offer.
        without: Vec<u32>,
    },
    /// There is no connection; the worker tries again by itself.
    Deaf {
        /// libvirt's reason.
        reason: String,
    },
    /// Something happened.
    Heard(Heard),
    /// So many events came faster than the worker could pass them on.
    Dropped {
        /// How many.
        count: u64,
    },
}

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// When the worker heard of it, ms since 1970.
    pub wall_ms: i64,
    /// The domain.
    pub uuid: [u8; 16],
    /// Its name.
    pub name: String,
    /// What happened to it.
    pub what: What,
}

/// What happened; the fields are those of libvirt's callbacks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// `VIR_DOMAIN_EVENT_ID_LIFECYCLE`.
    Lifecycle {
        /// `virDomainEventType`.
        event: i32,
        /// Its meaning depends on the event.
        detail: i32,
    },
    /// The guest was reset.
    Reboot,
    /// The watchdog device fired.
    Watchdog {
        /// `virDomainEventWatchdogAction`.
        action: i32,
    },
    /// Reading or writing a disk failed.
    IoError {
        /// The disk's source.
        path: String,
        /// The disk's alias.
        alias: String,
        /// `virDomainEventIOErrorAction`.
        action: i32,
        /// `enospc`, another word, or empty.
        reason: String,
    },
    /// libvirt lost the domain's monitor.
    ControlError,
    /// A block job changed.
    BlockJob {
        /// The disk's target.
        disk: String,
        /// `virDomainBlockJobType`.
        kind: i32,
        /// `virConnectDomainEventBlockJobStatus`.
        status: i32,
    },
    /// The source of a disk was missing at start.
    DiskChange {
        /// Source before.
        old: String,
        /// Source now.
        new: String,
        /// The disk's alias.
        alias: String,
        /// `virConnectDomainEventDiskChangeReason`.
        reason: i32,
    },
    /// The tray of a removable drive moved.
    TrayChange {
        /// The drive's alias.
        alias: String,
        /// `virDomainEventTrayChangeReason`.
        reason: i32,
    },
    /// A device was plugged in.
    DeviceAdded {
        /// Its alias.
        alias: String,
    },
    /// A device was unplugged.
    DeviceRemoved {
        /// Its alias.
        alias: String,
    },
    /// The guest did not give a device up.
    DeviceRemovalFailed {
        /// Its alias.
        alias: String,
    },
    /// The guest agent came or went.
    AgentLifecycle {
        /// `virConnectDomainEventAgentLifecycleState`.
        state: i32,
        /// `virConnectDomainEventAgentLifecycleReason`.
        reason: i32,
    },
    /// An outgoing migration begins another pass over the memory.
    MigrationIteration {
        /// Which one.
        iteration: i32,
    },
    /// A job ended.
    JobCompleted {
        /// libvirt's typed parameters.
        params: Vec<(String, Param)>,
    },
    /// Title, description or an element of the metadata was changed.
    MetadataChange {
        /// `virDomainMetadataType`.
        kind: i32,
        /// Name space of the element.
        uri: String,
    },
    /// A disk was written beyond its threshold.
    BlockThreshold {
        /// The disk's target, or the node in its chain.
        device: String,
        /// The disk's source.
        path: String,
        /// The threshold.
        threshold_bytes: u64,
        /// How far beyond it.
        excess_bytes: u64,
    },
    /// The host's memory failed under the guest.
    MemoryFailure {
        /// `virDomainMemoryFailureRecipientType`.
        recipient: i32,
        /// `virDomainMemoryFailureActionType`.
        action: i32,
        /// `virDomainMemoryFailureFlags`.
        flags: u32,
    },
    /// The guest changed the address of an interface.
    MacChange {
        /// The interface's alias.
        alias: String,
        /// Address before.
        old: String,
        /// Address now.
        new: String,
    },
}
