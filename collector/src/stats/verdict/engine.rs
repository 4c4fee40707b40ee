//! The engine: a difference of block means with an error that allows for how much the blocks depend on each other.
//!
//! r is the pooled autocorrelation at lag 1 with a correction for its bias (after Marriott and Pope 1954), f = (1 + r)/(1 − r)
//! the inflation of the variance of a mean of an AR(1) series, `k_eff` = k/f the blocks' worth; the variance is corrected
//! for what the mean took of it, degrees of freedom after Welch and Satterthwaite with `k_eff` − 1.

use statrs::function::gamma::ln_gamma;

use crate::stats::float;
use crate::stats::student::{t_quantile, t_tails};

/// Above this nothing can be told.
const R_MAX: f64 = 0.95;
/// Power for which the minimum detectable effect is stated.
const POWER: f64 = 0.8;

/// A difference and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// After − before.
    pub difference: f64,
    /// Its standard error; 0 when nothing varies.
    pub error: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// What the blocks of the window with fewer are worth.
    pub k_eff: f64,
    /// Corrected autocorrelation at lag 1.
    pub r: f64,
}

impl Estimate {
    /// Two-sided p; 1 or 0 when nothing varies.
    #[must_use]
    pub fn p(&self) -> f64 {
        if self.error <= 0.0 {
            return if self.difference == 0.0 { 1.0 } else { 0.0 };
        }
        t_tails((self.difference / self.error).abs(), self.df).map_or(1.0, |(_, above)| (2.0 * above).min(1.0))
    }

    /// Half of the 95 % interval.
    #[must_use]
    pub fn half(&self) -> f64 {
        t_quantile(0.975, self.df).map_or(f64::INFINITY, |t| t * self.error)
    }

    /// The least effect that would be found with a probability of 0.8.
    #[must_use]
    pub fn detectable(&self) -> f64 {
        self.half() + t_quantile(POWER, self.df).map_or(f64::INFINITY, |t| t * self.error)
    }
}

impl Estimate {
    /// With an error large enough that p is not below that of the most extreme order of as many independent values: two
    /// windows that do not overlap at all say no more than that, though their placements do not vary.
    pub(super) fn with_least_error(self) -> Self {
        let k = self.k_eff.max(1.0);
        let log_orders = ln_gamma(2.0 * k + 1.0) - 2.0 * ln_gamma(k + 1.0);
        let p_least = (2.0 * (-log_orders).exp()).min(1.0);
        let reach = t_quantile(1.0 - p_least / 2.0, self.df).unwrap_or(0.0);
        let least = if reach > 0.0 { self.difference.abs() / reach } else { 0.0 };
        Self { error: self.error.max(least), ..self }
    }
}

/// Sums of products and squares of a window's demeaned blocks.
struct Demeaned {
    n: f64,
    mean: f64,
    squares: f64,
    products: f64,
    pairs: f64,
}

fn demean(blocks: &[Option<f64>]) -> Demeaned {
    let present: Vec<f64> = blocks.iter().copied().flatten().collect();
    let n = float(present.len());
    let mean = if present.is_empty() { 0.0 } else { present.iter().sum::<f64>() / n };
    let squares = present.iter().map(|value| (value - mean).powi(2)).sum();
    let (mut products, mut pairs) = (0.0, 0.0);
    for pair in blocks.windows(2) {
        if let [Some(a), Some(b)] = pair {
            products += (a - mean) * (b - mean);
            pairs += 1.0;
        }
    }
    // A missing block takes two pairs with it; the coefficient is that of a whole window.
    let products = if pairs > 0.0 { products / pairs * (n - 1.0) } else { 0.0 };
    Demeaned { n, mean, squares, products, pairs }
}

/// Autocorrelation at lag 1 of the blocks of several windows, corrected for its bias and kept in 0 … 0.95.
pub(super) fn autocorrelation(windows: &[&[Option<f64>]]) -> f64 {
    let sums: Vec<Demeaned> = windows.iter().map(|blocks| demean(blocks)).collect();
    let squares: f64 = sums.iter().map(|window| window.squares).sum();
    let pairs: f64 = sums.iter().map(|window| window.pairs).sum();
    if squares <= 0.0 || pairs <= 0.0 {
        return 0.0;
    }
    let r = sums.iter().map(|window| window.products).sum::<f64>() / squares;
    let n = sums.iter().map(|window| window.n).sum::<f64>() / float(sums.len());
    (r + (1.0 + 4.0 * r) / n).clamp(0.0, R_MAX)
}

/// Variance of a window's mean.
fn variance_of_mean(window: &Demeaned, f: f64) -> Option<f64> {
    let k_eff = window.n / f;
    // With one independent block or less there is no spread to see.
    (window.n >= 2.0 && k_eff > 1.0).then(|| window.squares / window.n * f / window.n * k_eff / (k_eff - 1.0))
}

/// Two windows. `r_least`: another form's autocorrelation that this one must not undercut.
pub(super) fn two_sample(before: &[Option<f64>], after: &[Option<f64>], r_least: f64) -> Option<Estimate> {
    let r = autocorrelation(&[before, after]).max(r_least);
    let f = (1.0 + r) / (1.0 - r);
    let (a, b) = (demean(before), demean(after));
    let (var_a, var_b) = (variance_of_mean(&a, f)?, variance_of_mean(&b, f)?);
    let total = var_a + var_b;
    let (df_a, df_b) = (a.n / f - 1.0, b.n / f - 1.0);
    let df = if total > 0.0 { total * total / (var_a * var_a / df_a + var_b * var_b / df_b) } else { df_a + df_b };
    Some(Estimate { difference: b.mean - a.mean, error: total.sqrt(), df, k_eff: a.n.min(b.n) / f, r })
}

/// Two windows, for those who have blocks already.
pub(in crate::stats) fn plain(before: &[Option<f64>], after: &[Option<f64>]) -> Option<Estimate> {
    two_sample(before, after, 0.0)
}

/// Differences against 0.
pub(super) fn one_sample(differences: &[Option<f64>], r_least: f64) -> Option<Estimate> {
    let r = autocorrelation(&[differences]).max(r_least);
    let f = (1.0 + r) / (1.0 - r);
    let window = demean(differences);
    let variance = variance_of_mean(&window, f)?;
    let k_eff = window.n / f;
    Some(Estimate { difference: window.mean, error: variance.sqrt(), df: k_eff - 1.0, k_eff, r })
}

/// One day against earlier ones at the same time of day: what days differ by is measured on the earlier ones, so nothing is
/// assumed of how the readings of a day depend on each other (the prediction interval of a normal sample). One degree of
/// freedom is given up because neighbouring days are a little alike: a window across midnight shares a day with the next.
pub(super) fn day_against(before: &[Option<f64>], after: &[Option<f64>]) -> Option<Estimate> {
    let (a, b) = (demean(before), demean(after));
    if a.n < 3.0 || b.n < 1.0 {
        return None;
    }
    let error = (a.squares / (a.n - 1.0) * (1.0 / a.n + 1.0)).sqrt();
    Some(Estimate { difference: b.mean - a.mean, error, df: a.n - 2.0, k_eff: a.n, r: 0.0 })
}

/// Days: taken to be independent.
pub(super) fn days(before: &[Option<f64>], after: &[Option<f64>]) -> Option<Estimate> {
    let (a, b) = (demean(before), demean(after));
    if a.n < 2.0 || b.n < 2.0 {
        return None;
    }
    // The pooled variance: with three days a side Welch's degrees of freedom would be too few to see anything.
    let df = a.n + b.n - 2.0;
    let error = ((a.squares + b.squares) / df * (1.0 / a.n + 1.0 / b.n)).sqrt();
    Some(Estimate { difference: b.mean - a.mean, error, df, k_eff: a.n.min(b.n), r: 0.0 })
}
