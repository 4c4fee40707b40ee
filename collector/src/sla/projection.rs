//! Where a period will end when it goes on as it did: a mean with its prediction interval.

use crate::stats::{Moments, t_quantile};

/// The availability of the whole period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    /// When the rest is as the mean of the blocks so far.
    pub expected: f64,
    /// 95 % prediction interval, lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How many blocks it rests on.
    pub blocks: usize,
}

/// Blocks that a prediction needs at least.
pub const BLOCKS_MIN: usize = 3;

/// Predicts from the share of bad time in each block so far. `bad_s` of `known_s` seconds are over, `rest_s` are to come,
/// as many as `rest_blocks` blocks. Student's t on the mean of that many further blocks, taken for independent of each
/// other; within 0 and 1. None with fewer than three blocks.
#[must_use]
pub fn project(shares: &[f64], bad_s: f64, known_s: f64, rest_s: f64, rest_blocks: f64) -> Option<Projection> {
    let moments = Moments::of(shares);
    let (mean, sd) = (moments.mean()?, moments.sd()?);
    let n = moments.n();
    if n < BLOCKS_MIN || known_s + rest_s <= 0.0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "few blocks")]
    let blocks = n as f64;
    let t = t_quantile(0.975, blocks - 1.0).ok()?;
    let half = t * sd * (1.0 / rest_blocks.max(1.0) + 1.0 / blocks).sqrt();
    let ends_at = |share: f64| 1.0 - (bad_s + share.clamp(0.0, 1.0) * rest_s) / (known_s + rest_s);
    Some(Projection { expected: ends_at(mean), low: ends_at(mean + half), high: ends_at(mean - half), blocks: n })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_expected_to_be_as_the_blocks_so_far() {
        assert_eq!(project(&[0.1, 0.2], 30.0, 200.0, 100.0, 1.0), None, "too few");
        let even = project(&[0.1; 4], 40.0, 400.0, 600.0, 6.0).unwrap();
        assert!((even.expected - 0.9).abs() < 1e-12 && (even.high - even.low).abs() < 1e-9);
        let some = project(&[0.0, 0.0, 0.3, 0.1], 40.0, 400.0, 400.0, 4.0).unwrap();
        // mean 0.1, sd sqrt(0.02), t(0.975, 3) = 3.182446: half 3.182446 · 0.1414214 · sqrt(1/4 + 1/4) = 0.3182446.
        assert!((some.expected - 0.9).abs() < 1e-12);
        assert!((some.low - (1.0 - (40.0 + 0.418_244_6 * 400.0) / 800.0)).abs() < 1e-6, "{some:?}");
        assert!((some.high - 0.95).abs() < 1e-12, "never better than all good: {some:?}");
    }
}
