//! The window before a triggered action, without the episode that triggered it.
//!
//! An action that fires when a reading is extreme is followed by better readings even if it does nothing: regression to the
//! mean (Galton 1886). So the window before ends where the series last was on its usual side, and what lies between is not
//! compared.

use super::Points;
use crate::stats::median;

/// The points up to the last one at or below the median before the end (or at or above it, where the episode lies below).
/// A series that ends as usual loses nothing.
#[must_use]
pub fn before_episode(before: &Points) -> Points {
    let values = before.values();
    let (Some(usual), Some(last)) = (median(&mut values.to_vec()), values.last()) else {
        return before.clone();
    };
    let above = *last > usual;
    let is_usual = |value: &f64| if above { *value <= usual } else { *value >= usual };
    match values.iter().rposition(is_usual) {
        Some(at) => before.between(i64::MIN, before.at_ms()[at].saturating_add(1)),
        // The median is one of the values or lies between two, so there always is one.
        None => before.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[f64]) -> Points {
        Points::new((0_i64..).zip(values.iter().copied()).map(|(at, value)| (at * 1_000, value)))
    }

    #[test]
    fn the_climb_to_the_peak_is_left_out() {
        let cut = |values: &[f64]| before_episode(&points(values)).values().to_vec();
        assert_eq!(cut(&[1.0, 0.0, 2.0, 1.0, 0.0, 5.0, 6.0, 9.0]), [1.0, 0.0, 2.0, 1.0, 0.0]);
        assert_eq!(cut(&[1.0, 0.0, 2.0, 1.0, 0.0, -5.0, -9.0]), [1.0, 0.0, 2.0, 1.0, 0.0]);
        assert_eq!(cut(&[1.0, 2.0, 3.0, 2.0]), [1.0, 2.0, 3.0, 2.0]);
        assert_eq!(cut(&[]), [] as [f64; 0]);
        assert_eq!(cut(&[7.0]), [7.0]);
    }
}
