//! Student 1908: is a mean µ, do two samples of equal variance have the same mean, is the mean of paired differences 0?
//!
//! t = (x̄ − µ) / (s/√n), or with the pooled variance of two samples. The values are taken to be independent and about
//! normal.

use crate::stats::student::{t_quantile, t_tails};
use crate::stats::sums::Spread;
use crate::stats::{Alternative, StatsError, check, check_one, float, rounding};

/// The result of a t test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TTest {
    /// t; its sign is that of mean(x) − mean(y), or − µ.
    pub statistic: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Probability of such a t, or one further out, when there is no difference.
    pub p: f64,
    /// 95 % interval of the difference (of one sample: of its mean), whatever the alternative.
    pub ci95: (f64, f64),
}

/// One sample against `mu`.
///
/// # Errors
/// See [`StatsError`]; it takes two values, and they have to vary.
pub fn t_one_sample(x: &[f64], mu: f64, alternative: Alternative) -> Result<TTest, StatsError> {
    check_one(x, 2)?;
    if !mu.is_finite() {
        return Err(StatsError::NonFinite);
    }
    let spread = Spread::of(x);
    if spread.variance() <= rounding(x, &[mu]) {
        return Err(StatsError::ZeroVariance);
    }
    // The difference is taken value by value: a mean near a large µ would lose its digits.
    let difference = crate::stats::sums::sum_of(x, |value| value - mu) / spread.n;
    let result = finish(difference, (spread.variance() / spread.n).sqrt(), spread.n - 1.0, alternative)?;
    // Of one sample the interval is that of its mean, as everybody prints it.
    Ok(TTest { ci95: (mu + result.ci95.0, mu + result.ci95.1), ..result })
}

/// Two independent samples of equal variance.
///
/// # Errors
/// See [`StatsError`]; one constant sample is fine, two are not.
pub fn t_two_sample(x: &[f64], y: &[f64], alternative: Alternative) -> Result<TTest, StatsError> {
    check(x, y, 2)?;
    let (a, b) = (Spread::of(x), Spread::of(y));
    let df = a.n + b.n - 2.0;
    let pooled = (a.squares + b.squares) / df;
    if pooled <= rounding(x, y) {
        return Err(StatsError::ZeroVariance);
    }
    finish(a.mean - b.mean, (pooled * (1.0 / a.n + 1.0 / b.n)).sqrt(), df, alternative)
}

/// Pairs: the differences x − y against 0.
///
/// # Errors
/// See [`StatsError`]; samples of different length are no pairs.
pub fn t_paired(x: &[f64], y: &[f64], alternative: Alternative) -> Result<TTest, StatsError> {
    let differences = differences(x, y)?;
    check_one(&differences, 2)?;
    let spread = Spread::of(&differences);
    if spread.variance() <= rounding(x, y) {
        return Err(StatsError::ZeroVariance);
    }
    let n = float(differences.len());
    finish(spread.mean, (spread.variance() / n).sqrt(), n - 1.0, alternative)
}

/// x − y of pairs.
pub(super) fn differences(x: &[f64], y: &[f64]) -> Result<Vec<f64>, StatsError> {
    if x.len() != y.len() {
        return Err(StatsError::invalid("x and y are pairs and must be equally long"));
    }
    if x.iter().chain(y).any(|value| !value.is_finite()) {
        return Err(StatsError::NonFinite);
    }
    Ok(x.iter().zip(y).map(|(x, y)| x - y).collect())
}

/// From a difference and its standard error.
pub(super) fn finish(difference: f64, error: f64, df: f64, alternative: Alternative) -> Result<TTest, StatsError> {
    let statistic = difference / error;
    if !statistic.is_finite() {
        return Err(StatsError::NonFinite);
    }
    let (below, above) = t_tails(statistic, df)?;
    let half = t_quantile(0.975, df)? * error;
    let result = TTest { statistic, df, p: alternative.p(below, above), ci95: (difference - half, difference + half) };
    if [result.p, half, difference].iter().all(|value| value.is_finite()) {
        Ok(result)
    } else {
        Err(StatsError::NonFinite)
    }
}
