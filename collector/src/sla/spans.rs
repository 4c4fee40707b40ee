//! Sets of seconds as sorted, disjoint, non-empty intervals.

/// Seconds since 1970 in `from <= t < to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First second.
    pub from: i64,
    /// First second after it.
    pub to: i64,
}

impl Span {
    /// Its length in seconds; 0 when it is the wrong way round.
    #[must_use]
    pub fn length_s(self) -> i64 {
        self.to.saturating_sub(self.from).max(0)
    }

    /// What both have in common, if anything.
    #[must_use]
    pub fn common(self, other: Self) -> Option<Self> {
        let span = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (span.from < span.to).then_some(span)
    }
}

/// See the module. Neighbours that touch are one interval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// From intervals in any order, which may overlap; empty ones are left out.
    #[must_use]
    pub fn of(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut all: Vec<Span> = spans.into_iter().filter(|span| span.from < span.to).collect();
        all.sort_unstable();
        let mut joined: Vec<Span> = Vec::with_capacity(all.len());
        for span in all {
            match joined.last_mut() {
                Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
                _ => joined.push(span),
            }
        }
        Self(joined)
    }

    /// The intervals, oldest first.
    #[must_use]
    pub fn as_slice(&self) -> &[Span] {
        &self.0
    }

    /// Whether there is no second in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many seconds.
    #[must_use]
    pub fn total_s(&self) -> i64 {
        self.0.iter().map(|span| span.length_s()).sum()
    }

    /// Whether a second is in it.
    #[must_use]
    pub fn contains(&self, second: i64) -> bool {
        let after = self.0.partition_point(|span| span.from <= second);
        after > 0 && second < self.0[after - 1].to
    }

    /// Seconds in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).copied())
    }

    /// Seconds in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            both.extend(a.common(**b));
            if a.to < b.to {
                left.next()
            } else {
                right.next()
            };
        }
        Self(both)
    }

    /// Seconds of `within` that are not in it.
    #[must_use]
    pub fn outside(&self, within: Span) -> Self {
        let mut left = Vec::new();
        let mut from = within.from;
        for span in self.within(within).0 {
            if from < span.from {
                left.push(Span { from, to: span.from });
            }
            from = span.to;
        }
        if from < within.to {
            left.push(Span { from, to: within.to });
        }
        Self(left)
    }

    /// Those that lie in an interval.
    #[must_use]
    pub fn within(&self, within: Span) -> Self {
        let first = self.0.partition_point(|span| span.to <= within.from);
        let some = self.0[first..].iter().take_while(|span| span.from < within.to);
        Self(some.filter_map(|span| span.common(within)).collect())
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        Self::of(spans)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn seconds(spans: &Spans) -> BTreeSet<i64> {
        spans.as_slice().iter().flat_map(|span| span.from..span.to).collect()
    }

    fn some() -> impl Strategy<Value = Vec<Span>> {
        prop::collection::vec((0_i64..60, -2_i64..12), 0..12)
            .prop_map(|all| all.into_iter().map(|(from, length)| Span { from, to: from + length }).collect())
    }

    proptest! {
        #[test]
        fn they_are_sets_of_seconds(a in some(), b in some(), from in 0_i64..60, length in 0_i64..40) {
            let naive = |spans: &[Span]| spans.iter().flat_map(|span| span.from..span.to).collect::<BTreeSet<_>>();
            let (na, nb) = (naive(&a), naive(&b));
            let (a, b) = (Spans::of(a), Spans::of(b));
            let within = Span { from, to: from + length };
            prop_assert_eq!(seconds(&a), na.clone());
            prop_assert_eq!(a.total_s(), i64::try_from(na.len()).unwrap());
            prop_assert_eq!(seconds(&a.union(&b)), na.union(&nb).copied().collect::<BTreeSet<_>>());
            prop_assert_eq!(seconds(&a.intersect(&b)), na.intersection(&nb).copied().collect::<BTreeSet<_>>());
            let inside: BTreeSet<i64> = (within.from..within.to).collect();
            prop_assert_eq!(seconds(&a.within(within)), na.intersection(&inside).copied().collect::<BTreeSet<_>>());
            prop_assert_eq!(seconds(&a.outside(within)), inside.difference(&na).copied().collect::<BTreeSet<_>>());
            for all in [&a, &a.union(&b), &a.intersect(&b)] {
                prop_assert!(all.as_slice().windows(2).all(|pair| pair[0].to < pair[1].from), "sorted and disjoint");
            }
            for second in 0..80 {
                prop_assert_eq!(a.contains(second), na.contains(&second));
            }
        }
    }
}
