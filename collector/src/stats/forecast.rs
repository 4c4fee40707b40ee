//! When does a growing series reach a limit?
//!
//! The slope is Theil and Sen's (the median slope of all pairs of block means), which a few odd blocks cannot turn. Its
//! interval is Sen's 1968, from Kendall's variance, widened by how much the residuals of the blocks depend on each other;
//! the level is the median of what is left, with its own interval at the end.

use super::student::normal_quantile;
use super::verdict::Points;
use super::{StatsError, float, median};

/// Blocks the slope is taken of: pairs grow with their square.
const BLOCKS_MAX: usize = 200;
/// Blocks, least.
const BLOCKS_MIN: usize = 8;
/// Autocorrelation above which nothing can be told.
const R_MAX: f64 = 0.95;

/// A straight line with its doubt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Growth per second.
    pub slope_per_s: f64,
    /// 95 % interval of the growth.
    pub slope_ci: (f64, f64),
    /// Level at the end.
    pub level: f64,
    /// Spread of the blocks around the line (1.4826 median distances).
    pub residual_sd: f64,
    /// End of the series, ms since 1970.
    pub end_ms: i64,
    /// Blocks used.
    pub blocks: usize,
    /// Autocorrelation of the residuals.
    pub r: f64,
}

/// When the limit is reached, from the end of the series, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Full {
    /// It already is.
    Already,
    /// By the line; `None` when it does not grow towards the limit. Not before, not after (95 %); `None`: perhaps never.
    In {
        /// By the slope itself.
        expected_s: Option<f64>,
        /// At the fastest growth that the readings allow.
        not_before_s: Option<f64>,
        /// At the slowest.
        not_after_s: Option<f64>,
    },
}

/// The trend of a series.
///
/// # Errors
/// See [`StatsError`]; it takes readings for 8 blocks.
#[expect(clippy::cast_precision_loss, reason = "milliseconds below 2^53")]
pub fn trend(points: &Points) -> Result<Trend, StatsError> {
    let too_few = StatsError::TooFew { n: points.len(), needed: BLOCKS_MIN };
    let (from, to) = points.span().ok_or(too_few)?;
    let blocks = blocks(points, from, to);
    if blocks.len() < BLOCKS_MIN {
        return Err(too_few);
    }
    let mut slopes: Vec<f64> = Vec::with_capacity(blocks.len() * blocks.len() / 2);
    for (at, (t, y)) in blocks.iter().enumerate() {
        slopes.extend(blocks[at + 1..].iter().map(|(u, z)| (z - y) / (u - t)));
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let slope = median(&mut slopes.clone()).ok_or(too_few)?;
    let mut levels: Vec<f64> = blocks.iter().map(|(t, y)| y - slope * t).collect();
    let intercept = median(&mut levels).ok_or(too_few)?;
    let off: Vec<f64> = blocks.iter().map(|(t, y)| y - slope * t - intercept).collect();
    let residual_sd = 1.4826 * median(&mut off.iter().map(|off| off.abs()).collect::<Vec<_>>()).unwrap_or(0.0);
    let r = autocorrelation(&off);
    let slope_ci = interval(&slopes, blocks.len(), r);
    let level = intercept + slope * (to - from) as f64 / 1000.0;
    Ok(Trend { slope_per_s: slope, slope_ci, level, residual_sd, end_ms: to, blocks: blocks.len(), r })
}

/// Means of equal parts, each at the mean time of its readings, in seconds from the start.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times in ms and small indices"
)]
fn blocks(points: &Points, from: i64, to: i64) -> Vec<(f64, f64)> {
    let parts = points.len().min(BLOCKS_MAX);
    let length = (to - from).max(1) as f64 / float(parts.max(1));
    let mut sums = vec![(0.0, 0.0, 0.0); parts];
    for (at, value) in points.at_ms().iter().zip(points.values()) {
        let part = (((at - from) as f64 / length) as usize).min(parts - 1);
        sums[part].0 += (at - from) as f64 / 1000.0;
        sums[part].1 += value;
        sums[part].2 += 1.0;
    }
    sums.into_iter().filter(|(_, _, n)| *n > 0.0).map(|(t, y, n)| (t / n, y / n)).collect()
}

fn autocorrelation(off: &[f64]) -> f64 {
    let n = float(off.len());
    let mean = off.iter().sum::<f64>() / n;
    let squares: f64 = off.iter().map(|off| (off - mean).powi(2)).sum();
    if squares <= 0.0 {
        return 0.0;
    }
    let products: f64 = off.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum();
    let r = products / squares;
    (r + (1.0 + 4.0 * r) / n).clamp(0.0, R_MAX)
}

/// Sen's interval: the slopes whose ranks are Kendall's deviation away from the middle.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ranks between 0 and the number of slopes")]
fn interval(sorted: &[f64], blocks: usize, r: f64) -> (f64, f64) {
    let n = float(blocks);
    let inflation = (1.0 + r) / (1.0 - r);
    let deviation = (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0 * inflation).sqrt();
    let middle = float(sorted.len()) / 2.0;
    let half = normal_quantile(0.975) * deviation / 2.0;
    let last = sorted.len() - 1;
    let low = (middle - half).floor().max(0.0) as usize;
    let high = (middle + half).ceil().max(0.0) as usize;
    (sorted[low.min(last)], sorted[high.min(last)])
}

impl Trend {
    /// When the series reaches `limit`, coming from below (or from above where it lies below already at a falling slope:
    /// give the limit that matters).
    #[must_use]
    pub fn reaches(&self, limit: f64) -> Full {
        let room = limit - self.level;
        if room <= 0.0 {
            return Full::Already;
        }
        let after = |slope: f64, room: f64| (slope > 0.0 && room > 0.0).then(|| room / slope);
        // What the blocks scatter may be there already, or may still be missing.
        let doubt = 2.0 * self.residual_sd;
        let not_before_s = if room <= doubt { Some(0.0) } else { after(self.slope_ci.1, room - doubt) };
        Full::In {
            expected_s: after(self.slope_per_s, room),
            not_before_s,
            not_after_s: after(self.slope_ci.0, room + doubt),
        }
    }

    /// The line at so many seconds after the end, with the interval of its slope and scatter.
    #[must_use]
    pub fn at(&self, after_s: f64) -> (f64, f64, f64) {
        let doubt = 2.0 * self.residual_sd;
        (
            self.level + self.slope_per_s * after_s,
            self.level + self.slope_ci.0 * after_s - doubt,
            self.level + self.slope_ci.1 * after_s + doubt,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(at: i64) -> f64 {
        let mixed = (at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33) & 0xffff;
        f64::from(u16::try_from(mixed).unwrap()) / 32768.0 - 1.0
    }

    fn series(of: impl Fn(i64) -> f64) -> Points {
        Points::new((0..500).map(|at| (at * 60_000, of(at))))
    }

    #[test]
    fn a_filling_disk_is_full_when_it_says() {
        // 1 a minute from 100, so 1 000 is reached 400 minutes after the end.
        let growing = series(|at| 100.0 + f64::from(i32::try_from(at).unwrap()) + 5.0 * noise(at));
        let trend = trend(&growing).unwrap();
        assert!((trend.slope_per_s * 60.0 - 1.0).abs() < 0.01, "{trend:?}");
        assert!(trend.slope_ci.0 < trend.slope_per_s && trend.slope_per_s < trend.slope_ci.1);
        let Full::In { expected_s: Some(expected), not_before_s: Some(low), not_after_s: Some(high) } =
            trend.reaches(1000.0)
        else {
            panic!("{:?}", trend.reaches(1000.0))
        };
        assert!((expected / 60.0 - 400.0).abs() < 10.0 && low < expected && expected < high, "{low} {expected} {high}");
        assert_eq!(trend.reaches(500.0), Full::Already);
    }

    #[test]
    fn spikes_do_not_turn_the_line_and_a_flat_one_never_fills() {
        let spiky = series(|at| f64::from(i32::try_from(at).unwrap()) + if at % 29 == 0 { 5_000.0 } else { 0.0 });
        assert!((trend(&spiky).unwrap().slope_per_s * 60.0 - 1.0).abs() < 0.2);
        let flat = trend(&series(noise)).unwrap();
        assert!(matches!(flat.reaches(100.0), Full::In { not_after_s: None, .. }), "{flat:?}");
        assert!(trend(&Points::new([(0, 1.0), (1, 2.0)])).is_err());
        let constant = trend(&series(|_| 3.0)).unwrap();
        assert_eq!(
            (constant.slope_per_s, constant.reaches(4.0)),
            (0.0, Full::In { expected_s: None, not_before_s: None, not_after_s: None })
        );
    }
}
