//! Many values as counts of narrow ranges, from which percentiles are read with a bounded error.
//!
//! The ranges are those of a log-linear histogram, as in DDSketch (Masson, Rim and Lee 2019) with the logarithm taken from
//! the bits of the float: each power of two is cut into 32 equal parts. The middle of a range is at most 1/64 of any value
//! in it away from that value, so a percentile is at most 1/64 (1.6 %) off the exact one of values of one sign. Adding
//! two sketches gives the sketch of all their values.

use std::collections::BTreeMap;

/// Parts of a power of two, as a power of two.
const PART_BITS: u32 = 5;
/// Bits of a float's mantissa that tell values of one range apart.
const DROPPED: u32 = f64::MANTISSA_DIGITS - 1 - PART_BITS;

/// The largest error of a percentile, as a share of its exact value.
pub const ERROR_MAX: f64 = 1.0 / 64.0;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch(BTreeMap<i64, u64>);

impl Sketch {
    /// Of counts by range, as they were stored.
    #[must_use]
    pub fn of(counts: impl IntoIterator<Item = (i64, u64)>) -> Self {
        Self(counts.into_iter().filter(|(_, count)| *count > 0).collect())
    }

    /// Adds a finite value.
    pub fn add(&mut self, value: f64) {
        *self.0.entry(range_of(value)).or_insert(0) += 1;
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts by range, ranges rising.
    pub fn counts(&self) -> impl ExactSizeIterator<Item = (i64, u64)> {
        self.0.iter().map(|(range, count)| (*range, *count))
    }

    /// A value for each range, and how many there are.
    pub fn values(&self) -> impl Iterator<Item = (f64, u64)> {
        self.0.iter().map(|(range, count)| (middle_of(*range), *count))
    }
}

/// Zero is a range of its own, below it are the negative ones.
fn range_of(value: f64) -> i64 {
    let range = (value.abs().to_bits() >> DROPPED).cast_signed();
    if value == 0.0 {
        0
    } else if value > 0.0 {
        range + 1
    } else {
        -range - 1
    }
}

fn middle_of(range: i64) -> f64 {
    if range == 0 {
        return 0.0;
    }
    let bits = (range.unsigned_abs() - 1) << DROPPED;
    let middle = f64::from_bits(bits | 1 << (DROPPED - 1));
    // What a damaged count would give is no number.
    let middle = if middle.is_finite() { middle } else { f64::MAX };
    if range > 0 { middle } else { -middle }
}

/// The quantile `q` of values with their numbers, by linear interpolation between order statistics as
/// [`crate::stats::quantile`]. Sorts `values`; none of nothing.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index between 0 and n − 1")]
#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 readings")]
pub fn weighted_quantile(values: &mut [(f64, u64)], q: f64) -> Option<f64> {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let last = values.iter().map(|(_, count)| count).sum::<u64>().checked_sub(1)?;
    let rank = q.clamp(0.0, 1.0) * last as f64;
    let (low, share) = (rank.floor() as u64, rank.fract());
    let at = |wanted: u64| {
        let mut before = 0;
        values.iter().find(|(_, count)| {
            before += count;
            before > wanted
        })
    };
    let (low, high) = (at(low.min(last))?.0, at((low + 1).min(last))?.0);
    Some(low + (high - low) * share)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::quantile;

    fn check(values: &[f64], q: f64) -> Result<(), TestCaseError> {
        let mut sketch = Sketch::default();
        values.iter().for_each(|value| sketch.add(*value));
        let found = weighted_quantile(&mut sketch.values().collect::<Vec<_>>(), q).unwrap();
        let exact = quantile(&mut values.to_vec(), q).unwrap();
        prop_assert!((found - exact).abs() <= ERROR_MAX * exact.abs(), "p{}: {found} for {exact}", q * 100.0);
        Ok(())
    }

    proptest! {
        #[test]
        fn percentiles_are_within_the_bound(
            values in prop::collection::vec(prop_oneof![Just(0.0), 1e-9..1e-3, 0.5..2.0, 1.0..1e12], 1..400), q in 0.0..=1.0
        ) {
            check(&values, q)?;
            for q in [0.0, 0.5, 0.95, 0.999, 1.0] {
                check(&values, q)?;
            }
        }

        #[test]
        fn any_value_is_near_the_middle_of_its_range(value in any::<f64>().prop_filter("finite", |v| v.is_normal() || *v == 0.0)) {
            let middle = middle_of(range_of(value));
            prop_assert!((middle - value).abs() <= ERROR_MAX * value.abs(), "{middle} for {value}");
        }

        #[test]
        fn numbers_of_values_are_as_good_as_the_values(values in prop::collection::vec((-50_i32..50, 1_u64..5), 1..60), q in 0.0..=1.0) {
            let mut counted: Vec<(f64, u64)> = values.iter().map(|(value, count)| (f64::from(*value), *count)).collect();
            let mut all: Vec<f64> = counted.iter().flat_map(|(value, count)| (0..*count).map(|_| *value)).collect();
            prop_assert_eq!(weighted_quantile(&mut counted, q), quantile(&mut all, q));
        }
    }

    #[test]
    fn ranges_rise_with_values_and_nothing_has_none() {
        let values = [-1e9, -1.0, -1e-9, 0.0, 1e-9, 1.0, 1.05, 1e9];
        assert!(values.map(range_of).is_sorted_by(|a, b| a < b));
        assert_eq!(weighted_quantile(&mut [], 0.5), None);
        assert!(middle_of(i64::MAX).is_finite() && middle_of(i64::MIN).is_finite());
    }
}
