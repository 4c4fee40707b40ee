//! `evenkeel stats sample-size`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{input, lasting, short};
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::fail::{Exit, Fail};
use crate::cli::table::{Cell, Table, Tabular};
use crate::stats::sample_size::sample_size;
use crate::stats::verdict::{Threshold, parse_threshold};
use crate::stats::{Moments, StatsError};

pub(super) const HELP: &str = "\
A series is CSV: time,value, in any order: the past, of which it is known that nothing was changed. How much the means of \
its blocks vary, and how much they depend on each other, says how long the windows before and after a change have to be. \
A daily cycle is not looked at: measure whole days where there is one.

JSON: {\"window_s\" (of each window),\"effect\" (in the series' unit),\"alpha\",\"power\",\"sd\",\"r\",\"k_eff\" \
(independent blocks that such a window is worth),\"n\",\"words\"}.";

/// Options of `stats sample-size`.
#[derive(Debug, Args)]
pub struct SampleSizeArgs {
    /// The series, or - for standard input.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The effect to be seen: 5% of the mean, 0.2sd of the standard deviation, or a number in the series' unit.
    #[arg(long, value_parser = parse_threshold, allow_hyphen_values = true)]
    effect: Threshold,
    /// Significance.
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    alpha: f64,
    /// Probability of finding the effect.
    #[arg(long, default_value_t = 0.8, value_name = "SHARE")]
    power: f64,
    /// The file holds a counter: look at its growth per second.
    #[arg(long)]
    counter: bool,
}

/// The plan.
#[derive(Debug, Serialize)]
struct PlanView {
    window_s: f64,
    effect: f64,
    alpha: f64,
    power: f64,
    sd: f64,
    r: f64,
    k_eff: f64,
    n: usize,
    words: String,
}

/// Runs the verb.
pub(super) fn run(args: &SampleSizeArgs, context: &Context) -> Result<Exit, Fail> {
    let points = input::points(&args.input, args.counter, context)?;
    let past = Moments::of(points.values());
    let (mean, sd) = (past.mean().unwrap_or(0.0).abs(), past.sd().unwrap_or(0.0));
    let effect = match args.effect {
        Threshold::Default => sd,
        Threshold::Share(_) if !points.is_empty() && mean <= 1e-14 * sd => {
            return Err(Fail::usage("the mean is 0, so a percentage of it is no effect")
                .hint("give --effect as a number in the series' unit, or as standard deviations such as 0.2sd"));
        }
        Threshold::Share(share) => share * mean,
        Threshold::Deviations(deviations) => deviations * sd,
        Threshold::Absolute(value) => value,
    };
    let plan = sample_size(&points, effect, args.alpha, args.power).map_err(|error| match error {
        StatsError::InvalidParameter { .. } if !points.is_empty() => Fail::usage(error.to_string()),
        _ => Fail::failed(error.to_string()),
    })?;
    let words = format!(
        "To see an effect of {} with a probability of {}, measure {} before and {} after the change.",
        short(plan.effect),
        short(args.power),
        lasting(plan.window_s),
        lasting(plan.window_s)
    );
    let view = PlanView {
        window_s: plan.window_s,
        effect: plan.effect,
        alpha: args.alpha,
        power: args.power,
        sd: plan.sd,
        r: plan.r,
        k_eff: plan.k_eff,
        n: points.len(),
        words,
    };
    match context.output.format() {
        Format::Table => {
            let table = context.output.render(&Table::object(view.cells()));
            context.output.write(format!("{}\n\n{table}", view.words).as_bytes())?;
        }
        Format::Json | Format::Csv => context.output.show(&view)?,
    }
    Ok(Exit::Ok)
}

impl PlanView {
    fn cells(&self) -> Vec<(&'static str, Cell)> {
        vec![
            ("window_s", Cell::Number(self.window_s)),
            ("effect", Cell::Number(self.effect)),
            ("alpha", Cell::Number(self.alpha)),
            ("power", Cell::Number(self.power)),
            ("sd", Cell::Number(self.sd)),
            ("r", Cell::Number(self.r)),
            ("k_eff", Cell::Number(self.k_eff)),
            ("n", Cell::Count(self.n as i128)),
        ]
    }
}

impl Tabular for PlanView {
    fn table(&self) -> Table {
        let (columns, mut row): (Vec<_>, Vec<_>) =
            self.cells().into_iter().map(|(key, cell)| ((key, key), cell)).unzip();
        row.push(Cell::text(&self.words));
        Table::new(&[columns, vec![("words", "words")]].concat(), [row])
    }
}
