//! `evenkeel sla status`.

use serde::{Deserialize, Serialize};

use super::Time;

/// An objective now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlaRow {
    /// Service.
    pub service: String,
    /// Objective.
    pub objective: String,
    /// The share that has to be good.
    pub target: f64,
    /// Begin of the period.
    pub from: Time,
    /// Up to where it is over.
    pub to: Time,
    /// As agreed.
    pub good_s: i64,
    /// Not as agreed.
    pub bad_s: i64,
    /// Nobody knows.
    pub unknown_s: i64,
    /// Not part of what was agreed.
    pub excluded_s: i64,
    /// Good share, unknown time as the objective says; null when there is nothing to take it of.
    pub availability: Option<f64>,
    /// Good share of the time if all that is unknown was bad.
    pub ci_low: Option<f64>,
    /// And if all of it was good.
    pub ci_high: Option<f64>,
    /// Seconds that may still be bad until the end of the period.
    pub budget_left_s: f64,
    /// How fast the budget goes since the begin; 1 uses it up exactly at the end.
    pub burn_rate: Option<f64>,
    /// Why there is no availability.
    pub missing: Option<String>,
    /// `met`, `at_risk` (below the target, budget left), `missed` or `unknown`.
    pub state: String,
    /// End of the period.
    pub period_end: Time,
    /// What unknown time counts as.
    pub unknown_is: String,
    /// Of what the availability is taken: `time` or `samples`.
    pub share_of: String,
    /// Readings within the limit.
    pub samples_good: Option<f64>,
    /// Readings beyond it.
    pub samples_bad: Option<f64>,
    /// Seconds that may be bad in the whole period.
    pub budget_s: f64,
    /// Burn rates of the last hour, six hours, day and three days.
    pub burn_rates: Vec<BurnView>,
    /// The end of the period when it goes on so; null with fewer than three blocks, and for rolling windows.
    pub projection: Option<ProjectionView>,
    /// What was reported of this period, if anything was.
    #[serde(default)]
    pub reported: Option<ReportedView>,
}

/// What was reported of a period: it stays as it was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportedView {
    /// From 1 on.
    pub version: i64,
    /// When it was reported.
    pub reported_at: Time,
    /// By whom.
    pub reported_by: String,
    /// Good share then.
    pub availability: Option<f64>,
    /// Good seconds then.
    pub good_s: i64,
    /// Bad seconds then.
    pub bad_s: i64,
    /// Unknown seconds then.
    pub unknown_s: i64,
    /// Excluded seconds then.
    pub excluded_s: i64,
    /// Something else is known now.
    pub differs: bool,
    /// What was told, what is known now, and why it differs.
    pub words: String,
}

/// A burn rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BurnView {
    /// Over the last so many seconds.
    pub window_s: i64,
    /// The rate; null when nothing is known.
    pub rate: Option<f64>,
}

/// A projection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProjectionView {
    /// Expected availability of the whole period.
    pub availability: f64,
    /// 95 % prediction interval, lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Days (hours of a day) that it rests on.
    pub blocks: usize,
}
