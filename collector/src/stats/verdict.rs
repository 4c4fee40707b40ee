//! The verdict procedure: did a change shift a series, judged so that it stays honest on readings that depend on each
//! other? Raw points become means of blocks (or of days, or differences at the same time of day), and the engine
//! estimates from the blocks how much they still depend on each other.

mod blocks;
mod decide;
mod engine;
mod episode;
mod family;
mod forms;
mod null;
mod points;
mod primary;
mod shift;
pub mod target;
mod threshold;
mod unit;
mod words;

pub use decide::{Better, Decision, Limits, Threshold, Verdict};
pub use episode::before_episode;
pub use family::adjust;
pub use null::{Layout, NULL_SPLITS_MIN, NullCache, empirical_null};
pub use points::Points;
pub use threshold::parse as parse_threshold;
pub use unit::{Remark, Unit};

pub use engine::Estimate;
pub(super) use engine::plain as engine_two_sample;
pub use primary::Form;

/// One of the three questions: mean, rank or spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// After − before in the form's own unit: the series', a probability − ½, or a mean distance from the median.
    pub estimate: f64,
    /// 95 % interval.
    pub ci: (f64, f64),
    /// Probability of such a difference, or a larger one, without a change.
    pub p: f64,
}

/// The answer about the spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpreadAnswer {
    /// Its p.
    pub p: f64,
    /// Mean distance from the median, after / before; `None` when there was none before.
    pub ratio: Option<f64>,
    /// Less is better.
    pub decision: Decision,
}

/// Everything that can be told about two windows before anything is decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Findings {
    /// What was compared.
    pub unit: Unit,
    /// Mean or rank.
    pub form: Form,
    /// The mean form; `None` when gated.
    pub mean: Option<Estimate>,
    /// The rank form.
    pub rank: Option<Estimate>,
    /// The spread form.
    pub spread: Option<Estimate>,
    /// After / before of the mean distance from the median.
    pub spread_ratio: Option<f64>,
    /// The shift in the series' unit that belongs to the rank form, with its interval.
    pub shift: Option<(f64, f64, f64)>,
    /// Mean and standard deviation before.
    pub before: (f64, f64),
    /// Mean after.
    pub after_mean: f64,
    /// Finite points.
    pub n: (usize, usize),
    /// Share of expected points that are missing, both windows together.
    pub missing_share: f64,
    /// Blocks, days or differences that are worth so many independent ones.
    pub k_eff: Option<f64>,
    /// Autocorrelation of the blocks at lag 1, corrected for its bias.
    pub r: Option<f64>,
    /// Least `k_eff` of the unit.
    pub gate: f64,
    /// Length of the shorter window in seconds.
    pub window_s: f64,
    /// Nothing varies in either window.
    pub constant: bool,
    /// There were two windows to compare.
    pub compared: bool,
    /// What days differ by was measured on the days before.
    pub by_days: bool,
    /// Something to say about the unit.
    pub remark: Option<unit::Remark>,
}

/// Compares two windows and decides. `p_adjusted` is p until [`adjust`] is told of a family.
#[must_use]
pub fn verdict(before: &Points, after: &Points, limits: &Limits) -> Verdict {
    decide::decide(&findings(before, after, limits.cycle), limits)
}

/// Compares two windows.
#[must_use]
pub fn findings(before: &Points, after: &Points, cycle: Option<bool>) -> Findings {
    let plan = unit::plan(before, after, cycle);
    forms::findings(before, after, &plan)
}

#[cfg(test)]
mod tests;
