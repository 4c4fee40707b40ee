//! Actions: what may be done to a domain, and the states an action goes through.

use std::fmt;

use crate::id::{ActionId, DomainUuid};
use crate::time::UnixMs;

/// What to do, with its typed arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A disk-only recovery point outside the domain; its disk chain is untouched.
    Snapshot,
    /// Graceful, then reset, then destroy and start; it stops at the first that works.
    Restart {
        /// Allow destroy + start although the inactive definition differs: the new definition comes into force.
        apply_pending: bool,
    },
    /// Live migration.
    Migrate {
        /// Name of the host to go to, as the collector knows it.
        to_host: String,
    },
}

impl Verb {
    /// The word of the command line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Restart { .. } => "restart",
            Self::Migrate { .. } => "migrate",
        }
    }
}

/// An order to one host about one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The action's id; delivering it again has no second effect.
    pub id: ActionId,
    /// The collector's generation; an actor refuses one below the highest it has seen.
    pub collector_epoch: u64,
    /// What to do.
    pub verb: Verb,
    /// To which domain.
    pub domain: DomainUuid,
    /// Not to be started after this time.
    pub not_after: UnixMs,
}

/// Where an action stands (names of the contract).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionState {
    /// Asked for; in the ledger.
    Requested,
    /// Sent to the host's agent.
    Dispatched,
    /// The host's actor has begun.
    Running,
    /// Done.
    Succeeded,
    /// Tried; did not work.
    Failed,
    /// Not begun; the refusal says why.
    Refused,
    /// Not begun before its time ran out.
    Expired,
    /// Begun, and nobody can say what came of it.
    Unknown,
}

impl ActionState {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Requested,
        Self::Dispatched,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Refused,
        Self::Expired,
        Self::Unknown,
    ];

    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Dispatched => "dispatched",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing more will happen by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Requested | Self::Dispatched | Self::Running)
    }
}

impl fmt::Display for ActionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an action was not begun: which guard, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The guard's name, such as `not_active`, `hands_off`, `pending_definition`.
    pub guard: String,
    /// For the operator.
    pub message: String,
}

/// What came of an action on its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; what is worth knowing as key and value (`path`, `bytes`, `method` …).
    Succeeded(Vec<(String, String)>),
    /// Tried; the message says what failed.
    Failed(String),
    /// Not begun.
    Refused(Refusal),
    /// Its `not_after` had passed; not begun.
    Expired,
    /// Begun, end unknown; the text is the evidence.
    Unknown(String),
}

impl Outcome {
    /// The final state this outcome means.
    #[must_use]
    pub const fn state(&self) -> ActionState {
        match self {
            Self::Succeeded(_) => ActionState::Succeeded,
            Self::Failed(_) => ActionState::Failed,
            Self::Refused(_) => ActionState::Refused,
            Self::Expired => ActionState::Expired,
            Self::Unknown(_) => ActionState::Unknown,
        }
    }
}

/// News of an action from its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The actor has begun; the text names the step.
    Running(String),
    /// It is over.
    Finished(Outcome),
}
