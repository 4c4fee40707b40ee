//! `evenkeel stats …`: statistics on files and standard input. Only `verdict --vm` asks the collector.

mod anomalies;
mod case;
mod changepoints;
mod csv;
mod forecast;
mod input;
mod sample_size;
mod seasonality;
mod test;
mod verdict;

use clap::Subcommand;

use super::context::Context;
use super::fail::{Exit, Fail};

/// Verbs of `stats`.
#[derive(Debug, Subcommand)]
pub enum StatsVerb {
    /// Run one of the textbook's tests on a case from standard input or on files. They take values to be independent,
    /// which readings some seconds apart are not.
    #[command(after_long_help = test::HELP)]
    Test(test::TestArgs),
    /// Did a change shift a series? Honest on readings that depend on each other.
    Verdict(Box<verdict::VerdictArgs>),
    /// Find where a series changes its level.
    #[command(after_long_help = changepoints::HELP)]
    Changepoints(changepoints::ChangepointsArgs),
    /// Score how unusual each value is, from the values before it alone.
    #[command(after_long_help = anomalies::HELP)]
    Anomalies(anomalies::AnomaliesArgs),
    /// When does a growing series reach a limit?
    #[command(after_long_help = forecast::HELP)]
    Forecast(forecast::ForecastArgs),
    /// Is there a daily or a weekly cycle?
    #[command(after_long_help = seasonality::HELP)]
    Seasonality(seasonality::SeasonalityArgs),
    /// How long must be measured to see an effect?
    #[command(after_long_help = sample_size::HELP)]
    SampleSize(sample_size::SampleSizeArgs),
}

/// Runs a verb.
pub fn run(verb: &StatsVerb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        StatsVerb::Test(args) => test::run(args, context),
        StatsVerb::Verdict(args) => verdict::run(args, context),
        StatsVerb::Changepoints(args) => changepoints::run(args, context),
        StatsVerb::Anomalies(args) => anomalies::run(args, context),
        StatsVerb::Forecast(args) => forecast::run(args, context),
        StatsVerb::Seasonality(args) => seasonality::run(args, context),
        StatsVerb::SampleSize(args) => sample_size::run(args, context),
    }
}

/// Three digits, for a sentence.
fn short(value: f64) -> String {
    super::table::Cell::Number(value).shown(&jiff::tz::TimeZone::UTC, evenkeel_common::time::UnixMs(0))
}

/// Seconds in words that people use: two units are enough.
#[expect(clippy::cast_possible_truncation, reason = "clamped to a million years")]
fn lasting(seconds: f64) -> String {
    let seconds = seconds.clamp(0.0, 3.2e13).ceil() as i64;
    let (unit, word) = match seconds {
        s if s < 120 => (1, "seconds"),
        s if s < 7_200 => (60, "minutes"),
        s if s < 172_800 => (3_600, "hours"),
        _ => (86_400, "days"),
    };
    let whole = (seconds + unit - 1) / unit;
    format!("{whole} {word}")
}
