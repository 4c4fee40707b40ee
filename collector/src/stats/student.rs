//! Tails and quantiles of Student's t, F and the normal distribution, and which tail an alternative means.

use statrs::distribution::{Continuous, ContinuousCDF, FisherSnedecor, Normal, StudentsT};

use super::StatsError;

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

impl Alternative {
    /// The probability of a statistic, from the tails on its two sides.
    #[must_use]
    pub fn p(self, below: f64, above: f64) -> f64 {
        match self {
            Self::TwoSided => (2.0 * below.min(above)).min(1.0),
            Self::Less => below,
            Self::Greater => above,
        }
    }
}

/// P(T ≤ t) and P(T ≥ t), each exact where it is small.
pub(super) fn t_tails(t: f64, df: f64) -> Result<(f64, f64), StatsError> {
    let distribution = StudentsT::new(0.0, 1.0, df).map_err(|_| StatsError::NonFinite)?;
    if !t.is_finite() || !df.is_finite() {
        return Err(StatsError::NonFinite);
    }
    Ok((distribution.cdf(t), distribution.sf(t)))
}

/// P(F ≤ f) and P(F ≥ f), each exact where it is small. The library panics on what is no number, so that is sorted out.
pub(super) fn f_tails(f: f64, df1: f64, df2: f64) -> Result<(f64, f64), StatsError> {
    let distribution = FisherSnedecor::new(df1, df2).map_err(|_| StatsError::NonFinite)?;
    // f is taken times df1 inside.
    if !f.is_finite() || !(f * df1).is_finite() || f < 0.0 {
        return Err(StatsError::NonFinite);
    }
    Ok((distribution.cdf(f), distribution.sf(f)))
}

/// Steps of the search for a quantile; halving alone needs fewer.
const STEPS_MAX: usize = 200;

/// The quantile: Newton's method on the library's exact tail, kept within a bracket, from an expansion in the normal
/// quantile (Abramowitz and Stegun 26.7.5). The library's own inverse never ends for some degrees of freedom.
pub fn t_quantile(p: f64, df: f64) -> Result<f64, StatsError> {
    if !(p > 0.0 && p < 1.0 && df.is_finite()) {
        return Err(StatsError::NonFinite);
    }
    let t = StudentsT::new(0.0, 1.0, df).map_err(|_| StatsError::NonFinite)?;
    // The far tail on the side where it is small.
    let (upper, sign) = if p >= 0.5 { (1.0 - p, 1.0) } else { (p, -1.0) };
    if upper >= 0.5 {
        return Ok(0.0);
    }
    let z = -normal_quantile(upper);
    let start = z + (z.powi(3) + z) / (4.0 * df) + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * df * df);
    let (mut low, mut high) = (0.0_f64, if start.is_finite() { start.max(1.0) } else { 1.0 });
    while t.sf(high) > upper {
        (low, high) = (high, 2.0 * high);
        if !high.is_finite() {
            return Err(StatsError::NonFinite);
        }
    }
    let mut x = if start > low && start < high { start } else { f64::midpoint(low, high) };
    for _ in 0..STEPS_MAX {
        let off = t.sf(x) - upper;
        if off > 0.0 {
            low = x
        } else {
            high = x
        }
        let newton = x + off / t.pdf(x);
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        let step = (next - x).abs();
        x = next;
        if step <= 2.0 * f64::EPSILON * x {
            break;
        }
    }
    Ok(sign * x)
}

/// P(Z ≤ z) and P(Z ≥ z) of a standard normal.
#[must_use]
pub fn normal_tails(z: f64) -> (f64, f64) {
    // The library's own error function has ten digits; a difference of two tails needs them all.
    let half = |z: f64| 0.5 * libm::erfc(z / std::f64::consts::SQRT_2);
    (half(-z), half(z))
}

/// The standard normal's quantile.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (p, df, expected) in [
            (0.975, 1.0, 12.706_204_736_174_7),
            (0.975, 10.0, 2.228_138_851_964_94),
            (0.95, 5.0, 2.015_048_372_669_16),
            (0.025, 30.0, -2.042_272_456_301_24),
            (0.8, 1e6, 0.841_621_593_013_8),
            (0.5, 3.0, 0.0),
        ] {
            let quantile = t_quantile(p, df).unwrap();
            assert!((quantile - expected).abs() <= 1e-9 * expected.abs(), "{p} {df}: {quantile}");
        }
        assert!(t_quantile(1.0, 3.0).is_err() && t_quantile(0.9, f64::NAN).is_err() && t_quantile(0.9, 0.0).is_err());
    }

    proptest! {
        /// Ends, and turns the tail back, whatever the degrees of freedom.
        #[test]
        fn a_quantile_has_its_tail(log_df in -2.0_f64..6.0, upper in 1e-12_f64..0.5) {
            let df = 10.0_f64.powf(log_df);
            if let Ok(x) = t_quantile(1.0 - upper, df) {
                let upper = 1.0 - (1.0 - upper);
                let (_, above) = t_tails(x, df).unwrap();
                prop_assert!((above - upper).abs() <= 1e-6 * upper, "{df} {upper} {x} {above}");
            }
        }
    }
}
