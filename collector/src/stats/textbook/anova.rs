//! Fisher's one-way analysis of variance: do several samples have the same mean?

use crate::stats::student::f_tails;
use crate::stats::sums::{Spread, sum};
use crate::stats::{StatsError, float};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anova {
    /// F.
    pub statistic: f64,
    /// Probability of such an F, or a larger one, when the means are equal.
    pub p: f64,
    /// Groups − 1.
    pub df1: f64,
    /// Values − groups.
    pub df2: f64,
}

/// See the module.
///
/// # Errors
/// See [`StatsError`]; it takes two groups, a value in each, and more values than groups.
pub fn anova_oneway(groups: &[Vec<f64>]) -> Result<Anova, StatsError> {
    if groups.len() < 2 {
        return Err(StatsError::TooFew { n: groups.len(), needed: 2 });
    }
    if groups.iter().flatten().any(|value| !value.is_finite()) {
        return Err(StatsError::NonFinite);
    }
    let total: usize = groups.iter().map(Vec::len).sum();
    if groups.iter().any(Vec::is_empty) || total <= groups.len() {
        return Err(StatsError::TooFew { n: total, needed: groups.len() + 1 });
    }
    // Around a common centre: a large offset must not eat the digits of the differences (NIST's Simon-Lesage sets).
    let centre = Spread::of(&groups.iter().flatten().copied().collect::<Vec<_>>()).mean;
    let centred: Vec<Vec<f64>> =
        groups.iter().map(|group| group.iter().map(|value| value - centre).collect()).collect();
    let spreads: Vec<Spread> = centred.iter().map(|group| Spread::of(group)).collect();
    let within = sum(&spreads.iter().map(|group| group.squares).collect::<Vec<_>>());
    let rest = sum(&spreads.iter().map(|group| group.n * group.mean).collect::<Vec<_>>()) / float(total);
    let between = sum(&spreads.iter().map(|group| group.n * (group.mean - rest).powi(2)).collect::<Vec<_>>());
    let (df1, df2) = (float(groups.len() - 1), float(total - groups.len()));
    let largest = groups.iter().flatten().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if within / df2 <= (8.0 * f64::EPSILON * largest).powi(2) {
        return Err(StatsError::ZeroVariance);
    }
    let statistic = between / df1 / (within / df2);
    let (_, p) = f_tails(statistic, df1, df2)?;
    if statistic.is_finite() && p.is_finite() {
        Ok(Anova { statistic, p, df1, df2 })
    } else {
        Err(StatsError::NonFinite)
    }
}
