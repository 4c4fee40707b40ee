//! Distributions that a sample can be held against.

use crate::stats::StatsError;
use crate::stats::student::normal_tails;

/// A fully specified distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Specified {
    /// Normal.
    Normal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation, above 0.
        sd: f64,
    },
    /// Exponential.
    Exponential {
        /// Its mean, above 0.
        scale: f64,
    },
    /// Uniform.
    Uniform {
        /// Its lower end.
        low: f64,
        /// Its upper end, above the lower one.
        high: f64,
    },
}

impl Specified {
    /// Checks the parameters.
    ///
    /// # Errors
    /// When they describe no distribution.
    pub fn check(self) -> Result<(), StatsError> {
        let (fine, what) = match self {
            Self::Normal { mean, sd } => {
                (mean.is_finite() && sd.is_finite() && sd > 0.0, "norm needs a mean and an sd above 0")
            }
            Self::Exponential { scale } => (scale.is_finite() && scale > 0.0, "expon needs a scale above 0"),
            Self::Uniform { low, high } => (low.is_finite() && high.is_finite() && low < high, "uniform needs lo < hi"),
        };
        if fine { Ok(()) } else { Err(StatsError::invalid(what)) }
    }

    /// P(X ≤ x) and P(X > x), each exact where it is small.
    #[must_use]
    pub fn tails(self, x: f64) -> (f64, f64) {
        match self {
            Self::Normal { mean, sd } => normal_tails((x - mean) / sd),
            Self::Exponential { scale } if x > 0.0 => (-(-x / scale).exp_m1(), (-x / scale).exp()),
            Self::Exponential { .. } => (0.0, 1.0),
            Self::Uniform { low, high } => {
                let share = ((x - low) / (high - low)).clamp(0.0, 1.0);
                (share, ((high - x) / (high - low)).clamp(0.0, 1.0))
            }
        }
    }
}
