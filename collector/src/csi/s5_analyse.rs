//! Step 5, analyse: is the difference between two periods more than chance? For now by the textbook's tests, which take
//! samples some seconds apart for independent and so find differences where there are none.

mod results;
mod series;

pub use results::{Analysed, ObjectiveResult, OutageTest, results};
pub use series::{Against, Compared, Forecast, SeriesResult};

use crate::stats::{Alternative, BrownForsythe, StatsError, Welch, brown_forsythe, welch};

/// Said beside every textbook test.
pub const NOTE: &str = "textbook test, ignores autocorrelation";
/// The level of significance of the field, where none is agreed.
pub const ALPHA: f64 = 0.05;

/// One series in two periods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Values in the period that it is compared with.
    pub n_before: usize,
    /// Values in the period itself.
    pub n_after: usize,
    /// Do the means differ? The sign is that of after − before.
    pub welch: Result<Welch, StatsError>,
    /// Do the spreads differ?
    pub brown_forsythe: Result<BrownForsythe, StatsError>,
}

/// Compares the values of two periods.
#[must_use]
pub fn compare(before: &[f64], after: &[f64]) -> Comparison {
    Comparison {
        n_before: before.len(),
        n_after: after.len(),
        welch: welch(after, before, Alternative::TwoSided),
        brown_forsythe: brown_forsythe(after, before),
    }
}

impl Comparison {
    /// Whether the means differ significantly, by the textbook.
    #[must_use]
    pub fn mean_differs(&self) -> bool {
        self.welch.is_ok_and(|result| result.p < ALPHA)
    }

    /// Whether the spreads differ significantly, by the textbook.
    #[must_use]
    pub fn spread_differs(&self) -> bool {
        self.brown_forsythe.is_ok_and(|result| result.p < ALPHA)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_is_that_of_the_change() {
        let comparison = compare(&[1.0, 2.0, 3.0, 2.0], &[11.0, 12.0, 13.0, 12.0]);
        assert!(comparison.welch.is_ok_and(|result| result.statistic > 0.0));
        assert!(comparison.mean_differs() && !comparison.spread_differs());
    }

    #[test]
    fn what_cannot_be_computed_says_why() {
        let comparison = compare(&[], &[1.0, 2.0]);
        assert_eq!(comparison.welch, Err(StatsError::TooFew { n: 0, needed: 2 }));
        assert_eq!(compare(&[1.0; 5], &[1.0; 5]).brown_forsythe, Err(StatsError::ZeroVariance));
    }
}
