//! Anderson and Darling 1954: does a sample come from a distribution? A² weighs the tails most.
//!
//! Against a normal with estimated mean and deviation p is D'Agostino and Stephens' 1986 (table 4.9); against a specified
//! distribution it is Marsaglia and Marsaglia's 2004 formula with its correction for n.

use super::distribution::Specified;
use crate::stats::ranks::sorted;
use crate::stats::student::normal_tails;
use crate::stats::sums::Spread;
use crate::stats::{StatsError, check_one, float, rounding};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AndersonDarling {
    /// A², without correction for n.
    pub statistic: f64,
    /// Probability of such an A², or a larger one, when the sample comes from the distribution.
    pub p: f64,
}

/// Against a normal distribution with the sample's own mean and deviation.
///
/// # Errors
/// See [`StatsError`]; it takes 8 values (the formula for p is not made for fewer), and they have to vary.
pub fn anderson_darling_normal(x: &[f64]) -> Result<AndersonDarling, StatsError> {
    check_one(x, 8)?;
    let spread = Spread::of(x);
    if spread.variance() <= rounding(x, &[]) {
        return Err(StatsError::ZeroVariance);
    }
    let sd = spread.sd();
    let statistic = a_squared(&sorted(x), |value| normal_tails((value - spread.mean) / sd));
    let n = spread.n;
    let a = statistic * (1.0 + 0.75 / n + 2.25 / (n * n));
    let p = if a < 0.2 {
        1.0 - (-13.436 + 101.14 * a - 223.73 * a * a).exp()
    } else if a < 0.34 {
        1.0 - (-8.318 + 42.796 * a - 59.938 * a * a).exp()
    } else if a < 0.6 {
        (0.9177 - 4.279 * a - 1.38 * a * a).exp()
    } else {
        // The parabola was fitted up to 13; past that p is below every number that matters.
        let a = a.min(13.0);
        (1.2937 - 5.709 * a + 0.0186 * a * a).exp()
    };
    finish(statistic, p)
}

/// Against a distribution that was specified before the sample was seen.
///
/// # Errors
/// See [`StatsError`]; a value outside of the distribution's range is an error, because A² is infinite there.
pub fn anderson_darling(x: &[f64], distribution: Specified) -> Result<AndersonDarling, StatsError> {
    distribution.check()?;
    check_one(x, 1)?;
    let statistic = a_squared(&sorted(x), |value| distribution.tails(value));
    if !statistic.is_finite() {
        return Err(StatsError::invalid("a value lies outside of the distribution's range"));
    }
    finish(statistic, (1.0 - at_most(statistic, float(x.len()))).clamp(0.0, 1.0))
}

fn finish(statistic: f64, p: f64) -> Result<AndersonDarling, StatsError> {
    let finite = statistic.is_finite() && p.is_finite();
    if finite { Ok(AndersonDarling { statistic, p: p.clamp(0.0, 1.0) }) } else { Err(StatsError::NonFinite) }
}

/// A² = −n − Σ (2i − 1)/n (ln F(xᵢ) + ln(1 − F(xₙ₊₁₋ᵢ))).
fn a_squared(sorted: &[f64], tails: impl Fn(f64) -> (f64, f64)) -> f64 {
    let n = float(sorted.len());
    let last = sorted.len() - 1;
    // Both logarithms of a value are taken at once; they stand in two different terms of the sum.
    let terms: f64 = sorted
        .iter()
        .enumerate()
        .map(|(i, value)| {
            let (below, above) = tails(*value);
            // The normal's tail leaves the range of floats near 38 deviations: the smallest number is large enough.
            let (below, above) = (ln(below), ln(above));
            (2.0 * float(i) + 1.0) * below + (2.0 * float(last - i) + 1.0) * above
        })
        .sum();
    -n - terms / n
}

fn ln(probability: f64) -> f64 {
    probability.ln()
}

/// P(A² ≤ z) for n values: the limit and its correction.
fn at_most(z: f64, n: f64) -> f64 {
    let limit = limit(z);
    (limit + correction(n, limit)).clamp(0.0, 1.0)
}

fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

fn limit(z: f64) -> f64 {
    if z <= 0.0 {
        0.0
    } else if z < 2.0 {
        let inner = polynomial(&[2.00012, 0.247_105, -0.064_982_1, 0.034_796_2, -0.011_672_0, 0.001_686_91], z);
        (-1.233_714_1 / z).exp() / z.sqrt() * inner
    } else {
        let inner = polynomial(&[1.0776, -2.30695, 0.43424, -0.082_433, 0.008_056, -0.000_314_6], z);
        (-inner.exp()).exp()
    }
}

fn correction(n: f64, x: f64) -> f64 {
    let crossing = 0.01265 + 0.1757 / n;
    if x > 0.8 {
        polynomial(&[-130.2137, 745.2337, -1705.091, 1950.646, -1116.360, 255.7844], x) / n
    } else if x < crossing {
        let t = x / crossing;
        let g = t.sqrt() * (1.0 - t) * (49.0 * t - 102.0);
        g * (0.0037 / (n * n) + 0.00078 / n + 0.00006) / n
    } else {
        let t = (x - crossing) / (0.8 - crossing);
        let g = polynomial(&[-0.000_226_33, 6.54034, -14.6538, 14.458, -8.259, 1.91864], t);
        g * (0.04213 + 0.01365 / n) / n
    }
}
