//! Made series without any change, as monitoring data are: readings 10 s apart that depend on each other.

use evenkeel_collector::stats::verdict::Points;

use super::fourier::fractional_noise;
use super::random::Random;

/// Distance of two readings.
pub const STEP_MS: i64 = 10_000;
/// Readings of an hour.
pub const HOUR: usize = 360;
/// Readings of a day.
pub const DAY: usize = 24 * HOUR;

/// How the readings depend on each other. Each has mean 0 and deviation 1 but the lognormal one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Noise {
    /// They do not.
    White,
    /// Each keeps φ of the one before.
    Ar(f64),
    /// φ 0.99 and as much white noise above it.
    ArAndWhite,
    /// exp of AR(1) with φ 0.9.
    Lognormal,
    /// Long memory: ARFIMA(0, d, 0).
    Long(f64),
}

impl Noise {
    /// `n` readings.
    pub fn make(self, n: usize, random: &mut Random) -> Vec<f64> {
        match self {
            Self::White => (0..n).map(|_| random.normal()).collect(),
            Self::Ar(phi) => ar(n, phi, random),
            Self::ArAndWhite => {
                let half = std::f64::consts::FRAC_1_SQRT_2;
                ar(n, 0.99, random).into_iter().map(|value| half * (value + random.normal())).collect()
            }
            Self::Lognormal => ar(n, 0.9, random).into_iter().map(f64::exp).collect(),
            Self::Long(d) => fractional_noise(n, d, random),
        }
    }

    /// Its standard deviation.
    #[must_use]
    pub fn sd(self) -> f64 {
        // Of exp of a standard normal: √((e − 1) e).
        if self == Self::Lognormal { ((std::f64::consts::E - 1.0) * std::f64::consts::E).sqrt() } else { 1.0 }
    }
}

fn ar(n: usize, phi: f64, random: &mut Random) -> Vec<f64> {
    let fresh = (1.0 - phi * phi).sqrt();
    let mut value = random.normal();
    (0..n)
        .map(|_| {
            let now = value;
            value = phi * value + fresh * random.normal();
            now
        })
        .collect()
}

/// A daily wave of an amplitude, from midnight.
#[must_use]
pub fn wave(at: usize, amplitude: f64) -> f64 {
    amplitude * (std::f64::consts::TAU * float(at % DAY) / float(DAY)).sin()
}

/// Readings as points, the first one so many readings after midnight of a Monday.
#[must_use]
pub fn points(values: &[f64], first: usize) -> Points {
    const MONDAY_MS: i64 = 4 * 86_400_000;
    let at = |index: usize| MONDAY_MS + i64::try_from(first + index).unwrap_or(0) * STEP_MS;
    // A level above 0, as most metrics have.
    Points::new(values.iter().enumerate().map(|(index, value)| (at(index), 100.0 + value)))
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
#[must_use]
pub fn float(n: usize) -> f64 {
    n as f64
}
