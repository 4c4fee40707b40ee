//! `evenkeel finding …`.

use serde::{Deserialize, Serialize};

use super::Time;

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    /// Its number.
    pub id: i64,
    /// The cycle that it is of.
    pub cycle: i64,
    /// The rule that found it.
    pub rule: String,
    /// What it is about: objective, metric, cause; empty for the service.
    pub subject: String,
    /// `high`, `medium`, `low`.
    pub severity: String,
    /// `open`, `done`, `accepted`, `rejected`, or `gone` when the last version of the review does not say it any more.
    pub status: String,
    /// What was found.
    pub what: String,
    /// The figures behind it.
    pub evidence: Vec<String>,
    /// What follows from it.
    pub implication: String,
    /// What may be done.
    pub action: String,
    /// The command for it; it is shown and never run.
    pub command: String,
    /// The chain of whys.
    pub whys: Vec<WhyView>,
    /// Who decided, when and why; null while it is open.
    pub decision: Option<DecisionView>,
}

/// One why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyView {
    /// When it was written.
    pub at: Time,
    /// By whom.
    pub who: String,
    /// What.
    pub why: String,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionView {
    /// When.
    pub at: Time,
    /// By whom.
    pub who: String,
    /// Why.
    pub reason: String,
}

/// A why to add.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhyRequest {
    /// In words.
    pub why: String,
}

/// A decision to note.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideRequest {
    /// `done`, `accepted`, `rejected`.
    pub status: String,
    /// Why.
    pub reason: String,
}
