//! Days in seconds: the agent's real session machine and spool, the collector's real ingest and SQLite, and time, clocks and
//! lines that a test sets. What is stored is held against every reading that was taken.

#![expect(clippy::unwrap_used, reason = "in a test's helpers too, what does not work ends the test")]

mod clocks;
mod host;
mod migration;
mod outage;
mod restore;
mod world;

use std::io::Write as _;

use evenkeel_tests::random::SplitMix;

/// Runs a scene with each of some seeds, fewer unless the run is a long one; a seed that fails is named.
fn with_seeds(short: u64, long: u64, scene: impl Fn(&mut SplitMix)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let count = if number("EVENKEEL_SEEDS").is_some_and(|seeds| seeds >= 1_000) { long } else { short };
    let seeds = number("EVENKEEL_TEST_SEED").map_or(1..=count, |seed| seed..=seed);
    for seed in seeds.clone() {
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scene(&mut SplitMix(seed))));
        assert!(ran.is_ok(), "run again with EVENKEEL_TEST_SEED={seed}");
    }
    // Nothing is left to do if stdout is closed.
    let _ = writeln!(std::io::stdout(), "seeds {} to {}", seeds.start(), seeds.end());
}
