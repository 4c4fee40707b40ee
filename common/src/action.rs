//! Actions: what may be done to a domain, and the states an action goes through.

mod verb;

use std::fmt;

pub use verb::{BackupMode, Keep, MigrateLimits, Quiesce, RestoreInto, Verb, VerbWord};

use crate::id::{ActionId, AgentId, DomainUuid};
use crate::time::UnixMs;

/// An order to one host about one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The action's id; delivering it again has no second effect.
    pub id: ActionId,
    /// The collector's generation; an actor refuses one below the highest it has seen.
    pub collector_epoch: u64,
    /// The host that is to do it; another one refuses.
    pub host: AgentId,
    /// What to do.
    pub verb: Verb,
    /// To which domain.
    pub domain: DomainUuid,
    /// When the collector sent it, by the host's clock as the collector knows it.
    pub issued: UnixMs,
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

/// How far an action is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What is being done, in words.
    pub words: String,
    /// Done so far, in thousandths; `None` when nobody can tell.
    pub permille: Option<u16>,
    /// Bytes that are left to be copied or moved.
    pub remaining_bytes: Option<u64>,
    /// When it should be over, by the host's clock.
    pub estimated_end: Option<UnixMs>,
}

impl From<String> for Step {
    fn from(words: String) -> Self {
        Self { words, ..Self::default() }
    }
}

impl From<&str> for Step {
    fn from(words: &str) -> Self {
        words.to_owned().into()
    }
}

/// News of an action from its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The actor has begun and is at this step.
    Running(Step),
    /// It is over.
    Finished(Outcome),
}
