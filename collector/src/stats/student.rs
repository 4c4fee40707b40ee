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

/// The quantile. The library's inverse is good to six digits at large degrees of freedom; Newton's method on its exact
/// tail does the rest.
pub(super) fn t_quantile(p: f64, df: f64) -> Result<f64, StatsError> {
    let t = StudentsT::new(0.0, 1.0, df).map_err(|_| StatsError::NonFinite)?;
    // The far tail on the side where it is small.
    let (upper, sign) = if p >= 0.5 { (1.0 - p, 1.0) } else { (p, -1.0) };
    let start = t.inverse_cdf(1.0 - upper);
    let value = (0..6).fold(start, |x, _| {
        let next = x + (t.sf(x) - upper) / t.pdf(x);
        if next.is_finite() { next } else { x }
    });
    Ok(sign * value)
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
