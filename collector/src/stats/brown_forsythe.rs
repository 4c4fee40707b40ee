//! The test of Brown and Forsythe 1974: do two samples have the same spread?
//!
//! One-way analysis of variance of |value − median of its sample| (Levene's test with the median for the centre). The
//! values are taken to be independent, which samples some seconds apart are not.

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::{Moments, StatsError, check, float, median, rounding};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BrownForsythe {
    /// F with 1 and n − 2 degrees of freedom.
    pub statistic: f64,
    /// Degrees of freedom of the denominator.
    pub df: f64,
    /// Probability of such an F, or a larger one, when the spreads are equal.
    pub p: f64,
}

/// See the module.
///
/// # Errors
/// See [`StatsError`]; one constant sample is fine, two are not.
pub fn brown_forsythe(x: &[f64], y: &[f64]) -> Result<BrownForsythe, StatsError> {
    check(x, y, 2)?;
    let (a, b) = (Moments::of(&deviations(x)), Moments::of(&deviations(y)));
    let (Some(mean_a), Some(mean_b), Some(var_a), Some(var_b)) = (a.mean(), b.mean(), a.variance(), b.variance())
    else {
        return Err(StatsError::NonFinite);
    };
    let (n_a, n_b) = (float(a.n()), float(b.n()));
    let within = var_a * (n_a - 1.0) + var_b * (n_b - 1.0);
    if within / (n_a + n_b) <= rounding(x, y) {
        return Err(StatsError::ZeroVariance);
    }
    let difference = mean_a - mean_b;
    let between = difference * difference * (n_a * n_b / (n_a + n_b));
    let df = n_a + n_b - 2.0;
    let statistic = between / (within / df);
    let f = FisherSnedecor::new(1.0, df).map_err(|_| StatsError::NonFinite)?;
    let p = f.sf(statistic);
    if statistic.is_finite() && p.is_finite() {
        Ok(BrownForsythe { statistic, df, p })
    } else {
        Err(StatsError::NonFinite)
    }
}

fn deviations(values: &[f64]) -> Vec<f64> {
    let centre = median(&mut values.to_vec()).unwrap_or_default();
    values.iter().map(|value| (value - centre).abs()).collect()
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
        fn never_a_nan(x in prop::collection::vec(any::<f64>(), 0..6), y in prop::collection::vec(any::<f64>(), 0..6)) {
            if let Ok(result) = brown_forsythe(&x, &y) {
                prop_assert!(result.statistic.is_finite() && result.p.is_finite());
            }
        }
    }
}
