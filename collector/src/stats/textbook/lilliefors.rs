//! Lilliefors 1967: Kolmogorov's distance from a normal distribution with the sample's own mean and deviation.
//!
//! p is Dallal and Wilkinson's 1986 formula where it is below 0.1, and Stephens' 1974 modified statistic above.

use crate::stats::ranks::sorted;
use crate::stats::student::normal_tails;
use crate::stats::sums::Spread;
use crate::stats::{StatsError, check_one, float, rounding};

/// The result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lilliefors {
    /// The distance.
    pub statistic: f64,
    /// Probability of such a distance, or a larger one, when the sample comes from a normal distribution; 0.001 … 0.99,
    /// beyond which the formulas are not made.
    pub p: f64,
}

/// See the module.
///
/// # Errors
/// See [`StatsError`]; it takes 4 values, and they have to vary.
pub fn lilliefors(x: &[f64]) -> Result<Lilliefors, StatsError> {
    check_one(x, 4)?;
    let spread = Spread::of(x);
    if spread.variance() <= rounding(x, &[]) {
        return Err(StatsError::ZeroVariance);
    }
    let (n, sd) = (spread.n, spread.sd());
    let mut statistic = 0.0_f64;
    for (at, value) in sorted(x).into_iter().enumerate() {
        let expected = normal_tails((value - spread.mean) / sd).0;
        statistic = statistic.max(float(at + 1) / n - expected).max(expected - float(at) / n);
    }
    Ok(Lilliefors { statistic, p: probability(statistic, n).clamp(0.001, 0.99) })
}

fn probability(d: f64, n: f64) -> f64 {
    let (shrunk, size) = if n <= 100.0 { (d, n) } else { (d * (n / 100.0).powf(0.49), 100.0) };
    let small = (-7.01256 * shrunk * shrunk * (size + 2.78019) + 2.99587 * shrunk * (size + 2.78019).sqrt() - 0.122_119
        + 0.974_598 / size.sqrt()
        + 1.67997 / size)
        .exp();
    if small <= 0.1 {
        return small;
    }
    let k = (n.sqrt() - 0.01 + 0.85 / n.sqrt()) * d;
    let polynomial = |c: [f64; 5]| c.iter().rev().fold(0.0, |sum, c| sum * k + c);
    if k <= 0.302 {
        1.0
    } else if k <= 0.5 {
        polynomial([2.76773, -19.828_315, 80.709_644, -138.55152, 81.218_052])
    } else if k <= 0.9 {
        polynomial([-4.901_232, 40.662_806, -97.490_286, 94.029_866, -32.355_711])
    } else if k <= 1.31 {
        polynomial([6.198_765, -19.558_097, 23.186_922, -12.234_627, 2.423_045])
    } else {
        0.0
    }
}
