//! A long-memory series: fractional noise ARFIMA(0, d, 0) with its exact autocovariance (Hosking 1981), by embedding it in
//! a circle (Davies and Harte 1987).

use super::random::Random;

/// `n` values of deviation 1, 0 < d < 0.5.
pub fn fractional_noise(n: usize, d: f64, random: &mut Random) -> Vec<f64> {
    let half = n.next_power_of_two();
    let size = 2 * half;
    let mut covariance = vec![0.0; half + 1];
    covariance[0] = 1.0;
    let mut lag = 0.0;
    for at in 1..=half {
        lag += 1.0;
        covariance[at] = covariance[at - 1] * (lag - 1.0 + d) / (lag - d);
    }
    let mut circle: Vec<(f64, f64)> =
        (0..size).map(|at| (covariance[if at <= half { at } else { size - at }], 0.0)).collect();
    transform(&mut circle);
    // Eigenvalues of the circle; this covariance has none below 0.
    let scale = 1.0 / float(size).sqrt();
    for value in &mut circle {
        let size = value.0.max(0.0).sqrt() * scale;
        *value = (size * random.normal(), size * random.normal());
    }
    transform(&mut circle);
    circle.truncate(n);
    circle.into_iter().map(|(real, _)| real).collect()
}

#[expect(clippy::cast_precision_loss, reason = "sizes far below 2^53")]
fn float(n: usize) -> f64 {
    n as f64
}

/// Cooley and Tukey's transform in place; the length is a power of two.
fn transform(values: &mut [(f64, f64)]) {
    let n = values.len();
    let shift = usize::BITS - n.trailing_zeros();
    for at in 0..n {
        let other = at.reverse_bits() >> shift;
        if other > at {
            values.swap(at, other);
        }
    }
    let mut length = 2;
    while length <= n {
        let half = length / 2;
        let turns: Vec<(f64, f64)> = (0..half)
            .map(|at| {
                let (sin, cos) = (-std::f64::consts::TAU * float(at) / float(length)).sin_cos();
                (cos, sin)
            })
            .collect();
        for part in values.chunks_exact_mut(length) {
            let (low, high) = part.split_at_mut(half);
            for ((a, b), turn) in low.iter_mut().zip(high).zip(&turns) {
                let turned = (b.0 * turn.0 - b.1 * turn.1, b.0 * turn.1 + b.1 * turn.0);
                (*a, *b) = ((a.0 + turned.0, a.1 + turned.1), (a.0 - turned.0, a.1 - turned.1));
            }
        }
        length *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_has_one_line() {
        let mut values: Vec<(f64, f64)> =
            (0..16).map(|at| ((std::f64::consts::TAU * 3.0 * float(at) / 16.0).cos(), 0.0)).collect();
        transform(&mut values);
        let sizes: Vec<f64> = values.iter().map(|value| value.0.hypot(value.1)).collect();
        assert!((sizes[3] - 8.0).abs() < 1e-9 && (sizes[13] - 8.0).abs() < 1e-9);
        assert!(sizes.iter().enumerate().all(|(at, size)| [3, 13].contains(&at) || *size < 1e-9), "{sizes:?}");
    }

    /// ρ(1) = d / (1 − d), and the variance is 1.
    #[test]
    fn neighbours_correlate_as_they_should() {
        let (mut squares, mut products, mut n) = (0.0, 0.0, 0.0);
        for run in 0..200 {
            let values = fractional_noise(1_000, 0.3, &mut Random::of("long", run));
            squares += values.iter().map(|value| value * value).sum::<f64>();
            products += values.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>();
            n += 1_000.0;
        }
        assert!((squares / n - 1.0).abs() < 0.05, "{}", squares / n);
        assert!((products / squares - 0.3 / 0.7).abs() < 0.03, "{}", products / squares);
    }
}
