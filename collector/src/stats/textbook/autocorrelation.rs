//! How much a value says about the next one: the lag-1 autocorrelation coefficient, as NIST certifies it.

use crate::stats::sums::{Spread, sum};
use crate::stats::{StatsError, check_one, rounding};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lag1 {
    /// Σ (xₜ − x̄)(xₜ₊₁ − x̄) / Σ (xₜ − x̄)².
    pub statistic: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation with n − 1.
    pub sd: f64,
}

/// See the module.
///
/// # Errors
/// See [`StatsError`]; it takes 3 values, and they have to vary.
pub fn lag1_autocorrelation(x: &[f64]) -> Result<Lag1, StatsError> {
    check_one(x, 3)?;
    let spread = Spread::of(x);
    if spread.variance() <= rounding(x, &[]) {
        return Err(StatsError::ZeroVariance);
    }
    let products: Vec<f64> = x.windows(2).map(|pair| (pair[0] - spread.mean) * (pair[1] - spread.mean)).collect();
    let statistic = sum(&products) / spread.squares;
    if statistic.is_finite() && spread.sd().is_finite() {
        Ok(Lag1 { statistic, mean: spread.mean, sd: spread.sd() })
    } else {
        Err(StatsError::NonFinite)
    }
}
