//! The search on block means.

use crate::stats::{float, median};

/// Values farther than this many deviations from their neighbours' median are pulled in: a spike is no level.
const SPIKE_SD: f64 = 4.0;
/// Neighbours on each side.
const NEIGHBOURS: usize = 3;
/// A MAD is this part of a normal's deviation.
const MAD_SD: f64 = 1.4826;

/// Deviation of the noise, from differences of neighbours: a change of level touches only one of them.
pub(super) fn noise_sd(values: &[f64]) -> f64 {
    let mut steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let by_median = median(&mut steps).unwrap_or(0.0) * MAD_SD / std::f64::consts::SQRT_2;
    if by_median > 0.0 {
        return by_median;
    }
    // More than half of the steps are 0: the mean step is all that is left.
    steps.iter().sum::<f64>() / float(steps.len().max(1)) * 0.886
}

/// Autocorrelation at lag 1 of an AR(1) noise under changing levels: 1 + 2ρ of neighbouring differences, each pulled in.
pub(super) fn noise_autocorrelation(values: &[f64]) -> f64 {
    let steps: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mut sizes: Vec<f64> = steps.iter().map(|step| step.abs()).collect();
    let limit = SPIKE_SD * MAD_SD * median(&mut sizes).unwrap_or(0.0);
    let tame: Vec<f64> = steps.iter().map(|step| step.clamp(-limit, limit)).collect();
    let squares: f64 = tame.iter().map(|step| step * step).sum();
    if squares <= 0.0 {
        return 0.0;
    }
    let products: f64 = tame.windows(2).map(|pair| pair[0] * pair[1]).sum();
    (1.0 + 2.0 * products / squares).clamp(0.0, 0.99)
}

/// The blocks without spikes.
pub(super) fn tame(blocks: &[f64]) -> Vec<f64> {
    let limit = SPIKE_SD * noise_sd(blocks);
    (0..blocks.len())
        .map(|at| {
            let around = &blocks[at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS + 1).min(blocks.len())];
            let middle = median(&mut around.to_vec()).unwrap_or(blocks[at]);
            blocks[at].clamp(middle - limit, middle + limit)
        })
        .collect()
}

/// Starts of all segments but the first, of the partition with the least squared error plus a penalty a segment.
pub(super) fn partition(values: &[f64], segment_min: usize) -> Vec<usize> {
    let n = values.len();
    let r = noise_autocorrelation(values);
    let inflation = (1.0 + r) / (1.0 - r);
    let variance = noise_sd(values).powi(2) / (1.0 - r).max(0.05);
    let penalty = 2.0 * variance * inflation * float(n.max(2)).ln() + f64::MIN_POSITIVE;
    let mut sums = vec![(0.0_f64, 0.0_f64); n + 1];
    let centre = values.iter().sum::<f64>() / float(n.max(1));
    for (at, value) in values.iter().enumerate() {
        let off = value - centre;
        sums[at + 1] = (sums[at].0 + off, sums[at].1 + off * off);
    }
    let cost = |from: usize, to: usize| {
        let (sum, squares) = (sums[to].0 - sums[from].0, sums[to].1 - sums[from].1);
        (squares - sum * sum / float(to - from)).max(0.0)
    };
    // best[to]: least cost of the first `to` values, and where their last segment begins.
    let mut best: Vec<(f64, usize)> = vec![(f64::INFINITY, 0); n + 1];
    best[0] = (-penalty, 0);
    for to in segment_min..=n {
        for from in 0..=(to - segment_min) {
            let total = best[from].0 + cost(from, to) + penalty;
            if total < best[to].0 {
                best[to] = (total, from);
            }
        }
    }
    let mut cuts = Vec::new();
    let mut at = n;
    while at > 0 {
        at = best[at].1;
        if at > 0 {
            cuts.push(at);
        }
    }
    cuts.reverse();
    cuts
}
