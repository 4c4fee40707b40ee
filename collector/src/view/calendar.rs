//! `evenkeel calendar …`.

use serde::{Deserialize, Serialize};

use super::Time;

/// A window that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindowWanted {
    /// Its name.
    pub name: String,
    /// The service that it is of; empty for all.
    pub service: String,
    /// The recurring rule; empty when it is once.
    pub rule: String,
    /// Time zone of the rule.
    pub zone: String,
    /// Begin of one that is once, ms since 1970.
    pub from_ms: Option<i64>,
    /// Its end.
    pub to_ms: Option<i64>,
    /// Why.
    pub reason: String,
}

/// A window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowRow {
    /// Its number; null for one of a service's own file.
    pub id: Option<i64>,
    /// Its name.
    pub name: String,
    /// The service that it is of; empty for all.
    pub service: String,
    /// The rule with its zone, or begin and end.
    pub when: String,
    /// Begin of one that is once.
    pub from: Option<Time>,
    /// Its end.
    pub to: Option<Time>,
    /// In force from then on; null: always.
    pub valid_from: Option<Time>,
    /// When it was removed.
    pub removed_at: Option<Time>,
    /// Why it was added.
    pub reason: String,
    /// Who added it, or the file that has it.
    pub added_by: String,
}
