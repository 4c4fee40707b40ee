//! Welch's t test: do two samples of different variance have the same mean?
//!
//! t = (x̄ − ȳ) / √(s²ₓ/nₓ + s²ᵧ/nᵧ), degrees of freedom after Welch 1947 and Satterthwaite 1946. The values are taken to
//! be independent, which samples some seconds apart are not.

use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};

use super::{Moments, StatsError, check, float, rounding};

/// Which difference counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alternative {
    /// Either.
    #[default]
    TwoSided,
    /// x tends to be smaller.
    Less,
    /// x tends to be larger.
    Greater,
}

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Welch {
    /// t; its sign is that of mean(x) − mean(y).
    pub statistic: f64,
    /// Welch–Satterthwaite degrees of freedom.
    pub df: f64,
    /// Probability of such a t, or one further out, when the means are equal.
    pub p: f64,
    /// 95 % interval of mean(x) − mean(y), whatever the alternative.
    pub ci95: (f64, f64),
}

/// See the module.
///
/// # Errors
/// See [`StatsError`]; one constant sample is fine, two are not.
pub fn welch(x: &[f64], y: &[f64], alternative: Alternative) -> Result<Welch, StatsError> {
    check(x, y, 2)?;
    let (a, b) = (Moments::of(x), Moments::of(y));
    let (Some(mean_a), Some(mean_b), Some(var_a), Some(var_b)) = (a.mean(), b.mean(), a.variance(), b.variance())
    else {
        return Err(StatsError::NonFinite);
    };
    let (part_a, part_b) = (var_a / float(a.n()), var_b / float(b.n()));
    let total = part_a + part_b;
    if var_a.max(var_b) <= rounding(x, y) {
        return Err(StatsError::ZeroVariance);
    }
    // Shares first: squares of tiny or huge variances would leave the range.
    let (share_a, share_b) = (part_a / total, part_b / total);
    let df = 1.0 / (share_a * share_a / float(a.n() - 1) + share_b * share_b / float(b.n() - 1));
    let (difference, error) = (mean_a - mean_b, total.sqrt());
    let statistic = difference / error;
    let t = StudentsT::new(0.0, 1.0, df).map_err(|_| StatsError::NonFinite)?;
    let p = match alternative {
        Alternative::TwoSided => (2.0 * t.sf(statistic.abs())).min(1.0),
        Alternative::Less => t.cdf(statistic),
        Alternative::Greater => t.sf(statistic),
    };
    let half = quantile(&t, 0.975) * error;
    let result = Welch { statistic, df, p, ci95: (difference - half, difference + half) };
    if [statistic, df, p, half].iter().all(|value| value.is_finite()) { Ok(result) } else { Err(StatsError::NonFinite) }
}

/// The library's inverse is good to six digits at large degrees of freedom; Newton's method on its exact tail does the
/// rest.
fn quantile(t: &StudentsT, p: f64) -> f64 {
    (0..4).fold(t.inverse_cdf(p), |x, _| x + (t.sf(x) - (1.0 - p)) / t.pdf(x))
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

        #[test]
        fn never_a_nan(x in prop::collection::vec(any::<f64>(), 0..6), y in prop::collection::vec(any::<f64>(), 0..6)) {
            if let Ok(result) = welch(&x, &y, Alternative::Less) {
                prop_assert!(result.statistic.is_finite() && result.p.is_finite() && result.df.is_finite());
            }
        }
    }
}
