//! Wilcoxon 1945: are differences symmetric around 0?
//!
//! R+ is the sum of the ranks, by size, of the positive differences. Exact p: every choice of signs, with mid-ranks for
//! ties and zeros left out. Asymptotic p: normal, corrected for ties, with one of three ways to treat zeros (Wilcoxon
//! drops them, Pratt 1959 ranks and then drops them with Cureton's 1967 variance, a split shares their ranks).

use super::mann_whitney::doubled;
use super::{Method, permutation};
use crate::stats::ranks::mid_ranks;
use crate::stats::student::normal_tails;
use crate::stats::{Alternative, StatsError, check_one, float};

/// What becomes of differences of 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ZeroMethod {
    /// They are left out.
    #[default]
    Wilcox,
    /// They are ranked, then their ranks are left out.
    Pratt,
    /// Their ranks are shared evenly between both signs.
    Split,
}

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wilcoxon {
    /// R+.
    pub statistic: f64,
    /// R−, the same of the negative differences.
    pub negative: f64,
    /// Probability of such an R+, or one further out, when the differences are symmetric around 0.
    pub p: f64,
    /// How p was found.
    pub method: Method,
}

/// Differences up to which p is exact unless a method is asked for.
const EXACT_MAX: usize = 50;

/// See the module; `differences` are x − y of pairs or x − µ. Without a `method` p is exact up to 50 differences.
///
/// # Errors
/// See [`StatsError`]; there must be a difference that is not 0.
pub fn wilcoxon(
    differences: &[f64],
    alternative: Alternative,
    method: Option<Method>,
    zeros: ZeroMethod,
    continuity: bool,
) -> Result<Wilcoxon, StatsError> {
    check_one(differences, 1)?;
    if differences.iter().all(|value| *value == 0.0) {
        return Err(StatsError::AllZeroDifferences);
    }
    match method.unwrap_or(if differences.len() <= EXACT_MAX { Method::Exact } else { Method::Asymptotic }) {
        Method::Exact => exact(differences, alternative),
        Method::Asymptotic => asymptotic(differences, alternative, zeros, continuity),
    }
}

fn sizes(differences: &[f64]) -> Vec<f64> {
    differences.iter().map(|value| value.abs()).collect()
}

fn exact(differences: &[f64], alternative: Alternative) -> Result<Wilcoxon, StatsError> {
    let nonzero: Vec<f64> = differences.iter().copied().filter(|value| *value != 0.0).collect();
    let (ranks, _) = mid_ranks(&sizes(&nonzero));
    let weights: Vec<usize> = ranks.iter().map(|rank| doubled(*rank)).collect();
    let positive: usize =
        nonzero.iter().zip(&weights).filter(|(value, _)| **value > 0.0).map(|(_, weight)| weight).sum();
    let (below, above) = permutation::signed(&weights, positive)?;
    let negative = float(weights.iter().sum::<usize>() - positive) / 2.0;
    Ok(Wilcoxon { statistic: float(positive) / 2.0, negative, p: alternative.p(below, above), method: Method::Exact })
}

fn asymptotic(
    differences: &[f64],
    alternative: Alternative,
    zeros: ZeroMethod,
    continuity: bool,
) -> Result<Wilcoxon, StatsError> {
    let kept: Vec<f64> = match zeros {
        ZeroMethod::Wilcox => differences.iter().copied().filter(|value| *value != 0.0).collect(),
        ZeroMethod::Pratt | ZeroMethod::Split => differences.to_vec(),
    };
    let (ranks, mut ties) = mid_ranks(&sizes(&kept));
    let n = float(kept.len());
    let n_zero = float(kept.iter().filter(|value| **value == 0.0).count());
    let of = |sign: fn(f64) -> bool| -> f64 {
        kept.iter().zip(&ranks).filter(|(value, _)| sign(**value)).map(|(_, rank)| rank).sum()
    };
    let (mut statistic, mut negative) = (of(|value| value > 0.0), of(|value| value < 0.0));
    let mut mean = n * (n + 1.0) / 4.0;
    let mut variance = n * (n + 1.0) * (2.0 * n + 1.0);
    match zeros {
        ZeroMethod::Wilcox => {}
        ZeroMethod::Pratt => {
            mean -= n_zero * (n_zero + 1.0) / 4.0;
            variance -= n_zero * (n_zero + 1.0) * (2.0 * n_zero + 1.0);
            ties -= n_zero * n_zero * n_zero - n_zero;
        }
        ZeroMethod::Split => {
            let of_zeros = of(|value| value == 0.0);
            statistic += of_zeros / 2.0;
            negative += of_zeros / 2.0;
        }
    }
    let sd = ((variance - ties / 2.0) / 24.0).sqrt();
    let off = statistic - mean;
    let shift = match (continuity, alternative) {
        (false, _) => 0.0,
        (true, Alternative::TwoSided) => 0.5 * if off == 0.0 { 0.0 } else { off.signum() },
        (true, Alternative::Greater) => 0.5,
        (true, Alternative::Less) => -0.5,
    };
    let (below, above) = normal_tails((off - shift) / sd);
    let p = alternative.p(below, above);
    if p.is_finite() {
        Ok(Wilcoxon { statistic, negative, p, method: Method::Asymptotic })
    } else {
        Err(StatsError::NonFinite)
    }
}
