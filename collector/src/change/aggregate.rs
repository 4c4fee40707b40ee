//! Many members as one series: step by step, by the aggregation of the metric. A step counts only when nearly all of the
//! members have a value in it: else who is missing would look like a change.

use crate::stats::{float, median};

/// Share of the members that have to have a value in a step.
const PRESENT_MIN: f64 = 0.9;
/// Share of a window's steps in which a member has to have a value to be one of those that are put together.
const COVERED_MIN: f64 = 0.5;

/// How values are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The median.
    Median,
}

impl Aggregation {
    /// What a word of a metric definition means; none of what is only counted.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "mean" => Self::Mean,
            "sum" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            "median" => Self::Median,
            _ => return None,
        })
    }

    fn put(self, values: &mut [f64]) -> f64 {
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        match self {
            Self::Mean => sum(values) / float(values.len()),
            Self::Sum => sum(values),
            Self::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Median => median(values).unwrap_or(f64::NAN),
        }
    }
}

/// Whether a member's values cover enough of a window to compare with them. Not a number: missing.
#[must_use]
pub fn covers(values: &[f64]) -> bool {
    let there = values.iter().filter(|value| value.is_finite()).count();
    there > 0 && float(there) >= COVERED_MIN * float(values.len())
}

/// One series of several that have the same steps; not a number where too few have a value. A sum with somebody missing
/// stands for all of them.
#[must_use]
pub fn together(members: &[&[f64]], how: Aggregation) -> Vec<f64> {
    let steps = members.iter().map(|values| values.len()).min().unwrap_or(0);
    let least = PRESENT_MIN * float(members.len()) - 1e-9;
    let mut here = Vec::with_capacity(members.len());
    (0..steps)
        .map(|step| {
            here.clear();
            here.extend(members.iter().map(|values| values[step]).filter(|value| value.is_finite()));
            if here.is_empty() || float(here.len()) < least {
                return f64::NAN;
            }
            let share = float(members.len()) / float(here.len());
            let value = how.put(&mut here);
            if how == Aggregation::Sum { value * share } else { value }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONE: f64 = f64::NAN;

    #[test]
    fn a_step_counts_when_nearly_all_have_a_value() {
        let of = |how| together(&[&[1.0, 2.0, NONE], &[3.0, 6.0, 4.0]], how);
        assert_eq!(of(Aggregation::Mean)[..2], [2.0, 4.0]);
        assert!(of(Aggregation::Mean)[2].is_nan(), "half of them is too few");
        let at_second =
            [Aggregation::Sum, Aggregation::Min, Aggregation::Max, Aggregation::Median].map(|how| of(how)[1]);
        assert_eq!(at_second.as_slice(), [8.0, 2.0, 6.0, 4.0]);
        let ten: Vec<&[f64]> = [&[2.0][..]; 9].into_iter().chain([&[NONE][..]]).collect();
        assert_eq!(together(&ten, Aggregation::Sum), [20.0], "one of ten missing: the others stand for it");
        assert!(together(&[], Aggregation::Mean).is_empty());
        assert_eq!(Aggregation::of("count"), None);
    }

    #[test]
    fn half_of_a_window_is_enough_to_take_part() {
        assert!(covers(&[1.0, NONE]) && !covers(&[1.0, NONE, NONE]) && !covers(&[]) && !covers(&[NONE]));
    }

    proptest! {
        /// Whoever is missing now and then, the mean of members that are alike never moves.
        #[test]
        fn who_is_missing_moves_nothing(
            holes in prop::collection::vec(prop::collection::vec(any::<bool>(), 30), 1..20), level in -5.0_f64..5.0,
        ) {
            let members: Vec<Vec<f64>> = holes.iter()
                .map(|member| member.iter().map(|gone| if *gone { NONE } else { level }).collect()).collect();
            let members: Vec<&[f64]> = members.iter().map(Vec::as_slice).collect();
            for how in [Aggregation::Mean, Aggregation::Median, Aggregation::Min, Aggregation::Max] {
                prop_assert!(together(&members, how).iter().all(|value| value.is_nan() || (value - level).abs() < 1e-9));
            }
            let sums = together(&members, Aggregation::Sum);
            let all = level * float(members.len());
            prop_assert!(sums.iter().all(|value| value.is_nan() || (value - all).abs() < 1e-9));
        }
    }
}
