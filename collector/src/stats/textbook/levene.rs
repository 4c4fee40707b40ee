//! Levene 1960: do two samples have the same spread? One-way analysis of variance of |value − centre of its sample|,
//! with the mean for the centre.

use crate::stats::student::f_tails;
use crate::stats::sums::{Spread, sum_of};
use crate::stats::{StatsError, check, rounding};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levene {
    /// F with 1 and n − 2 degrees of freedom.
    pub statistic: f64,
    /// Degrees of freedom of the denominator.
    pub df: f64,
    /// Probability of such an F, or a larger one, when the spreads are equal.
    pub p: f64,
}

/// See the module.
///
/// # Errors
/// See [`StatsError`]; one constant sample is fine, two are not.
pub fn levene(x: &[f64], y: &[f64]) -> Result<Levene, StatsError> {
    check(x, y, 2)?;
    around(x, mean(x), y, mean(y))
}

/// The mean, corrected for what rounding left in it.
fn mean(values: &[f64]) -> f64 {
    let n = crate::stats::float(values.len());
    let rough = sum_of(values, |value| value) / n;
    rough + sum_of(values, |value| value - rough) / n
}

/// The same with given centres.
pub(super) fn around(x: &[f64], centre_x: f64, y: &[f64], centre_y: f64) -> Result<Levene, StatsError> {
    let (a, b) = (deviations(x, centre_x), deviations(y, centre_y));
    let within = a.squares + b.squares;
    if within / (a.n + b.n) <= rounding(x, y) {
        return Err(StatsError::ZeroVariance);
    }
    let difference = a.mean - b.mean;
    let between = difference * difference * (a.n * b.n / (a.n + b.n));
    let df = a.n + b.n - 2.0;
    let statistic = between / (within / df);
    let (_, p) = f_tails(statistic, 1.0, df)?;
    if statistic.is_finite() && p.is_finite() { Ok(Levene { statistic, df, p }) } else { Err(StatsError::NonFinite) }
}

/// Mean and squares of |value − centre|, without a list of them.
fn deviations(values: &[f64], centre: f64) -> Spread {
    let n = crate::stats::float(values.len());
    let mean = sum_of(values, |value| (value - centre).abs()) / n;
    let squares = sum_of(values, |value| {
        let off = (value - centre).abs() - mean;
        off * off
    });
    Spread { n, mean, squares }
}
