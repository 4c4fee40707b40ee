//! Means of equal parts of a window.

use super::Points;

/// Blocks of a window.
pub(super) const BLOCKS: usize = 24;
/// A block with fewer of its points than this share is missing.
pub(super) const PRESENT_MIN: f64 = 0.9;

/// The mean of each part of [from, to); `None` where too many points are missing.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times in ms and indices are small"
)]
pub(super) fn means(points: &Points, from_ms: i64, to_ms: i64, parts: usize, step_ms: i64) -> Vec<Option<f64>> {
    let length = (to_ms - from_ms).max(1) as f64 / parts as f64;
    let mut sums = vec![(0.0_f64, 0_usize); parts];
    let first = points.at_ms().partition_point(|at| *at < from_ms);
    for (at, value) in points.at_ms()[first..].iter().zip(&points.values()[first..]) {
        if *at >= to_ms {
            break;
        }
        let part = (((at - from_ms) as f64 / length) as usize).min(parts - 1);
        sums[part].0 += value;
        sums[part].1 += 1;
    }
    // A part that is not a whole number of steps long holds one point more or less.
    let expected = (length / step_ms as f64).floor().max(1.0);
    sums.into_iter()
        .map(|(sum, count)| (count > 0 && count as f64 >= PRESENT_MIN * expected - 1e-9).then(|| sum / count as f64))
        .collect()
}

/// Share of the points of [from, to) that are missing.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub(super) fn missing_share(points: &Points, from_ms: i64, to_ms: i64, step_ms: i64) -> f64 {
    let expected = ((to_ms - from_ms) as f64 / step_ms as f64).max(1.0);
    let (low, high) = points.places(from_ms, to_ms);
    let there = (high - low) as f64;
    (1.0 - there / expected).clamp(0.0, 1.0)
}
