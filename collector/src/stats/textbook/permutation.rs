//! Exact null distributions of rank sums: how many choices of ranks have which sum. Mid-ranks are doubled to stay whole,
//! so ties need no other method. Counts are kept as numbers that lose only their last digits, all sums are of positive
//! terms.

use crate::stats::StatsError;

/// Steps of work past which the exact distribution is refused: some 0.3 s.
const WORK_MAX: usize = 300_000_000;
/// Numbers kept at once: 128 MiB.
const CELLS_MAX: usize = 1 << 24;

const TOO_LARGE: &str = "these samples are too large for the exact method; use the asymptotic one";

/// P(sum ≤ s) and P(sum ≥ s) when each weight is taken with probability ½ (Wilcoxon's signed ranks).
pub(super) fn signed(weights: &[usize], s: usize) -> Result<(f64, f64), StatsError> {
    let total: usize = weights.iter().sum();
    if total.saturating_mul(weights.len()) > WORK_MAX || total > CELLS_MAX {
        return Err(StatsError::invalid(TOO_LARGE));
    }
    let mut ways = vec![0.0_f64; total + 1];
    ways[0] = 1.0;
    let mut reached = 0;
    // A weight of nothing changes no sum.
    for weight in weights.iter().filter(|weight| **weight > 0) {
        // Halving at each step keeps the numbers probabilities.
        for sum in (0..=reached).rev() {
            ways[sum + weight] += ways[sum] / 2.0;
            ways[sum] /= 2.0;
        }
        reached += weight;
    }
    Ok(tails(&ways, s))
}

/// P(sum ≤ s) and P(sum ≥ s) when `take` of the weights are chosen, each choice equally likely (rank sums of two
/// samples).
pub(super) fn chosen(weights: &[usize], take: usize, s: usize) -> Result<(f64, f64), StatsError> {
    let mut ascending = weights.to_vec();
    ascending.sort_unstable();
    let most: usize = ascending.iter().rev().take(take).sum();
    let cells = (most + 1).saturating_mul(take + 1);
    if cells.saturating_mul(weights.len()) > WORK_MAX || cells > CELLS_MAX {
        return Err(StatsError::invalid(TOO_LARGE));
    }
    // ways[k][sum]: choices of k among the weights seen so far, as a share of all that are possible at the end.
    let mut ways = vec![0.0_f64; cells];
    let row = most + 1;
    ways[0] = 1.0;
    for (seen, weight) in ascending.iter().enumerate() {
        for k in (1..=take.min(seen + 1)).rev() {
            let (lower, upper) = ways.split_at_mut(k * row);
            let lower = &lower[(k - 1) * row..];
            for (to, from) in upper[*weight..row].iter_mut().zip(lower) {
                *to += from;
            }
        }
    }
    let last = &ways[take * row..];
    let all: f64 = last.iter().sum();
    if !all.is_finite() {
        return Err(StatsError::invalid(TOO_LARGE));
    }
    let (below, above) = tails(last, s);
    Ok((below / all, above / all))
}

fn tails(ways: &[f64], s: usize) -> (f64, f64) {
    let s = s.min(ways.len() - 1);
    (ways[..=s].iter().sum::<f64>(), ways[s..].iter().rev().sum::<f64>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agree_with_every_choice(weights in prop::collection::vec(1_usize..9, 1..10), s in 0_usize..60, take in 1_usize..9) {
            let n = weights.len();
            let take = take.min(n);
            let sums: Vec<(u32, usize)> = (0_u32..1 << n)
                .map(|set| (set.count_ones(), (0..n).filter(|at| set >> at & 1 == 1).map(|at| weights[at]).sum()))
                .collect();
            let share = |of: &dyn Fn(&(u32, usize)) -> bool, from: &dyn Fn(&(u32, usize)) -> bool| {
                let all = sums.iter().filter(|one| from(one)).count();
                let hits = sums.iter().filter(|one| from(one) && of(one)).count();
                crate::stats::float(hits) / crate::stats::float(all)
            };
            let of_size = |one: &(u32, usize)| usize::try_from(one.0).unwrap() == take;
            let largest = weights.iter().sum::<usize>();
            let s = s.min(largest);
            let (below, above) = signed(&weights, s).unwrap();
            prop_assert!((below - share(&|one| one.1 <= s, &|_| true)).abs() < 1e-12);
            prop_assert!((above - share(&|one| one.1 >= s, &|_| true)).abs() < 1e-12);
            let most = { let mut w = weights.clone(); w.sort_unstable(); w.iter().rev().take(take).sum::<usize>() };
            let s = s.min(most);
            let (below, above) = chosen(&weights, take, s).unwrap();
            prop_assert!((below - share(&|one| one.1 <= s, &of_size)).abs() < 1e-12);
            prop_assert!((above - share(&|one| one.1 >= s, &of_size)).abs() < 1e-12);
        }
    }
}
