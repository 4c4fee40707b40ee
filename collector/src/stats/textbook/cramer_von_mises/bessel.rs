//! The modified Bessel function of the second kind, for the limit of Cramér and von Mises.

/// K of order `order` at `x` > 0, times e^x: ∫₀^∞ exp(−x (cosh t − 1)) cosh(order t) dt by the trapezium rule, which
/// converges exponentially for such an integrand (Trefethen and Weideman 2014).
pub(super) fn k_scaled(order: f64, x: f64) -> f64 {
    const STEP: f64 = 0.05;
    let term = |t: f64| (-x * (t.cosh() - 1.0)).exp() * (order * t).cosh();
    let mut sum = term(0.0) / 2.0;
    let mut t = STEP;
    // Past t = 40 the exponent is far below the smallest float for every x that occurs.
    while t < 40.0 {
        let value = term(t);
        sum += value;
        if value < sum * 1e-18 {
            break;
        }
        t += STEP;
    }
    sum * STEP
}

#[cfg(test)]
mod tests {
    use super::k_scaled;

    /// Of order ½ there is a closed form.
    #[test]
    fn agrees_with_the_closed_form() {
        for x in [0.01_f64, 0.3, 1.0, 7.0, 90.0] {
            let exact = (std::f64::consts::PI / (2.0 * x)).sqrt();
            assert!((k_scaled(0.5, x) / exact - 1.0).abs() < 1e-12, "{x}");
        }
    }
}
