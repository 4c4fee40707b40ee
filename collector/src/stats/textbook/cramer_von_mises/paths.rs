//! The exact distribution of Anderson's T: all lattice paths from (0, 0) to (m, n), each with the sum of its squared
//! distances from the diagonal (Xiao, Gordon and Yakovlev 2006).

use crate::stats::{StatsError, float};

/// Sums kept at once past which the exact distribution is refused.
const SUMS_MAX: usize = 4_000_000;

/// Sums and how many paths have them, ascending by sum.
type Counts = Vec<(u64, f64)>;

/// P(U ≥ u) for samples of m and n.
#[expect(clippy::cast_precision_loss, reason = "whole numbers below 2^53 by the bounds of the samples")]
pub(super) fn at_least(m: usize, n: usize, u: f64) -> Result<f64, StatsError> {
    let refuse = || StatsError::invalid("these samples are too large for the exact method; use the asymptotic one");
    if m.saturating_mul(n) > 10_000 {
        return Err(refuse());
    }
    let (m64, n64) = (m as u64, n as u64);
    let multiple = m64 / gcd(m64, n64) * n64;
    let (a, b) = (multiple / m64, multiple / n64);
    let pairs = float(m) * float(n);
    let scale = (multiple as f64).powi(2) * float(m + n) / (6.0 * pairs * pairs);
    let wanted = (scale * (6.0 * u - pairs * (4.0 * pairs - 1.0)) + 1e-6).floor();
    let mut column: Vec<Counts> = std::iter::once(vec![(0, 1.0)]).chain((0..m).map(|_| Vec::new())).collect();
    for j in 0..=n64 {
        let mut below: Counts = Vec::new();
        let mut kept = 0;
        for (i, left) in column.iter_mut().enumerate() {
            let distance = (a * i as u64).abs_diff(b * j);
            let mut counts = merge(&below, left);
            for count in &mut counts {
                count.0 += distance * distance;
            }
            kept += counts.len();
            if kept > SUMS_MAX {
                return Err(refuse());
            }
            below.clone_from(&counts);
            *left = counts;
        }
    }
    let last = &column[m];
    let all: f64 = last.iter().map(|(_, paths)| paths).sum();
    let far: f64 = last.iter().filter(|(sum, _)| *sum as f64 >= wanted).map(|(_, paths)| paths).sum();
    Ok(far / all)
}

fn merge(a: &Counts, b: &Counts) -> Counts {
    let mut merged = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        let take_a = j >= b.len() || (i < a.len() && a[i].0 <= b[j].0);
        let take_b = i >= a.len() || (j < b.len() && b[j].0 <= a[i].0);
        let sum = if take_a { a[i].0 } else { b[j].0 };
        let paths = if take_a { a[i].1 } else { 0.0 } + if take_b { b[j].1 } else { 0.0 };
        merged.push((sum, paths));
        i += usize::from(take_a);
        j += usize::from(take_b);
    }
    merged
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
