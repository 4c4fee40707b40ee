//! Sums that lose nothing to cancellation, in two passes: the mean first, then squares around it.

use super::float;

/// Values that a lane adds before its error term is looked at again do not matter: each lane is compensated by itself.
const LANES: usize = 8;

/// The sum, compensated (Knuth's `TwoSum` in independent lanes, after Ogita, Rump and Oishi 2005): the error does not
/// grow with n.
#[must_use]
pub fn sum(values: &[f64]) -> f64 {
    sum_of(values, |value| value)
}

/// Values up to which every single addition is compensated.
const FEW: usize = 4_096;
/// Values of a chunk of a long sample: its lanes are added plainly, with an error of a few last digits that does not grow
/// with n, and the chunks' sums are compensated.
const CHUNK: usize = 16 * LANES;

/// The same of a function of each value.
#[must_use]
pub fn sum_of(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    if values.len() <= FEW {
        return compensated(values, of);
    }
    let (chunks, rest) = values.as_chunks::<CHUNK>();
    let of_chunk = |chunk: &[f64; CHUNK]| -> f64 {
        let mut lanes = [0.0_f64; LANES];
        for part in chunk.as_chunks::<LANES>().0 {
            for (lane, value) in lanes.iter_mut().zip(part) {
                *lane += of(*value);
            }
        }
        (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    };
    let mut parts: Vec<f64> = chunks.iter().map(of_chunk).collect();
    parts.push(compensated(rest, of));
    compensated(&parts, |part| part)
}

/// Whether all values are finite.
#[must_use]
pub fn all_finite(values: &[f64]) -> bool {
    // 0 times anything that is not finite is NaN, which no further sum loses; without branches it runs in lanes.
    let mut lanes = [0.0_f64; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value * 0.0;
        }
    }
    lanes.iter().sum::<f64>() == 0.0 && rest.iter().all(|value| value.is_finite())
}

/// The largest size of a value; 0 of nothing.
#[must_use]
pub fn largest(values: &[f64]) -> f64 {
    let mut lanes = [0.0_f64; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            let size = value.abs();
            *lane = if size > *lane { size } else { *lane };
        }
    }
    rest.iter().map(|value| value.abs()).chain(lanes).fold(0.0, f64::max)
}

fn compensated(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0_f64; LANES];
    let mut errors = [0.0_f64; LANES];
    let mut add = |lane: usize, value: f64| {
        let total = sums[lane] + value;
        let part = total - sums[lane];
        errors[lane] += (sums[lane] - (total - part)) + (value - part);
        sums[lane] = total;
    };
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in chunk.iter().enumerate() {
            add(lane, of(*value));
        }
    }
    for (lane, value) in rest.iter().enumerate() {
        add(lane, of(*value));
    }
    let (mut total, mut error) = (0.0_f64, errors.iter().sum::<f64>());
    for lane in sums {
        let next = total + lane;
        let part = next - total;
        error += (total - (next - part)) + (lane - part);
        total = next;
    }
    // An infinite total has no meaningful error term.
    if total.is_finite() { total + error } else { total }
}

/// Mean and sum of squared deviations of a sample; both are 0 of nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// How many values.
    pub n: f64,
    /// Their mean.
    pub mean: f64,
    /// Σ (value − mean)².
    pub squares: f64,
}

impl Spread {
    /// Two passes; the second corrects for what rounding left in the mean (Chan, Golub and `LeVeque` 1983).
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let n = float(values.len());
        if values.is_empty() {
            return Self { n, mean: 0.0, squares: 0.0 };
        }
        let rough = sum(values) / n;
        let rest = sum_of(values, |value| value - rough);
        let squares = sum_of(values, |value| (value - rough) * (value - rough));
        Self { n, mean: rough + rest / n, squares: (squares - rest * rest / n).max(0.0) }
    }

    /// The variance with n − 1; 0 of fewer than two values.
    #[must_use]
    pub fn variance(&self) -> f64 {
        if self.n > 1.0 { self.squares / (self.n - 1.0) } else { 0.0 }
    }

    /// The standard deviation with n − 1.
    #[must_use]
    pub fn sd(&self) -> f64 {
        self.variance().sqrt()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cancellation_and_offsets_lose_nothing() {
        let values = [1.0, 1e100, 1.0, -1e100];
        assert!((sum(&values) - 2.0).abs() < 1e-12);
        let offset = Spread::of(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert!((offset.variance() - 30.0).abs() < 1e-12);
        assert!(Spread::of(&[0.1; 1000]).squares < 1e-25);
        assert_eq!(Spread::of(&[]), Spread { n: 0.0, mean: 0.0, squares: 0.0 });
    }

    #[test]
    fn long_samples_keep_their_digits() {
        let values: Vec<f64> = (0..100_003).map(|at| 1e9 + f64::from(at % 10)).collect();
        let exact = 1e9 * 100_003.0 + (0..100_003).map(|at| f64::from(at % 10)).sum::<f64>();
        assert!((sum(&values) - exact).abs() <= 1e-15 * exact, "{} {exact}", sum(&values));
        let spread = Spread::of(&values);
        assert!((spread.squares / spread.n - 8.25).abs() < 1e-3, "{spread:?}");
    }

    #[test]
    fn what_is_not_finite_is_seen_wherever_it_is() {
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for at in 0..20 {
                let mut values = vec![f64::MAX; 20];
                assert!(all_finite(&values));
                values[at] = wrong;
                assert!(!all_finite(&values), "{wrong} at {at}");
            }
        }
        assert!(all_finite(&[]));
        assert_eq!((largest(&[]), largest(&[1.0, -3.0, 2.0]), largest(&[-1.0; 9])), (0.0, 3.0, 1.0));
    }

    proptest! {
        #[test]
        fn agrees_with_plain_sums(values in prop::collection::vec(-1e6_f64..1e6, 2..300)) {
            let n = float(values.len());
            let mean = values.iter().sum::<f64>() / n;
            let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
            let spread = Spread::of(&values);
            prop_assert!((spread.mean - mean).abs() <= 1e-9 * (1.0 + mean.abs()));
            prop_assert!((spread.squares - squares).abs() <= 1e-9 * squares + 1e-6);
        }
    }
}
