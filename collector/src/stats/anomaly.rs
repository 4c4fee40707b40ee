//! How unusual each value of a live series is, judged by what came before it alone.
//!
//! A value is held against what is usual now (the median of the recent past) and, once two cycles are known, against what
//! is usual at this time of the week or of the day; a jump is held against usual jumps. Each distance becomes a
//! probability by the series' own past: below the 95th percentile by rank, above it by an exponential tail (peaks over a
//! threshold, Pickands 1975). The score is −log₁₀ p / 6, so 0.5 is one in a thousand and 1 one in a million.

use std::collections::VecDeque;

use super::{float, median};

/// Values of the recent past that make what is usual now.
const RECENT: usize = 60;
/// Distances kept to tell how large they usually are.
const DISTANCES: usize = 1_000;
/// Distances before a score is given.
const DISTANCES_MIN: usize = 30;
/// Share of distances that are the tail.
const TAIL: f64 = 0.05;
/// −log₁₀ p of a score of 1.
const CERTAIN: f64 = 6.0;
const DAY_MS: i64 = 86_400_000;
/// Slots of a week; a slot holds what came at its time of the week.
const SLOT_MS: i64 = 15 * 60_000;
/// Values kept of a slot: some weeks of readings seconds apart would fill memory.
const SLOT_VALUES: usize = 64;
/// Earlier visits of a slot from which it is trusted.
const VISITS_MIN: usize = 2;

/// Distances of the past, and how likely one as large is.
#[derive(Clone, Debug, Default)]
struct Distances {
    recent: VecDeque<f64>,
    /// The same, sorted.
    sorted: Vec<f64>,
}

impl Distances {
    fn add(&mut self, distance: f64) {
        if self.recent.len() == DISTANCES
            && let Some(oldest) = self.recent.pop_front()
        {
            let at = self.sorted.partition_point(|value| *value < oldest);
            self.sorted.remove(at.min(self.sorted.len() - 1));
        }
        self.recent.push_back(distance);
        let at = self.sorted.partition_point(|value| *value < distance);
        self.sorted.insert(at, distance);
    }

    /// P(distance ≥ this one), `None` before there are enough.
    fn probability(&self, distance: f64) -> Option<f64> {
        let n = self.sorted.len();
        if n < DISTANCES_MIN {
            return None;
        }
        let above = n - self.sorted.partition_point(|value| *value < distance);
        let rank = (float(above) + 1.0) / (float(n) + 1.0);
        let tail = (n - n / 20).min(n - 1);
        let threshold = self.sorted[tail];
        if distance <= threshold {
            return Some(rank.max(TAIL));
        }
        let excess: f64 = self.sorted[tail..].iter().map(|value| value - threshold).sum::<f64>() / float(n - tail);
        // A past without any spread: whatever is different is as unusual as can be told.
        let usual = self.sorted[n / 2].max(threshold);
        let scale = excess.max(0.25 * usual).max(f64::MIN_POSITIVE);
        Some(TAIL * (-(distance - threshold) / scale).exp())
    }
}

/// What came at one time of the week.
#[derive(Clone, Debug, Default)]
struct Slot {
    values: VecDeque<f64>,
    /// The week, or day, of the last value, and how many there were.
    visit: i64,
    visits: usize,
}

impl Slot {
    fn add(&mut self, visit: i64, value: f64) {
        if self.visits == 0 || self.visit != visit {
            self.visits += 1;
            self.visit = visit;
        }
        if self.values.len() == SLOT_VALUES {
            self.values.pop_front();
        }
        self.values.push_back(value);
    }

    fn usual(&self) -> Option<f64> {
        (self.visits > VISITS_MIN).then(|| median(&mut self.values.iter().copied().collect::<Vec<_>>())).flatten()
    }
}

/// Scores a series value by value. Its memory is bounded, whatever comes.
#[derive(Clone, Debug)]
pub struct Scorer {
    recent: VecDeque<f64>,
    from_recent: Distances,
    from_season: Distances,
    jumps: Distances,
    week: Vec<Slot>,
    day: Vec<Slot>,
    last: Option<f64>,
}

impl Default for Scorer {
    fn default() -> Self {
        let slots = |span: i64| vec![Slot::default(); usize::try_from(span / SLOT_MS).unwrap_or(1)];
        Self {
            recent: VecDeque::new(),
            from_recent: Distances::default(),
            from_season: Distances::default(),
            jumps: Distances::default(),
            week: slots(7 * DAY_MS),
            day: slots(DAY_MS),
            last: None,
        }
    }
}

impl Scorer {
    /// The score of the next value, 0 … 1; 0 while too little is known, and of what is no number.
    pub fn score(&mut self, at_ms: i64, value: f64) -> f64 {
        if !value.is_finite() {
            return 0.0;
        }
        let mut least = 1.0_f64;
        let mut tests = 0.0_f64;
        let mut look = |distances: &mut Distances, distance: f64| {
            if let Some(p) = distances.probability(distance) {
                least = least.min(p);
                tests += 1.0;
            }
            distances.add(distance);
        };
        let season = self.season(at_ms);
        if let Some(usual) = season {
            look(&mut self.from_season, (value - usual).abs());
        }
        if let Some(last) = self.last {
            look(&mut self.jumps, (value - last).abs());
        }
        // Where the season is known, being far from the last hour is no news.
        if season.is_none()
            && let Some(usual) = median(&mut self.recent.iter().copied().collect::<Vec<_>>())
        {
            look(&mut self.from_recent, (value - usual).abs());
        }
        self.remember(at_ms, value);
        let p = (least * tests.max(1.0)).min(1.0);
        (-p.max(f64::MIN_POSITIVE).log10() / CERTAIN).clamp(0.0, 1.0)
    }

    fn slots(at_ms: i64) -> (usize, usize) {
        // 1970 began on a Thursday; a week may begin anywhere.
        let slot = |span: i64| usize::try_from(at_ms.rem_euclid(span) / SLOT_MS).unwrap_or(0);
        (slot(7 * DAY_MS), slot(DAY_MS))
    }

    fn season(&self, at_ms: i64) -> Option<f64> {
        let (week, day) = Self::slots(at_ms);
        self.week[week].usual().or_else(|| self.day[day].usual())
    }

    fn remember(&mut self, at_ms: i64, value: f64) {
        let (week, day) = Self::slots(at_ms);
        self.week[week].add(at_ms.div_euclid(7 * DAY_MS), value);
        self.day[day].add(at_ms.div_euclid(DAY_MS), value);
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(value);
        self.last = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A deterministic noise between −1 and 1.
    fn noise(at: i64) -> f64 {
        let mixed = (at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33) & 0xffff;
        f64::from(u16::try_from(mixed).unwrap()) / 32768.0 - 1.0
    }

    #[test]
    fn a_spike_and_a_step_stand_out() {
        let mut scorer = Scorer::default();
        let scores: Vec<f64> = (0..500)
            .map(|at| {
                let value = noise(at) + if at == 300 { 20.0 } else { 0.0 } + if at >= 400 { 10.0 } else { 0.0 };
                scorer.score(at * 60_000, value)
            })
            .collect();
        assert!(scores[300] > 0.9 && scores[400] > 0.7, "{} {}", scores[300], scores[400]);
        assert!(scores[..300].iter().filter(|score| **score > 0.5).count() <= 3);
    }

    #[test]
    fn what_happens_every_day_is_usual_on_the_fourth() {
        let mut scorer = Scorer::default();
        let peak = |at: i64| if (at / 4) % 24 == 3 { 50.0 } else { 0.0 };
        let scores: Vec<f64> = (0..96 * 8).map(|at| scorer.score(at * SLOT_MS, noise(at) + peak(at))).collect();
        let worst = |from: usize, to: usize| scores[from..to].iter().copied().fold(0.0, f64::max);
        // At the fourth day's peak the value is as usual; only jumps into it are like those of the days before.
        assert!(worst(96 * 6, 96 * 8) < 0.5, "{}", worst(96 * 6, 96 * 8));
        // The peak that stays out.
        let quiet = scorer.score(96 * 8 * SLOT_MS + 12 * SLOT_MS, 0.0);
        assert!(quiet > 0.5, "{quiet}");
    }

    proptest! {
        #[test]
        fn scores_lie_between_0_and_1_and_see_no_future(
            values in prop::collection::vec(prop_oneof![any::<f64>(), -5.0_f64..5.0], 1..200), more in any::<f64>()
        ) {
            let run = |values: &[f64]| {
                let mut scorer = Scorer::default();
                (0_i64..).zip(values).map(|(at, value)| scorer.score(at * 10_000, *value)).collect::<Vec<_>>()
            };
            let mut longer = values.clone();
            longer.push(more);
            let (short, long) = (run(&values), run(&longer));
            prop_assert!(long.iter().all(|score| (0.0..=1.0).contains(score)));
            prop_assert_eq!(&short[..], &long[..values.len()]);
        }
    }
}
