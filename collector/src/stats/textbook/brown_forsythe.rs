//! The test of Brown and Forsythe 1974: do two samples have the same spread?
//!
//! Levene's test with the median for the centre. The values are taken to be independent, which samples some seconds
//! apart are not.

use super::levene::{Levene, around};
use crate::stats::{StatsError, check};

/// The result.
pub type BrownForsythe = Levene;

/// See the module.
///
/// # Errors
/// See [`StatsError`]; one constant sample is fine, two are not.
pub fn brown_forsythe(x: &[f64], y: &[f64]) -> Result<BrownForsythe, StatsError> {
    check(x, y, 2)?;
    around(x, middle(x), y, middle(y))
}

/// The median by selection, which is faster than sorting.
pub(super) fn middle(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    let half = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    let upper = *upper;
    if even { f64::midpoint(below.iter().copied().fold(f64::NEG_INFINITY, f64::max), upper) } else { upper }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-1e3_f64..1e3, 2..40)
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-6 * (a.abs() + b.abs()) + 1e-9
    }

    proptest! {
        #[test]
        fn shifts_of_each_sample_and_a_common_scale_do_not_matter(
            x in sample(), y in sample(), shift in -1e3_f64..1e3, scale in 0.1_f64..10.0
        ) {
            let before = brown_forsythe(&x, &y);
            let moved: Vec<f64> = x.iter().rev().map(|v| v * scale + shift).collect();
            let scaled: Vec<f64> = y.iter().map(|v| v * scale).collect();
            let after = brown_forsythe(&moved, &scaled);
            let swapped = brown_forsythe(&y, &x);
            if let (Ok(before), Ok(after), Ok(swapped)) = (before, after, swapped) {
                prop_assert!(close(before.statistic, after.statistic) && close(before.p, after.p));
                prop_assert!(close(before.statistic, swapped.statistic) && close(before.p, swapped.p));
                prop_assert!((0.0..=1.0).contains(&before.p) && before.statistic >= 0.0);
            }
        }

        #[test]
        fn selection_finds_the_median(x in sample()) {
            prop_assert_eq!(Some(middle(&x)), crate::stats::median(&mut x.clone()));
        }
    }
}
