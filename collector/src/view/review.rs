//! `evenkeel review`: what is asked and what is answered.

use serde::{Deserialize, Serialize};

use super::Time;
use super::query::NumberView;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewRequest {
    /// VMs: name, UUID, unique beginning, pattern with `*`, or `all`.
    pub vms: Vec<String>,
    /// Metrics: name or pattern with `*`; empty for all.
    pub metrics: Vec<String>,
    /// Begin, ms since 1970.
    pub from_ms: i64,
    /// End, ms since 1970.
    pub to_ms: i64,
    /// Begin and end of the period that it is compared with.
    pub against_ms: Option<(i64, i64)>,
}

/// The review of one VM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewView {
    /// Its name.
    pub vm: String,
    /// Its UUID.
    pub uuid: String,
    /// The period.
    #[serde(flatten)]
    pub period: PeriodView,
    /// The period that it is compared with.
    pub against: Option<PeriodView>,
    /// Each series in both.
    pub comparisons: Vec<ComparisonView>,
    /// The finding in words.
    pub words: String,
}

/// One period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeriodView {
    /// Begin.
    pub from: Time,
    /// End, exclusive.
    pub to: Time,
    /// Its length.
    pub period_s: NumberView,
    /// Time up.
    pub up_s: NumberView,
    /// Time down.
    pub down_s: NumberView,
    /// Time of which nothing is known.
    pub unknown_s: NumberView,
    /// up / (up + down); null when nothing is known.
    pub availability: Option<f64>,
    /// Why there is no availability.
    pub missing: Option<String>,
    /// The metrics.
    pub metrics: Vec<MetricView>,
}

/// One series in one period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricView {
    /// Metric.
    pub metric: String,
    /// Device; empty for the VM itself.
    pub device: String,
    /// Unit of mean, max and sd.
    pub unit: String,
    /// `value`, or `rate` of a counter.
    #[serde(rename = "fn")]
    pub function: String,
    /// How many values.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// The largest.
    pub max: f64,
    /// Standard deviation with n − 1; null of one value.
    pub sd: Option<f64>,
    /// Time of the period that no value speaks for.
    pub missing_s: NumberView,
}

/// One series in two periods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonView {
    /// Metric.
    pub metric: String,
    /// Device; empty for the VM itself.
    pub device: String,
    /// Values in the period that it is compared with.
    pub n_before: usize,
    /// Values in the period itself.
    pub n_after: usize,
    /// Do the means differ?
    pub welch: TestView,
    /// Do the spreads differ?
    pub brown_forsythe: TestView,
    /// What has to be said beside the numbers.
    pub note: String,
}

/// A test's result, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TestView {
    /// Computed.
    Result {
        /// t of Welch, its sign that of after − before; F of Brown–Forsythe.
        statistic: f64,
        /// Degrees of freedom; of the denominator for F.
        df: f64,
        /// Probability of such a statistic, or one further out, when there is no difference.
        p: f64,
    },
    /// Not computed.
    Error {
        /// `too_few`, `zero_variance` or `non_finite`.
        error: String,
        /// In words.
        message: String,
    },
}
