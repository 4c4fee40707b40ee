//! [P] The fixed verbs and their typed arguments. There is no other way to say what is to be done to a domain.

use serde::{Deserialize, Serialize};

use crate::id::{ActionId, PointId};
use crate::time::DurationMs;

/// What to do, with its typed arguments. The JSON form is that of the ledger and of the actor's journal: what was added
/// later has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// A disk-only recovery point outside the domain; its disk chain is untouched. With `internal` a snapshot inside
    /// the images instead.
    Snapshot {
        #[serde(default)]
        /// Inside the domain's own images; libvirt then refuses to migrate the domain.
        internal: bool,
        #[serde(default)]
        /// Whether the guest's file systems are to be at rest.
        quiesce: Quiesce,
    },
    /// A recovery point in one of the host's backup folders.
    Backup {
        /// All of the disks, or what has changed.
        mode: BackupMode,
        /// Name of the folder in the host's `actions.toml`; never a path.
        target: String,
        /// Whether the guest's file systems are to be at rest.
        quiesce: Quiesce,
    },
    /// Brings the disks of a recovery point back.
    Restore {
        /// Which one.
        point: PointId,
        /// Over the domain's own disks, or beside them.
        into: RestoreInto,
    },
    /// Gives up what an in-place restore has kept aside.
    ConfirmRestore {
        /// The restore.
        restore: ActionId,
    },
    /// Boots a recovery point in a throw-away domain without network, and removes that again.
    Rehearse {
        /// Which one.
        point: PointId,
    },
    /// Reads a recovery point and compares it with its manifest.
    Verify {
        /// Which one.
        point: PointId,
    },
    /// Removes the domain's recovery points that need not be kept.
    Prune {
        /// Name of the folder in the host's `actions.toml`.
        target: String,
        /// What is kept.
        keep: Keep,
    },
    /// Graceful, then reset, then destroy and start; it stops at the first that works.
    Restart {
        /// Allow destroy + start although the inactive definition differs: the new definition comes into force.
        apply_pending: bool,
    },
    /// Live migration.
    Migrate {
        /// Name of the host to go to, as the collector knows it.
        to_host: String,
        #[serde(default)]
        /// How.
        limits: MigrateLimits,
    },
    /// Ends an action of this host that is under way, where libvirt can.
    Cancel {
        /// Which one.
        action: ActionId,
    },
}

/// Whether the guest's file systems are to be at rest while a point is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quiesce {
    /// When the guest agent answers; what came of it is part of the result.
    #[default]
    IfPossible,
    /// Or there is no point.
    Required,
    /// Do not ask the guest.
    Never,
}

/// How much a backup copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupMode {
    /// All disks.
    Full,
    /// What has changed since the newest point; refused when that cannot be told.
    Incremental,
    /// What has changed when that can be told, else all.
    #[default]
    Auto,
}

/// Where a restore brings the disks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestoreInto {
    /// Over the domain's own; the old ones are kept aside until the restore is confirmed.
    InPlace,
    /// Into a new domain.
    New {
        /// Its name.
        name: String,
    },
}

/// Which recovery points are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Keep {
    /// The newest ones.
    pub last: u16,
    /// The newest one of so many days.
    pub daily: u16,
    /// The newest one of so many weeks.
    pub weekly: u16,
    /// The newest one of so many months.
    pub monthly: u16,
}

/// How a migration goes. What is not given is the host's own setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MigrateLimits {
    /// Copy the disks as well: the hosts share no storage.
    pub storage_copy: bool,
    /// At most so many bytes a second.
    pub bandwidth_bytes_per_s: Option<u64>,
    /// Longest pause of the guest.
    pub downtime: Option<DurationMs>,
    /// Slow the guest down when it changes its memory faster than it travels.
    pub auto_converge: bool,
    /// Aborted after this.
    pub deadline: Option<DurationMs>,
}

/// A verb without its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VerbWord {
    /// [`Verb::Snapshot`].
    Snapshot,
    /// [`Verb::Backup`].
    Backup,
    /// [`Verb::Restore`] and [`Verb::ConfirmRestore`]: who may do the one may end it.
    Restore,
    /// [`Verb::Rehearse`].
    Rehearse,
    /// [`Verb::Verify`].
    Verify,
    /// [`Verb::Prune`].
    Prune,
    /// [`Verb::Restart`].
    Restart,
    /// [`Verb::Migrate`].
    Migrate,
    /// [`Verb::Cancel`].
    Cancel,
}

impl VerbWord {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Snapshot,
        Self::Backup,
        Self::Restore,
        Self::Rehearse,
        Self::Verify,
        Self::Prune,
        Self::Restart,
        Self::Migrate,
        Self::Cancel,
    ];

    /// The word of the command line and of policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::Rehearse => "rehearse",
            Self::Verify => "verify",
            Self::Prune => "prune",
            Self::Restart => "restart",
            Self::Migrate => "migrate",
            Self::Cancel => "cancel",
        }
    }

    /// The verb of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.as_str() == word)
    }

    /// Whether the domain has to be active on the host for it.
    #[must_use]
    pub const fn needs_active(self) -> bool {
        matches!(self, Self::Snapshot | Self::Backup | Self::Restart | Self::Migrate)
    }

    /// Whether one that has begun can be ended early without harm.
    #[must_use]
    pub const fn can_be_cancelled(self) -> bool {
        !matches!(self, Self::Restart | Self::Cancel)
    }

    /// Whether it changes the domain or where it runs; the others only read it or concern its recovery points.
    #[must_use]
    pub const fn disturbs(self) -> bool {
        matches!(self, Self::Restore | Self::Restart | Self::Migrate)
    }
}

impl Verb {
    /// A snapshot outside the domain, quiesced if possible.
    pub const SNAPSHOT: Self = Self::Snapshot { internal: false, quiesce: Quiesce::IfPossible };

    /// A migration without special wishes.
    #[must_use]
    pub fn migrate_to(host: &str) -> Self {
        Self::Migrate { to_host: host.to_owned(), limits: MigrateLimits::default() }
    }

    /// The verb without its arguments.
    #[must_use]
    pub const fn word(&self) -> VerbWord {
        match self {
            Self::Snapshot { .. } => VerbWord::Snapshot,
            Self::Backup { .. } => VerbWord::Backup,
            Self::Restore { .. } | Self::ConfirmRestore { .. } => VerbWord::Restore,
            Self::Rehearse { .. } => VerbWord::Rehearse,
            Self::Verify { .. } => VerbWord::Verify,
            Self::Prune { .. } => VerbWord::Prune,
            Self::Restart { .. } => VerbWord::Restart,
            Self::Migrate { .. } => VerbWord::Migrate,
            Self::Cancel { .. } => VerbWord::Cancel,
        }
    }

    /// The word of the command line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.word().as_str()
    }
}
