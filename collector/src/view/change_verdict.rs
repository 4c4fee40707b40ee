//! `evenkeel change verdict`.

use serde::{Deserialize, Serialize};

use super::Time;
use super::change::ChangeView;
use super::verdict::VerdictView;

/// Begin and end; the end is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowView {
    /// Begin.
    pub from: Time,
    /// End.
    pub to: Time,
}

/// What a change did to a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeVerdictView {
    /// The worst verdict of the KPIs.
    pub verdict: String,
    /// In words.
    pub words: String,
    /// The change.
    pub change: ChangeView,
    /// The service.
    pub service: String,
    /// `final` or `provisional`.
    pub look: String,
    /// This look is on record as the final one.
    pub kept: bool,
    /// When it was taken.
    pub looked_at: Time,
    /// The window before.
    pub before: WindowView,
    /// The window after, as far as it has passed.
    pub after: WindowView,
    /// Members that were compared, or could have been.
    pub members: usize,
    /// Each metric of each KPI.
    pub kpis: Vec<KpiVerdictView>,
    /// What else may be behind a difference.
    pub confounders: Vec<ConfounderView>,
}

/// A metric of a KPI.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KpiVerdictView {
    /// The KPI.
    pub kpi: String,
    /// Its metric.
    pub metric: String,
    /// Unit of the values; of availability the share of time that was down.
    pub value_unit: String,
    /// How members are put together.
    pub aggregation: String,
    /// Length of the steps that were compared.
    pub step_s: i64,
    /// Mean before.
    pub mean_before: Option<f64>,
    /// Mean after.
    pub mean_after: Option<f64>,
    /// The members together.
    pub headline: VerdictView,
    /// What was expected, if anything.
    pub expectation: Option<ExpectationView>,
    /// Each member, adjusted as one family with those of all other metrics; what is shown first is the worst.
    pub members: Vec<MemberVerdictView>,
    /// Members that could not be compared.
    pub left_out: Vec<LeftOutView>,
}

/// What became of an expectation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectationView {
    /// As it was written.
    pub expected: String,
    /// The least difference that meets it, in the value's unit.
    pub wanted: Option<f64>,
    /// `met`, `not_met`, `cannot_be_told`.
    pub outcome: String,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberVerdictView {
    /// Its name.
    pub name: String,
    /// Its verdict.
    pub verdict: VerdictView,
}

/// A member that could not be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutView {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: String,
}

/// What else may be behind a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfounderView {
    /// `change`, `maintenance`, `outage`, `members`, `missing_data`, `season`.
    pub kind: String,
    /// In words.
    pub what: String,
    /// The other change's number.
    pub change: Option<i64>,
}
