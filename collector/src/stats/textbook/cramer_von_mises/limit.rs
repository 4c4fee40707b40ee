//! P(W² ≤ x) for many values, and its first correction for n (Csörgő and Faraway 1996, equations 1.2, 1.3 and 1.10).

use std::f64::consts::PI;

use statrs::function::gamma::{gamma, ln_gamma};

use super::bessel::k_scaled;

/// Terms that are smaller than this end the sum.
const ENOUGH: f64 = 1e-12;
/// Terms at most; past x = 10, where p is below 10⁻²⁰, some hundred would be needed.
const TERMS_MAX: u32 = 100;

/// The limit.
pub(super) fn at_most(x: f64) -> f64 {
    let mut sum = 0.0;
    for k in 0..TERMS_MAX {
        let k = f64::from(k);
        let y = 4.0 * k + 1.0;
        let q = y * y / (16.0 * x);
        let ways = (ln_gamma(k + 0.5) - ln_gamma(k + 1.0)).exp() / (PI.powf(1.5) * x.sqrt());
        // e^−q of the formula and e^−q of the scaled Bessel function.
        let term = ways * y.sqrt() * (-2.0 * q).exp() * k_scaled(0.25, q);
        sum += term;
        if term < ENOUGH {
            break;
        }
    }
    sum.min(1.0)
}

/// For n values.
pub(super) fn at_most_of(x: f64, n: f64) -> f64 {
    at_most(x) * (1.0 + 1.0 / (12.0 * n)) + correction(x) / n
}

fn correction(x: f64) -> f64 {
    let root = 2.0 * x.sqrt();
    let (y1, y2) = (x.powf(0.75), x.powf(1.25));
    let mut sum = 0.0;
    for k in 0..TERMS_MAX {
        let k = f64::from(k);
        let m = 2.0 * k + 1.0;
        let (half, three_halves) = (gamma(k + 0.5), gamma(k + 1.5));
        let at = |offset: f64| (4.0 * k + offset) / root;
        let terms = m * half * second(at(3.0)) / (9.0 * y1)
            + half * third(at(1.0)) / (72.0 * y2)
            + 2.0 * (m + 2.0) * three_halves * third(at(5.0)) / (12.0 * y2)
            + 7.0 * m * half * (second(at(1.0)) + second(at(5.0))) / (144.0 * y1);
        let term = terms / (PI * gamma(k + 1.0));
        if !term.is_finite() {
            break;
        }
        sum -= term;
        if term.abs() < ENOUGH {
            break;
        }
    }
    sum
}

fn second(y: f64) -> f64 {
    let z = y * y / 4.0;
    let bessel = k_scaled(0.25, z) + k_scaled(0.75, z);
    (-2.0 * z).exp() * (y / 2.0).powf(1.5) * bessel / PI.sqrt()
}

fn third(y: f64) -> f64 {
    let z = y * y / 4.0;
    let bessel = 2.0 * k_scaled(0.25, z) + 3.0 * k_scaled(0.75, z) - k_scaled(1.25, z);
    (-2.0 * z).exp() * (y / 2.0).powf(2.5) * bessel / PI.sqrt()
}
