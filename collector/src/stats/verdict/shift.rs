//! The shift in the series' unit that belongs to a rank form: the one that makes both windows alike, and the ones at
//! which the test would just not reject (Hodges and Lehmann 1963, by inverting the test).

use crate::stats::float;

/// Quantiles that stand for a window: enough for three digits, and fast.
const QUANTILES: usize = 200;
/// Halvings of the range, at most: heavy tails make it long.
const HALVINGS: usize = 60;
/// Part of the middle half's width to which a shift is found.
const PRECISION: f64 = 1e-6;

/// `half`: by how much the probability may differ from ½ at the ends of the interval. Both samples are ascending.
pub(super) fn shift(before: &[f64], after: &[f64], half: f64) -> Option<(f64, f64, f64)> {
    let (x, y) = (thin(before), thin(after));
    let (low, high) = (y.first()? - x.last()?, y.last()? - x.first()?);
    let quartile = |sorted: &[f64], at: usize| sorted[at * (sorted.len() - 1) / 4];
    let width = (quartile(&x, 3) - quartile(&x, 1)).max(quartile(&y, 3) - quartile(&y, 1));
    // As the shift grows, the share of y − shift above x falls.
    let at = |wanted: f64| {
        let (mut a, mut b) = (low - 1e-9 - low.abs() * 1e-12, high + 1e-9 + high.abs() * 1e-12);
        for _ in 0..HALVINGS {
            if b - a <= PRECISION * width {
                break;
            }
            let middle = f64::midpoint(a, b);
            if above(&x, &y, middle) > wanted { a = middle } else { b = middle }
        }
        f64::midpoint(a, b)
    };
    let ends = (at((0.5 + half).min(1.0)), at((0.5 - half).max(0.0)));
    Some((at(0.5), ends.0.min(ends.1), ends.1.max(ends.0)))
}

fn thin(ascending: &[f64]) -> Vec<f64> {
    if ascending.len() <= QUANTILES {
        return ascending.to_vec();
    }
    (0..QUANTILES).map(|at| ascending[(2 * at + 1) * ascending.len() / (2 * QUANTILES)]).collect()
}

/// P(y − shift > x) + ½ P(equal).
fn above(x: &[f64], y: &[f64], shift: f64) -> f64 {
    let (mut below, mut up_to) = (0, 0);
    let mut count = 0.0;
    for y in y {
        let y = y - shift;
        while below < x.len() && x[below] < y {
            below += 1;
        }
        up_to = up_to.max(below);
        while up_to < x.len() && x[up_to] <= y {
            up_to += 1;
        }
        count += float(below) + float(up_to - below) / 2.0;
    }
    count / (float(x.len()) * float(y.len()))
}
