//! Mean, spread, extremes and quantiles.

use super::float;

/// Running mean, variance and extremes: Welford 1962, merged as in Chan, Golub and `LeVeque` 1983; the sum is compensated
/// (Neumaier 1974). Values that are not finite are left out by the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    n: usize,
    mean: f64,
    squares: f64,
    sum: f64,
    compensation: f64,
    min: f64,
    max: f64,
}

impl Moments {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        self.n += 1;
        let delta = value - self.mean;
        self.mean += delta / float(self.n);
        self.squares += delta * (value - self.mean);
        let sum = self.sum + value;
        self.compensation +=
            if self.sum.abs() >= value.abs() { (self.sum - sum) + value } else { (value - sum) + self.sum };
        self.sum = sum;
        self.min = if self.n == 1 { value } else { self.min.min(value) };
        self.max = if self.n == 1 { value } else { self.max.max(value) };
    }

    /// The sum of the squares of the distances from the mean.
    #[must_use]
    pub fn squares(&self) -> f64 {
        self.squares
    }

    /// Adds many values of which only these numbers are known (Chan, Golub and LeVeque 1979). No values change nothing.
    pub fn add_many(&mut self, n: usize, sum: f64, squares: f64, min: f64, max: f64) {
        if n == 0 {
            return;
        }
        let (before, total) = (self.n, self.n + n);
        let delta = sum / float(n) - self.mean;
        self.squares += squares + delta * delta * float(before) * float(n) / float(total);
        self.mean += delta * float(n) / float(total);
        let whole = self.sum + sum;
        self.compensation +=
            if self.sum.abs() >= sum.abs() { (self.sum - whole) + sum } else { (sum - whole) + self.sum };
        self.sum = whole;
        self.min = if before == 0 { min } else { self.min.min(min) };
        self.max = if before == 0 { max } else { self.max.max(max) };
        self.n = total;
    }

    /// Of all values.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut moments = Self::default();
        values.iter().for_each(|value| moments.add(*value));
        moments
    }

    /// How many values.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// The sum.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum + self.compensation
    }

    /// The mean; none of nothing.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum() / float(self.n)).filter(|mean| mean.is_finite())
    }

    /// The variance with n − 1; none of fewer than two values.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        (self.n > 1).then(|| self.squares.max(0.0) / float(self.n - 1)).filter(|variance| variance.is_finite())
    }

    /// The standard deviation with n − 1; none of fewer than two values.
    #[must_use]
    pub fn sd(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The smallest value.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        (self.n > 0).then_some(self.min)
    }

    /// The largest value.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        (self.n > 0).then_some(self.max)
    }
}

/// The quantile `q` (0 … 1) by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, as numpy
/// and Prometheus do). Sorts `values`; none of nothing.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index between 0 and n − 1")]
pub fn quantile(values: &mut [f64], q: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let rank = q.clamp(0.0, 1.0) * float(last);
    let (low, share) = (rank.floor() as usize, rank.fract());
    let (low, high) = (values[low.min(last)], values[(low + 1).min(last)]);
    Some(low + (high - low) * share)
}

/// The median. Sorts `values`; none of nothing.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let half = values.len() / 2;
    let upper = *values.get(half)?;
    Some(if values.len() % 2 == 1 { upper } else { f64::midpoint(values[half - 1], upper) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_samples() {
        let none = Moments::default();
        assert_eq!((none.n(), none.mean(), none.sd(), none.max()), (0, None, None, None));
        let one = Moments::of(&[3.0]);
        assert_eq!((one.mean(), one.sd(), one.min(), one.max()), (Some(3.0), None, Some(3.0), Some(3.0)));
        let four = Moments::of(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!((four.sum(), four.mean(), four.variance()), (10.0, Some(2.5), Some(5.0 / 3.0)));
        assert_eq!(quantile(&mut [4.0, 1.0, 3.0, 2.0], 0.5), Some(2.5));
        assert_eq!(quantile(&mut [4.0, 1.0], 1.0), Some(4.0));
        assert_eq!((quantile(&mut [], 0.5), median(&mut [])), (None, None));
        assert_eq!(median(&mut [9.0, 1.0, 5.0]), Some(5.0));
    }

    #[test]
    fn a_large_offset_and_cancellation_lose_nothing() {
        let offset = Moments::of(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!(offset.variance(), Some(30.0));
        assert_eq!(Moments::of(&[1.0, 1e100, 1.0, -1e100]).mean(), Some(0.5));
        assert_eq!(Moments::of(&[0.1; 1000]).sd(), Some(0.0));
    }

    proptest! {
        #[test]
        fn agrees_with_two_passes(values in prop::collection::vec(-1e6_f64..1e6, 2..200), shift in -1e6_f64..1e6) {
            let n = float(values.len());
            let mean = values.iter().sum::<f64>() / n;
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let moments = Moments::of(&values);
            prop_assert!((moments.mean().unwrap() - mean).abs() <= 1e-6);
            prop_assert!((moments.variance().unwrap() - variance).abs() <= 1e-9 * variance + 1e-6);
            let shifted: Vec<f64> = values.iter().map(|value| value + shift).collect();
            let sd = Moments::of(&shifted).sd().unwrap();
            prop_assert!((sd - moments.sd().unwrap()).abs() <= 1e-6 * (1.0 + sd));
        }
    }
}
