//! Shapiro and Wilk 1965 with Royston's 1995 weights and p (AS R94): does a sample come from a normal distribution?

use std::f64::consts::FRAC_PI_3;

use crate::stats::ranks::sorted;
use crate::stats::student::{normal_quantile, normal_tails};
use crate::stats::sums::Spread;
use crate::stats::{StatsError, check_one, float, rounding};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShapiroWilk {
    /// W, at most 1.
    pub statistic: f64,
    /// Probability of such a W, or a smaller one, when the sample comes from a normal distribution. Royston's formula was
    /// fitted up to 5 000 values.
    pub p: f64,
}

/// See the module.
///
/// # Errors
/// See [`StatsError`]; it takes 3 values, and they have to vary.
pub fn shapiro_wilk(x: &[f64]) -> Result<ShapiroWilk, StatsError> {
    check_one(x, 3)?;
    let spread = Spread::of(x);
    if spread.variance() <= rounding(x, &[]) {
        return Err(StatsError::ZeroVariance);
    }
    let ascending = sorted(x);
    let weights = weights(x.len());
    let pairs = ascending.iter().zip(ascending.iter().rev()).zip(&weights);
    let weighed: f64 = pairs.map(|((low, high), weight)| weight * (high - low)).sum();
    let statistic = (weighed * weighed / spread.squares).min(1.0);
    let p = probability(statistic, float(x.len()));
    if p.is_finite() { Ok(ShapiroWilk { statistic, p: p.clamp(0.0, 1.0) }) } else { Err(StatsError::NonFinite) }
}

fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The weights of the largest half.
fn weights(n: usize) -> Vec<f64> {
    let half = n / 2;
    if n == 3 {
        return vec![std::f64::consts::FRAC_1_SQRT_2];
    }
    let scores: Vec<f64> = (1..=half).map(|i| -normal_quantile((float(i) - 0.375) / (float(n) + 0.25))).collect();
    let squares = 2.0 * scores.iter().map(|score| score * score).sum::<f64>();
    let small = 1.0 / float(n).sqrt();
    let first = polynomial(&[0.0, 0.221_157, -0.147_981, -2.071_190, 4.434_685, -2.706_056], small)
        + scores[0] / squares.sqrt();
    let (fitted, factor) = if n > 5 {
        let second = polynomial(&[0.0, 0.042_981, -0.293_762, -1.752_461, 5.682_633, -3.582_633], small)
            + scores[1] / squares.sqrt();
        let left = squares - 2.0 * scores[0] * scores[0] - 2.0 * scores[1] * scores[1];
        (vec![first, second], (left / (1.0 - 2.0 * first * first - 2.0 * second * second)).sqrt())
    } else {
        let left = squares - 2.0 * scores[0] * scores[0];
        (vec![first], (left / (1.0 - 2.0 * first * first)).sqrt())
    };
    let rest = scores.iter().skip(fitted.len()).map(|score| score / factor);
    fitted.iter().copied().chain(rest).collect()
}

fn probability(w: f64, n: f64) -> f64 {
    if n < 3.5 {
        // Three values: W ≥ ¾, and p has a closed form.
        return (6.0 / std::f64::consts::PI * (w.sqrt().min(1.0).asin() - FRAC_PI_3)).max(0.0);
    }
    let log = (1.0 - w).max(f64::MIN_POSITIVE).ln();
    let (y, mean, sd) = if n <= 11.0 {
        let limit = polynomial(&[-2.273, 0.459], n);
        if log >= limit {
            return 1e-99;
        }
        let mean = polynomial(&[0.544, -0.39978, 0.025_054, -6.714e-4], n);
        (-(limit - log).ln(), mean, polynomial(&[1.3822, -0.77857, 0.062_767, -0.002_032_2], n).exp())
    } else {
        let x = n.ln();
        let mean = polynomial(&[-1.5861, -0.31082, -0.083_751, 0.003_891_5], x);
        (log, mean, polynomial(&[-0.4803, -0.082_676, 0.003_030_2], x).exp())
    };
    normal_tails((y - mean) / sd).1
}
