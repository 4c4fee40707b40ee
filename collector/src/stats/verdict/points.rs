//! A window's points, cleaned.

/// Points in ascending time, finite, one per time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    at_ms: Vec<i64>,
    values: Vec<f64>,
    /// Points that were no number.
    dropped: usize,
}

impl Points {
    /// Sorts by time, drops what is not finite, keeps the last of several points of one time.
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = (i64, f64)>) -> Self {
        let mut all: Vec<(i64, f64)> = points.into_iter().collect();
        if !all.is_sorted_by_key(|(at, _)| *at) {
            all.sort_by_key(|(at, _)| *at);
        }
        let mut cleaned =
            Self { at_ms: Vec::with_capacity(all.len()), values: Vec::with_capacity(all.len()), dropped: 0 };
        for (at, value) in all {
            if !value.is_finite() {
                cleaned.dropped += 1;
            } else if cleaned.at_ms.last() == Some(&at) {
                if let Some(last) = cleaned.values.last_mut() {
                    *last = value;
                }
            } else {
                cleaned.at_ms.push(at);
                cleaned.values.push(value);
            }
        }
        cleaned
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The times, ms since 1970.
    #[must_use]
    pub fn at_ms(&self) -> &[i64] {
        &self.at_ms
    }

    /// The values.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The same times with other values.
    #[must_use]
    pub fn with(&self, values: Vec<f64>) -> Self {
        debug_assert_eq!(values.len(), self.at_ms.len());
        Self { at_ms: self.at_ms.clone(), values, dropped: self.dropped }
    }

    /// Places of those from `from` until before `to`.
    pub(super) fn places(&self, from_ms: i64, to_ms: i64) -> (usize, usize) {
        let low = self.at_ms.partition_point(|at| *at < from_ms);
        (low, self.at_ms.partition_point(|at| *at < to_ms).max(low))
    }

    /// Those from `from` until before `to`.
    #[must_use]
    pub fn between(&self, from_ms: i64, to_ms: i64) -> Self {
        let (low, high) = self.places(from_ms, to_ms);
        Self { at_ms: self.at_ms[low..high].to_vec(), values: self.values[low..high].to_vec(), dropped: 0 }
    }

    /// Growth per second between neighbours, at the later one's time. A counter that falls was reset: no rate is made
    /// across that.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "milliseconds below 2^53")]
    pub fn rates(&self) -> Self {
        let pairs = self.at_ms.windows(2).zip(self.values.windows(2));
        let rates = pairs
            .filter(|(_, values)| values[1] >= values[0])
            .map(|(at, values)| (at[1], (values[1] - values[0]) / (at[1].saturating_sub(at[0]) as f64 / 1_000.0)));
        Self::new(rates.collect::<Vec<_>>())
    }

    /// The usual distance of two points: the median one.
    #[must_use]
    pub fn step_ms(&self) -> Option<i64> {
        let steps = || self.at_ms.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
        // Nearly always most steps are the same: a majority vote (Boyer and Moore 1981) needs no list.
        let (mut usual, mut lead) = (0, 0_usize);
        for step in steps() {
            if lead == 0 {
                usual = step;
            }
            if step == usual { lead += 1 } else { lead -= 1 }
        }
        let count = self.at_ms.len().checked_sub(1).filter(|count| *count > 0)?;
        if steps().filter(|step| *step == usual).count() > count / 2 + 1 {
            return Some(usual.max(1));
        }
        let mut all: Vec<i64> = steps().collect();
        let (below, upper, _) = all.select_nth_unstable(count / 2);
        let upper = *upper;
        let lower = if count % 2 == 1 { upper } else { below.iter().copied().max().unwrap_or(upper) };
        Some(i64::midpoint(lower, upper).max(1))
    }

    /// From the first point to a step after the last one.
    #[must_use]
    pub fn span(&self) -> Option<(i64, i64)> {
        Some((*self.at_ms.first()?, self.at_ms.last()?.saturating_add(self.step_ms().unwrap_or(1))))
    }
}
