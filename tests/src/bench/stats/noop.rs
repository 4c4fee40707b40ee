//! An action that does nothing, set off by a threshold: the reading is extreme when it fires, so what follows is better on
//! its own. How often does it come out as helped?

use evenkeel_collector::stats::Alternative;
use evenkeel_collector::stats::textbook::welch;
use evenkeel_collector::stats::verdict::{Better, Decision, Limits, Points, Threshold, before_episode, verdict};

use super::random::Random;
use super::rates::parallel;
use super::series::{HOUR, Noise, float, points};

/// Deviations above the mean at which the action fires.
const FIRES_AT: f64 = 3.0;
/// Readings looked through for one.
const LONGEST: usize = 40 * 24 * HOUR;

/// Shares that came out as helped.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Helped {
    /// By our verdict, with any effect counting.
    pub ours: f64,
    /// By Welch's test on the windows as they lie, in minutes around the action and in these hours.
    pub naive: f64,
    /// By Welch's test of ten minutes before and after.
    pub naive_short: f64,
}

/// Runs it so often with windows of so many hours.
#[must_use]
pub fn helped(hours: usize, runs: usize) -> Helped {
    let outcomes = parallel(runs, |run| one(hours, run));
    let share = |of: usize| float(outcomes.iter().filter(|one| one[of]).count()) / float(runs);
    Helped { ours: share(0), naive: share(1), naive_short: share(2) }
}

fn one(hours: usize, run: usize) -> [bool; 3] {
    let length = hours * HOUR;
    let values = Noise::Ar(0.9).make(LONGEST.min(40 * length.max(HOUR)), &mut Random::of("noop", run));
    // Twice the window has to lie before: the episode is left out of it.
    let fired = (2 * length..values.len() - length).find(|at| values[*at] > FIRES_AT);
    let Some(fired) = fired else { return [false; 3] };
    let before = points(&values[fired - 2 * length..=fired], 0);
    let after = points(&values[fired + 1..=fired + length], 2 * length + 1);
    let calm = last(&before_episode(&before), length);
    // Any improvement that is significant counts, however small: the threshold hides nothing.
    let limits = Limits { better: Some(Better::Lower), threshold: Threshold::Absolute(0.0), ..Limits::default() };
    let ours = verdict(&calm, &after, &limits).decision == Decision::Improved;
    let naive = |n: usize| {
        let (before, after) = (before.values(), after.values());
        let n = n.min(after.len());
        welch(&before[before.len() - n..], &after[..n], Alternative::Greater).is_ok_and(|test| test.p < 0.025)
    };
    [ours, naive(length), naive(HOUR / 6)]
}

/// The last `n` readings.
fn last(points: &Points, n: usize) -> Points {
    let at = points.at_ms();
    let from = at.get(at.len().saturating_sub(n)).copied().unwrap_or(0);
    points.between(from, i64::MAX)
}
