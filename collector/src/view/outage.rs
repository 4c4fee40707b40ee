//! `evenkeel outage …`.

use serde::{Deserialize, Serialize};

use super::Time;

/// An outage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutageView {
    /// Its number.
    pub id: i64,
    /// Name of the VM or host.
    pub target: String,
    /// By what it was found: `state`, `probe:NAME`.
    pub check: String,
    /// First second.
    pub start: Time,
    /// First second after it; null while it goes on.
    pub end: Option<Time>,
    /// Seconds known to be down.
    pub down_s: i64,
    /// Seconds in it of which nothing is known.
    pub unknown_s: i64,
    /// Seconds of it that are excluded.
    pub excluded_s: i64,
    /// Why they are.
    pub excluded_why: Vec<String>,
    /// Cause, as far as it is known.
    pub cause: String,
    /// Weights of the services that it took down, all together.
    pub impact: i64,
    /// Services of which the target is a member.
    pub services: Vec<String>,
    /// A person says it was none.
    pub void: bool,
    /// Start as measured.
    pub measured_start: Time,
    /// End as measured.
    pub measured_end: Option<Time>,
    /// Who corrected it, when and why.
    pub correction: Option<String>,
    /// What was heard and told.
    pub evidence: Vec<String>,
}

/// Outages with figures of them all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutagesView {
    /// The outages, oldest first.
    pub outages: Vec<OutageView>,
    /// The figures.
    pub summary: OutageSummary,
}

/// Figures of some outages; void ones and excluded time do not count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutageSummary {
    /// How many.
    pub outages: usize,
    /// Downtime, all together.
    pub down_total_s: i64,
    /// The longest minus the shortest.
    pub down_range_s: i64,
    /// Mean time to restore.
    pub mttr_s: Option<f64>,
    /// Mean time between failures.
    pub mtbf_s: Option<f64>,
    /// Impact, all together.
    pub impact_total: i64,
    /// The largest minus the smallest.
    pub impact_range: i64,
}

/// What a person says of an outage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutageCorrection {
    /// Its start, ms since 1970.
    pub from_ms: Option<i64>,
    /// Its end.
    pub to_ms: Option<i64>,
    /// Its cause.
    pub cause: Option<String>,
    /// It was none.
    pub void: bool,
    /// It was one after all.
    pub valid: bool,
    /// Why.
    pub reason: String,
}
