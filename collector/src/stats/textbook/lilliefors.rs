//! Lilliefors 1967: Kolmogorov's distance from a normal distribution with the sample's own mean and deviation.
//!
//! p comes from a simulated table of Stephens' 1974 modified statistic, which hardly depends on n: the published formulas
//! are off by up to 0.04 in the middle.

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
    /// beyond which the table does not go.
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

/// Probabilities of the table's columns.
const P: [f64; 23] = [
    0.999, 0.99, 0.98, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.075, 0.05, 0.025, 0.01,
    0.005, 0.0025, 0.001,
];

/// D (√n − 0.01 + 0.85/√n), Stephens' modified statistic, that is exceeded with these probabilities: simulated, 1 000 000
/// normal samples of each size up to 50, 400 000 of 100 and 200 000 of 400.
const TABLE: [(f64, [f64; 23]); 13] = [
    (
        4.0,
        [
            0.3213, 0.3492, 0.3689, 0.4076, 0.4510, 0.4836, 0.5106, 0.5555, 0.5922, 0.6239, 0.6553, 0.6895, 0.7088,
            0.7318, 0.7768, 0.8341, 0.8678, 0.9064, 0.9555, 0.9970, 1.0179, 1.0319, 1.0449,
        ],
    ),
    (
        5.0,
        [
            0.3042, 0.3542, 0.3780, 0.4192, 0.4598, 0.4873, 0.5089, 0.5439, 0.5756, 0.6082, 0.6454, 0.6952, 0.7235,
            0.7542, 0.7890, 0.8311, 0.8582, 0.8935, 0.9563, 1.0334, 1.0764, 1.1093, 1.1432,
        ],
    ),
    (
        6.0,
        [
            0.3051, 0.3607, 0.3840, 0.4221, 0.4567, 0.4801, 0.5001, 0.5360, 0.5712, 0.6091, 0.6504, 0.6953, 0.7205,
            0.7486, 0.7829, 0.8283, 0.8595, 0.9020, 0.9637, 1.0335, 1.0815, 1.1273, 1.1792,
        ],
    ),
    (
        7.0,
        [
            0.3061, 0.3628, 0.3847, 0.4188, 0.4504, 0.4747, 0.4958, 0.5349, 0.5725, 0.6098, 0.6483, 0.6916, 0.7169,
            0.7461, 0.7819, 0.8288, 0.8596, 0.8994, 0.9627, 1.0392, 1.0892, 1.1353, 1.1884,
        ],
    ),
    (
        8.0,
        [
            0.3104, 0.3632, 0.3832, 0.4151, 0.4477, 0.4731, 0.4954, 0.5349, 0.5714, 0.6074, 0.6456, 0.6894, 0.7152,
            0.7448, 0.7805, 0.8269, 0.8574, 0.8984, 0.9633, 1.0370, 1.0873, 1.1354, 1.1921,
        ],
    ),
    (
        10.0,
        [
            0.3117, 0.3589, 0.3781, 0.4118, 0.4468, 0.4729, 0.4948, 0.5329, 0.5686, 0.6048, 0.6435, 0.6875, 0.7133,
            0.7428, 0.7780, 0.8244, 0.8549, 0.8961, 0.9608, 1.0381, 1.0913, 1.1421, 1.1981,
        ],
    ),
    (
        12.0,
        [
            0.3088, 0.3570, 0.3774, 0.4118, 0.4464, 0.4718, 0.4935, 0.5319, 0.5676, 0.6035, 0.6420, 0.6861, 0.7117,
            0.7411, 0.7767, 0.8231, 0.8542, 0.8956, 0.9610, 1.0378, 1.0928, 1.1432, 1.2057,
        ],
    ),
    (
        15.0,
        [
            0.3085, 0.3571, 0.3775, 0.4118, 0.4460, 0.4713, 0.4929, 0.5310, 0.5664, 0.6024, 0.6407, 0.6843, 0.7099,
            0.7394, 0.7748, 0.8216, 0.8521, 0.8937, 0.9593, 1.0386, 1.0943, 1.1446, 1.2060,
        ],
    ),
    (
        20.0,
        [
            0.3090, 0.3578, 0.3780, 0.4118, 0.4455, 0.4710, 0.4926, 0.5306, 0.5661, 0.6018, 0.6398, 0.6835, 0.7089,
            0.7383, 0.7735, 0.8201, 0.8513, 0.8931, 0.9593, 1.0391, 1.0940, 1.1466, 1.2132,
        ],
    ),
    (
        30.0,
        [
            0.3101, 0.3584, 0.3788, 0.4126, 0.4463, 0.4715, 0.4931, 0.5308, 0.5659, 0.6014, 0.6396, 0.6830, 0.7084,
            0.7377, 0.7730, 0.8199, 0.8511, 0.8927, 0.9593, 1.0397, 1.0955, 1.1489, 1.2173,
        ],
    ),
    (
        50.0,
        [
            0.3124, 0.3602, 0.3807, 0.4144, 0.4485, 0.4736, 0.4949, 0.5325, 0.5677, 0.6029, 0.6407, 0.6841, 0.7095,
            0.7385, 0.7739, 0.8203, 0.8516, 0.8930, 0.9588, 1.0388, 1.0959, 1.1501, 1.2189,
        ],
    ),
    (
        100.0,
        [
            0.3150, 0.3640, 0.3843, 0.4178, 0.4517, 0.4768, 0.4981, 0.5353, 0.5705, 0.6058, 0.6437, 0.6872, 0.7124,
            0.7413, 0.7769, 0.8236, 0.8547, 0.8963, 0.9640, 1.0473, 1.1043, 1.1592, 1.2326,
        ],
    ),
    (
        400.0,
        [
            0.3249, 0.3694, 0.3900, 0.4230, 0.4573, 0.4820, 0.5030, 0.5408, 0.5754, 0.6102, 0.6483, 0.6918, 0.7169,
            0.7465, 0.7820, 0.8287, 0.8594, 0.9023, 0.9692, 1.0519, 1.1118, 1.1641, 1.2334,
        ],
    ),
];

/// Between sizes the quantiles are taken to be straight in 1/n, between probabilities their log odds in the statistic.
fn probability(d: f64, n: f64) -> f64 {
    let k = d * (n.sqrt() - 0.01 + 0.85 / n.sqrt());
    let at = TABLE.iter().position(|(size, _)| *size >= n).unwrap_or(TABLE.len() - 1);
    let (upper_n, upper) = &TABLE[at];
    let (lower_n, lower) = &TABLE[at.saturating_sub(1)];
    let weight = if upper_n > lower_n {
        ((1.0 / lower_n - 1.0 / n) / (1.0 / lower_n - 1.0 / upper_n)).clamp(0.0, 1.0)
    } else {
        1.0
    };
    let quantile = |column: usize| lower[column] + (upper[column] - lower[column]) * weight;
    let logit = |p: f64| (p / (1.0 - p)).ln();
    // Past the table's ends its last slope goes on; the result is clipped by the caller.
    let column = (1..P.len() - 1).find(|column| quantile(*column) >= k).unwrap_or(P.len() - 1);
    let (low, high) = (quantile(column - 1), quantile(column));
    let odds = logit(P[column - 1]) + (logit(P[column]) - logit(P[column - 1])) * (k - low) / (high - low);
    1.0 / (1.0 + (-odds).exp())
}
