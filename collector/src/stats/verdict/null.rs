//! The empirical null: how often the test rejects on the series' own past, where nothing was changed. Long memory breaks
//! every method that looks at one window; this is how it shows.

use super::{Limits, Points, verdict};
use crate::stats::float;

/// Splits from which a share is stated.
pub const NULL_SPLITS_MIN: usize = 20;
/// Splits looked at, at most.
const SPLITS_MAX: usize = 60;
const ALPHA: f64 = 0.05;

/// Share of splits of `history` into two windows of `window_ms` at which the primary form rejects; `None` when there is
/// room for fewer than 20.
#[must_use]
pub fn empirical_null(history: &Points, window_ms: i64, limits: &Limits) -> Option<f64> {
    let (from, to) = history.span()?;
    if window_ms <= 0 || to - from < 2 * window_ms {
        return None;
    }
    // Windows that overlap by half are different enough, and there are more of them.
    let room = (to - from - 2 * window_ms) / (window_ms / 2).max(1) + 1;
    let count = usize::try_from(room).unwrap_or(0).min(SPLITS_MAX);
    if count < NULL_SPLITS_MIN {
        return None;
    }
    let stride = (to - from - 2 * window_ms) / i64::try_from(count - 1).unwrap_or(i64::MAX);
    let mut asked = 0_usize;
    let mut rejected = 0_usize;
    for split in (0_i64..).take(count).map(|at| from + window_ms + at * stride) {
        let before = history.between(split - window_ms, split);
        let after = history.between(split, split + window_ms);
        let alone = Limits { null_share: None, ..*limits };
        if let Some(p) = verdict(&before, &after, &alone).p {
            asked += 1;
            rejected += usize::from(p < ALPHA);
        }
    }
    (asked >= NULL_SPLITS_MIN).then(|| float(rejected) / float(asked))
}
