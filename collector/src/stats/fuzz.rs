//! Every statistic on whatever bytes come: the entry for fuzz targets and for a property test. Bad input is an error, never
//! a panic, a NaN or a probability outside of 0 … 1.

use super::anomaly::Scorer;
use super::changepoint::change_points;
use super::forecast::trend;
use super::sample_size::sample_size;
use super::textbook::{self as t, Method, Specified, ZeroMethod};
use super::verdict::{self, Better, Layout, Limits, Points, Threshold, Verdict, empirical_null};
use super::{Alternative, Moments, StatsError, quantile, seasonality};

/// Values of a sample, at most: exact tests take time with their square and more.
const VALUES_MAX: usize = 300;
const STEP_MS: i64 = 600_000;

/// Decodes two samples from the bytes and runs everything on them. The first byte chooses alternative, method and how the
/// rest is read: as 64-bit floats of any bits, or as small whole numbers, which tie.
///
/// # Panics
/// When a statistic is wrong: that is what is looked for.
pub fn every_statistic(bytes: &[u8]) {
    let (control, rest) = bytes.split_first().map_or((0, bytes), |(control, rest)| (*control, rest));
    let values: Vec<f64> = if control & 1 == 0 {
        rest.as_chunks::<8>().0.iter().map(|bits| f64::from_le_bytes(*bits)).take(2 * VALUES_MAX).collect()
    } else {
        rest.iter().map(|byte| f64::from(byte.cast_signed() / 8)).take(2 * VALUES_MAX).collect()
    };
    let (x, y) = values.split_at(values.len() / 2);
    let alternative = [Alternative::TwoSided, Alternative::Less, Alternative::Greater][usize::from(control >> 1) % 3];
    let method = [None, Some(Method::Exact), Some(Method::Asymptotic)][usize::from(control >> 3) % 3];
    one_sample(x, alternative, method);
    two_samples(x, y, alternative, method);
    windows(x, y, control);
    series(&values);
}

fn holds<T>(what: &str, result: Result<T, StatsError>, numbers: impl Fn(&T) -> Vec<f64>, p: impl Fn(&T) -> f64) {
    if let Ok(result) = result {
        let p = p(&result);
        assert!((0.0..=1.0).contains(&p), "{what}: p is {p}");
        for number in numbers(&result) {
            assert!(number.is_finite(), "{what}: {number}");
        }
    }
}

fn one_sample(x: &[f64], alternative: Alternative, method: Option<Method>) {
    holds("t_1samp", t::t_one_sample(x, 0.5, alternative), |r| vec![r.statistic, r.df, r.ci95.0, r.ci95.1], |r| r.p);
    for zeros in [ZeroMethod::Wilcox, ZeroMethod::Pratt, ZeroMethod::Split] {
        holds("wilcoxon", t::wilcoxon(x, alternative, method, zeros, true), |r| vec![r.statistic], |r| r.p);
    }
    holds("shapiro", t::shapiro_wilk(x), |r| vec![r.statistic], |r| r.p);
    holds("ad_normal", t::anderson_darling_normal(x), |r| vec![r.statistic], |r| r.p);
    holds("cvm_normal", t::cramer_von_mises_normal(x), |r| vec![r.statistic], |r| r.p);
    holds("lilliefors", t::lilliefors(x), |r| vec![r.statistic], |r| r.p);
    holds("lag1", t::lag1_autocorrelation(x), |r| vec![r.statistic, r.mean, r.sd], |_| 0.0);
    for of in [
        Specified::Normal { mean: 0.0, sd: 1.0 },
        Specified::Exponential { scale: 2.0 },
        Specified::Uniform { low: -8.0, high: 8.0 },
    ] {
        holds("ad_specified", t::anderson_darling(x, of), |r| vec![r.statistic], |r| r.p);
        holds("cvm_specified", t::cramer_von_mises(x, of), |r| vec![r.statistic], |r| r.p);
        holds("ks_1samp", t::ks_one_sample(x, of, alternative, method), |r| vec![r.statistic], |r| r.p);
    }
    let moments = Moments::of(x);
    assert!([moments.mean(), moments.variance()].iter().flatten().all(|value| value.is_finite()));
    let _ = quantile(&mut x.to_vec(), 0.9);
    let shares: Vec<f64> = x.iter().map(|value| value.abs().fract()).collect();
    for adjusted in [t::benjamini_hochberg(&shares), t::holm(&shares)].into_iter().flatten() {
        assert!(adjusted.iter().all(|p| (0.0..=1.0).contains(p)), "{adjusted:?}");
    }
}

fn two_samples(x: &[f64], y: &[f64], alternative: Alternative, method: Option<Method>) {
    let of_t = |r: &t::TTest| vec![r.statistic, r.df, r.ci95.0, r.ci95.1];
    holds("t_2samp", t::t_two_sample(x, y, alternative), of_t, |r| r.p);
    holds("t_welch", t::welch(x, y, alternative), of_t, |r| r.p);
    holds("t_paired", t::t_paired(x, y, alternative), of_t, |r| r.p);
    holds("mann_whitney", t::mann_whitney(x, y, alternative, method, true), |r| vec![r.statistic], |r| r.p);
    holds("f_var", t::f_variance(x, y, alternative), |r| vec![r.statistic], |r| r.p);
    holds("levene", t::levene(x, y), |r| vec![r.statistic], |r| r.p);
    holds("brown_forsythe", t::brown_forsythe(x, y), |r| vec![r.statistic], |r| r.p);
    holds("cvm_2samp", t::cramer_von_mises_two_sample(x, y, method), |r| vec![r.statistic], |r| r.p);
    holds("ks_2samp", t::ks_two_sample(x, y, alternative, method), |r| vec![r.statistic], |r| r.p);
    for tost in [t::tost_welch(x, y, -1.0, 1.0), t::tost_paired(x, y, -1.0, 1.0)] {
        holds("tost", tost, |r| vec![r.df, r.p_low, r.p_upp], |r| r.p);
    }
    holds("anova", t::anova_oneway(&[x.to_vec(), y.to_vec()]), |r| vec![r.statistic], |r| r.p);
    holds(
        "effect_sizes",
        t::effect_sizes(x, y),
        |r| vec![r.cohen_d, r.hedges_g, r.hodges_lehmann],
        |r| r.prob_superiority,
    );
}

fn points(values: &[f64], first: i64) -> Points {
    Points::new((first..).zip(values).map(|(at, value)| (at * STEP_MS, *value)))
}

fn windows(x: &[f64], y: &[f64], control: u8) {
    let limits = Limits {
        better: [None, Some(Better::Lower), Some(Better::Higher)][usize::from(control >> 5) % 3],
        threshold: [Threshold::Default, Threshold::Share(0.05), Threshold::Deviations(0.2), Threshold::Absolute(0.0)]
            [usize::from(control >> 2) % 4],
        cycle: [None, Some(false), Some(true)][usize::from(control >> 4) % 3],
        null_share: None,
    };
    let before = points(x, 0);
    let length = i64::try_from(x.len()).unwrap_or(0);
    // Side by side, and at the same time of the day after.
    for first in [length, 144] {
        let after = points(y, first);
        let mut family = vec![verdict::verdict(&before, &after, &limits), verdict::verdict(&after, &before, &limits)];
        verdict::adjust(&mut family);
        family.iter().for_each(judged);
        if let Some(share) = Layout::of(&before, &after).and_then(|layout| empirical_null(&before, layout, &limits)) {
            assert!((0.0..=1.0).contains(&share), "null share {share}");
        }
    }
    let _ = verdict::target::mean_against(&before, 0.5);
    let _ = verdict::before_episode(&before).rates();
    let good: Vec<bool> = x.iter().map(|value| *value > 0.0).collect();
    if let Ok(share) = verdict::target::share(&good, 0.95) {
        assert!(0.0 <= share.low && share.low <= share.high && share.high <= 1.0, "{share:?}");
    }
}

fn judged(verdict: &Verdict) {
    for p in [verdict.p, verdict.p_adjusted, verdict.rank.map(|rank| rank.p), verdict.spread.map(|spread| spread.p)] {
        assert!(p.is_none_or(|p| (0.0..=1.0).contains(&p)), "p {p:?}: {verdict:?}");
    }
    assert!(verdict.more_time_s.is_none_or(|seconds| seconds >= 0.0), "{verdict:?}");
    assert!(!verdict.words.is_empty());
}

fn series(values: &[f64]) {
    for point in change_points(values) {
        assert!(point.index > 0 && point.index < values.len() && (0.0..=1.0).contains(&point.p), "{point:?}");
    }
    let mut scorer = Scorer::default();
    for (at, value) in (0_i64..).zip(values) {
        let score = scorer.score(at * STEP_MS, *value);
        assert!((0.0..=1.0).contains(&score), "score {score}");
    }
    let all = points(values, 0);
    if let Ok(trend) = trend(&all) {
        let _ = (trend.reaches(1.0), trend.at(60.0));
    }
    for cycle in [seasonality::daily(&all, 1), seasonality::weekly(&all, 1)].into_iter().flatten() {
        assert!((0.0..=1.0).contains(&cycle.p), "{cycle:?}");
    }
    let _ = sample_size(&all, 0.5, 0.05, 0.8);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Floats that break things more often than random bits do.
    fn wild() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>(),
            -9.0_f64..9.0,
            (-3_i8..3).prop_map(f64::from),
            prop::sample::select(vec![
                f64::MAX,
                f64::MIN,
                f64::MIN_POSITIVE,
                5e-324,
                -0.0,
                f64::NAN,
                f64::INFINITY,
                1e155
            ]),
        ]
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            every_statistic(&bytes);
        }

        #[test]
        fn any_floats_are_survived(control in any::<u8>(), values in prop::collection::vec(wild(), 0..120)) {
            let floats = values.iter().flat_map(|value| value.to_le_bytes());
            let bytes: Vec<u8> = std::iter::once(control & !1).chain(floats).collect();
            every_statistic(&bytes);
        }
    }

    proptest! {
        // Each takes a second where nothing is optimised.
        #![proptest_config(ProptestConfig { cases: (ProptestConfig::default().cases / 8).max(1), ..ProptestConfig::default() })]

        /// Long enough for blocks, days and cycles.
        #[test]
        fn long_samples_are_survived(
            control in any::<u8>(), kind in wild(), values in prop::collection::vec(-9.0_f64..9.0, 400..600), at in 0_usize..400
        ) {
            let mut values = values;
            values[at] = kind;
            let floats = values.iter().flat_map(|value| value.to_le_bytes());
            let bytes: Vec<u8> = std::iter::once(control & !1).chain(floats).collect();
            every_statistic(&bytes);
        }
    }
}
