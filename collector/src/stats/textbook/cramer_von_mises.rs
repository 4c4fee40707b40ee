//! Cramér 1928 and von Mises 1931: does a sample come from a distribution, do two come from the same? W² is the mean
//! squared distance of the distribution functions.
//!
//! Against a normal with estimated mean and deviation p is Stephens' 1986; against a specified distribution Csörgő and
//! Faraway's 1996 series with its first correction for n; of two samples exact by Xiao, Gordon and Yakovlev's 2006
//! recursion or asymptotic as in Anderson 1962.

mod bessel;
mod limit;
mod paths;

use super::Method;
use super::distribution::Specified;
use crate::stats::ranks::{mid_ranks, order, sorted};
use crate::stats::student::normal_tails;
use crate::stats::sums::Spread;
use crate::stats::{StatsError, check, check_one, float, rounding};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CramerVonMises {
    /// W², or T of two samples.
    pub statistic: f64,
    /// Probability of such a statistic, or a larger one, when the distributions are the same.
    pub p: f64,
    /// How p was found.
    pub method: Method,
}

fn finish(statistic: f64, p: f64, method: Method) -> Result<CramerVonMises, StatsError> {
    let finite = statistic.is_finite() && p.is_finite();
    if finite { Ok(CramerVonMises { statistic, p: p.clamp(0.0, 1.0), method }) } else { Err(StatsError::NonFinite) }
}

fn w_squared(sorted: &[f64], below: impl Fn(f64) -> f64) -> f64 {
    let n = float(sorted.len());
    let distance = |(at, value): (usize, &f64)| (below(*value) - (2.0 * float(at) + 1.0) / (2.0 * n)).powi(2);
    1.0 / (12.0 * n) + sorted.iter().enumerate().map(distance).sum::<f64>()
}

/// Against a normal distribution with the sample's own mean and deviation.
///
/// # Errors
/// See [`StatsError`]; it takes 8 values (the formula for p is not made for fewer), and they have to vary.
pub fn cramer_von_mises_normal(x: &[f64]) -> Result<CramerVonMises, StatsError> {
    check_one(x, 8)?;
    let spread = Spread::of(x);
    if spread.variance() <= rounding(x, &[]) {
        return Err(StatsError::ZeroVariance);
    }
    let sd = spread.sd();
    let statistic = w_squared(&sorted(x), |value| normal_tails((value - spread.mean) / sd).0);
    let w = statistic * (1.0 + 0.5 / spread.n);
    let p = if w < 0.0275 {
        1.0 - (-13.953 + 775.5 * w - 12542.61 * w * w).exp()
    } else if w < 0.051 {
        1.0 - (-5.903 + 179.546 * w - 1515.29 * w * w).exp()
    } else if w < 0.092 {
        (0.886 - 31.62 * w + 10.897 * w * w).exp()
    } else if w < 1.1 {
        (1.111 - 34.242 * w + 12.832 * w * w).exp()
    } else {
        // What the last formula gives where it ends; beyond it would grow again.
        7.37e-10
    };
    finish(statistic, p, Method::Asymptotic)
}

/// Against a distribution that was specified before the sample was seen.
///
/// # Errors
/// See [`StatsError`]; it takes two values.
pub fn cramer_von_mises(x: &[f64], distribution: Specified) -> Result<CramerVonMises, StatsError> {
    distribution.check()?;
    check_one(x, 2)?;
    let statistic = w_squared(&sorted(x), |value| distribution.tails(value).0);
    let n = float(x.len());
    let p = if statistic >= n / 3.0 {
        0.0
    } else if statistic <= 1.0 / (12.0 * n) {
        1.0
    } else {
        1.0 - limit::at_most_of(statistic, n)
    };
    finish(statistic, p, Method::Asymptotic)
}

/// Pairs up to which p of two samples is exact unless a method is asked for.
const EXACT_PAIRS_MAX: usize = 400;

/// Two samples.
///
/// # Errors
/// See [`StatsError`]; each sample needs two values.
pub fn cramer_von_mises_two_sample(x: &[f64], y: &[f64], method: Option<Method>) -> Result<CramerVonMises, StatsError> {
    check(x, y, 2)?;
    let all: Vec<f64> = x.iter().chain(y).copied().collect();
    let (ranks, _) = mid_ranks(&all);
    let (m, n) = (float(x.len()), float(y.len()));
    let u = m * squared_shifts(x, &ranks[..x.len()]) + n * squared_shifts(y, &ranks[x.len()..]);
    let (pairs, total) = (m * n, m + n);
    let statistic = u / (pairs * total) - (4.0 * pairs - 1.0) / (6.0 * total);
    let default = if x.len().saturating_mul(y.len()) <= EXACT_PAIRS_MAX { Method::Exact } else { Method::Asymptotic };
    match method.unwrap_or(default) {
        Method::Exact => finish(statistic, paths::at_least(x.len(), y.len(), u)?, Method::Exact),
        Method::Asymptotic => {
            let mean = (1.0 + 1.0 / total) / 6.0;
            let variance = (total + 1.0) * (4.0 * pairs * total - 3.0 * (m * m + n * n) - 2.0 * pairs)
                / (45.0 * total * total * 4.0 * pairs);
            let normed = 1.0 / 6.0 + (statistic - mean) / (45.0 * variance).sqrt();
            // Below this the limit is less than the smallest digit of 1.
            let p = if normed < 0.003 { 1.0 } else { 1.0 - limit::at_most(normed) };
            finish(statistic, p, Method::Asymptotic)
        }
    }
}

/// Σ (rank among all − rank within the sample)², in ascending order.
fn squared_shifts(sample: &[f64], ranks: &[f64]) -> f64 {
    order(sample).into_iter().enumerate().map(|(at, place)| (ranks[place] - float(at + 1)).powi(2)).sum()
}
