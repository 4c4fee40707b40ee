//! `evenkeel stats forecast`.

use std::path::PathBuf;

use clap::Args;
use evenkeel_common::time::UnixMs;
use serde::Serialize;

use super::{input, lasting, short};
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::fail::{Exit, Fail};
use crate::cli::table::{Cell, Table, Tabular};
use crate::cli::when;
use crate::stats::forecast::{Full, trend};
use crate::stats::verdict::Points;
use crate::view::Time;

pub(super) const HELP: &str = "\
A series is CSV: time,value, in any order; such as the bytes used of a file system, with --limit its size. The slope is \
the median of the slopes of all pairs of block means, so that a few odd readings do not turn it; not before and not after \
are where the 95 % limits of the slope, widened by how much the blocks depend on each other, reach the limit. They say \
nothing about a change of habits: the past has to go on as it did.

JSON: {\"limit\",\"level\" (at the end),\"slope_per_s\",\"slope_ci_low\",\"slope_ci_high\",\"residual_sd\",\"r\",\
\"blocks\",\"n\",\"end\",\"already\",\"expected\",\"not_before\",\"not_after\" (times; null: never, as far as can be \
told),\"expected_s\",\"not_before_s\",\"not_after_s\" (from the end of the series),\"words\"}.";

/// Options of `stats forecast`.
#[derive(Debug, Args)]
pub struct ForecastArgs {
    /// The series, or - for standard input.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The limit, in the series' unit.
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    limit: f64,
    /// The series falls to the limit, as free space does.
    #[arg(long)]
    falling: bool,
}

/// The forecast.
#[derive(Debug, Serialize)]
struct ForecastView {
    limit: f64,
    level: f64,
    slope_per_s: f64,
    slope_ci_low: f64,
    slope_ci_high: f64,
    residual_sd: f64,
    r: f64,
    blocks: usize,
    n: usize,
    end: Time,
    already: bool,
    expected: Option<Time>,
    not_before: Option<Time>,
    not_after: Option<Time>,
    expected_s: Option<f64>,
    not_before_s: Option<f64>,
    not_after_s: Option<f64>,
    words: String,
}

/// Runs the verb.
pub(super) fn run(args: &ForecastArgs, context: &Context) -> Result<Exit, Fail> {
    if !args.limit.is_finite() {
        return Err(Fail::usage("--limit is not a number"));
    }
    let points = input::points(&args.input, false, context)?;
    // A fall is a rise with the other sign.
    let sign = if args.falling { -1.0 } else { 1.0 };
    let turned: Vec<f64> = points.values().iter().map(|value| sign * value).collect();
    let turned: Points = points.with(turned);
    let trend = trend(&turned).map_err(|error| Fail::failed(error.to_string()))?;
    let (already, expected_s, not_before_s, not_after_s) = match trend.reaches(sign * args.limit) {
        Full::Already => (true, Some(0.0), Some(0.0), Some(0.0)),
        Full::In { expected_s, not_before_s, not_after_s } => (false, expected_s, not_before_s, not_after_s),
    };
    let time = |after: Option<f64>| after.and_then(|s| at(trend.end_ms, s));
    let (low, high) = (sign * trend.slope_ci.0, sign * trend.slope_ci.1);
    let mut view = ForecastView {
        limit: args.limit,
        level: sign * trend.level,
        slope_per_s: sign * trend.slope_per_s,
        slope_ci_low: low.min(high),
        slope_ci_high: low.max(high),
        residual_sd: trend.residual_sd,
        r: trend.r,
        blocks: trend.blocks,
        n: points.len(),
        end: Time(UnixMs(trend.end_ms)),
        already,
        expected: time(expected_s),
        not_before: time(not_before_s),
        not_after: time(not_after_s),
        expected_s,
        not_before_s,
        not_after_s,
        words: String::new(),
    };
    view.words = words(&view, context);
    match context.output.format() {
        Format::Table => {
            let table = context.output.render(&Table::object(view.cells()));
            context.output.write(format!("{}\n\n{table}", view.words).as_bytes())?;
        }
        Format::Json | Format::Csv => context.output.show(&view)?,
    }
    Ok(Exit::Ok)
}

/// A time so many seconds after the end; `None` past the year 9999, which is never for a disk.
#[expect(clippy::cast_possible_truncation, reason = "bounded before")]
fn at(end_ms: i64, after_s: f64) -> Option<Time> {
    const END_OF_TIMES_MS: i64 = 253_402_300_799_000;
    let at = (after_s < 1e12).then(|| end_ms.saturating_add((after_s * 1_000.0) as i64));
    at.filter(|at| *at < END_OF_TIMES_MS).map(|at| Time(UnixMs(at)))
}

fn words(view: &ForecastView, context: &Context) -> String {
    let limit = short(view.limit);
    if view.already {
        return format!("{limit} is reached already: the level is {}.", short(view.level));
    }
    let day = |time: Option<Time>| time.map(|time| when::show(time.0, &context.zone()));
    let after = view.expected_s.map_or(String::new(), |s| format!(" (in {})", lasting(s)));
    match (day(view.expected), day(view.not_before), day(view.not_after)) {
        (Some(expected), Some(low), Some(high)) => format!(
            "If it goes on like this, {limit} is reached about {expected}{after}; not before {low}, not after {high}."
        ),
        (Some(expected), Some(low), None) => format!(
            "If it goes on like this, {limit} is reached about {expected}{after}; not before {low}, perhaps never."
        ),
        (None, Some(low), _) => {
            format!("There is no growth towards {limit} to be seen; not before {low}, perhaps never.")
        }
        _ => format!("There is no growth towards {limit}."),
    }
}

impl ForecastView {
    fn cells(&self) -> Vec<(&'static str, Cell)> {
        let time = |time: Option<Time>| Cell::maybe(time, |time| Cell::Time(time.0));
        let number = |value: Option<f64>| Cell::maybe(value, Cell::Number);
        vec![
            ("limit", Cell::Number(self.limit)),
            ("level", Cell::Number(self.level)),
            ("slope_per_s", Cell::Number(self.slope_per_s)),
            ("slope_ci_low", Cell::Number(self.slope_ci_low)),
            ("slope_ci_high", Cell::Number(self.slope_ci_high)),
            ("residual_sd", Cell::Number(self.residual_sd)),
            ("r", Cell::Number(self.r)),
            ("blocks", Cell::Count(self.blocks as i128)),
            ("n", Cell::Count(self.n as i128)),
            ("end", Cell::Time(self.end.0)),
            ("already", Cell::text(if self.already { "true" } else { "false" })),
            ("expected", time(self.expected)),
            ("not_before", time(self.not_before)),
            ("not_after", time(self.not_after)),
            ("expected_s", number(self.expected_s)),
            ("not_before_s", number(self.not_before_s)),
            ("not_after_s", number(self.not_after_s)),
        ]
    }
}

impl Tabular for ForecastView {
    fn table(&self) -> Table {
        let (columns, mut row): (Vec<_>, Vec<_>) =
            self.cells().into_iter().map(|(key, cell)| ((key, key), cell)).unzip();
        row.push(Cell::text(&self.words));
        Table::new(&[columns, vec![("words", "words")]].concat(), [row])
    }
}
