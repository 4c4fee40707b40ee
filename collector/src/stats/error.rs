//! Why something cannot be computed.

/// See the module.
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
    /// Every difference is 0, so there is nothing to rank.
    #[error("all differences are 0")]
    AllZeroDifferences,
    /// A parameter makes no sense.
    #[error("{what}")]
    InvalidParameter {
        /// What is wrong, and what would be right.
        what: &'static str,
    },
}

impl StatsError {
    /// The word used in JSON.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::NonFinite => "non_finite",
            Self::TooFew { .. } => "too_few",
            Self::ZeroVariance => "zero_variance",
            Self::AllZeroDifferences => "all_zero_differences",
            Self::InvalidParameter { .. } => "invalid_parameter",
        }
    }

    pub(super) const fn invalid(what: &'static str) -> Self {
        Self::InvalidParameter { what }
    }
}
