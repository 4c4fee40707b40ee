//! `evenkeel action …`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Time;

/// An action that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionWanted {
    /// Made by the requester (`UUIDv7`), so that asking twice is one action.
    pub id: String,
    /// `snapshot`, `restart` or `migrate`.
    pub verb: String,
    /// The VM: name, UUID or unique beginning.
    pub vm: String,
    /// Where a migration is to go.
    #[serde(default)]
    pub to_host: Option<String>,
    /// A restart may bring a changed stored definition into force.
    #[serde(default)]
    pub apply_pending: bool,
}

/// What an action is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionTarget {
    /// UUID of the VM.
    pub uuid: String,
    /// Its name when the action was asked for.
    pub name: String,
    /// Its host then.
    pub host: String,
}

/// Why an action was not begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalView {
    /// The guard's name.
    pub guard: String,
    /// For the operator.
    pub message: String,
}

/// An action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionView {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub verb: String,
    /// The verb's arguments.
    pub arguments: Map<String, Value>,
    /// To which VM.
    pub target: ActionTarget,
    /// Where it stands.
    pub state: String,
    /// The step its host was last heard in.
    pub step: Option<String>,
    /// Why it was refused.
    pub refusal: Option<RefusalView>,
    /// Who asked for it.
    pub requested_by: String,
    /// When.
    pub requested_at: Time,
    /// Not to be begun after this.
    pub not_after: Time,
    /// When it ended.
    pub finished_at: Option<Time>,
    /// What came of it; `error` when it failed, `evidence` when its end is unknown.
    pub result: Map<String, Value>,
    /// What the action did to the VM, once that can be said.
    pub verdict: Option<String>,
}

/// What an action would come to (`--dry-run`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionPlan {
    /// What would be done.
    pub verb: String,
    /// To which VM.
    pub target: ActionTarget,
    /// Every check of the collector's guard, in its order; the host's actor has checks of its own.
    pub checks: Vec<CheckView>,
    /// The refusal, if there would be one.
    pub refusal: Option<RefusalView>,
}

/// A check of the guard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckView {
    /// Its name.
    pub guard: String,
    /// Whether the action passes.
    pub passed: bool,
    /// Why not.
    pub message: Option<String>,
}
