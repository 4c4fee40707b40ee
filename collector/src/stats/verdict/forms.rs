//! The three forms over one plan: raw values, placements in the other window, distances from the own median.

use super::blocks::{BLOCKS, means, missing_share};
use super::engine::{self, Estimate};
use super::primary::{FAR_MADS, Form, choose};
use super::unit::{Plan, Remark, Unit};
use super::{Findings, Points, shift};
use crate::stats::float;
use crate::stats::ranks::order;
use crate::stats::sums::Spread;

const DAY_MS: i64 = 86_400_000;
/// Least worth of the blocks of two windows.
const GATE_BLOCKS: f64 = 4.0;
/// Least worth of the differences.
const GATE_DIFFERENCES: f64 = 5.0;
/// Least number of days.
const GATE_DAYS: f64 = 3.0;

/// A window's values in three forms.
struct Window {
    points: Points,
    sorted: Vec<f64>,
    order: Vec<usize>,
    median: f64,
    far: usize,
}

impl Window {
    fn of(points: Points) -> Self {
        let order = order(points.values());
        let sorted: Vec<f64> = order.iter().map(|at| points.values()[*at]).collect();
        let median = middle(&sorted);
        let deviation = median_deviation(&sorted, median);
        let far = sorted.iter().filter(|value| (*value - median).abs() > FAR_MADS * deviation).count();
        // More than half of the values are the same: then distance from it says nothing about tails.
        let far = if deviation > 0.0 { far } else { 0 };
        Self { points, sorted, order, median, far }
    }

    /// Share of the other window's values that lie below each of these, ties for one half.
    fn placements(&self, other: &Self) -> Points {
        let mut placed = vec![0.0; self.sorted.len()];
        let (mut below, mut up_to) = (0, 0);
        let n = float(other.sorted.len());
        for (value, at) in self.sorted.iter().zip(&self.order) {
            while below < other.sorted.len() && other.sorted[below] < *value {
                below += 1;
            }
            up_to = up_to.max(below);
            while up_to < other.sorted.len() && other.sorted[up_to] <= *value {
                up_to += 1;
            }
            placed[*at] = (float(below) + float(up_to)) / (2.0 * n);
        }
        self.points.with(placed)
    }

    fn distances(&self) -> Points {
        self.points.with(self.points.values().iter().map(|value| (value - self.median).abs()).collect())
    }
}

fn middle(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    match sorted.get(half) {
        None => 0.0,
        Some(upper) if sorted.len() % 2 == 1 => *upper,
        Some(upper) => f64::midpoint(sorted[half - 1], *upper),
    }
}

/// The median distance from the median of a sorted sample, by growing outwards from the middle.
fn median_deviation(sorted: &[f64], median: f64) -> f64 {
    let n = sorted.len();
    if n == 0 {
        return 0.0;
    }
    let mut right = sorted.partition_point(|value| *value < median);
    let mut left = right;
    let mut distance = 0.0;
    for _ in 0..=(n / 2).min(n - 1) {
        let to_left = if left > 0 { median - sorted[left - 1] } else { f64::INFINITY };
        let to_right = if right < n { sorted[right] - median } else { f64::INFINITY };
        if to_left <= to_right {
            distance = to_left;
            left -= 1;
        } else {
            distance = to_right;
            right += 1;
        }
    }
    distance
}

/// Units of two windows in one form.
struct Units {
    before: Vec<Option<f64>>,
    after: Vec<Option<f64>>,
}

impl Units {
    /// After − before, unit by unit.
    fn differences(&self) -> Vec<Option<f64>> {
        self.before.iter().zip(&self.after).map(|(before, after)| Some((*after)? - (*before)?)).collect()
    }
}

/// See the module.
pub(super) fn findings(before: &Points, after: &Points, plan: Plan) -> Findings {
    let step = match (before.step_ms(), after.step_ms()) {
        (Some(a), Some(b)) => a.max(b),
        (one, other) => one.or(other).unwrap_or(1),
    };
    let parts = Parts::of(&plan);
    let compared = !parts.before.is_empty();
    // What cannot be compared is still counted and described.
    let (kept_before, kept_after) =
        if compared { parts.keep(before, after) } else { (before.clone(), after.clone()) };
    let missing = parts.missing(before, after, step);
    let (was, is) = (Window::of(kept_before), Window::of(kept_after));
    let (spread_before, spread_after) = (Spread::of(was.points.values()), Spread::of(is.points.values()));
    let mut findings = Findings {
        unit: parts.unit,
        form: Form::Mean,
        mean: None,
        rank: None,
        spread: None,
        spread_ratio: None,
        shift: None,
        before: (spread_before.mean, spread_before.sd()),
        after_mean: spread_after.mean,
        n: (was.points.len(), is.points.len()),
        missing_share: missing,
        k_eff: None,
        r: None,
        gate: parts.gate(),
        window_s: parts.window_s(),
        constant: false,
        compared,
        remark: parts.remark,
    };
    if !compared || was.points.is_empty() || is.points.is_empty() {
        return findings;
    }
    findings.constant = was.sorted.first() == was.sorted.last() && is.sorted.first() == is.sorted.last();
    let raw = parts.units(&was.points, &is.points, step);
    findings.mean = parts.estimate(&raw, 0.0);
    findings.form =
        choose(&demeaned(&raw, parts.unit), float(was.far + is.far) / float(was.points.len() + is.points.len()));
    let r_raw = findings.mean.map_or(0.0, |estimate| estimate.r);
    findings.rank = rank(&parts, &was, &is, step, r_raw);
    let distances = parts.units(&was.distances(), &is.distances(), step);
    findings.spread = parts.estimate(&distances, 0.0);
    findings.spread_ratio = ratio(&distances);
    findings.k_eff = findings.mean.map(|estimate| estimate.k_eff);
    findings.r = findings.mean.map(|estimate| estimate.r);
    if let (Form::Rank, Some(rank)) = (findings.form, findings.rank) {
        findings.shift = shift::shift(&was.sorted, &is.sorted, rank.half());
        findings.k_eff = Some(rank.k_eff);
        findings.r = Some(rank.r);
    }
    findings
}

/// P(after > before) − ½ (Brunner and Munzel 2000), with the errors of both windows' placements.
fn rank(parts: &Parts, was: &Window, is: &Window, step: i64, r_raw: f64) -> Option<Estimate> {
    let (of_before, of_after) = (was.placements(is), is.placements(was));
    // Placements of before count the other way round.
    let of_before = of_before.with(of_before.values().iter().map(|share| 1.0 - share).collect());
    let units = parts.units(&of_before, &of_after, step);
    if parts.unit == Unit::SameTimeDifferences {
        // P's error is that of the difference of both sides' placements at the same time; the mean of their sum is twice
        // P, because each side measures it once.
        let opposed: Vec<Option<f64>> =
            units.before.iter().zip(&units.after).map(|(a, b)| Some((*a)? + (*b)? - 1.0)).collect();
        let estimate = engine::one_sample(&opposed, r_raw)?;
        return Some(Estimate { difference: estimate.difference / 2.0, ..estimate });
    }
    let mut estimate = parts.estimate(&units, r_raw)?;
    let mean = |blocks: &[Option<f64>]| {
        let present: Vec<f64> = blocks.iter().copied().flatten().collect();
        present.iter().sum::<f64>() / float(present.len())
    };
    estimate.difference = f64::midpoint(mean(&units.before), mean(&units.after)) - 0.5;
    Some(estimate)
}

/// After / before of the mean distance.
fn ratio(distances: &Units) -> Option<f64> {
    let mean = |blocks: &[Option<f64>]| {
        let present: Vec<f64> = blocks.iter().copied().flatten().collect();
        (!present.is_empty()).then(|| present.iter().sum::<f64>() / float(present.len()))
    };
    let (before, after) = (mean(&distances.before)?, mean(&distances.after)?);
    (before > 0.0).then(|| after / before)
}

fn demeaned(units: &Units, unit: Unit) -> Vec<f64> {
    let centre = |blocks: &[Option<f64>]| -> Vec<f64> {
        let present: Vec<f64> = blocks.iter().copied().flatten().collect();
        let mean = present.iter().sum::<f64>() / float(present.len().max(1));
        present.into_iter().map(|value| value - mean).collect()
    };
    if unit == Unit::SameTimeDifferences {
        return centre(&units.differences());
    }
    let mut all = centre(&units.before);
    all.extend(centre(&units.after));
    all
}

/// A plan, ready to cut points.
struct Parts {
    unit: Unit,
    before: Vec<(i64, i64)>,
    after: Vec<(i64, i64)>,
    remark: Option<Remark>,
}

impl Parts {
    fn of(plan: &Plan) -> Self {
        match plan {
            Plan::Days { before, after, remark } => {
                let day = |at: &i64| (*at, *at + DAY_MS);
                let (before, after) = (before.iter().map(day).collect(), after.iter().map(day).collect());
                Self { unit: Unit::DayMeans, before, after, remark: *remark }
            }
            Plan::SameTime { after, days_back } => {
                let back = |days: &i64| (after.0 - days * DAY_MS, after.1 - days * DAY_MS);
                let remark = Some(Remark::DayToDayNotMeasured);
                let before = days_back.iter().map(back).collect();
                Self { unit: Unit::SameTimeDifferences, before, after: vec![*after], remark }
            }
            Plan::Blocks { before, after, remark } => {
                Self { unit: Unit::Blocks, before: vec![*before], after: vec![*after], remark: *remark }
            }
            Plan::Nothing(remark) => {
                Self { unit: Unit::Blocks, before: Vec::new(), after: Vec::new(), remark: *remark }
            }
        }
    }

    fn gate(&self) -> f64 {
        match self.unit {
            Unit::DayMeans => GATE_DAYS,
            Unit::SameTimeDifferences => GATE_DIFFERENCES,
            Unit::Blocks => GATE_BLOCKS,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds below 2^53")]
    fn window_s(&self) -> f64 {
        let length = |spans: &[(i64, i64)]| spans.iter().map(|(from, to)| to - from).sum::<i64>() as f64 / 1000.0;
        match self.unit {
            Unit::SameTimeDifferences => length(&self.after),
            Unit::DayMeans | Unit::Blocks => length(&self.before).min(length(&self.after)),
        }
    }

    fn keep(&self, before: &Points, after: &Points) -> (Points, Points) {
        let inside = |spans: &[(i64, i64)], points: &Points| {
            let mut spans = spans.to_vec();
            spans.sort_unstable();
            let parts = spans.iter().map(|(from, to)| points.between(*from, *to));
            Points::new(
                parts.flat_map(|part| part.at_ms().iter().copied().zip(part.values().to_vec()).collect::<Vec<_>>()),
            )
        };
        (inside(&self.before, before), inside(&self.after, after))
    }

    fn missing(&self, before: &Points, after: &Points, step: i64) -> f64 {
        let shares: Vec<f64> = self
            .before
            .iter()
            .map(|(from, to)| missing_share(before, *from, *to, step))
            .chain(self.after.iter().map(|(from, to)| missing_share(after, *from, *to, step)))
            .collect();
        if shares.is_empty() { 1.0 } else { shares.iter().sum::<f64>() / float(shares.len()) }
    }

    fn units(&self, before: &Points, after: &Points, step: i64) -> Units {
        let each = |spans: &[(i64, i64)], points: &Points| -> Vec<Option<f64>> {
            spans.iter().map(|(from, to)| means(points, *from, *to, 1, step)[0]).collect()
        };
        let cut = |span: &(i64, i64), points: &Points| means(points, span.0, span.1, BLOCKS, step);
        match self.unit {
            Unit::DayMeans => Units { before: each(&self.before, before), after: each(&self.after, after) },
            Unit::Blocks => Units {
                before: self.before.first().map(|span| cut(span, before)).unwrap_or_default(),
                after: self.after.first().map(|span| cut(span, after)).unwrap_or_default(),
            },
            Unit::SameTimeDifferences => {
                let days: Vec<Vec<Option<f64>>> = self.before.iter().map(|span| cut(span, before)).collect();
                let reference = |block: usize| {
                    let there: Vec<f64> = days.iter().filter_map(|day| day[block]).collect();
                    (!there.is_empty()).then(|| there.iter().sum::<f64>() / float(there.len()))
                };
                let before = (0..BLOCKS).map(reference).collect();
                Units { before, after: self.after.first().map(|span| cut(span, after)).unwrap_or_default() }
            }
        }
    }

    fn estimate(&self, units: &Units, r_least: f64) -> Option<Estimate> {
        match self.unit {
            Unit::DayMeans => engine::days(&units.before, &units.after),
            Unit::Blocks => engine::two_sample(&units.before, &units.after, r_least),
            Unit::SameTimeDifferences => engine::one_sample(&units.differences(), r_least),
        }
    }
}
