//! Where the values of one window lie among those of the other: one sort serves medians, tails and ranks.

use super::kept::Kept;
use crate::stats::float;
use crate::stats::ranks::{key, value};

/// Marks a value of the window after.
const AFTER: u32 = 1 << 31;

/// See the module.
#[derive(Debug)]
pub(super) struct Placed {
    /// The values before, ascending.
    pub(super) before: Vec<f64>,
    /// The values after, ascending.
    pub(super) after: Vec<f64>,
    /// By unit, the sum of the shares of the window after that lie above each value before; ties for one half.
    pub(super) sums_before: Vec<f64>,
    /// By unit, the sum of the shares of the window before that lie below each value after.
    pub(super) sums_after: Vec<f64>,
}

impl Placed {
    /// `among_all`: the sums are of the mid-ranks among all values, as shares of their number.
    pub(super) fn of(before: &Kept, after: &Kept, among_all: bool) -> Self {
        let (n_before, n_after) = (before.values.len(), after.values.len());
        let mut all: Vec<(u64, u32)> = Vec::with_capacity(n_before + n_after);
        all.extend(before.values.iter().zip(&before.unit).map(|(value, unit)| (key(*value), *unit)));
        all.extend(after.values.iter().zip(&after.unit).map(|(value, unit)| (key(*value), *unit | AFTER)));
        all.sort_unstable_by_key(|(key, _)| *key);
        let mut placed = Self {
            before: Vec::with_capacity(n_before),
            after: Vec::with_capacity(n_after),
            sums_before: vec![0.0; before.units()],
            sums_after: vec![0.0; after.units()],
        };
        let (share_before, share_after) = (1.0 / float(n_before), 1.0 / float(n_after));
        let share_all = 1.0 / float(n_before + n_after);
        let mut at = 0;
        while at < all.len() {
            let first = all[at].0;
            let ties = all[at..].iter().take_while(|(key, _)| *key == first).count();
            let group = &all[at..at + ties];
            let of_after = group.iter().filter(|(_, unit)| unit & AFTER != 0).count();
            let of_before = ties - of_after;
            let (of_before_worth, of_after_worth) = if among_all {
                let rank = (float(at) + float(ties) / 2.0) * share_all;
                (rank, rank)
            } else {
                let below = float(placed.after.len()) + float(of_after) / 2.0;
                let above = 1.0 - below * share_after;
                (above, (float(placed.before.len()) + float(of_before) / 2.0) * share_before)
            };
            let number = value(first);
            for (_, unit) in group {
                if unit & AFTER == 0 {
                    placed.sums_before[*unit as usize] += of_before_worth;
                } else {
                    placed.sums_after[(unit & !AFTER) as usize] += of_after_worth;
                }
            }
            placed.before.extend(std::iter::repeat_n(number, of_before));
            placed.after.extend(std::iter::repeat_n(number, of_after));
            at += ties;
        }
        placed
    }
}
