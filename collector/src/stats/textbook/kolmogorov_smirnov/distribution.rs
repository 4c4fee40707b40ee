//! The distribution of Kolmogorov's distance for n values.
//!
//! Where p is small twice the one-sided probability, which is exact (Smirnov 1944, as Birnbaum and Tingey 1951 sum it) and
//! keeps its digits; else Marsaglia, Tsang and Wang's 2003 matrix for up to 2 000 values, and Pelz and Good's 1976 series
//! (as Simard and L'Ecuyer 2011 write it) above.

use std::f64::consts::PI;

use statrs::function::gamma::ln_gamma;

/// Both distances are that far out together with a probability of about p³ relative to p.
const SMALL: f64 = 1e-3;
/// Values up to which the matrix is used: 180 rows at most, some milliseconds.
const MATRIX_MAX: f64 = 2_000.0;

/// P(D ≥ d) of n values, both sides.
pub(super) fn two_sided(n: f64, d: f64) -> f64 {
    if d <= 0.5 / n {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    // Of very many values the limit says at once whether p is small; the exact sum has as many terms as there are values.
    if n > MATRIX_MAX && 2.0 * (-2.0 * n * d * d).exp() > 10.0 * SMALL {
        return (1.0 - series(n, d)).clamp(0.0, 1.0);
    }
    let tail = 2.0 * one_sided(n, d);
    if tail < SMALL || d >= 0.5 {
        return tail.min(1.0);
    }
    let at_most = if n <= MATRIX_MAX { matrix(n, d) } else { series(n, d) };
    (1.0 - at_most).clamp(0.0, 1.0)
}

/// P(√n D ≥ z) of very many values (Kolmogorov 1933), by the one of its two series that converges at once.
pub(super) fn limit(z: f64) -> f64 {
    if z <= 0.0 {
        return 1.0;
    }
    if z < 1.0 {
        let terms = (1..8).map(|k| (-(PI * f64::from(2 * k - 1)).powi(2) / (8.0 * z * z)).exp());
        return (1.0 - (2.0 * PI).sqrt() / z * terms.sum::<f64>()).clamp(0.0, 1.0);
    }
    let term = |k: i32| (-2.0 * f64::from(k * k) * z * z).exp() * if k % 2 == 1 { 1.0 } else { -1.0 };
    (2.0 * (1..12).map(term).sum::<f64>()).clamp(0.0, 1.0)
}

/// P(D⁺ ≥ d) of n values, one side.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of at most n")]
pub(super) fn one_sided(n: f64, d: f64) -> f64 {
    if d <= 0.0 {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    let last = (n * (1.0 - d)).floor() as usize;
    let all = ln_gamma(n + 1.0);
    let mut sum = 0.0;
    let mut ways = 0.0;
    for at in 0..=last {
        let j = crate::stats::float(at);
        // Each number of ways follows from the one before; now and then it is taken afresh, so that no error builds up.
        if at % 64 == 0 {
            ways = all - ln_gamma(j + 1.0) - ln_gamma(n - j + 1.0);
        } else {
            ways += ((n - j + 1.0) / j).ln();
        }
        let (share, rest) = (d + j / n, 1.0 - d - j / n);
        if rest <= 0.0 {
            // The last term: 0^(n − j) is 1 only where nothing is left to place.
            if j >= n {
                sum += ((j - 1.0) * share.ln()).exp();
            }
            continue;
        }
        sum += (ways + (j - 1.0) * share.ln() + (n - j) * rest.ln()).exp();
    }
    (d * sum).min(1.0)
}

/// P(D < d) by the power of a matrix.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 2 000 values")]
fn matrix(n: f64, d: f64) -> f64 {
    let k = (n * d).floor() + 1.0;
    let h = k - n * d;
    let k = k as usize;
    let size = 2 * k - 1;
    let mut one = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..size.min(i + 2) {
            one[i * size + j] = 1.0;
        }
    }
    for i in 0..size {
        let power = i32::try_from(i + 1).unwrap_or(i32::MAX);
        one[i * size] -= h.powi(power);
        one[(size - 1) * size + i] -= h.powi(i32::try_from(size - i).unwrap_or(i32::MAX));
    }
    if 2.0 * h > 1.0 {
        one[(size - 1) * size] += (2.0 * h - 1.0).powi(i32::try_from(size).unwrap_or(i32::MAX));
    }
    for i in 0..size {
        for j in 0..size.min(i + 1) {
            let mut factorial = 1.0;
            for g in 1..=(i + 1 - j) {
                factorial *= crate::stats::float(g);
            }
            one[i * size + j] /= factorial;
        }
    }
    let (power, mut exponent) = raise(one, size, n as usize);
    let mut value = power[(k - 1) * size + k - 1];
    for i in 1..=(n as usize) {
        value = value * crate::stats::float(i) / n;
        if value < 1e-140 {
            value *= 1e140;
            exponent -= 140;
        }
    }
    value * 10_f64.powi(exponent)
}

/// A matrix to the power of `n`, scaled by a power of ten.
fn raise(base: Vec<f64>, size: usize, n: usize) -> (Vec<f64>, i32) {
    let mut result: Option<(Vec<f64>, i32)> = None;
    let (mut square, mut exponent) = (base, 0);
    let mut left = n;
    while left > 0 {
        if left % 2 == 1 {
            result = Some(match result {
                None => (square.clone(), exponent),
                Some((matrix, by)) => scaled(multiply(&matrix, &square, size), by + exponent, size),
            });
        }
        left /= 2;
        if left > 0 {
            (square, exponent) = scaled(multiply(&square, &square, size), 2 * exponent, size);
        }
    }
    result.unwrap_or((Vec::new(), 0))
}

fn scaled(mut matrix: Vec<f64>, exponent: i32, size: usize) -> (Vec<f64>, i32) {
    if matrix[(size / 2) * size + size / 2] > 1e140 {
        for value in &mut matrix {
            *value *= 1e-140;
        }
        return (matrix, exponent + 140);
    }
    (matrix, exponent)
}

fn multiply(a: &[f64], b: &[f64], size: usize) -> Vec<f64> {
    let mut product = vec![0.0; size * size];
    for i in 0..size {
        let row = &mut product[i * size..(i + 1) * size];
        for k in 0..size {
            let factor = a[i * size + k];
            if factor != 0.0 {
                for (to, from) in row.iter_mut().zip(&b[k * size..(k + 1) * size]) {
                    *to += factor * from;
                }
            }
        }
    }
    product
}

/// P(D < d) by the first four terms of the series in 1/√n.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number of terms")]
fn series(n: f64, d: f64) -> f64 {
    let z = n.sqrt() * d;
    let (z2, pi2) = (z * z, PI * PI);
    let (z4, z6, pi4, pi6) = (z2 * z2, z2 * z2 * z2, pi2 * pi2, pi2 * pi2 * pi2);
    let terms = (16.0 * z / PI).ceil() as u32;
    let mut sums = [0.0_f64; 4];
    let mut extra = [0.0_f64; 2];
    for k in (1..=terms).rev() {
        let odd = f64::from(2 * k - 1);
        let (m2, m4) = (odd * odd, odd * odd * odd * odd);
        let weight = (-pi2 * m2 / (8.0 * z2)).exp();
        sums[0] += weight;
        sums[1] += weight * (pi2 / 4.0 * m2 - z2);
        sums[2] += weight
            * (6.0 * z6 + 2.0 * z4 + (2.0 * z4 - 5.0 * z2) * pi2 / 4.0 * m2 + pi4 * (1.0 - 2.0 * z2) / 16.0 * m4);
        sums[3] += weight
            * (pi6 * (5.0 - 30.0 * z2) / 64.0 * m4 * m2
                + pi4 * (212.0 * z4 - 60.0 * z2) / 16.0 * m4
                + pi2 * (135.0 * z4 - 96.0 * z6) / 4.0 * m2
                - 30.0 * z6
                - 90.0 * z4 * z4);
        let k2 = f64::from(k) * f64::from(k);
        let weight = (-pi2 * k2 / (2.0 * z2)).exp();
        extra[0] += weight * k2;
        extra[1] += weight * k2 * (3.0 * z2 - pi2 * k2);
    }
    let root = (2.0 * PI).sqrt();
    let k0 = root * sums[0] / z;
    let k1 = root * sums[1] / (6.0 * z4);
    let k2 = root * (sums[2] / (72.0 * z6 * z) - pi2 * extra[0] / (36.0 * z2 * z));
    let k3 = root * (sums[3] / (6480.0 * z6 * z4) + pi2 * extra[1] / (216.0 * z6));
    k0 + (k1 + (k2 + k3 / n.sqrt()) / n.sqrt()) / n.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where two ways meet they agree.
    #[test]
    fn matrix_series_and_tail_agree() {
        for d in [0.02, 0.025, 0.03, 0.035] {
            assert!((matrix(2000.0, d) - series(2000.0, d)).abs() < 1e-7, "{d}");
        }
        for (n, d) in [(50.0, 0.3), (500.0, 0.1), (2000.0, 0.05)] {
            let p = 1.0 - matrix(n, d);
            assert!((p - 2.0 * one_sided(n, d)).abs() < 1e-9, "{n} {d}");
        }
    }

    /// Of one value D is uniform between ½ and 1.
    #[test]
    fn of_one_value_it_is_uniform() {
        assert!((two_sided(1.0, 0.75) - 0.5).abs() < 1e-12);
        assert!((one_sided(1.0, 0.25) - 0.75).abs() < 1e-12);
    }
}
