//! `evenkeel stats changepoints`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use evenkeel_common::time::UnixMs;
use serde::Serialize;

use super::input;
use crate::cli::context::Context;
use crate::cli::fail::{Exit, Fail};
use crate::cli::table::{Cell, Table, Tabular};
use crate::stats::changepoint::change_points;
use crate::stats::verdict;
use crate::view::Time;

pub(super) const HELP: &str = "\
A series is CSV: time,value, in any order. Blocks large enough to depend little on each other are searched for levels, \
and every proposed point is tested again with the engine of `stats verdict`; of series without a change about \
one in twenty has a false point. Rows are taken to lie at equal distances.

JSON: {\"points\":[{\"index\" (first row of the new level, from 0, in order of time),\"time\",\"before\",\"after\" (means \
of both levels),\"p\",\"verdict\":\"changed\"|\"improved\"|\"degraded\"}]}.";

/// Options of `stats changepoints`.
#[derive(Debug, Args)]
pub struct ChangepointsArgs {
    /// The series, or - for standard input.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Which way is better [default: none, and every point is 'changed'].
    #[arg(long, value_enum)]
    better: Option<Better>,
    /// The file holds a counter: look at its growth per second.
    #[arg(long)]
    counter: bool,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
}

/// All points.
#[derive(Debug, Serialize)]
struct PointsView {
    points: Vec<PointView>,
}

/// One change of level.
#[derive(Debug, Serialize)]
struct PointView {
    index: usize,
    time: Time,
    before: f64,
    after: f64,
    p: f64,
    verdict: &'static str,
}

/// Runs the verb.
pub(super) fn run(args: &ChangepointsArgs, context: &Context) -> Result<Exit, Fail> {
    let rows = if args.counter {
        let rates = input::points(&args.input, true, context)?;
        rates.at_ms().iter().copied().zip(rates.values().iter().copied()).collect()
    } else {
        input::rows(&args.input, context)?
    };
    let values: Vec<f64> = rows.iter().map(|(_, value)| *value).collect();
    let better = args.better.map(|better| match better {
        Better::Lower => verdict::Better::Lower,
        Better::Higher => verdict::Better::Higher,
    });
    let points = change_points(&values).into_iter().map(|point| PointView {
        index: point.index,
        time: Time(UnixMs(rows.get(point.index).map_or(0, |row| row.0))),
        before: point.before,
        after: point.after,
        p: point.p,
        verdict: verdict::Decision::of_change(point.after - point.before, better).as_str(),
    });
    context.output.show(&PointsView { points: points.collect() })?;
    Ok(Exit::Ok)
}

impl Tabular for PointsView {
    fn table(&self) -> Table {
        let row = |point: &PointView| {
            vec![
                Cell::Count(point.index as i128),
                Cell::Time(point.time.0),
                Cell::Number(point.before),
                Cell::Number(point.after),
                Cell::Number(point.p),
                Cell::text(point.verdict),
            ]
        };
        Table::new(
            &[
                ("index", "INDEX"),
                ("time", "TIME"),
                ("before", "BEFORE"),
                ("after", "AFTER"),
                ("p", "P"),
                ("verdict", "VERDICT"),
            ],
            self.points.iter().map(row),
        )
    }
}
