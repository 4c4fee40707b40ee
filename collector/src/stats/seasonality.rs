//! Is there a daily or a weekly cycle?
//!
//! Profiles of the days (24 hourly means, each less its day's mean) are compared with each other: with a cycle they look
//! alike. Chance is what is left when every day is turned by a random number of hours: that keeps how the hours of a day
//! depend on each other. Weeks are looked at in the same way, in 28 parts of 6 hours, after the daily cycle is taken out.

use super::float;
use super::verdict::Points;

const DAY_MS: i64 = 86_400_000;
/// Turnings that make chance.
const TURNINGS: usize = 999;
/// Share of a profile's parts that must be there.
const PRESENT_MIN: f64 = 0.9;
/// Days, or weeks, at most: the newest count.
const PROFILES_MAX: i64 = 60;

/// A cycle, or none.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycle {
    /// Whole days, or weeks, that were compared.
    pub profiles: usize,
    /// Mean correlation of two of them.
    pub likeness: f64,
    /// Probability of such a likeness, or a larger one, without a cycle; with few profiles it cannot be small.
    pub p: f64,
    /// Largest less smallest part of the mean profile, in the series' unit.
    pub amplitude: f64,
    /// Share of the variance of the parts that the mean profile explains.
    pub explained: f64,
}

impl Cycle {
    /// Whether there is one, as far as can be told.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.p < 0.05
    }
}

/// Days from which a missing daily cycle is taken for none.
const NONE_FROM: usize = 5;

/// Whether there is a daily cycle; `None` where too few days say anything. `seed` makes chance repeatable.
#[must_use]
pub fn is_daily(points: &Points, seed: u64) -> Option<bool> {
    let found = daily(points, seed)?;
    if found.is_there() { Some(true) } else { (found.profiles >= NONE_FROM).then_some(false) }
}

/// The daily cycle; `None` with fewer than 2 whole days. `seed` makes chance repeatable.
#[must_use]
pub fn daily(points: &Points, seed: u64) -> Option<Cycle> {
    cycle(profiles(points, DAY_MS, 24), seed)
}

/// The weekly cycle beside the daily one; `None` with fewer than 2 whole weeks.
#[must_use]
pub fn weekly(points: &Points, seed: u64) -> Option<Cycle> {
    let mut weeks = profiles(points, 7 * DAY_MS, 28);
    for week in &mut weeks {
        // The mean of each time of day over the week's days goes.
        for part in 0..4 {
            let mean = (0..7).map(|day| week[day * 4 + part]).sum::<f64>() / 7.0;
            for day in 0..7 {
                week[day * 4 + part] -= mean;
            }
        }
    }
    // A week may only be turned by whole days.
    cycle_by(weeks, 4, seed)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times in ms and small indices"
)]
fn profiles(points: &Points, span_ms: i64, parts: usize) -> Vec<Vec<f64>> {
    let Some((from, to)) = points.span() else { return Vec::new() };
    let count = ((to - from + span_ms / 100) / span_ms).max(0);
    let length = span_ms / i64::try_from(parts).unwrap_or(1).max(1);
    let step = points.step_ms().unwrap_or(1);
    let expected = (length as f64 / step as f64).max(1.0);
    let mut profiles = Vec::new();
    for at in (count - PROFILES_MAX).max(0)..count {
        let begin = from + at * span_ms;
        let window = points.between(begin, begin + span_ms);
        let mut sums = vec![(0.0, 0.0); parts];
        for (time, value) in window.at_ms().iter().zip(window.values()) {
            let part = (((time - begin) / length) as usize).min(parts - 1);
            sums[part].0 += value;
            sums[part].1 += 1.0;
        }
        if sums.iter().filter(|(_, n)| *n >= 0.5 * expected.min(2.0)).count()
            < (PRESENT_MIN * float(parts)).ceil() as usize
        {
            continue;
        }
        let present: Vec<f64> = sums.iter().filter(|(_, n)| *n > 0.0).map(|(sum, n)| sum / n).collect();
        let mean = present.iter().sum::<f64>() / float(present.len());
        profiles.push(sums.iter().map(|(sum, n)| if *n > 0.0 { sum / n - mean } else { 0.0 }).collect());
    }
    profiles
}

fn cycle(profiles: Vec<Vec<f64>>, seed: u64) -> Option<Cycle> {
    cycle_by(profiles, 1, seed)
}

fn cycle_by(profiles: Vec<Vec<f64>>, turn: usize, seed: u64) -> Option<Cycle> {
    if profiles.len() < 2 {
        return None;
    }
    let parts = profiles[0].len();
    let normed: Vec<Vec<f64>> = profiles
        .iter()
        .map(|profile| {
            let size = profile.iter().map(|value| value * value).sum::<f64>().sqrt();
            profile.iter().map(|value| if size > 0.0 { value / size } else { 0.0 }).collect()
        })
        .collect();
    let straight = vec![0; profiles.len()];
    let seen = likeness(&normed, &straight);
    let mut state = seed;
    let mut alike = 0_usize;
    for _ in 0..TURNINGS {
        let turns: Vec<usize> = straight.iter().map(|_| pick(&mut state, parts / turn) * turn).collect();
        alike += usize::from(likeness(&normed, &turns) >= seen - 1e-12);
    }
    let mean: Vec<f64> = (0..parts)
        .map(|part| profiles.iter().map(|profile| profile[part]).sum::<f64>() / float(profiles.len()))
        .collect();
    let square = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
    let all: f64 = profiles.iter().map(|profile| square(profile)).sum();
    let extremes = mean.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    Some(Cycle {
        profiles: profiles.len(),
        likeness: seen,
        p: (float(alike) + 1.0) / (float(TURNINGS) + 1.0),
        amplitude: extremes.1 - extremes.0,
        explained: if all > 0.0 { (square(&mean) * float(profiles.len()) / all).clamp(0.0, 1.0) } else { 0.0 },
    })
}

/// Mean correlation of two profiles, from the size of their sum.
fn likeness(normed: &[Vec<f64>], turns: &[usize]) -> f64 {
    let parts = normed[0].len();
    let mut sum = vec![0.0; parts];
    for (profile, turn) in normed.iter().zip(turns) {
        for (at, value) in profile.iter().enumerate() {
            sum[(at + turn) % parts] += value;
        }
    }
    let n = float(normed.len());
    let own: f64 = normed.iter().flatten().map(|value| value * value).sum();
    (sum.iter().map(|value| value * value).sum::<f64>() - own) / (n * (n - 1.0))
}

/// `SplitMix64` (Steele, Lea and Flood 2014).
fn pick(state: &mut u64, n: usize) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((u128::from(z ^ (z >> 31)) * n.max(1) as u128) >> 64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(days: i64, of: impl Fn(i64) -> f64) -> Points {
        Points::new((0..days * 144).map(|at| (at * 600_000, of(at))))
    }

    fn noise(at: i64) -> f64 {
        let mut state = u64::try_from(at).unwrap();
        f64::from(u32::try_from(pick(&mut state, 65_536)).unwrap()) / 32_768.0 - 1.0
    }

    #[test]
    fn a_daily_wave_is_found_and_noise_is_not() {
        let wave = |at: i64| f64::from(i32::try_from(at % 144).unwrap()) / 144.0 * 2.0;
        let found = daily(&series(7, |at| wave(at) + noise(at)), 1).unwrap();
        assert!(found.is_there() && found.amplitude > 1.5 && found.profiles == 7, "{found:?}");
        let chance =
            (0..40).filter(|seed| daily(&series(7, |at| noise(at + seed * 5_000)), 1).unwrap().is_there()).count();
        assert!(chance <= 6, "{chance} of 40");
        assert_eq!(daily(&series(1, noise), 1), None);
    }

    #[test]
    fn a_quiet_weekend_is_a_weekly_cycle_and_a_daily_wave_is_none() {
        let weekend = |at: i64| if (at / 144) % 7 >= 5 { -3.0 } else { 0.0 };
        assert!(weekly(&series(28, |at| weekend(at) + noise(at)), 1).unwrap().is_there());
        let wave = |at: i64| f64::from(i32::try_from(at % 144).unwrap()) / 20.0;
        assert!(!weekly(&series(28, |at| wave(at) + noise(at)), 1).unwrap().is_there());
        assert_eq!(weekly(&series(13, noise), 1), None);
    }
}
