//! Mann and Whitney 1947: does one sample tend to be larger than another?
//!
//! U of x counts the pairs in which x is larger, ties for one half. Exact p: all choices of the mid-ranks that were seen;
//! asymptotic p: normal with the variance corrected for ties and, if wanted, for continuity.

use super::{Method, permutation};
use crate::stats::ranks::{mid_ranks, pool, sorted};
use crate::stats::student::normal_tails;
use crate::stats::{Alternative, StatsError, check, float};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannWhitney {
    /// U of x.
    pub statistic: f64,
    /// Probability of such a U, or one further out, when neither sample tends to be larger.
    pub p: f64,
    /// How p was found.
    pub method: Method,
}

/// Pairs up to which p is exact unless a method is asked for.
const EXACT_PAIRS_MAX: usize = 400;

/// See the module. Without a `method` p is exact up to 400 pairs and asymptotic above.
///
/// # Errors
/// See [`StatsError`]; each sample needs a value. When all values are equal p is 1.
pub fn mann_whitney(
    x: &[f64],
    y: &[f64],
    alternative: Alternative,
    method: Option<Method>,
    continuity: bool,
) -> Result<MannWhitney, StatsError> {
    check(x, y, 1)?;
    let default = if x.len().saturating_mul(y.len()) <= EXACT_PAIRS_MAX { Method::Exact } else { Method::Asymptotic };
    let method = method.unwrap_or(default);
    match method {
        Method::Exact => exact(x, y, alternative),
        Method::Asymptotic => asymptotic(x, y, alternative, continuity),
    }
}

fn exact(x: &[f64], y: &[f64], alternative: Alternative) -> Result<MannWhitney, StatsError> {
    let all: Vec<f64> = x.iter().chain(y).copied().collect();
    let (ranks, _) = mid_ranks(&all);
    let doubled: Vec<usize> = ranks.iter().map(|rank| doubled(*rank)).collect();
    let of_x: usize = doubled[..x.len()].iter().sum();
    let statistic = (float(of_x) - float(x.len() * (x.len() + 1))) / 2.0;
    // The smaller sample is chosen from: less work, and the sums mirror each other.
    let (below, above) = if x.len() <= y.len() {
        permutation::chosen(&doubled, x.len(), of_x)?
    } else {
        let of_y = doubled[x.len()..].iter().sum();
        let (below, above) = permutation::chosen(&doubled, y.len(), of_y)?;
        (above, below)
    };
    Ok(MannWhitney { statistic, p: alternative.p(below, above), method: Method::Exact })
}

fn asymptotic(x: &[f64], y: &[f64], alternative: Alternative, continuity: bool) -> Result<MannWhitney, StatsError> {
    let pooled = pool(&sorted(x), &sorted(y));
    let (n_x, n_y) = (float(x.len()), float(y.len()));
    let n = n_x + n_y;
    let variance = n_x * n_y / 12.0 * ((n + 1.0) - pooled.ties / (n * (n - 1.0)).max(1.0));
    let (statistic, middle) = (pooled.u, n_x * n_y / 2.0);
    let result = |p: f64| MannWhitney { statistic, p, method: Method::Asymptotic };
    if variance <= 0.0 {
        // Every value is the same: nothing speaks against equality.
        return Ok(result(1.0));
    }
    let sd = variance.sqrt();
    let half = if continuity { 0.5 } else { 0.0 };
    let p = match alternative {
        Alternative::TwoSided => (2.0 * normal_tails(((statistic - middle).abs() - half) / sd).1).min(1.0),
        Alternative::Greater => normal_tails((statistic - middle - half) / sd).1,
        Alternative::Less => normal_tails((middle - statistic - half) / sd).1,
    };
    if p.is_finite() { Ok(result(p)) } else { Err(StatsError::NonFinite) }
}

/// A mid-rank is a multiple of one half.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ranks are 1 … n, doubled whole")]
pub(super) fn doubled(rank: f64) -> usize {
    (rank * 2.0).round() as usize
}
