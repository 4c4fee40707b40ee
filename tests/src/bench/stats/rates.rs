//! How often tests reject: ours in its forms, and the naive ones on the raw readings.

use std::sync::atomic::{AtomicUsize, Ordering};

use evenkeel_collector::stats::Alternative;
use evenkeel_collector::stats::textbook::{Method, brown_forsythe, mann_whitney, welch};
use evenkeel_collector::stats::verdict::{Estimate, Limits, Points, verdict};

use super::random::Random;
use super::series::{DAY, HOUR, Noise, float, points, wave};

const ALPHA: f64 = 0.05;

/// Whether each test rejects; one that is gated does not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The primary form, the one that decides.
    pub primary: bool,
    /// Mean, rank and spread form.
    pub forms: [bool; 3],
    /// The mean form is worth too little to speak.
    pub gated: bool,
    /// The rank form is the primary one.
    pub is_rank: bool,
    /// Welch, Mann–Whitney, Brown–Forsythe on raw readings.
    pub naive: [bool; 3],
}

/// Judges two windows with all tests.
#[must_use]
pub fn outcome(before: &Points, after: &Points, limits: &Limits) -> Outcome {
    let verdict = verdict(before, after, limits);
    let found = &verdict.findings;
    let speaks = |estimate: Option<Estimate>| estimate.filter(|estimate| estimate.k_eff >= found.gate - 1e-9);
    let rejects = |p: Option<f64>| p.is_some_and(|p| p < ALPHA);
    let (x, y) = (before.values(), after.values());
    let two = Alternative::TwoSided;
    Outcome {
        primary: rejects(verdict.p),
        forms: [
            rejects(speaks(found.mean).map(|mean| mean.p())),
            rejects(verdict.rank.map(|rank| rank.p)),
            rejects(verdict.spread.map(|spread| spread.p)),
        ],
        gated: verdict.p.is_none(),
        is_rank: found.form == evenkeel_collector::stats::verdict::Form::Rank,
        naive: [
            rejects(welch(x, y, two).ok().map(|test| test.p)),
            rejects(mann_whitney(x, y, two, Some(Method::Asymptotic), true).ok().map(|test| test.p)),
            rejects(brown_forsythe(x, y).ok().map(|test| test.p)),
        ],
    }
}

/// Where the windows lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Design {
    /// One after the other.
    Adjacent,
    /// At the same time of day, with so many days before as the reference.
    SameTime(usize),
    /// So many whole days on each side.
    Days(usize),
}

/// A way to make two windows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scene {
    /// How readings depend on each other.
    pub noise: Noise,
    /// Where the windows lie.
    pub design: Design,
    /// Amplitude of a daily wave.
    pub wave: f64,
    /// Deviation of a random effect of each day.
    pub day_sd: f64,
    /// Added to the window after.
    pub shift: f64,
    /// What is known of a daily cycle.
    pub cycle: Option<bool>,
}

impl Scene {
    /// Stationary noise in two windows, one after the other.
    #[must_use]
    pub const fn stationary(noise: Noise) -> Self {
        Self { noise, design: Design::Adjacent, wave: 0.0, day_sd: 0.0, shift: 0.0, cycle: None }
    }

    /// Two windows of `hours`.
    #[must_use]
    pub fn windows(&self, hours: usize, random: &mut Random) -> (Points, Points) {
        let length = hours * HOUR;
        let (before, gap, after) = match self.design {
            Design::Adjacent => (length, 0, length),
            // The before window ends as long before the same time of day as the one after is.
            Design::SameTime(1) => (length, DAY - length.min(DAY), length),
            Design::SameTime(days) => (days * DAY, 0, length),
            Design::Days(days) => (days * DAY, 0, days * DAY),
        };
        let is_days = matches!(self.design, Design::Days(_));
        let first = if is_days { 0 } else { usize::try_from(scaled(random, DAY)).unwrap_or(0) };
        let mut values = self.noise.make(before + gap + after, random);
        let days = (first + values.len()) / DAY + 1;
        let effects: Vec<f64> = (0..days).map(|_| self.day_sd * random.normal()).collect();
        for (at, value) in values.iter_mut().enumerate() {
            *value += wave(first + at, self.wave) + effects[(first + at) / DAY];
            if at >= before + gap {
                *value += self.shift;
            }
        }
        (points(&values[..before], first), points(&values[before + gap..], first + before + gap))
    }

    fn limits(&self) -> Limits {
        Limits { cycle: self.cycle, ..Limits::default() }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and n")]
fn scaled(random: &mut Random, n: usize) -> u64 {
    (random.uniform() * float(n)) as u64
}

/// Shares of rejections.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Of the primary form.
    pub primary: f64,
    /// Of mean, rank and spread form.
    pub forms: [f64; 3],
    /// Share of runs that were worth too little.
    pub gated: f64,
    /// Share of runs in which the rank form is the primary one.
    pub is_rank: f64,
    /// Of the naive tests.
    pub naive: [f64; 3],
}

/// Runs a scene so often; each run has a seed of its own.
#[must_use]
pub fn rates(name: &str, scene: &Scene, hours: usize, runs: usize) -> Rates {
    let outcomes = parallel(runs, |run| {
        let mut random = Random::of(name, run);
        let (before, after) = scene.windows(hours, &mut random);
        outcome(&before, &after, &scene.limits())
    });
    let share = |of: &dyn Fn(&Outcome) -> bool| float(outcomes.iter().filter(|one| of(one)).count()) / float(runs);
    Rates {
        primary: share(&|one| one.primary),
        forms: [0, 1, 2].map(|form| share(&|one| one.forms[form])),
        gated: share(&|one| one.gated),
        is_rank: share(&|one| one.is_rank),
        naive: [0, 1, 2].map(|test| share(&|one| one.naive[test])),
    }
}

/// Results of all runs in order, on all cores.
pub fn parallel<T: Send>(runs: usize, one: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut results: Vec<(usize, T)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    loop {
                        let run = next.fetch_add(1, Ordering::Relaxed);
                        if run >= runs {
                            return mine;
                        }
                        mine.push((run, one(run)));
                    }
                })
            })
            .collect();
        // A run that panics ends the measurement: its numbers would be wrong.
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|why| std::panic::resume_unwind(why)))
            .collect()
    });
    results.sort_unstable_by_key(|(run, _)| *run);
    results.into_iter().map(|(_, result)| result).collect()
}
