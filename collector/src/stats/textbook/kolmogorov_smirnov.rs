//! Kolmogorov 1933 and Smirnov 1939: the largest distance between a sample's distribution and another one.
//!
//! One sample: p for that n (see `kolmogorov_distribution`). Two samples: exact p by counting lattice paths that reach
//! the distance (Hodges 1957), or asymptotic with the n₁n₂/(n₁ + n₂) that they are worth together; one-sided asymptotic
//! after Hodges. Ties make the exact p conservative.

mod distribution;

use super::Method;
use super::distribution::Specified;
use crate::stats::ranks::sorted;
use crate::stats::{Alternative, StatsError, check, check_one, float};

use distribution::{limit, one_sided, two_sided};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KolmogorovSmirnov {
    /// The distance, 0 … 1; one-sided the one that the alternative names.
    pub statistic: f64,
    /// Probability of such a distance, or a larger one, when both distributions are the same.
    pub p: f64,
    /// How p was found.
    pub method: Method,
}

/// Lattice points past which the exact p of two samples is refused: about 0.1 s.
const PATHS_MAX: usize = 50_000_000;
/// Lattice points up to which p is exact unless a method is asked for.
const PATHS_EXACT: usize = 1_000_000;

/// One sample against a specified distribution. `Greater`: the sample's distribution function lies above, so its values
/// are smaller. p is that of the sample's size; two-sided asymptotic that of the limit.
///
/// # Errors
/// See [`StatsError`].
pub fn ks_one_sample(
    x: &[f64],
    distribution: Specified,
    alternative: Alternative,
    method: Option<Method>,
) -> Result<KolmogorovSmirnov, StatsError> {
    distribution.check()?;
    check_one(x, 1)?;
    let n = float(x.len());
    let (mut above, mut below) = (0.0_f64, 0.0_f64);
    for (at, value) in sorted(x).into_iter().enumerate() {
        let expected = distribution.tails(value).0;
        above = above.max(float(at + 1) / n - expected);
        below = below.max(expected - float(at) / n);
    }
    let method = method.unwrap_or(Method::Exact);
    let (statistic, p) = match (alternative, method) {
        (Alternative::TwoSided, Method::Exact) => (above.max(below), two_sided(n, above.max(below))),
        (Alternative::TwoSided, Method::Asymptotic) => (above.max(below), limit(n.sqrt() * above.max(below))),
        (Alternative::Greater, _) => (above, one_sided(n, above)),
        (Alternative::Less, _) => (below, one_sided(n, below)),
    };
    finish(statistic, p, method)
}

/// Two samples. `Greater`: the distribution function of x lies above that of y, so x tends to be smaller.
///
/// # Errors
/// See [`StatsError`]; each sample needs a value.
pub fn ks_two_sample(
    x: &[f64],
    y: &[f64],
    alternative: Alternative,
    method: Option<Method>,
) -> Result<KolmogorovSmirnov, StatsError> {
    check(x, y, 1)?;
    let steps = distance(&sorted(x), &sorted(y), alternative);
    let (m, n) = (float(x.len()), float(y.len()));
    let statistic = steps / (m * n);
    let points = x.len().saturating_mul(y.len());
    let default = if points <= PATHS_EXACT { Method::Exact } else { Method::Asymptotic };
    match method.unwrap_or(default) {
        Method::Exact if points > PATHS_MAX => {
            Err(StatsError::invalid("these samples are too large for the exact method; use the asymptotic one"))
        }
        Method::Exact => finish(statistic, reaching(x.len(), y.len(), steps, alternative), Method::Exact),
        Method::Asymptotic => {
            let together = m * n / (m + n);
            let p = match alternative {
                Alternative::TwoSided => two_sided(together.round_ties_even(), statistic),
                Alternative::Less | Alternative::Greater => {
                    let z = together.sqrt() * statistic;
                    let (large, small) = (m.max(n), m.min(n));
                    (-2.0 * z * z - 2.0 * z * (large + 2.0 * small) / (m * n * (m + n)).sqrt() / 3.0).exp()
                }
            };
            finish(statistic, p, Method::Asymptotic)
        }
    }
}

fn finish(statistic: f64, p: f64, method: Method) -> Result<KolmogorovSmirnov, StatsError> {
    let finite = statistic.is_finite() && p.is_finite();
    if finite { Ok(KolmogorovSmirnov { statistic, p: p.clamp(0.0, 1.0), method }) } else { Err(StatsError::NonFinite) }
}

/// The largest distance, in steps of 1/(mn), so that it is whole. Both samples are ascending.
fn distance(x: &[f64], y: &[f64], alternative: Alternative) -> f64 {
    let (m, n) = (float(x.len()), float(y.len()));
    let (mut i, mut j) = (0, 0);
    let (mut above, mut below) = (0.0_f64, 0.0_f64);
    while i < x.len() && j < y.len() {
        let (a, b) = (x[i], y[j]);
        // Most values stand alone; only ties have to be passed together.
        i += usize::from(a <= b);
        j += usize::from(b <= a);
        let value = a.min(b);
        while i < x.len() && x[i] <= value {
            i += 1;
        }
        while j < y.len() && y[j] <= value {
            j += 1;
        }
        let difference = float(i) * n - float(j) * m;
        above = above.max(difference);
        below = below.max(-difference);
    }
    match alternative {
        Alternative::TwoSided => above.max(below),
        Alternative::Greater => above,
        Alternative::Less => below,
    }
}

/// The share of lattice paths from (0, 0) to (m, n) that reach the distance. All terms are positive, so a small share
/// keeps its digits.
fn reaching(m: usize, n: usize, steps: f64, alternative: Alternative) -> f64 {
    if steps <= 0.0 {
        return 1.0;
    }
    let reached = |i: usize, j: usize| {
        let difference = float(i) * float(n) - float(j) * float(m);
        let far = match alternative {
            Alternative::TwoSided => difference.abs(),
            Alternative::Greater => difference,
            Alternative::Less => -difference,
        };
        far >= steps - 0.5
    };
    // share[j]: of the paths to (i, j), those that reached the distance on their way.
    let mut share = vec![0.0_f64; n + 1];
    for i in 0..=m {
        for j in 0..=n {
            share[j] = if reached(i, j) {
                1.0
            } else {
                let all = float(i + j);
                let from_left = if i > 0 { share[j] * float(i) / all } else { 0.0 };
                let from_below = if j > 0 { share[j - 1] * float(j) / all } else { 0.0 };
                from_left + from_below
            };
        }
    }
    share[n]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Ties are passed together.
        #[test]
        fn the_distance_is_that_of_the_distribution_functions(
            x in prop::collection::vec(-3_i8..3, 1..12), y in prop::collection::vec(-3_i8..3, 1..12)
        ) {
            let (x, y): (Vec<f64>, Vec<f64>) = (x.into_iter().map(f64::from).collect(), y.into_iter().map(f64::from).collect());
            let share = |sample: &[f64], at: f64| float(sample.iter().filter(|value| **value <= at).count()) / float(sample.len());
            let naive = x.iter().chain(&y).map(|at| (share(&x, *at) - share(&y, *at)).abs()).fold(0.0, f64::max);
            let result = ks_two_sample(&x, &y, Alternative::TwoSided, None).unwrap();
            prop_assert!((result.statistic - naive).abs() < 1e-12);
        }

        /// Every way to mix two samples without ties.
        #[test]
        fn the_exact_p_is_the_share_of_mixtures(mut order in prop::collection::vec(any::<bool>(), 0..9)) {
            order.extend([true, false]);
            let split = |order: &[bool]| -> (Vec<f64>, Vec<f64>) {
                let at = |which: bool| order.iter().enumerate().filter(move |(_, one)| **one == which).map(|(at, _)| float(at));
                (at(true).collect(), at(false).collect())
            };
            let (x, y) = split(&order);
            for alternative in [Alternative::TwoSided, Alternative::Less, Alternative::Greater] {
                let steps = distance(&x, &y, alternative);
                let total = order.len();
                let mixtures = (0_u32..1 << total).filter(|set| usize::try_from(set.count_ones()).unwrap() == x.len());
                let (mut all, mut hits) = (0, 0);
                for set in mixtures {
                    let mixed: Vec<bool> = (0..total).map(|at| set >> at & 1 == 1).collect();
                    let (x, y) = split(&mixed);
                    all += 1;
                    hits += usize::from(distance(&x, &y, alternative) >= steps - 0.5);
                }
                let result = ks_two_sample(&x, &y, alternative, Some(Method::Exact)).unwrap();
                prop_assert!((result.p - float(hits) / float(all)).abs() < 1e-12);
            }
        }
    }
}
