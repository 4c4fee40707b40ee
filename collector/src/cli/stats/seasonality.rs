//! `evenkeel stats seasonality`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{input, short};
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::fail::{Exit, Fail};
use crate::cli::table::{Cell, Table, Tabular};
use crate::stats::seasonality::{Cycle, daily, weekly};

pub(super) const HELP: &str = "\
A series is CSV: time,value, in any order. Days (and weeks) are compared with each other: with a cycle they look alike. \
Chance is what is left when every day is turned by a random number of hours; the seed is fixed, so the same series gives \
the same answer. It takes two whole days for a daily cycle and two whole weeks for a weekly one; with so few p cannot be \
small, so a missing cycle says little before the fifth.

JSON: {\"daily\":{\"found\" (p below 0.05),\"p\",\"profiles\" (days compared),\"likeness\" (mean correlation),\
\"amplitude\",\"explained_share\"} or null where the series is too short,\"weekly\":{the same},\"words\"}.";

/// Makes chance repeatable.
const SEED: u64 = 1;

/// Options of `stats seasonality`.
#[derive(Debug, Args)]
pub struct SeasonalityArgs {
    /// The series, or - for standard input.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The file holds a counter: look at its growth per second.
    #[arg(long)]
    counter: bool,
}

/// Both cycles.
#[derive(Debug, Serialize)]
struct SeasonalityView {
    daily: Option<CycleView>,
    weekly: Option<CycleView>,
    words: String,
}

/// One cycle.
#[derive(Clone, Copy, Debug, Serialize)]
struct CycleView {
    found: bool,
    p: f64,
    profiles: usize,
    likeness: f64,
    amplitude: f64,
    explained_share: f64,
}

impl From<Cycle> for CycleView {
    fn from(cycle: Cycle) -> Self {
        Self {
            found: cycle.is_there(),
            p: cycle.p,
            profiles: cycle.profiles,
            likeness: cycle.likeness,
            amplitude: cycle.amplitude,
            explained_share: cycle.explained,
        }
    }
}

/// Runs the verb.
pub(super) fn run(args: &SeasonalityArgs, context: &Context) -> Result<Exit, Fail> {
    let points = input::points(&args.input, args.counter, context)?;
    let (daily, weekly) = (daily(&points, SEED).map(CycleView::from), weekly(&points, SEED).map(CycleView::from));
    let words = format!("{} {}", sentence("daily", "days", daily), sentence("weekly", "weeks", weekly));
    let view = SeasonalityView { daily, weekly, words };
    match context.output.format() {
        Format::Table => {
            let table = context.output.render(&view.table());
            context.output.write(format!("{}\n\n{table}", view.words).as_bytes())?;
        }
        Format::Json | Format::Csv => context.output.show(&view)?,
    }
    Ok(Exit::Ok)
}

fn sentence(name: &str, unit: &str, cycle: Option<CycleView>) -> String {
    match cycle {
        None => format!("The series is too short for a {name} cycle: it takes two whole {unit}."),
        Some(cycle) if cycle.found => format!(
            "There is a {name} cycle of {} from lowest to highest, {} % of the variation (p = {}).",
            short(cycle.amplitude),
            short((100.0 * cycle.explained_share).round()),
            short(cycle.p)
        ),
        Some(cycle) => {
            format!("No {name} cycle is to be seen in {} {unit} (p = {}).", cycle.profiles, short(cycle.p))
        }
    }
}

impl Tabular for SeasonalityView {
    fn table(&self) -> Table {
        let row = |(name, cycle): (&str, Option<CycleView>)| {
            let number = |of: fn(&CycleView) -> f64| Cell::maybe(cycle.as_ref().map(of), Cell::Number);
            vec![
                Cell::text(name),
                Cell::maybe(cycle, |cycle| Cell::text(if cycle.found { "true" } else { "false" })),
                number(|cycle| cycle.p),
                Cell::maybe(cycle, |cycle| Cell::Count(cycle.profiles as i128)),
                number(|cycle| cycle.likeness),
                number(|cycle| cycle.amplitude),
                Cell::maybe(cycle, |cycle| Cell::Ratio(cycle.explained_share)),
            ]
        };
        Table::new(
            &[
                ("cycle", "CYCLE"),
                ("found", "FOUND"),
                ("p", "P"),
                ("profiles", "PROFILES"),
                ("likeness", "LIKENESS"),
                ("amplitude", "AMPLITUDE"),
                ("explained_share", "EXPLAINED"),
            ],
            [("daily", self.daily), ("weekly", self.weekly)].map(row),
        )
    }
}
