//! The three forms over one plan: raw values, placements in the other window, distances from the median.

mod kept;
mod parts;
mod placed;

use super::engine::{self, Estimate};
use super::primary::{FAR_MADS, Form, choose};
use super::unit::{Plan, Unit};
use super::{Findings, Points, shift};
use crate::stats::float;
use crate::stats::sums::Spread;

use kept::Kept;
use parts::{Parts, Units};
use placed::Placed;

/// See the module.
pub(super) fn findings(before: &Points, after: &Points, plan: &Plan) -> Findings {
    let parts = Parts::of(plan);
    let mut findings = nothing(&parts, before, after);
    if !findings.compared || findings.n.0 == 0 || findings.n.1 == 0 {
        return findings;
    }
    let (was, is) = (parts.keep_before(before), parts.keep_after(after));
    let (spread_before, spread_after) = (Spread::of(&was.values), Spread::of(&is.values));
    findings.before = (spread_before.mean, spread_before.sd());
    findings.after_mean = spread_after.mean;
    findings.n = (was.values.len(), is.values.len());
    if was.values.is_empty() || is.values.is_empty() {
        return findings;
    }
    let placed = Placed::of(&was, &is, parts.by_days());
    let (low, high) = (placed.before.first(), placed.before.last());
    findings.constant = low == high && placed.after.first() == placed.after.last();
    let pivot = spread_before.mean;
    let raw = parts.units(&was.means_of(|value| value - pivot), &is.means_of(|value| value - pivot));
    findings.mean = parts.estimate(&raw, 0.0);
    findings.form = choose(&parts.demeaned(&raw), far_share(&placed));
    findings.rank = rank(&parts, &was, &is, &placed, findings.mean.map_or(0.0, |estimate| estimate.r));
    let distances = distances(&parts, &was, &is, &placed);
    findings.spread = parts.estimate(&distances, 0.0);
    findings.spread_ratio = ratio(&distances);
    findings.k_eff = findings.mean.map(|estimate| estimate.k_eff);
    findings.r = findings.mean.map(|estimate| estimate.r);
    if let (Form::Rank, Some(rank)) = (findings.form, findings.rank) {
        findings.shift = shift::shift(&placed.before, &placed.after, rank.half());
        findings.k_eff = Some(rank.k_eff);
        findings.r = Some(rank.r);
    }
    findings
}

/// What can be said before anything is compared. What cannot be compared is still counted and described.
fn nothing(parts: &Parts, before: &Points, after: &Points) -> Findings {
    let compared = parts.has_windows();
    let described = if compared {
        (0.0, 0.0)
    } else {
        Some(Spread::of(before.values())).map_or((0.0, 0.0), |all| (all.mean, all.sd()))
    };
    Findings {
        unit: parts.unit,
        form: Form::Mean,
        mean: None,
        rank: None,
        spread: None,
        spread_ratio: None,
        shift: None,
        before: described,
        after_mean: 0.0,
        n: (before.len(), after.len()),
        missing_share: parts.missing(before, after),
        k_eff: None,
        r: None,
        gate: parts.gate(),
        window_s: parts.window_s(),
        constant: false,
        compared,
        by_days: parts.by_days(),
        remark: parts.remark,
    }
}

/// Share of values that lie far out in their window.
fn far_share(placed: &Placed) -> f64 {
    let far = |sorted: &[f64]| {
        let median = middle(sorted);
        let deviation = median_deviation(sorted, median);
        // More than half of the values are the same: then distance from it says nothing about tails.
        if deviation <= 0.0 {
            return 0;
        }
        let reach = FAR_MADS * deviation;
        let below = sorted.partition_point(|value| *value < median - reach);
        below + sorted.len() - sorted.partition_point(|value| *value <= median + reach)
    };
    float(far(&placed.before) + far(&placed.after)) / float(placed.before.len() + placed.after.len())
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
        if to_left <= to_right && left > 0 {
            distance = to_left;
            left -= 1;
        } else if right < n {
            distance = to_right;
            right += 1;
        }
    }
    distance
}

/// P(after > before) − ½ (Brunner and Munzel 2000), with the errors of both windows' placements.
fn rank(parts: &Parts, was: &Kept, is: &Kept, placed: &Placed, r_raw: f64) -> Option<Estimate> {
    let units = parts.units(&was.means(&placed.sums_before), &is.means(&placed.sums_after));
    if parts.by_days() {
        // The difference of mean ranks among all values, as a share of them, is P − ½.
        return parts.estimate(&units, 0.0);
    }
    if parts.unit == Unit::SameTimeDifferences {
        // P's error is that of the difference of both sides' placements at the same time; the mean of their sum is twice
        // P, because each side measures it once.
        let opposed: Vec<Option<f64>> =
            units.before.iter().zip(&units.after).map(|(a, b)| Some((*a)? + (*b)? - 1.0)).collect();
        let estimate = engine::one_sample(&opposed, r_raw)?;
        return Some(Estimate { difference: estimate.difference / 2.0, ..estimate }.with_least_error());
    }
    let mut estimate = parts.estimate(&units, r_raw)?;
    let mean = |blocks: &[Option<f64>]| {
        let present: Vec<f64> = blocks.iter().copied().flatten().collect();
        present.iter().sum::<f64>() / float(present.len())
    };
    estimate.difference = f64::midpoint(mean(&units.before), mean(&units.after)) - 0.5;
    Some(estimate.with_least_error())
}

/// Mean distances from the window's median; where days are measured, from the day's own.
fn distances(parts: &Parts, was: &Kept, is: &Kept, placed: &Placed) -> Units {
    if parts.by_days() {
        return parts.units(&was.distances_within(), &is.distances_within());
    }
    let (of_before, of_after) = (middle(&placed.before), middle(&placed.after));
    parts.units(&was.means_of(|value| (value - of_before).abs()), &is.means_of(|value| (value - of_after).abs()))
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
