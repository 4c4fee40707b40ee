//! What holds for every test, whatever the values: a shift, a scale, an order and a swap change nothing that they should
//! not; and exact tests say what counting every case says.

use proptest::prelude::*;

use super::*;
use crate::stats::{Alternative, float};

type Test = (&'static str, fn(&[f64], &[f64]) -> Option<f64>);

/// Two-sided p of every two-sample test.
const TWO: [Test; 9] = [
    ("t_2samp", |x, y| t_two_sample(x, y, Alternative::TwoSided).ok().map(|test| test.p)),
    ("welch", |x, y| welch(x, y, Alternative::TwoSided).ok().map(|test| test.p)),
    ("mann_whitney exact", |x, y| {
        mann_whitney(x, y, Alternative::TwoSided, Some(Method::Exact), true).ok().map(|test| test.p)
    }),
    ("mann_whitney", |x, y| {
        mann_whitney(x, y, Alternative::TwoSided, Some(Method::Asymptotic), true).ok().map(|test| test.p)
    }),
    ("f_var", |x, y| f_variance(x, y, Alternative::TwoSided).ok().map(|test| test.p)),
    ("levene", |x, y| levene(x, y).ok().map(|test| test.p)),
    ("brown_forsythe", |x, y| brown_forsythe(x, y).ok().map(|test| test.p)),
    ("cvm_2samp", |x, y| cramer_von_mises_two_sample(x, y, Some(Method::Asymptotic)).ok().map(|test| test.p)),
    ("ks_2samp", |x, y| ks_two_sample(x, y, Alternative::TwoSided, None).ok().map(|test| test.p)),
];

/// p of every test of one sample that does not know where 0 is.
const ONE: [Test; 5] = [
    ("shapiro", |x, _| shapiro_wilk(x).ok().map(|test| test.p)),
    ("ad_normal", |x, _| anderson_darling_normal(x).ok().map(|test| test.p)),
    ("cvm_normal", |x, _| cramer_von_mises_normal(x).ok().map(|test| test.p)),
    ("lilliefors", |x, _| lilliefors(x).ok().map(|test| test.p)),
    ("anova", |x, y| anova_oneway(&[x.to_vec(), y.to_vec()]).ok().map(|test| test.p)),
];

fn alike(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-7 * a.abs().max(b.abs()) + 1e-12,
        (a, b) => a == b,
    }
}

/// Whole numbers, so that shift and scale are exact and ties stay ties.
fn sample() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-40_i8..40).prop_map(f64::from), 2..16)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / float(values.len())
}

proptest! {
    #[test]
    fn shift_scale_order_and_swap_change_no_p(
        x in sample(), y in sample(), shift in -64_i8..64, power in 0_i32..6, turn in 0_usize..16
    ) {
        let moved = |values: &[f64]| {
            let mut moved: Vec<f64> = values.iter().map(|v| (v + f64::from(shift)) * 2.0_f64.powi(power)).collect();
            let by = turn % moved.len();
            moved.rotate_left(by);
            moved
        };
        for (name, test) in TWO.into_iter().chain(ONE) {
            let p = test(&x, &y);
            prop_assert!(alike(p, test(&moved(&x), &moved(&y))), "{name} {p:?} {:?}", test(&moved(&x), &moved(&y)));
        }
        for (name, test) in TWO {
            prop_assert!(alike(test(&x, &y), test(&y, &x)), "{name} {:?} {:?}", test(&x, &y), test(&y, &x));
        }
    }

    /// Every way to hand the values out to two samples of the same sizes.
    #[test]
    fn exact_mann_whitney_is_the_share_of_all_splits(
        x in prop::collection::vec((-3_i8..4).prop_map(f64::from), 1..6),
        y in prop::collection::vec((-3_i8..4).prop_map(f64::from), 1..6)
    ) {
        let all: Vec<f64> = x.iter().chain(&y).copied().collect();
        let u = |x: &[f64], y: &[f64]| -> f64 {
            let worth = |a: f64, b: f64| if a > b { 1.0 } else if a < b { 0.0 } else { 0.5 };
            x.iter().map(|a| y.iter().map(|b| worth(*a, *b)).sum::<f64>()).sum()
        };
        let seen = u(&x, &y);
        let splits: Vec<f64> = (0_u32..1 << all.len())
            .filter(|set| usize::try_from(set.count_ones()).unwrap() == x.len())
            .map(|set| {
                let of = |which: bool| -> Vec<f64> {
                    all.iter().enumerate().filter(|(at, _)| (set >> at & 1 == 1) == which).map(|(_, v)| *v).collect()
                };
                u(&of(true), &of(false))
            })
            .collect();
        let share = |of: &dyn Fn(f64) -> bool| float(splits.iter().filter(|u| of(**u)).count()) / float(splits.len());
        let (below, above) = (share(&|u| u <= seen), share(&|u| u >= seen));
        for (alternative, expected) in [
            (Alternative::Less, below),
            (Alternative::Greater, above),
            (Alternative::TwoSided, (2.0 * below.min(above)).min(1.0)),
        ] {
            let test = mann_whitney(&x, &y, alternative, Some(Method::Exact), true).unwrap();
            prop_assert!((test.p - expected).abs() < 1e-12 && (test.statistic - seen).abs() < 1e-12, "{test:?} {expected}");
        }
    }

    /// Every choice of signs.
    #[test]
    fn exact_wilcoxon_is_the_share_of_all_signs(values in prop::collection::vec((-4_i8..5).prop_map(f64::from), 1..11)) {
        let kept: Vec<f64> = values.iter().copied().filter(|value| *value != 0.0).collect();
        let test = |alternative| wilcoxon(&values, alternative, Some(Method::Exact), ZeroMethod::Wilcox, false);
        if kept.is_empty() {
            prop_assert!(test(Alternative::TwoSided).is_err());
            return Ok(());
        }
        let rank = |size: f64| {
            let below = kept.iter().filter(|value| value.abs() < size).count();
            let same = kept.iter().filter(|value| (value.abs() - size).abs() < 1e-12).count();
            float(below) + (float(same) + 1.0) / 2.0
        };
        let seen: f64 = kept.iter().filter(|value| **value > 0.0).map(|value| rank(value.abs())).sum();
        let sums: Vec<f64> = (0_u32..1 << kept.len())
            .map(|set| kept.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, v)| rank(v.abs())).sum())
            .collect();
        let share = |of: &dyn Fn(f64) -> bool| float(sums.iter().filter(|sum| of(**sum)).count()) / float(sums.len());
        let (below, above) = (share(&|sum| sum <= seen + 1e-9), share(&|sum| sum >= seen - 1e-9));
        for (alternative, expected) in [
            (Alternative::Less, below),
            (Alternative::Greater, above),
            (Alternative::TwoSided, (2.0 * below.min(above)).min(1.0)),
        ] {
            let p = test(alternative).unwrap().p;
            prop_assert!((p - expected).abs() < 1e-12, "{p} {expected}");
        }
    }

    /// The sign of a statistic turns with the samples.
    #[test]
    fn a_swap_turns_the_sign(x in sample(), y in sample()) {
        if let (Ok(a), Ok(b)) = (welch(&x, &y, Alternative::Greater), welch(&y, &x, Alternative::Less)) {
            prop_assert!((a.statistic + b.statistic).abs() < 1e-9 && alike(Some(a.p), Some(b.p)));
            prop_assert!(a.statistic * (mean(&x) - mean(&y)) >= 0.0);
        }
    }
}
