//! Welch's t test: do two samples of different variance have the same mean?
//!
//! t = (x̄ − ȳ) / √(s²ₓ/nₓ + s²ᵧ/nᵧ), degrees of freedom after Welch 1947 and Satterthwaite 1946. The values are taken to
//! be independent, which samples some seconds apart are not.

use super::t_test::finish;
use crate::stats::sums::Spread;
use crate::stats::{Alternative, StatsError, check, rounding};

/// The result.
pub type Welch = super::TTest;

/// See the module.
///
/// # Errors
/// See [`StatsError`]; one constant sample is fine, two are not.
pub fn welch(x: &[f64], y: &[f64], alternative: Alternative) -> Result<Welch, StatsError> {
    check(x, y, 2)?;
    let (a, b) = (Spread::of(x), Spread::of(y));
    if a.variance().max(b.variance()) <= rounding(x, y) {
        return Err(StatsError::ZeroVariance);
    }
    let (error, df) = error_and_df(&a, &b);
    finish(a.mean - b.mean, error, df, alternative)
}

/// The standard error of the difference of means, and its degrees of freedom.
pub(super) fn error_and_df(a: &Spread, b: &Spread) -> (f64, f64) {
    let (part_a, part_b) = (a.variance() / a.n, b.variance() / b.n);
    let total = part_a + part_b;
    // Shares first: squares of tiny or huge variances would leave the range.
    let (share_a, share_b) = (part_a / total, part_b / total);
    (total.sqrt(), 1.0 / (share_a * share_a / (a.n - 1.0) + share_b * share_b / (b.n - 1.0)))
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
        fn neither_shift_nor_scale_nor_order_matters(
            x in sample(), y in sample(), shift in -1e3_f64..1e3, scale in 0.1_f64..10.0
        ) {
            let before = welch(&x, &y, Alternative::TwoSided);
            let change = |values: &[f64]| values.iter().rev().map(|v| v * scale + shift).collect::<Vec<_>>();
            let after = welch(&change(&x), &change(&y), Alternative::TwoSided);
            let swapped = welch(&y, &x, Alternative::TwoSided);
            if let (Ok(before), Ok(after), Ok(swapped)) = (before, after, swapped) {
                prop_assert!(close(before.statistic, after.statistic) && close(before.p, after.p));
                prop_assert!(close(before.statistic, -swapped.statistic) && close(before.p, swapped.p));
                prop_assert!((0.0..=1.0).contains(&before.p));
                prop_assert!(before.ci95.0 <= before.ci95.1);
                prop_assert_eq!(before.p < 0.05, before.ci95.0 > 0.0 || before.ci95.1 < 0.0);
            }
        }
    }
}
