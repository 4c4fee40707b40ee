//! Which form speaks: the mean, or ranks where blocks are skewed or points lie far out. Never the smaller p.

use crate::stats::float;
use crate::stats::textbook::shapiro_wilk;

/// Mean or rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Differences of means.
    Mean,
    /// Probabilities that a value after is larger than one before.
    Rank,
}

impl Form {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Rank => "rank",
        }
    }
}

/// Below this the blocks are not normal.
const NORMAL_P_MIN: f64 = 0.01;
/// Above this the blocks are skewed.
const SKEW_MAX: f64 = 1.0;
/// Points farther from the median than this many median deviations lie far out.
pub(super) const FAR_MADS: f64 = 5.0;
/// Share of such points above which the mean does not speak.
const FAR_SHARE_MAX: f64 = 0.01;

/// `demeaned`: the blocks of both windows, each less its window's mean. `far_share`: of the raw points.
pub(super) fn choose(demeaned: &[f64], far_share: f64) -> Form {
    let skewed = skewness(demeaned).is_some_and(|skew| skew.abs() > SKEW_MAX);
    let odd = shapiro_wilk(demeaned).is_ok_and(|result| result.p < NORMAL_P_MIN);
    if far_share > FAR_SHARE_MAX || skewed || odd { Form::Rank } else { Form::Mean }
}

/// Third standardised moment.
fn skewness(values: &[f64]) -> Option<f64> {
    let n = float(values.len());
    let mean = values.iter().sum::<f64>() / n;
    let moment = |power: i32| values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / n;
    let variance = moment(2);
    (variance > 0.0).then(|| moment(3) / variance.powf(1.5)).filter(|skew| skew.is_finite())
}
