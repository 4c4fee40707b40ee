//! Many series at once, a few of them truly shifted: how many of the discoveries are false?

use evenkeel_collector::stats::Alternative;
use evenkeel_collector::stats::textbook::{benjamini_hochberg, welch};
use evenkeel_collector::stats::verdict::{Limits, Verdict, adjust, verdict};

use super::random::Random;
use super::rates::{Design, Scene, parallel};
use super::series::{Noise, float};

/// VM × metric pairs of a family.
const PAIRS: usize = 2_000;
/// One in so many is shifted.
const SHIFTED_EACH: usize = 10;
const HOURS: usize = 6;
const ALPHA: f64 = 0.05;
const NOISES: [Noise; 6] =
    [Noise::White, Noise::Ar(0.5), Noise::Ar(0.9), Noise::Ar(0.99), Noise::ArAndWhite, Noise::Lognormal];

/// Of one kind of test.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Discoveries {
    /// Share of false ones among all discoveries.
    pub false_share: f64,
    /// Share of the shifted pairs that were discovered.
    pub power: f64,
}

/// Ours and Welch's, over so many families whose shifted pairs are shifted by so many deviations.
#[must_use]
pub fn discoveries(families: usize, shift_sd: f64) -> (Discoveries, Discoveries) {
    let (mut ours, mut naive) = (Vec::new(), Vec::new());
    for family in 0..families {
        let judged = parallel(PAIRS, |pair| one(family, pair, shift_sd));
        let mut verdicts: Vec<Verdict> = judged.iter().map(|(verdict, _)| verdict.clone()).collect();
        adjust(&mut verdicts);
        let of_ours = verdicts.iter().map(|verdict| verdict.p_adjusted.is_some_and(|p| p < ALPHA));
        ours.push(count(of_ours));
        let p: Vec<f64> = judged.iter().map(|(_, p)| *p).collect();
        naive.push(count(benjamini_hochberg(&p).unwrap_or_default().into_iter().map(|p| p < ALPHA)));
    }
    (mean(&ours), mean(&naive))
}

fn is_shifted(pair: usize) -> bool {
    pair.is_multiple_of(SHIFTED_EACH)
}

fn one(family: usize, pair: usize, shift_sd: f64) -> (Verdict, f64) {
    // Counted in tens, so that every kind of noise is shifted as often as the others.
    let noise = NOISES[pair / SHIFTED_EACH % NOISES.len()];
    let shift = if is_shifted(pair) { shift_sd * noise.sd() } else { 0.0 };
    let scene = Scene { shift, design: Design::Adjacent, ..Scene::stationary(noise) };
    let (before, after) = scene.windows(HOURS, &mut Random::of("family", family * PAIRS + pair));
    let naive = welch(before.values(), after.values(), Alternative::TwoSided).map_or(1.0, |test| test.p);
    (verdict(&before, &after, &Limits::default()), naive)
}

fn count(discovered: impl Iterator<Item = bool>) -> Discoveries {
    let (mut right, mut wrong) = (0, 0);
    for (pair, _) in discovered.enumerate().filter(|(_, discovered)| *discovered) {
        if is_shifted(pair) { right += 1 } else { wrong += 1 }
    }
    Discoveries {
        false_share: float(wrong) / float((right + wrong).max(1)),
        power: float(right) / float(PAIRS / SHIFTED_EACH),
    }
}

fn mean(all: &[Discoveries]) -> Discoveries {
    let n = float(all.len().max(1));
    Discoveries {
        false_share: all.iter().map(|one| one.false_share).sum::<f64>() / n,
        power: all.iter().map(|one| one.power).sum::<f64>() / n,
    }
}
