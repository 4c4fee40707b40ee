//! Two one-sided t tests (Schuirmann 1987): is a difference shown to lie within bounds?

use super::t_test::differences;
use super::welch::error_and_df;
use crate::stats::student::t_tails;
use crate::stats::sums::Spread;
use crate::stats::{StatsError, check, check_one, rounding};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tost {
    /// The larger of both p: below 0.05 the difference lies within the bounds.
    pub p: f64,
    /// t of difference − low.
    pub t_low: f64,
    /// Its p: small when the difference is above the lower bound.
    pub p_low: f64,
    /// t of difference − upp.
    pub t_upp: f64,
    /// Its p: small when the difference is below the upper bound.
    pub p_upp: f64,
    /// Degrees of freedom.
    pub df: f64,
}

/// Two independent samples: `low` ≤ mean(x) − mean(y) ≤ `upp`, with Welch's degrees of freedom.
///
/// # Errors
/// See [`StatsError`]; one constant sample is fine, two are not.
pub fn tost_welch(x: &[f64], y: &[f64], low: f64, upp: f64) -> Result<Tost, StatsError> {
    check(x, y, 2)?;
    let (a, b) = (Spread::of(x), Spread::of(y));
    if a.variance().max(b.variance()) <= rounding(x, y) {
        return Err(StatsError::ZeroVariance);
    }
    let (error, df) = error_and_df(&a, &b);
    within(a.mean - b.mean, error, df, low, upp)
}

/// Pairs: `low` ≤ mean(x − y) ≤ `upp`.
///
/// # Errors
/// See [`StatsError`]; samples of different length are no pairs.
pub fn tost_paired(x: &[f64], y: &[f64], low: f64, upp: f64) -> Result<Tost, StatsError> {
    let differences = differences(x, y)?;
    check_one(&differences, 2)?;
    let spread = Spread::of(&differences);
    if spread.variance() <= rounding(x, y) {
        return Err(StatsError::ZeroVariance);
    }
    within(spread.mean, (spread.variance() / spread.n).sqrt(), spread.n - 1.0, low, upp)
}

/// From a difference and its standard error.
///
/// # Errors
/// When the bounds are none.
pub fn within(difference: f64, error: f64, df: f64, low: f64, upp: f64) -> Result<Tost, StatsError> {
    if !low.is_finite() || !upp.is_finite() || low > upp {
        return Err(StatsError::invalid("low and upp must be numbers, low not above upp"));
    }
    let (t_low, t_upp) = ((difference - low) / error, (difference - upp) / error);
    let (p_low, p_upp) = (t_tails(t_low, df)?.1, t_tails(t_upp, df)?.0);
    let result = Tost { p: p_low.max(p_upp), t_low, p_low, t_upp, p_upp, df };
    if result.p.is_finite() { Ok(result) } else { Err(StatsError::NonFinite) }
}
