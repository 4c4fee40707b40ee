//! Change points that are none, on series whose level never changes, and those that are found where it does.

use evenkeel_collector::stats::changepoint::change_points;

use super::random::Random;
use super::rates::parallel;
use super::series::{Noise, float};

/// Mean number of points of a series without a change.
#[must_use]
pub fn false_points(phi: f64, n: usize, runs: usize) -> f64 {
    let name = format!("levels {phi} {n}");
    let found = parallel(runs, |run| change_points(&Noise::Ar(phi).make(n, &mut Random::of(&name, run))).len());
    float(found.iter().sum()) / float(runs)
}

/// Share of series in which a shift of so many deviations in the middle is found within a twentieth of the series.
#[must_use]
pub fn found(phi: f64, n: usize, shift: f64, runs: usize) -> f64 {
    let name = format!("levels {phi} {n} shifted");
    let hits = parallel(runs, |run| {
        let mut values = Noise::Ar(phi).make(n, &mut Random::of(&name, run));
        values[n / 2..].iter_mut().for_each(|value| *value += shift);
        change_points(&values).iter().any(|point| point.index.abs_diff(n / 2) <= n / 20)
    });
    float(hits.into_iter().filter(|hit| *hit).count()) / float(runs)
}
