//! An order and what is heard of it.

use bincode::{Decode, Encode};

use crate::wire::v1::WireOutcome;

/// An order as it travels: the bytes of an [`Order`] and a signature over exactly these bytes, so that nothing depends
/// on how they are written a second time.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedOrder {
    /// The action's id, once more: whoever cannot read the order can still answer.
    pub id: [u8; 16],
    /// An [`Order`].
    pub order: Vec<u8>,
    /// Ed25519 over [`crate::pki::ORDER_CONTEXT`] and `order`.
    pub signature: [u8; 64],
    /// Every key that the collector has had after its first, oldest first, each signed by the one before it.
    pub rotations: Vec<Rotation>,
}

/// A new key of the collector.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rotation {
    /// Its public half (Ed25519).
    pub key: [u8; 32],
    /// By the key before it, over [`crate::pki::ROTATION_CONTEXT`] and `key`.
    pub signature: [u8; 64],
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Order {
    /// The action's id.
    pub id: [u8; 16],
    /// The collector's generation.
    pub collector_epoch: u64,
    /// When it was sent, ms since 1970 by the host's clock.
    pub issued_ms: i64,
    /// Not to be started after this, ms since 1970 by the host's clock.
    pub not_after_ms: i64,
    /// The identity of the host that is to do it.
    pub host: [u8; 16],
    /// The domain's UUID.
    pub domain: [u8; 16],
    /// What to do.
    pub verb: OrderVerb,
}

/// See `action::Verb`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum OrderVerb {
    /// See there.
    Snapshot {
        /// See there.
        internal: bool,
        /// See there.
        quiesce: OrderQuiesce,
    },
    /// See there.
    Backup {
        /// See there.
        mode: OrderMode,
        /// See there.
        target: String,
        /// See there.
        quiesce: OrderQuiesce,
    },
    /// See there.
    RestoreInPlace {
        /// See there.
        point: [u8; 16],
    },
    /// See there.
    RestoreAsNew {
        /// See there.
        point: [u8; 16],
        /// See there.
        name: String,
    },
    /// See there.
    ConfirmRestore {
        /// See there.
        restore: [u8; 16],
    },
    /// See there.
    Rehearse {
        /// See there.
        point: [u8; 16],
    },
    /// See there.
    Verify {
        /// See there.
        point: [u8; 16],
    },
    /// See there.
    Prune {
        /// See there.
        target: String,
        /// See there.
        keep: OrderKeep,
    },
    /// See there.
    Restart {
        /// See there.
        apply_pending: bool,
    },
    /// See there.
    Migrate {
        /// See there.
        to_host: String,
        /// See there.
        limits: OrderMigrate,
    },
    /// See there.
    Cancel {
        /// See there.
        action: [u8; 16],
    },
}

/// See `action::Quiesce`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum OrderQuiesce {
    /// See there.
    IfPossible,
    /// See there.
    Required,
    /// See there.
    Never,
}

/// See `action::BackupMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum OrderMode {
    /// See there.
    Full,
    /// See there.
    Incremental,
    /// See there.
    Auto,
}

/// See `action::Keep`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OrderKeep {
    /// See there.
    pub last: u16,
    /// See there.
    pub daily: u16,
    /// See there.
    pub weekly: u16,
    /// See there.
    pub monthly: u16,
}

/// See `action::MigrateLimits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct OrderMigrate {
    /// See there.
    pub storage_copy: bool,
    /// See there.
    pub bandwidth_bytes_per_s: Option<u64>,
    /// See there.
    pub downtime_ms: Option<i64>,
    /// See there.
    pub auto_converge: bool,
    /// See there.
    pub deadline_ms: Option<i64>,
}

/// News of an action.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct News {
    /// The action's id.
    pub id: [u8; 16],
    /// The news.
    pub progress: NewsProgress,
}

/// See `action::Progress`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum NewsProgress {
    /// The actor has begun.
    Running(StepNews),
    /// It is over.
    Finished(WireOutcome),
}

/// See `action::Step`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct StepNews {
    /// What is being done, in words.
    pub words: String,
    /// Done so far, in thousandths.
    pub permille: Option<u16>,
    /// Bytes that are left.
    pub remaining_bytes: Option<u64>,
    /// When it should be over, ms since 1970 by the host's clock.
    pub estimated_end_ms: Option<i64>,
}

/// On a connection of the enrolment protocol, instead of an enrolment: which key does this collector sign orders with?
/// The answer is no secret; that it is this collector's is known from the connection.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct KeyRequest {
    /// Version of the program that asks.
    pub agent_version: String,
}

/// Answer to [`KeyRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct KeyReply {
    /// Public half (Ed25519) of the key in use.
    pub key: [u8; 32],
}
