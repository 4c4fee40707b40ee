//! How fast the statistics are, beside scipy in the same run on the same samples and one core.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use evenkeel_collector::stats::Alternative;
use evenkeel_collector::stats::textbook::{self as t, Method};
use evenkeel_collector::stats::verdict::{Limits, Points, verdict};
use serde_json::Value;
use tokio::time::Instant;

use super::random::Random;
use super::rates::{Scene, parallel};
use super::series::Noise;
use crate::bench::table::{Table, median};

/// Values of each sample.
const N: usize = 100_000;
/// Rounds of a measurement; the middle one counts.
const ROUNDS: usize = 15;
/// Longest that a verdict of two six-hour windows may take.
const VERDICT_MAX_MS: f64 = 0.5;
/// Verdicts of the long run, and the longest that they may take together.
const VERDICTS: usize = 10_000;
const VERDICTS_MAX_S: f64 = 4.0;
const SCRIPT: &str = include_str!("scipy_times.py");

type Test = (&'static str, f64, fn(&[f64], &[f64]) -> f64);

/// How many times faster than scipy each has to be.
const TESTS: [Test; 6] = [
    ("welch", 3.0, |x, y| t::welch(x, y, Alternative::TwoSided).map_or(0.0, |test| test.p)),
    ("levene", 3.0, |x, y| t::levene(x, y).map_or(0.0, |test| test.p)),
    ("brown_forsythe", 3.0, |x, y| t::brown_forsythe(x, y).map_or(0.0, |test| test.p)),
    ("mann_whitney", 3.0, |x, y| {
        t::mann_whitney(x, y, Alternative::TwoSided, Some(Method::Asymptotic), true).map_or(0.0, |test| test.p)
    }),
    ("ks_2samp", 3.0, |x, y| {
        t::ks_two_sample(x, y, Alternative::TwoSided, Some(Method::Asymptotic)).map_or(0.0, |test| test.p)
    }),
    ("anderson_darling", 2.0, |x, _| t::anderson_darling_normal(x).map_or(0.0, |test| test.p)),
];

/// Measures everything. `python`: an interpreter that has scipy; without one it is put into a folder of its own.
pub fn measure(python: Option<&Path>, table: &mut Table) -> Result<()> {
    let dir = tempfile::Builder::new().prefix("evenkeel-bench-").tempdir()?;
    let python = match python {
        Some(python) => python.to_owned(),
        None => with_scipy(dir.path())?,
    };
    let mut random = Random::of("speed", 0);
    let mut sample = || (0..N).map(|_| random.normal()).collect::<Vec<f64>>();
    let (x, y) = (sample(), sample());
    let scipy = scipy(&python, dir.path(), &x, &y)?;
    let version = scipy["scipy"].as_str().unwrap_or("?").to_owned();
    for (name, times, test) in TESTS {
        let ours = middle_ms(|| test(&x, &y));
        let theirs = scipy[name].as_f64().with_context(|| format!("scipy says nothing of {name}"))?;
        let target = format!(">= {times:.0} x, {:.1} x", theirs / ours);
        table.target(
            &format!("{name}, n = 100 000, scipy {version}"),
            format!("{ours:.2} ms"),
            format!("{theirs:.2} ms"),
            target,
            theirs >= times * ours,
        );
    }
    for (name, noise) in [("AR(1) 0.9", Noise::Ar(0.9)), ("lognormal, rank form", Noise::Lognormal)] {
        let windows = windows(noise, 100);
        let one = middle_ms(|| windows.iter().map(|(before, after)| judge(before, after)).sum()) / 100.0;
        table.target(
            &format!("verdict, 2 x 6 h, {name}"),
            format!("{one:.3} ms"),
            String::new(),
            format!("<= {VERDICT_MAX_MS} ms"),
            one <= VERDICT_MAX_MS,
        );
    }
    let windows = windows(Noise::Ar(0.9), 500);
    let begin = Instant::now();
    black_box(parallel(VERDICTS, |run| {
        let (before, after) = &windows[run % windows.len()];
        judge(before, after)
    }));
    let spent = begin.elapsed().as_secs_f64();
    table.target(
        "10 000 verdicts on all cores",
        format!("{spent:.2} s"),
        String::new(),
        format!("<= {VERDICTS_MAX_S} s"),
        spent <= VERDICTS_MAX_S,
    );
    Ok(())
}

fn judge(before: &Points, after: &Points) -> f64 {
    verdict(before, after, &Limits::default()).p.unwrap_or(0.0)
}

fn windows(noise: Noise, count: usize) -> Vec<(Points, Points)> {
    (0..count).map(|run| Scene::stationary(noise).windows(6, &mut Random::of("speed", run))).collect()
}

/// The middle of so many rounds, after one that warms up.
fn middle_ms(mut run: impl FnMut() -> f64) -> f64 {
    black_box(run());
    let spent: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            black_box(run());
            begin.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    median(&spent)
}

fn scipy(python: &Path, dir: &Path, x: &[f64], y: &[f64]) -> Result<Value> {
    let write = |name: &str, values: &[f64]| -> Result<PathBuf> {
        let path = dir.join(name);
        fs::write(&path, values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())?;
        Ok(path)
    };
    let (x, y) = (write("x", x)?, write("y", y)?);
    let output = Command::new(python)
        .args(["-c", SCRIPT])
        .args([x, y])
        .arg(ROUNDS.to_string())
        // One core, as ours.
        .env("OMP_NUM_THREADS", "1")
        .env("OPENBLAS_NUM_THREADS", "1")
        .output()
        .with_context(|| format!("{} does not start", python.display()))?;
    ensure!(output.status.success(), "scipy fails: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A virtual environment with scipy.
fn with_scipy(dir: &Path) -> Result<PathBuf> {
    let run = |program: &Path, arguments: &[&str]| -> Result<()> {
        let output = Command::new(program).args(arguments).output().with_context(|| {
            format!("{} does not start; install python3 and python3-venv, or give --python", program.display())
        })?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{} {arguments:?} fails: {said}", program.display());
        Ok(())
    };
    let venv = dir.join("venv");
    run(Path::new("python3"), &["-m", "venv", &venv.to_string_lossy()])?;
    let python = venv.join("bin/python");
    run(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "numpy", "scipy"])?;
    Ok(python)
}
