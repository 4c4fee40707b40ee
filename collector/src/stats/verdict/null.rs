//! The empirical null: how often the test rejects on the series' own past, where nothing was changed. Long memory breaks
//! every method that looks at one window; this is how it shows.

use std::collections::HashMap;

use super::{Limits, Points, verdict};
use crate::stats::float;

/// Splits from which a share is stated.
pub const NULL_SPLITS_MIN: usize = 20;
/// Splits looked at, at most.
const SPLITS_MAX: usize = 60;
/// Series that a cache remembers. When it is full it forgets all: what is asked again is computed again.
const CACHED_MAX: usize = 10_000;
const ALPHA: f64 = 0.05;

/// How two windows lie to each other, in ms from the begin of the window after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// Begin of the window before; negative.
    pub before_from_ms: i64,
    /// End of the window before.
    pub before_to_ms: i64,
    /// Length of the window after.
    pub after_ms: i64,
}

impl Layout {
    /// Of two windows with points.
    #[must_use]
    pub fn of(before: &Points, after: &Points) -> Option<Self> {
        let (was, is) = (before.span()?, after.span()?);
        Some(Self { before_from_ms: was.0 - is.0, before_to_ms: was.1 - is.0, after_ms: is.1 - is.0 })
    }

    /// Two windows of one length, one after the other.
    #[must_use]
    pub const fn adjacent(window_ms: i64) -> Self {
        Self { before_from_ms: -window_ms, before_to_ms: 0, after_ms: window_ms }
    }
}

/// Share of splits of `history` into two windows that lie as `layout` says at which the primary form rejects; `None` when
/// there is room for fewer than 20 splits.
#[must_use]
pub fn empirical_null(history: &Points, layout: Layout, limits: &Limits) -> Option<f64> {
    let (from, to) = history.span()?;
    let (first, last) = (from.checked_sub(layout.before_from_ms)?, to.checked_sub(layout.after_ms)?);
    if layout.after_ms <= 0 || layout.before_from_ms >= layout.before_to_ms || last < first {
        return None;
    }
    // Windows that overlap by half are different enough, and there are more of them.
    let room = (last - first) / (layout.after_ms / 2).max(1) + 1;
    let count = usize::try_from(room).unwrap_or(0).min(SPLITS_MAX);
    if count < NULL_SPLITS_MIN {
        return None;
    }
    let stride = (last - first) / i64::try_from(count - 1).unwrap_or(i64::MAX);
    let alone = Limits { null_share: None, ..*limits };
    let mut asked = 0_usize;
    let mut rejected = 0_usize;
    for split in (0_i64..).take(count).map(|at| first + at * stride) {
        let before = history.between(split + layout.before_from_ms, split + layout.before_to_ms);
        let after = history.between(split, split + layout.after_ms);
        if let Some(p) = verdict(&before, &after, &alone).p {
            asked += 1;
            rejected += usize::from(p < ALPHA);
        }
    }
    (asked >= NULL_SPLITS_MIN).then(|| float(rejected) / float(asked))
}

/// Shares that were measured: each once for a series and a layout of the windows.
#[derive(Clone, Debug, Default)]
pub struct NullCache {
    shares: HashMap<(String, Layout, Option<bool>), Option<f64>>,
}

impl NullCache {
    /// The share of a series that has a name, if it was measured; the inner `None` is one that cannot be.
    #[must_use]
    pub fn get(&self, series: &str, layout: Layout, limits: &Limits) -> Option<Option<f64>> {
        self.shares.get(&(series.to_owned(), layout, limits.cycle)).copied()
    }

    /// Remembers one.
    pub fn put(&mut self, series: &str, layout: Layout, limits: &Limits, share: Option<f64>) {
        if self.shares.len() >= CACHED_MAX {
            self.shares.clear();
        }
        self.shares.insert((series.to_owned(), layout, limits.cycle), share);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::series;
    use super::*;

    fn past(values: &[f64]) -> Points {
        Points::new((0_i64..).zip(values.iter().copied()).map(|(at, value)| (at * 10_000, value)))
    }

    #[test]
    fn a_quiet_past_is_quiet_and_a_drifting_one_is_not() {
        let hour = Layout::adjacent(3_600_000);
        let share = |past: &Points| empirical_null(past, hour, &Limits::default());
        let quiet = share(&past(&series(1, 360 * 40, 0.5))).unwrap();
        assert!(quiet <= 0.10, "{quiet}");
        let steps: Vec<f64> = series(2, 360 * 40, 0.5)
            .iter()
            .enumerate()
            .map(|(at, value)| value + 0.3 * float(at / 360 * 7 % 5))
            .collect();
        assert!(share(&past(&steps)).unwrap() > 0.3);
        assert_eq!(share(&past(&series(3, 360 * 10, 0.5))), None);
        assert_eq!(share(&Points::default()), None);
    }

    #[test]
    fn the_cache_knows_series_and_layout_and_is_bounded() {
        let (mut cache, limits) = (NullCache::default(), Limits::default());
        cache.put("a", Layout::adjacent(1), &limits, Some(0.1));
        assert_eq!(cache.get("a", Layout::adjacent(1), &limits), Some(Some(0.1)));
        assert_eq!(cache.get("a", Layout::adjacent(2), &limits), None);
        assert_eq!(cache.get("a", Layout::adjacent(1), &Limits { cycle: Some(true), ..limits }), None);
        for at in 0..CACHED_MAX + 5 {
            cache.put(&at.to_string(), Layout::adjacent(1), &limits, None);
        }
        assert!(cache.shares.len() <= CACHED_MAX);
    }
}
