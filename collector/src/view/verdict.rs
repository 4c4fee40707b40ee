//! A verdict as the contract has it: every key is always there, null where it was not computed.

use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VerdictView {
    /// `improved`, `degraded`, `changed`, `no_change`, `no_evidence`, `not_enough_data`.
    pub verdict: String,
    /// Chance of such a difference without a change.
    pub p: Option<f64>,
    /// The same among all that were looked at.
    pub p_adjusted: Option<f64>,
    /// After − before, in the series' unit.
    pub estimate: Option<f64>,
    /// 95 % interval: its lower end.
    pub ci_low: Option<f64>,
    /// Its upper end.
    pub ci_high: Option<f64>,
    /// From where a difference matters.
    pub threshold: Option<f64>,
    /// Independent blocks that the values are worth.
    pub k_eff: Option<f64>,
    /// Autocorrelation of the blocks.
    pub r: Option<f64>,
    /// Values before.
    pub n_before: usize,
    /// Values after.
    pub n_after: usize,
    /// Share of values that are missing.
    pub missing_share: Option<f64>,
    /// `day_means`, `same_time_differences`, `blocks`.
    pub unit: Option<String>,
    /// `mean` or `rank`.
    pub form: Option<String>,
    /// What these windows would show.
    pub mde: Option<f64>,
    /// How much longer each window would have to be.
    pub more_time_s: Option<f64>,
    /// By ranks.
    pub rank: RankView,
    /// Of the spread.
    pub spread: SpreadView,
    /// Share of false alarms on the series' own past.
    pub empirical_null_share: Option<f64>,
    /// In words.
    pub words: String,
}

/// By ranks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RankView {
    /// p.
    pub p: Option<f64>,
    /// P(a value after is larger) − ½.
    pub estimate: Option<f64>,
    /// Its interval's lower end.
    pub ci_low: Option<f64>,
    /// And upper end.
    pub ci_high: Option<f64>,
}

/// Of the spread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpreadView {
    /// p.
    pub p: Option<f64>,
    /// In one word.
    pub verdict: Option<String>,
    /// After / before.
    pub ratio: Option<f64>,
}
