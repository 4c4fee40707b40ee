//! Many tests at once: adjusted p values.

use crate::stats::{StatsError, float};

fn check(p: &[f64]) -> Result<Vec<usize>, StatsError> {
    if p.iter().any(|p| !p.is_finite()) {
        return Err(StatsError::NonFinite);
    }
    if p.is_empty() {
        return Err(StatsError::TooFew { n: 0, needed: 1 });
    }
    if p.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return Err(StatsError::invalid("p values lie between 0 and 1"));
    }
    Ok(crate::stats::ranks::order(p))
}

/// Benjamini and Hochberg 1995: rejecting those at or below α keeps the expected share of false discoveries at α.
///
/// # Errors
/// See [`StatsError`].
pub fn benjamini_hochberg(p: &[f64]) -> Result<Vec<f64>, StatsError> {
    let order = check(p)?;
    let n = float(p.len());
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, at) in order.iter().enumerate().rev() {
        least = least.min(p[*at] * n / float(rank + 1));
        adjusted[*at] = least;
    }
    Ok(adjusted)
}

/// Holm 1979: rejecting those at or below α keeps the probability of any false rejection at α.
///
/// # Errors
/// See [`StatsError`].
pub fn holm(p: &[f64]) -> Result<Vec<f64>, StatsError> {
    let order = check(p)?;
    let mut adjusted = vec![1.0; p.len()];
    let mut most = 0.0_f64;
    for (rank, at) in order.iter().enumerate() {
        most = most.max(p[*at] * float(p.len() - rank)).min(1.0);
        adjusted[*at] = most;
    }
    Ok(adjusted)
}
