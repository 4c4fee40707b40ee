//! `cargo bench -p evenkeel-collector`: the statistics on samples of 100 000, and a verdict of two six-hour windows.
//! Beside scipy in the same run: `tests/bench stats --speed`.

// The macros of criterion write functions without documentation.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use evenkeel_collector::stats::Alternative;
use evenkeel_collector::stats::changepoint::change_points;
use evenkeel_collector::stats::textbook::{self as t, Method};
use evenkeel_collector::stats::verdict::{Limits, Points, verdict};

/// A repeatable noise, about normal.
fn noise(n: usize, phi: f64, mut state: u64) -> Vec<f64> {
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 33).unwrap_or(0)) / f64::from(1_u32 << 31)
    };
    let mut value = 0.0;
    (0..n)
        .map(|_| {
            value = phi * value + (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
            value
        })
        .collect()
}

fn textbook(criterion: &mut Criterion) {
    let (x, y) = (noise(100_000, 0.0, 1), noise(100_000, 0.0, 2));
    let two = Alternative::TwoSided;
    let mut group = criterion.benchmark_group("n = 100 000");
    group.bench_function("welch", |bench| bench.iter(|| black_box(t::welch(&x, &y, two))));
    group.bench_function("levene", |bench| bench.iter(|| black_box(t::levene(&x, &y))));
    group.bench_function("brown_forsythe", |bench| bench.iter(|| black_box(t::brown_forsythe(&x, &y))));
    group.bench_function("mann_whitney", |bench| {
        bench.iter(|| black_box(t::mann_whitney(&x, &y, two, Some(Method::Asymptotic), true)));
    });
    group.bench_function("ks_2samp", |bench| {
        bench.iter(|| black_box(t::ks_two_sample(&x, &y, two, Some(Method::Asymptotic))));
    });
    group.bench_function("anderson_darling", |bench| bench.iter(|| black_box(t::anderson_darling_normal(&x))));
    group.finish();
}

fn procedure(criterion: &mut Criterion) {
    let values = noise(4_320, 0.9, 3);
    let points = |from: usize, to: usize| {
        let at = |index: usize| i64::try_from(index).unwrap_or(0) * 10_000;
        Points::new((from..to).map(|index| (at(index), 100.0 + values[index])))
    };
    let (before, after) = (points(0, 2_160), points(2_160, 4_320));
    criterion.bench_function("verdict of 2 x 6 h", |bench| {
        bench.iter(|| black_box(verdict(&before, &after, &Limits::default())));
    });
    criterion.bench_function("change points of 720 values", |bench| {
        bench.iter(|| black_box(change_points(&values[..720])));
    });
}

criterion_group!(benches, textbook, procedure);
criterion_main!(benches);
