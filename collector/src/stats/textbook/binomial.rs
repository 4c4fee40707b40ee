//! Intervals of a share: Wilson 1927 (good for any n) and Clopper and Pearson 1934 (never too short).

use statrs::function::beta::beta_reg;

use crate::stats::StatsError;
use crate::stats::student::normal_quantile;

/// An interval of a share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinomialInterval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

#[expect(clippy::cast_precision_loss, reason = "counts of probes stay far below 2^53")]
fn check(k: u64, n: u64, level: f64) -> Result<(f64, f64), StatsError> {
    if n == 0 {
        return Err(StatsError::TooFew { n: 0, needed: 1 });
    }
    if k > n {
        return Err(StatsError::invalid("k must not be above n"));
    }
    if !(level > 0.0 && level < 1.0) {
        return Err(StatsError::invalid("the level lies between 0 and 1"));
    }
    Ok((k as f64, n as f64))
}

/// Wilson's interval of k hits in n.
///
/// # Errors
/// See [`StatsError`].
pub fn wilson(k: u64, n: u64, level: f64) -> Result<BinomialInterval, StatsError> {
    let (k, n) = check(k, n, level)?;
    Ok(wilson_effective(k / n, n, level))
}

/// Wilson's interval of a share measured on what `n` independent values would be worth.
#[must_use]
pub fn wilson_effective(share: f64, n: f64, level: f64) -> BinomialInterval {
    let z = normal_quantile(f64::midpoint(1.0, level));
    let (z2, spread) = (z * z, 1.0 + z * z / n);
    let middle = (share + z2 / (2.0 * n)) / spread;
    let half = z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt() / spread;
    // Rounding must not take the ends off 0 and 1, where they belong.
    let low = if share <= 0.0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if share >= 1.0 { 1.0 } else { (middle + half).min(1.0) };
    BinomialInterval { low, high }
}

/// Clopper and Pearson's interval of k hits in n.
///
/// # Errors
/// See [`StatsError`].
pub fn clopper_pearson(k: u64, n: u64, level: f64) -> Result<BinomialInterval, StatsError> {
    let (k, n) = check(k, n, level)?;
    let tail = (1.0 - level) / 2.0;
    let low = if k == 0.0 { 0.0 } else { beta_quantile(k, n - k + 1.0, tail) };
    let high = if k >= n { 1.0 } else { 1.0 - beta_quantile(n - k, k + 1.0, tail) };
    Ok(BinomialInterval { low, high })
}

/// The quantile of a beta distribution by halving on its exact distribution function.
fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if beta_reg(a, b, middle) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}
