//! The procedure on made series.

use proptest::prelude::*;

use super::*;

/// A repeatable noise, about normal.
fn noise(state: &mut u64) -> f64 {
    let mut uniform = || {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(*state >> 33).unwrap()) / f64::from(1_u32 << 31)
    };
    (0..12).map(|_| uniform()).sum::<f64>() - 6.0
}

/// An AR(1) series with deviation 1.
pub(super) fn series(seed: u64, n: usize, phi: f64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    let mut value = noise(&mut state);
    (0..n)
        .map(|_| {
            value = phi * value + (1.0 - phi * phi).sqrt() * noise(&mut state);
            value
        })
        .collect()
}

const STEP_MS: i64 = 10_000;

fn windows(values: &[f64], shift: f64) -> (Points, Points) {
    let half = values.len() / 2;
    let at = |at: usize| i64::try_from(at).unwrap() * STEP_MS;
    let before = values[..half].iter().enumerate().map(|(i, value)| (at(i), 100.0 + value));
    let after = values[half..].iter().enumerate().map(|(i, value)| (at(half + i), 100.0 + value + shift));
    (Points::new(before), Points::new(after))
}

/// Six hours each side, readings that depend on each other: Welch's test would cry wolf in two of three.
#[test]
fn no_change_is_called_a_change_in_at_most_one_of_sixteen() {
    let alarms = (0..400).filter(|seed| {
        let (before, after) = windows(&series(*seed, 4_320, 0.9), 0.0);
        verdict(&before, &after, &Limits::default()).p.is_some_and(|p| p < 0.05)
    });
    let alarms = alarms.count();
    assert!(alarms <= 25, "{alarms} of 400");
}

#[test]
fn a_shift_is_found_and_named_by_its_direction() {
    let (before, after) = windows(&series(1, 4_320, 0.9), 8.0);
    let of = |better| verdict(&before, &after, &Limits { better, ..Limits::default() });
    assert_eq!(of(Some(Better::Lower)).decision, Decision::Degraded);
    assert_eq!(of(Some(Better::Higher)).decision, Decision::Improved);
    let changed = of(None);
    assert_eq!(changed.decision, Decision::Changed);
    assert!((changed.estimate.unwrap() - 8.0).abs() < 0.6 && changed.words.starts_with("Changed: "), "{changed:?}");
}

#[test]
fn a_small_difference_is_shown_to_be_small_or_nothing_is_said() {
    let (before, after) = windows(&series(2, 4_320, 0.5), 0.1);
    let same = verdict(&before, &after, &Limits::default());
    assert_eq!(same.decision, Decision::NoChange, "{}", same.words);
    let strict = verdict(&before, &after, &Limits { threshold: Threshold::Absolute(0.01), ..Limits::default() });
    assert_ne!(strict.decision, Decision::NoChange);
    let (before, after) = windows(&series(3, 60, 0.99), 0.0);
    let short = verdict(&before, &after, &Limits { threshold: Threshold::Absolute(0.01), ..Limits::default() });
    assert_eq!(short.decision, Decision::NotEnoughData);
    assert!(short.more_time_s.is_some_and(|more| more > 0.0), "{}", short.words);
}

#[test]
fn a_change_of_the_spread_alone_is_said() {
    let values = series(4, 4_320, 0.5);
    let wider: Vec<f64> =
        values.iter().enumerate().map(|(at, value)| if at >= 2_160 { value * 2.0 } else { *value }).collect();
    let (before, after) = windows(&wider, 0.0);
    let spread = verdict(&before, &after, &Limits::default()).spread.unwrap();
    assert_eq!(spread.decision, Decision::Degraded);
    assert!((spread.ratio.unwrap() - 2.0).abs() < 0.3, "{spread:?}");
}

#[test]
fn nothing_constant_and_gaps_have_an_answer() {
    let none = verdict(&Points::default(), &Points::default(), &Limits::default());
    assert_eq!((none.decision, none.p), (Decision::NotEnoughData, None));
    let flat = |value: f64, from: i64| Points::new((0..400).map(|at| ((from + at) * STEP_MS, value)));
    assert_eq!(verdict(&flat(5.0, 0), &flat(5.0, 400), &Limits::default()).decision, Decision::NoChange);
    assert_eq!(verdict(&flat(5.0, 0), &flat(6.0, 400), &Limits::default()).decision, Decision::Changed);
    let (before, after) = windows(&series(5, 4_320, 0.5), 0.0);
    let holes = Points::new(after.at_ms().iter().zip(after.values()).enumerate().filter_map(|(i, (at, value))| {
        let in_a_hole = (400..800).contains(&i);
        (!in_a_hole).then_some((*at, *value))
    }));
    let verdict = verdict(&before, &holes, &Limits::default());
    assert!((verdict.findings.missing_share - 0.093).abs() < 0.01, "{}", verdict.findings.missing_share);
    assert!(verdict.p.is_some());
}

/// Windows that do not overlap have placements that do not vary: p is that of so many independent blocks, not 0.
#[test]
fn no_window_is_more_certain_than_its_blocks_are_many() {
    let (before, after) = windows(&series(8, 4_320, 0.9), 50.0);
    let rank = verdict(&before, &after, &Limits::default()).rank.unwrap();
    assert!(rank.p > 1e-14 && rank.p < 1e-3, "{rank:?}");
    assert!(rank.ci.0 < 0.5 && rank.ci.1 > 0.5, "{rank:?}");
    let day =
        |at: i64| {
            Points::new((0..72).map(move |hour| {
                ((at * 24 + hour) * 3_600_000, 0.01 * (hour % 7) as f64 + if at > 0 { 9.0 } else { 0.0 })
            }))
        };
    let days = verdict(&day(0), &day(3), &Limits::default());
    assert_eq!(days.findings.unit, Unit::DayMeans);
    assert!((days.rank.unwrap().p - 0.1).abs() < 1e-6, "{:?}", days.rank);
}

/// Days that differ are measured where there are enough of them, and one day like them is no change.
#[test]
fn days_that_differ_are_measured_on_five_reference_days() {
    let day = 8_640;
    let wanders = |seed: u64, references: usize| {
        let values: Vec<f64> = series(seed, (references + 1) * day, 0.9)
            .iter()
            .enumerate()
            .map(|(at, value)| value + 2.0 * series(seed * 31 + (at / day) as u64, 1, 0.0)[0])
            .collect();
        let at = |i: usize| i64::try_from(i).unwrap() * STEP_MS;
        let points = |from: usize, to: usize| Points::new((from..to).map(|i| (at(i), values[i])));
        verdict(&points(0, references * day), &points(references * day, references * day + 2_160), &Limits::default())
    };
    let alarms = (0..60).filter(|seed| wanders(*seed, 7).p.is_some_and(|p| p < 0.05)).count();
    assert!(alarms <= 9, "{alarms} of 60");
    let (few, many) = (wanders(1, 2), wanders(1, 7));
    assert!(few.words.contains("was not measured") && !few.findings.by_days);
    assert!(!many.words.contains("one day differs") && many.findings.by_days, "{}", many.words);
}

/// Twelve hours at different times of day look like a change; the same hours of the day before do not.
#[test]
fn a_daily_wave_is_compared_at_the_same_time_of_day() {
    let day = 8_640;
    let wave =
        |at: usize| 10.0 * (std::f64::consts::TAU * crate::stats::float(at % day) / crate::stats::float(day)).sin();
    let values: Vec<f64> = series(6, 2 * day, 0.9).iter().enumerate().map(|(at, value)| value + wave(at)).collect();
    let at = |i: usize| i64::try_from(i).unwrap() * STEP_MS;
    let part = |from: usize| Points::new((from..from + 2_160).map(|i| (at(i), values[i])));
    let same_time = verdict(&part(1_000), &part(1_000 + day), &Limits::default());
    assert_eq!(same_time.findings.unit, Unit::SameTimeDifferences);
    assert!(same_time.p.unwrap() > 0.01, "{}", same_time.words);
    let other_time = verdict(&part(1_000), &part(5_000), &Limits { cycle: Some(true), ..Limits::default() });
    assert_eq!((other_time.decision, other_time.p), (Decision::NotEnoughData, None));
}

#[test]
fn a_family_is_judged_together_and_a_doubtful_past_holds_back() {
    let (before, after) = windows(&series(7, 4_320, 0.9), 8.0);
    let mut family: Vec<Verdict> = (0..50)
        .map(|seed| {
            let (before, after) = windows(&series(100 + seed, 4_320, 0.9), 0.0);
            verdict(&before, &after, &Limits::default())
        })
        .collect();
    family.push(verdict(&before, &after, &Limits::default()));
    adjust(&mut family);
    assert_eq!(family.last().unwrap().decision, Decision::Changed);
    assert!(family.iter().all(|one| one.p_adjusted >= one.p));
    let doubtful = verdict(&before, &after, &Limits { null_share: Some(0.3), ..Limits::default() });
    assert_eq!(doubtful.decision, Decision::NoEvidence);
}

proptest! {
    /// Shift and scale change the unit, not the p; a swap turns the estimate.
    #[test]
    fn shift_scale_and_swap_change_no_p(
        seed in 0_u64..1_000, phi in 0.0_f64..0.97, shift in -500.0_f64..500.0, scale in 0.01_f64..100.0, effect in -2.0_f64..2.0
    ) {
        let values = series(seed, 720, phi);
        let (before, after) = windows(&values, effect);
        let limits = Limits { threshold: Threshold::Deviations(0.2), ..Limits::default() };
        let first = verdict(&before, &after, &limits);
        let moved = |points: &Points| points.with(points.values().iter().map(|value| value * scale + shift).collect());
        let second = verdict(&moved(&before), &moved(&after), &limits);
        prop_assert_eq!((first.decision, first.findings.form), (second.decision, second.findings.form));
        let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-5 * a.abs().max(b.abs()) + 1e-9,
            (a, b) => a == b,
        };
        prop_assert!(close(first.p, second.p), "{:?} {:?}", first.p, second.p);
        prop_assert!(close(first.estimate.map(|e| e * scale), second.estimate));
        prop_assert!(close(first.spread.map(|s| s.p), second.spread.map(|s| s.p)));
        let (swapped_before, swapped_after) = (before.with(after.values().to_vec()), after.with(before.values().to_vec()));
        let swapped = verdict(&swapped_before, &swapped_after, &limits);
        prop_assert!(close(first.findings.mean.map(|m| m.p()), swapped.findings.mean.map(|m| m.p())));
        prop_assert!(close(first.findings.rank.map(|m| m.p()), swapped.findings.rank.map(|m| m.p())));
        prop_assert!(close(first.findings.mean.map(|m| m.difference), swapped.findings.mean.map(|m| -m.difference)));
    }
}
