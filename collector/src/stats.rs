//! [P] Statistics: descriptive numbers, textbook tests and the verdict procedure. Bad input is a typed error: never a
//! panic, a NaN or a number.

pub mod anomaly;
pub mod changepoint;
mod descriptive;
mod error;
pub mod forecast;
pub mod fuzz;
mod ranks;
pub mod sample_size;
pub mod seasonality;
mod student;
mod sums;
pub mod textbook;
pub mod verdict;

pub use descriptive::{Moments, median, quantile};
pub use error::StatsError;
pub use student::{Alternative, t_quantile};
pub use textbook::{BrownForsythe, Welch, brown_forsythe, welch};

/// Checks what every two-sample test needs.
fn check(x: &[f64], y: &[f64], needed: usize) -> Result<(), StatsError> {
    if !sums::all_finite(x) || !sums::all_finite(y) {
        return Err(StatsError::NonFinite);
    }
    match x.len().min(y.len()) {
        n if n < needed => Err(StatsError::TooFew { n, needed }),
        _ => Ok(()),
    }
}

/// Checks what every one-sample test needs.
fn check_one(x: &[f64], needed: usize) -> Result<(), StatsError> {
    if !sums::all_finite(x) {
        return Err(StatsError::NonFinite);
    }
    if x.len() < needed { Err(StatsError::TooFew { n: x.len(), needed }) } else { Ok(()) }
}

/// The variance that rounding alone can make of values that do not vary.
fn rounding(x: &[f64], y: &[f64]) -> f64 {
    (8.0 * f64::EPSILON * sums::largest(x).max(sums::largest(y))).powi(2)
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "samples have far fewer than 2^53 values")]
pub(crate) fn float(n: usize) -> f64 {
    n as f64
}
