//! Power and sample size of the two-sample t test, by the noncentral t distribution.

use statrs::function::gamma::ln_gamma;

use crate::stats::StatsError;
use crate::stats::student::{normal_tails, t_quantile};

/// Sizes above are not looked for: such an effect is below every threshold that matters.
const SIZE_MAX: f64 = 1e12;

fn check(d: f64, alpha: f64, ratio: f64) -> Result<(), StatsError> {
    if ![d, alpha, ratio].iter().all(|value| value.is_finite()) {
        return Err(StatsError::NonFinite);
    }
    if alpha <= 0.0 || alpha >= 1.0 {
        return Err(StatsError::invalid("alpha lies between 0 and 1"));
    }
    if ratio <= 0.0 {
        return Err(StatsError::invalid("ratio (n2 / n1) must be above 0"));
    }
    Ok(())
}

/// Probability that a two-sided test at `alpha` finds an effect of `d` standard deviations with `n1` and `ratio` · `n1`
/// values.
///
/// # Errors
/// See [`StatsError`]; there must be more than two values in all.
pub fn power_two_sample(d: f64, alpha: f64, n1: f64, ratio: f64) -> Result<f64, StatsError> {
    check(d, alpha, ratio)?;
    let n2 = n1 * ratio;
    let df = n1 + n2 - 2.0;
    if !n1.is_finite() {
        return Err(StatsError::NonFinite);
    }
    if n1 <= 0.0 || df <= 0.0 {
        return Err(StatsError::TooFew { n: 0, needed: 2 });
    }
    let shift = d * (n1 * n2 / (n1 + n2)).sqrt();
    let critical = t_quantile(1.0 - alpha / 2.0, df)?;
    let power = noncentral_above(critical, df, shift) + noncentral_above(critical, df, -shift);
    if power.is_finite() { Ok(power.clamp(0.0, 1.0)) } else { Err(StatsError::NonFinite) }
}

/// Values of the first sample (not rounded) that such a test needs for `power`.
///
/// # Errors
/// See [`StatsError`]; an effect of 0 is never found.
pub fn size_two_sample(d: f64, alpha: f64, power: f64, ratio: f64) -> Result<f64, StatsError> {
    check(d, alpha, ratio)?;
    if d == 0.0 {
        return Err(StatsError::invalid("d must not be 0: no size finds an effect of nothing"));
    }
    if !(power > alpha && power < 1.0) {
        return Err(StatsError::invalid("power lies between alpha and 1"));
    }
    let (mut low, mut high) = (2.0 / (1.0 + ratio) * (1.0 + 1e-9), 4.0);
    while power_two_sample(d, alpha, high, ratio)? < power {
        low = high;
        high *= 2.0;
        if high > SIZE_MAX {
            return Err(StatsError::invalid("the effect is too small to be found with any number of values"));
        }
    }
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if power_two_sample(d, alpha, middle, ratio)? < power {
            low = middle
        } else {
            high = middle
        }
        if (high - low) <= 1e-12 * high {
            break;
        }
    }
    Ok(f64::midpoint(low, high))
}

/// P(T > t) of a noncentral t: the normal tail at s·t − shift, averaged over the distribution of s = √(χ²/df).
fn noncentral_above(t: f64, df: f64, shift: f64) -> f64 {
    // ln of the density of s, without what depends on s.
    let constant = std::f64::consts::LN_2 + df / 2.0 * (df / 2.0).ln() - ln_gamma(df / 2.0);
    let density = |s: f64| (constant + (df - 1.0) * s.ln() - df * s * s / 2.0).exp();
    let width = (1.0 / (2.0 * df)).sqrt();
    let (low, high) = ((1.0 - 12.0 * width).max(0.0), 1.0 + 12.0 * width.max(0.1));
    // Simpson's rule; the integrand is smooth and vanishes at both ends.
    let steps = 2_000_u32;
    let step = (high - low) / f64::from(steps);
    let value = |i: u32| {
        let s = low + step * f64::from(i);
        if s <= 0.0 { 0.0 } else { density(s) * normal_tails(s * t - shift).1 }
    };
    let inner: f64 = (1..steps).map(|i| value(i) * if i % 2 == 1 { 4.0 } else { 2.0 }).sum();
    (value(0) + inner + value(steps)) * step / 3.0
}
