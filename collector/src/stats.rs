//! [P] Statistics: descriptive numbers and textbook tests. Bad input is a typed error: never a panic, a NaN or a number.

mod brown_forsythe;
mod descriptive;
#[cfg(test)]
mod oracle;
mod welch;

pub use brown_forsythe::{BrownForsythe, brown_forsythe};
pub use descriptive::{Moments, median, quantile};
pub use welch::{Alternative, Welch, welch};

/// Why a test cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatsError {
    /// NaN or an infinity.
    #[error("a value is not finite")]
    NonFinite,
    /// A sample is too small.
    #[error("a sample of {n} is too small; the test needs {needed}")]
    TooFew {
        /// Size of the smaller sample.
        n: usize,
        /// Least size.
        needed: usize,
    },
    /// Nothing varies.
    #[error("the values do not vary, so there is nothing to compare a difference with")]
    ZeroVariance,
}

impl StatsError {
    /// The word used in JSON.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::NonFinite => "non_finite",
            Self::TooFew { .. } => "too_few",
            Self::ZeroVariance => "zero_variance",
        }
    }
}

/// Checks what every two-sample test needs.
fn check(x: &[f64], y: &[f64], needed: usize) -> Result<(), StatsError> {
    if x.iter().chain(y).any(|value| !value.is_finite()) {
        return Err(StatsError::NonFinite);
    }
    match x.len().min(y.len()) {
        n if n < needed => Err(StatsError::TooFew { n, needed }),
        _ => Ok(()),
    }
}

/// The variance that rounding alone can make of values that do not vary.
fn rounding(x: &[f64], y: &[f64]) -> f64 {
    let largest = x.iter().chain(y).fold(0.0_f64, |largest, value| largest.max(value.abs()));
    (8.0 * f64::EPSILON * largest).powi(2)
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "samples have far fewer than 2^53 values")]
fn float(n: usize) -> f64 {
    n as f64
}
