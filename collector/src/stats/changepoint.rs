//! Change points: where a series changes its level. A search proposes, the engine disposes.
//!
//! The search is optimal partitioning (Jackson et al. 2005, the exact form of PELT) on block means, with a penalty that
//! grows with how much the blocks depend on each other. Every proposed point is then tested with the verdict's engine on
//! the segments beside it, the weakest goes first, and what stays had to pass a level that allows for the search.

mod search;

use super::float;
use super::verdict::engine_two_sample;

/// Points of a segment, least.
const SEGMENT_MIN: usize = 5;
/// Blocks searched, at most: the search takes time with their square.
const BLOCKS_MAX: usize = 2_000;
/// Autocorrelation of the noise that the blocks may keep.
const R_MAX: f64 = 0.2;
/// Probability of a false point in a series, about: shared among the places where one could be.
const ALPHA: f64 = 0.15;

/// A change of level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// Index of the first value of the new level.
    pub index: usize,
    /// Mean of the level before.
    pub before: f64,
    /// Mean of the new level.
    pub after: f64,
    /// Of the engine's test of both levels.
    pub p: f64,
}

/// The change points of a series of values at equal distances, in order. Values that are not finite are an error of the
/// caller; they are taken for their neighbours.
#[must_use]
pub fn change_points(values: &[f64]) -> Vec<ChangePoint> {
    let values = filled(values);
    if values.len() < 2 * SEGMENT_MIN {
        return Vec::new();
    }
    let size = block_size(&values);
    let blocks: Vec<f64> = values.chunks(size).filter(|chunk| chunk.len() * 2 >= size).map(mean).collect();
    let tame = search::tame(&blocks);
    let mut cuts: Vec<usize> =
        search::partition(&tame, SEGMENT_MIN).into_iter().map(|cut| refine(&values, cut * size, size)).collect();
    cuts.dedup();
    prune(&values, size, cuts)
}

fn filled(values: &[f64]) -> Vec<f64> {
    let mut last = values.iter().copied().find(|value| value.is_finite()).unwrap_or(0.0);
    let keep = |value: &f64| {
        if value.is_finite() {
            last = *value;
        }
        last
    };
    values.iter().map(keep).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / float(values.len().max(1))
}

/// The smallest block whose noise hardly depends on the block before, if the noise is AR(1).
fn block_size(values: &[f64]) -> usize {
    let least = values.len().div_ceil(BLOCKS_MAX).max(1);
    let most = (values.len() / (4 * SEGMENT_MIN)).max(least);
    let r = search::noise_autocorrelation(values);
    (least..most).find(|size| of_blocks(r, *size) < R_MAX).unwrap_or(most)
}

/// Autocorrelation at lag 1 of means of blocks of an AR(1) series.
fn of_blocks(r: f64, size: usize) -> f64 {
    let power = r.powi(i32::try_from(size).unwrap_or(i32::MAX));
    let variance = float(size) * (1.0 - r * r) - 2.0 * r * (1.0 - power);
    if variance <= 0.0 { r } else { r * (1.0 - power) * (1.0 - power) / variance }
}

/// The place within a block of `cut` at which both sides differ most.
fn refine(values: &[f64], cut: usize, size: usize) -> usize {
    if size == 1 {
        return cut;
    }
    let (from, to) = (cut.saturating_sub(2 * size), (cut + 2 * size).min(values.len()));
    let window = &values[from..to];
    let total: f64 = window.iter().sum();
    let (mut best, mut best_gain, mut left) = (cut, f64::NEG_INFINITY, 0.0);
    for at in 1..window.len() {
        left += window[at - 1];
        let (n, m) = (float(at), float(window.len() - at));
        let gain = (left / n - (total - left) / m).powi(2) * n * m / (n + m);
        if gain > best_gain && (from + at).abs_diff(cut) <= size {
            (best, best_gain) = (from + at, gain);
        }
    }
    best
}

/// Drops the weakest point until every one passes.
fn prune(values: &[f64], size: usize, mut cuts: Vec<usize>) -> Vec<ChangePoint> {
    let level = ALPHA / float((values.len() / size / SEGMENT_MIN).max(1));
    loop {
        let edges: Vec<usize> =
            std::iter::once(0).chain(cuts.iter().copied()).chain(std::iter::once(values.len())).collect();
        let tested: Vec<ChangePoint> = edges
            .windows(3)
            .map(|edge| {
                let (left, right) = (&values[edge[0]..edge[1]], &values[edge[1]..edge[2]]);
                ChangePoint { index: edge[1], before: mean(left), after: mean(right), p: test(left, right) }
            })
            .collect();
        let weakest = tested.iter().enumerate().max_by(|a, b| a.1.p.total_cmp(&b.1.p));
        match weakest {
            Some((at, point)) if point.p >= level => cuts.remove(at),
            _ => return tested,
        };
    }
}

/// p of the engine; 1 where the values are worth too little.
fn test(left: &[f64], right: &[f64]) -> f64 {
    let (left, right) = (engine_blocks(left), engine_blocks(right));
    match engine_two_sample(&left, &right) {
        Some(estimate) if estimate.k_eff >= 2.5 => estimate.p(),
        _ => 1.0,
    }
}

/// 24 blocks, or one a value.
fn engine_blocks(values: &[f64]) -> Vec<Option<f64>> {
    let parts = values.len().min(24);
    (0..parts)
        .map(|part| {
            let (from, to) = (part * values.len() / parts, (part + 1) * values.len() / parts);
            Some(mean(&values[from..to]))
        })
        .collect()
}
