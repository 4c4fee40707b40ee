//! Against a target: a mean by the one-sample form, a share of probes by Wilson's interval with what the probes are worth,
//! availability by resampling whole days, or by the number of incidents where there are few.

use super::blocks::{BLOCKS, means};
use super::engine;
use super::{Answer, Points};
use crate::stats::StatsError;
use crate::stats::float;
use crate::stats::textbook::{BinomialInterval, clopper_pearson, wilson_effective};

/// A window's mean less its target.
///
/// # Errors
/// When the window's blocks are worth fewer than 5 independent ones.
pub fn mean_against(points: &Points, target: f64) -> Result<Answer, StatsError> {
    let (from, to) = points.span().ok_or(StatsError::TooFew { n: 0, needed: BLOCKS })?;
    let step = points.step_ms().ok_or(StatsError::TooFew { n: points.len(), needed: BLOCKS })?;
    let off: Vec<Option<f64>> =
        means(points, from, to, BLOCKS, step).into_iter().map(|block| Some(block? - target)).collect();
    let estimate = engine::one_sample(&off, 0.0).filter(|estimate| estimate.k_eff >= 5.0);
    let estimate = estimate.ok_or(StatsError::TooFew { n: points.len(), needed: BLOCKS })?;
    let (difference, half) = (estimate.difference, estimate.half());
    Ok(Answer { estimate: difference, ci: (difference - half, difference + half), p: estimate.p() })
}

/// The interval of a share of good probes, given in time order. Probes in a row that say the same are worth fewer.
///
/// # Errors
/// Without probes.
pub fn share(good: &[bool], level: f64) -> Result<BinomialInterval, StatsError> {
    let n = good.len();
    let hits = good.iter().filter(|good| **good).count();
    if hits == 0 || hits == n {
        // Nothing varies, so nothing says what they are worth.
        return clopper_pearson(hits as u64, n as u64, level);
    }
    let values: Vec<Option<f64>> = good.iter().map(|good| Some(if *good { 1.0 } else { 0.0 })).collect();
    let r = engine::autocorrelation(&[&values]);
    let worth = float(n) * (1.0 - r) / (1.0 + r);
    Ok(wilson_effective(float(hits) / float(n), worth.max(1.0), level))
}

/// Incidents below this count are taken one by one.
const FEW_INCIDENTS: usize = 20;
/// Resamples.
const RESAMPLES: u64 = 2_000;

/// The interval of a period's availability.
///
/// `days`: seconds down and seconds known of each day. `incidents_s`: how long each incident was.
///
/// With fewer than 20 incidents: their exact Poisson interval (Garwood 1936) times their mean length. Else whole days are
/// drawn again and again, with a seed.
///
/// # Errors
/// When no time is known.
pub fn availability(
    days: &[(f64, f64)],
    incidents_s: &[f64],
    level: f64,
    seed: u64,
) -> Result<BinomialInterval, StatsError> {
    let known: f64 = days.iter().map(|(_, known)| known).sum();
    if days.iter().any(|(down, known)| !down.is_finite() || !known.is_finite() || *down < 0.0 || down > known) {
        return Err(StatsError::invalid("a day's time down lies between 0 and the time that is known"));
    }
    if known <= 0.0 {
        return Err(StatsError::TooFew { n: 0, needed: 1 });
    }
    if incidents_s.len() < FEW_INCIDENTS || days.len() < 2 {
        let (few, many) = poisson(incidents_s.len(), level);
        let mean =
            if incidents_s.is_empty() { 0.0 } else { incidents_s.iter().sum::<f64>() / float(incidents_s.len()) };
        let up = |count: f64| (1.0 - count * mean / known).clamp(0.0, 1.0);
        return Ok(BinomialInterval { low: up(many), high: up(few) });
    }
    let mut state = seed;
    let mut resampled: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let (mut down, mut all) = (0.0, 0.0);
            for _ in 0..days.len() {
                let (d, k) = days[pick(&mut state, days.len())];
                down += d;
                all += k;
            }
            if all > 0.0 { 1.0 - down / all } else { 1.0 }
        })
        .collect();
    let tail = (1.0 - level) / 2.0;
    let low = crate::stats::quantile(&mut resampled, tail).unwrap_or(0.0);
    let high = crate::stats::quantile(&mut resampled, 1.0 - tail).unwrap_or(1.0);
    Ok(BinomialInterval { low, high })
}

/// `SplitMix64` (Steele, Lea and Flood 2014).
fn pick(state: &mut u64, n: usize) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let wide = u128::from(z ^ (z >> 31)) * n as u128;
    usize::try_from(wide >> 64).unwrap_or(0)
}

/// Exact limits of a Poisson mean of which `count` were seen.
fn poisson(count: usize, level: f64) -> (f64, f64) {
    use statrs::function::gamma::gamma_lr;
    let tail = (1.0 - level) / 2.0;
    let find = |shape: f64, p: f64| {
        let (mut low, mut high) = (0.0_f64, shape + 10.0 * shape.sqrt() + 50.0);
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if gamma_lr(shape, middle) < p { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    };
    let n = float(count);
    (if count == 0 { 0.0 } else { find(n, tail) }, find(n + 1.0, 1.0 - tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_incident_still_has_an_interval() {
        let interval = availability(&[(0.0, 86_400.0); 30], &[], 0.95, 1).unwrap();
        assert_eq!((interval.low, interval.high), (1.0, 1.0));
        let one = availability(&[(600.0, 86_400.0); 1], &[600.0], 0.95, 1).unwrap();
        // Garwood's limits of one are 0.0253 and 5.572.
        assert!((one.low - (1.0 - 5.5716 * 600.0 / 86_400.0)).abs() < 1e-4, "{one:?}");
        assert!((one.high - (1.0 - 0.025_318 * 600.0 / 86_400.0)).abs() < 1e-6, "{one:?}");
        assert!(availability(&[], &[], 0.95, 1).is_err());
    }

    #[test]
    fn probes_in_a_row_are_worth_less() {
        let alternating: Vec<bool> = (0..100).map(|at| at % 4 != 0).collect();
        let in_a_row: Vec<bool> = (0..100).map(|at| at >= 25).collect();
        let (a, b) = (share(&alternating, 0.95).unwrap(), share(&in_a_row, 0.95).unwrap());
        assert!(a.low < 0.75 && a.high > 0.75 && b.high - b.low > 2.0 * (a.high - a.low));
        assert!(share(&[true; 10], 0.95).unwrap().low > 0.69);
        assert!(share(&[], 0.95).is_err());
    }

    #[test]
    fn a_mean_off_its_target_shows() {
        let points = |mean: f64| {
            Points::new((0_i64..720).map(|at| {
                (
                    at * 10_000,
                    mean + if at % 2 == 0 { 1.0 } else { -1.0 }
                        + f64::from(u32::try_from(at * 7919 % 13).unwrap()) / 13.0,
                )
            }))
        };
        assert!(mean_against(&points(5.0), 5.46).unwrap().p > 0.05);
        assert!(mean_against(&points(5.0), 6.0).unwrap().p < 0.001);
        assert!(mean_against(&Points::default(), 1.0).is_err());
    }
}
