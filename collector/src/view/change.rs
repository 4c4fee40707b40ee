//! `evenkeel change …`.

use serde::{Deserialize, Serialize};

use super::Time;

/// A change that is to be recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeWanted {
    /// The service that it is of; empty: whoever it touches.
    pub service: String,
    /// VMs and, as `host:NAME`, hosts that were changed; none: all members of the service.
    pub scope: Vec<String>,
    /// When it was done, ms since 1970; now when it is not given.
    pub at_ms: Option<i64>,
    /// When it began; when it was done, if that is not given.
    pub began_ms: Option<i64>,
    /// In words.
    pub what: String,
    /// What is expected of it; empty for nothing.
    pub expect: String,
    /// How long before it is looked at; as configured when it is not given.
    pub before_ms: Option<i64>,
    /// And after it.
    pub after_ms: Option<i64>,
}

/// A VM or host that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeTargetView {
    /// `vm` or `host`.
    pub kind: String,
    /// Its name then.
    pub name: String,
    /// UUID or agent id.
    pub id: String,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// Its number.
    pub id: i64,
    /// When it was done.
    pub at: Time,
    /// When it began.
    pub began: Time,
    /// `person`, `action` or `agent`.
    pub source: String,
    /// `recorded`, the verb of an action, `migrated`, `vcpus`, `memory`, `definition`, `version`, `hardware`.
    pub kind: String,
    /// In words.
    pub what: String,
    /// The service that it is of; null: whoever it touches.
    pub service: Option<String>,
    /// Services of which something was changed.
    pub services: Vec<String>,
    /// What was changed; none: all members of the service.
    pub targets: Vec<ChangeTargetView>,
    /// What was expected of it.
    pub expected: Option<String>,
    /// Who recorded it: a user, or the host whose agent saw it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Time,
    /// How long before it is looked at.
    pub before_s: i64,
    /// And after it.
    pub after_s: i64,
    /// When the final look is.
    pub final_at: Time,
    /// The verdict of the final look, once it was taken.
    pub verdict: Option<String>,
}
