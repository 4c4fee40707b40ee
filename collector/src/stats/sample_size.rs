//! How long must be measured to see an effect?
//!
//! A series' own past says how much the mean of a window varies: the engine's error of halves of it. The error falls with
//! the root of the time, so the window for an effect follows.

use super::student::t_quantile;
use super::verdict::{Points, findings};
use super::{StatsError, float};

/// Steps of the search for a window; each makes it longer by a tenth.
const STEPS_MAX: usize = 400;

/// What it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Length of each of the two windows, before and after.
    pub window_s: f64,
    /// Standard deviation of the past.
    pub sd: f64,
    /// Autocorrelation of the past's blocks.
    pub r: f64,
    /// What both windows would be worth, in independent values each.
    pub k_eff: f64,
    /// The effect that is to be seen, in the series' unit.
    pub effect: f64,
}

/// The window in which an effect of `effect` is found with probability `power` at the level `alpha`, two-sided.
///
/// # Errors
/// See [`StatsError`]; the past has to have two windows whose blocks are worth something.
pub fn sample_size(past: &Points, effect: f64, alpha: f64, power: f64) -> Result<Plan, StatsError> {
    if !effect.is_finite() {
        return Err(StatsError::NonFinite);
    }
    if effect == 0.0 {
        return Err(StatsError::invalid("no time is long enough to see an effect of 0"));
    }
    if !(alpha > 0.0 && alpha < 1.0 && power > alpha && power < 1.0) {
        return Err(StatsError::invalid("alpha and power lie between 0 and 1, power above alpha"));
    }
    let too_few = StatsError::TooFew { n: past.len(), needed: 48 };
    let (from, to) = past.span().ok_or(too_few)?;
    let middle = i64::midpoint(from, to);
    // No cycle: only how much windows of this length vary is asked.
    let found = findings(&past.between(from, middle), &past.between(middle, to), Some(false));
    let estimate = found.mean.filter(|mean| mean.k_eff > 2.0).ok_or(too_few)?;
    if estimate.error <= 0.0 {
        return Err(StatsError::ZeroVariance);
    }
    let enough = |factor: f64| {
        let k_eff = estimate.k_eff * factor;
        let df = (estimate.df * factor).max(1.0);
        let (reject, find) = (t_quantile(1.0 - alpha / 2.0, df), t_quantile(power, df));
        let (Ok(reject), Ok(find)) = (reject, find) else { return false };
        k_eff >= found.gate && (reject + find) * estimate.error / factor.sqrt() <= effect.abs()
    };
    let mut factor = 1e-3;
    let mut steps = 0;
    while !enough(factor) {
        factor *= 1.1;
        steps += 1;
        if steps > STEPS_MAX {
            return Err(StatsError::invalid("the effect is too small to be seen in any time"));
        }
    }
    let (mut low, mut high) = (factor / 1.1, factor);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if enough(middle) { high = middle } else { low = middle }
    }
    let sd = super::sums::Spread::of(past.values()).sd();
    let window_s = (found.window_s * high).ceil().max(float(1));
    Ok(Plan { window_s, sd, r: estimate.r, k_eff: estimate.k_eff * high, effect: effect.abs() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(at: i64) -> f64 {
        let mixed = (at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33) & 0xffff;
        f64::from(u16::try_from(mixed).unwrap()) / 32768.0 - 1.0
    }

    #[test]
    fn half_the_effect_takes_four_times_as_long() {
        let past = Points::new((0..4_000).map(|at| (at * 10_000, noise(at))));
        let plan = |effect| sample_size(&past, effect, 0.05, 0.8).unwrap().window_s;
        let ratio = plan(0.01) / plan(0.02);
        assert!((3.5..4.5).contains(&ratio), "{ratio}");
        // White noise of deviation 0.577: 2 · (2.8 · 0.577 / 0.02)² readings of 10 s, about.
        let by_hand = 2.0 * (2.8 * 0.577_f64 / 0.02).powi(2) * 10.0;
        assert!((plan(0.02) / by_hand - 1.0).abs() < 0.5, "{} {by_hand}", plan(0.02));
        assert!(sample_size(&past, 0.0, 0.05, 0.8).is_err());
        assert!(sample_size(&Points::default(), 1.0, 0.05, 0.8).is_err());
    }
}
