//! The variance ratio of Fisher and Snedecor: do two normal samples have the same variance? F = s²ₓ/s²ᵧ.

use crate::stats::student::f_tails;
use crate::stats::sums::Spread;
use crate::stats::{Alternative, StatsError, check, rounding};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FVariance {
    /// F.
    pub statistic: f64,
    /// Degrees of freedom of x.
    pub df1: f64,
    /// Degrees of freedom of y.
    pub df2: f64,
    /// Probability of such an F, or one further out, when the variances are equal; two-sided twice the smaller tail.
    pub p: f64,
}

/// See the module.
///
/// # Errors
/// See [`StatsError`]; both samples have to vary.
pub fn f_variance(x: &[f64], y: &[f64], alternative: Alternative) -> Result<FVariance, StatsError> {
    check(x, y, 2)?;
    let (a, b) = (Spread::of(x), Spread::of(y));
    if a.variance() <= rounding(x, &[]) || b.variance() <= rounding(y, &[]) {
        return Err(StatsError::ZeroVariance);
    }
    let (statistic, df1, df2) = (a.variance() / b.variance(), a.n - 1.0, b.n - 1.0);
    let (below, above) = f_tails(statistic, df1, df2)?;
    let p = alternative.p(below, above);
    if statistic.is_finite() && p.is_finite() {
        Ok(FVariance { statistic, df1, df2, p })
    } else {
        Err(StatsError::NonFinite)
    }
}
