//! Sorting and mid-ranks.

use super::float;

/// A key that orders as the value does, for values without NaN; sorting whole numbers is faster than sorting floats.
#[must_use]
pub const fn key(value: f64) -> u64 {
    // −0 and 0 are the same value and must tie.
    let bits = if value == 0.0 { 0 } else { value.to_bits() };
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// The value of a key.
#[must_use]
pub const fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

/// The values in ascending order.
#[must_use]
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut keys: Vec<u64> = values.iter().map(|value| key(*value)).collect();
    if keys.len() < RADIX_MIN {
        keys.sort_unstable();
    } else {
        keys = by_radix(keys);
    }
    keys.into_iter().map(value).collect()
}

/// Values from which sorting by digits is faster than by comparison.
const RADIX_MIN: usize = 4_096;
const DIGIT_BITS: u32 = 11;
const DIGITS: usize = 1 << DIGIT_BITS;
const PASSES: usize = u64::BITS.div_ceil(DIGIT_BITS) as usize;

/// Eleven bits of a key, always a small number.
#[expect(clippy::cast_possible_truncation, reason = "masked to 11 bits")]
const fn digit(key: u64, pass: usize) -> usize {
    (key >> (DIGIT_BITS as usize * pass)) as usize & (DIGITS - 1)
}

/// Sorts by digits of 11 bits, the lowest first (Seward 1954); a digit that is the same in all keys is skipped.
fn by_radix(mut keys: Vec<u64>) -> Vec<u64> {
    let mut counts = vec![[0_usize; DIGITS]; PASSES];
    for key in &keys {
        for (pass, counts) in counts.iter_mut().enumerate() {
            counts[digit(*key, pass)] += 1;
        }
    }
    let mut other = vec![0_u64; keys.len()];
    for (pass, counts) in counts.iter_mut().enumerate() {
        if counts.contains(&keys.len()) {
            continue;
        }
        let mut before = 0;
        for count in counts.iter_mut() {
            let own = *count;
            *count = before;
            before += own;
        }
        for key in &keys {
            let place = &mut counts[digit(*key, pass)];
            other[*place] = *key;
            *place += 1;
        }
        std::mem::swap(&mut keys, &mut other);
    }
    keys
}

/// The values in ascending order, each with the place it had.
#[must_use]
pub fn order(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by_key(|at| key(values[*at]));
    order
}

/// Mid-ranks (1 … n, ties share their mean rank) in the values' order, and Σ (t³ − t) over groups of t ties.
#[must_use]
pub fn mid_ranks(values: &[f64]) -> (Vec<f64>, f64) {
    let order = order(values);
    let mut ranks = vec![0.0; values.len()];
    let mut ties = 0.0;
    let mut at = 0;
    while at < order.len() {
        let mut end = at + 1;
        while end < order.len() && key(values[order[end]]) == key(values[order[at]]) {
            end += 1;
        }
        let rank = (float(at + 1) + float(end)) / 2.0;
        for place in &order[at..end] {
            ranks[*place] = rank;
        }
        ties += cubed_ties(end - at);
        at = end;
    }
    (ranks, ties)
}

/// t³ − t.
pub(super) fn cubed_ties(t: usize) -> f64 {
    let t = float(t);
    t * t * t - t
}

/// What two sorted samples say together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// Pairs in which x is larger, ties counting one half: Mann and Whitney's U of x.
    pub u: f64,
    /// Σ (t³ − t) over groups of t ties.
    pub ties: f64,
}

/// Merges two ascending samples.
#[must_use]
pub fn pool(x: &[f64], y: &[f64]) -> Pooled {
    let (mut i, mut j) = (0, 0);
    let (mut u, mut ties) = (0.0, 0.0);
    while i < x.len() {
        // Values of y below this one.
        while j < y.len() && y[j] < x[i] {
            let run = run(&y[j..]);
            ties += cubed_ties(run);
            j += run;
        }
        let of_x = run(&x[i..]);
        let of_y = if j < y.len() && key(y[j]) == key(x[i]) { run(&y[j..]) } else { 0 };
        u += float(of_x) * (float(j) + float(of_y) / 2.0);
        ties += cubed_ties(of_x + of_y);
        i += of_x;
        j += of_y;
    }
    while j < y.len() {
        let run = run(&y[j..]);
        ties += cubed_ties(run);
        j += run;
    }
    Pooled { u, ties }
}

/// How often the first value stands at the beginning.
fn run(sorted: &[f64]) -> usize {
    sorted.iter().take_while(|value| key(**value) == key(sorted[0])).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ties_share_their_rank() {
        let (ranks, ties) = mid_ranks(&[3.0, 1.0, 3.0, -0.0, 0.0]);
        assert_eq!(ranks, [4.5, 3.0, 4.5, 1.5, 1.5]);
        assert!((ties - 12.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn sorting_keys_sorts_values(values in prop::collection::vec(-1e300_f64..1e300, 0..50)) {
            let mut naive = values.clone();
            naive.sort_by(f64::total_cmp);
            prop_assert_eq!(sorted(&values), naive);
        }

        #[test]
        fn digits_sort_as_comparisons_do(keys in prop::collection::vec(prop_oneof![any::<u64>(), 0_u64..5], 0..200)) {
            let mut naive = keys.clone();
            naive.sort_unstable();
            prop_assert_eq!(by_radix(keys), naive);
        }

        #[test]
        fn pooling_agrees_with_every_pair(
            x in prop::collection::vec(-4_i8..4, 1..20), y in prop::collection::vec(-4_i8..4, 1..20)
        ) {
            let (x, y): (Vec<f64>, Vec<f64>) = (x.into_iter().map(f64::from).collect(), y.into_iter().map(f64::from).collect());
            let pair = |a: f64, b: f64| if a > b { 1.0 } else if a < b { 0.0 } else { 0.5 };
            let naive: f64 = x.iter().flat_map(|a| y.iter().map(move |b| pair(*a, *b))).sum();
            let pooled = pool(&sorted(&x), &sorted(&y));
            prop_assert!((pooled.u - naive).abs() < 1e-9);
            let all: Vec<f64> = x.iter().chain(&y).copied().collect();
            prop_assert!((pooled.ties - mid_ranks(&all).1).abs() < 1e-9);
        }
    }
}
