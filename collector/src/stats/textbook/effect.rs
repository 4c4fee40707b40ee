//! How large a difference is, of y relative to x: Cohen's d, Hedges' g, Cliff's delta, the probability that a value of y
//! is larger, and Hodges and Lehmann's shift.

use statrs::function::gamma::ln_gamma;

use super::brown_forsythe::middle;
use crate::stats::ranks::{pool, sorted};
use crate::stats::sums::Spread;
use crate::stats::{StatsError, check, rounding};

/// Effect sizes of y relative to x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectSizes {
    /// (ȳ − x̄) / pooled standard deviation.
    pub cohen_d: f64,
    /// d without its bias in small samples (Hedges 1981, the exact factor).
    pub hedges_g: f64,
    /// P(y > x) − P(y < x), −1 … 1.
    pub cliffs_delta: f64,
    /// P(y > x) + P(y = x)/2 (common language effect size).
    pub prob_superiority: f64,
    /// The median of all differences y − x.
    pub hodges_lehmann: f64,
}

/// Pairs up to which all differences are looked at; above the median is found by halving.
const PAIRS_MAX: usize = 1 << 20;

/// See the module.
///
/// # Errors
/// See [`StatsError`]; one constant sample is fine, two are not.
pub fn effect_sizes(x: &[f64], y: &[f64]) -> Result<EffectSizes, StatsError> {
    check(x, y, 2)?;
    let (a, b) = (Spread::of(x), Spread::of(y));
    let df = a.n + b.n - 2.0;
    let pooled = (a.squares + b.squares) / df;
    if pooled <= rounding(x, y) {
        return Err(StatsError::ZeroVariance);
    }
    let cohen_d = (b.mean - a.mean) / pooled.sqrt();
    let factor = (ln_gamma(df / 2.0) - ln_gamma((df - 1.0) / 2.0)).exp() / (df / 2.0).sqrt();
    let (ascending_x, ascending_y) = (sorted(x), sorted(y));
    let prob_superiority = pool(&ascending_y, &ascending_x).u / (a.n * b.n);
    let result = EffectSizes {
        cohen_d,
        hedges_g: cohen_d * factor,
        cliffs_delta: 2.0 * prob_superiority - 1.0,
        prob_superiority,
        hodges_lehmann: shift(&ascending_x, &ascending_y),
    };
    let finite = [cohen_d, result.hedges_g, result.hodges_lehmann].iter().all(|value| value.is_finite());
    if finite { Ok(result) } else { Err(StatsError::NonFinite) }
}

/// The median of y − x over all pairs of two ascending samples.
pub fn shift(x: &[f64], y: &[f64]) -> f64 {
    if x.len().saturating_mul(y.len()) <= PAIRS_MAX {
        let all: Vec<f64> = y.iter().flat_map(|y| x.iter().map(move |x| y - x)).collect();
        return middle(&all);
    }
    let pairs = x.len() as u128 * y.len() as u128;
    let lower = by_halving(x, y, (pairs - 1) / 2);
    if pairs % 2 == 1 { lower } else { f64::midpoint(lower, by_halving(x, y, pairs / 2)) }
}

/// The difference with `rank` smaller or equal ones before it, to the last digit that halving can tell.
fn by_halving(x: &[f64], y: &[f64], rank: u128) -> f64 {
    let (mut low, mut high) = (y[0] - x[x.len() - 1], y[y.len() - 1] - x[0]);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if at_most(x, y, middle) > rank { high = middle } else { low = middle }
    }
    high
}

/// Pairs with y − x ≤ limit: as y grows, so does the first x that is near enough.
fn at_most(x: &[f64], y: &[f64], limit: f64) -> u128 {
    let mut first = 0;
    let mut count = 0;
    for y in y {
        while first < x.len() && y - x[first] > limit {
            first += 1;
        }
        count += (x.len() - first) as u128;
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::float;

    proptest! {
        #[test]
        fn halving_finds_the_median(
            x in prop::collection::vec(-1e3_f64..1e3, 1..20), y in prop::collection::vec(-1e3_f64..1e3, 1..20)
        ) {
            let (x, y) = (sorted(&x), sorted(&y));
            let mut all: Vec<f64> = y.iter().flat_map(|y| x.iter().map(move |x| y - x)).collect();
            all.sort_by(f64::total_cmp);
            let rank = all.len() / 2;
            prop_assert!((by_halving(&x, &y, rank as u128) - all[rank]).abs() < 1e-9);
        }

        #[test]
        fn swapping_turns_the_sign(
            x in prop::collection::vec(-1e3_f64..1e3, 2..20), y in prop::collection::vec(-1e3_f64..1e3, 2..20)
        ) {
            if let (Ok(a), Ok(b)) = (effect_sizes(&x, &y), effect_sizes(&y, &x)) {
                prop_assert!((a.cohen_d + b.cohen_d).abs() < 1e-9 * (1.0 + a.cohen_d.abs()));
                prop_assert!((a.cliffs_delta + b.cliffs_delta).abs() < 1e-9);
                prop_assert!((a.hodges_lehmann + b.hodges_lehmann).abs() < 1e-9);
                prop_assert!((float(x.len()) > 1.0) && (-1.0..=1.0).contains(&a.cliffs_delta));
            }
        }
    }
}
