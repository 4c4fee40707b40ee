//! `evenkeel stats verdict`: did a change shift a series?

mod batch;
mod judge;
mod remote;
mod view;

use std::path::Path;

use clap::{Args, ValueEnum};

use super::input;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::fail::{Exit, Fail};
use crate::stats::verdict::{self, Limits, Threshold, parse_threshold};

use crate::view::verdict::VerdictView;
use judge::{Windows, judge};

/// What to compare.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct VerdictArgs {
    /// Series before the change: a CSV file, - for standard input, or with --vm a period FROM..TO.
    #[arg(long, required_unless_present = "batch", value_name = "FILE|FROM..TO")]
    before: Option<String>,
    /// Series after the change; the same.
    #[arg(long, required_unless_present = "batch", value_name = "FILE|FROM..TO")]
    after: Option<String>,
    /// Read both periods of this VM from the collector: name, UUID or unique beginning.
    #[arg(long, requires = "metric", value_name = "VM")]
    vm: Option<String>,
    /// Its metric; of counters the rate.
    #[arg(long, requires = "vm", value_name = "METRIC")]
    metric: Option<String>,
    /// Its device, such as vda, where the metric has several.
    #[arg(long, requires = "vm")]
    device: Option<String>,
    /// Which way is better [default: with --vm the metric's own; else none, and a difference is 'changed'].
    #[arg(long, value_enum)]
    better: Option<Better>,
    /// From where an effect matters: 5% of the mean before, 0.2sd of its standard deviations, or a number in the series'
    /// unit [default: 5%, or 0.2sd where the mean is below one deviation].
    #[arg(long, value_parser = parse_threshold, allow_hyphen_values = true)]
    threshold: Option<Threshold>,
    /// The files hold a counter: compare its growth per second.
    #[arg(long, conflicts_with = "vm")]
    counter: bool,
    /// A longer past of the same series, to look for a daily cycle and to measure how often the test cries wolf on it
    /// [default: the series before].
    #[arg(long, conflicts_with = "vm", value_name = "FILE")]
    history: Option<String>,
    /// Read lines before.csv<TAB>after.csv from standard input and judge all as one family: a result a line, in order,
    /// errors among them. A third column is a --history.
    #[arg(long, conflicts_with_all = ["before", "after", "vm", "metric", "device", "history"])]
    batch: bool,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
}

impl From<Better> for verdict::Better {
    fn from(better: Better) -> Self {
        match better {
            Better::Lower => Self::Lower,
            Better::Higher => Self::Higher,
        }
    }
}

const HELP: &str = "\
A series is CSV: time,value, in any order, with or without that header; times are RFC 3339 or Unix seconds, a missing \
value is empty or NaN. `evenkeel query --output csv` writes such a file.

Readings some seconds apart depend on each other, and textbook tests then find a difference where there is none. Here \
means of 24 blocks are compared with an error that allows for that. With three or more whole days on both sides the days \
are compared; where the series before has the same time of day, differences at that time; else the blocks of both \
windows. verdict: improved, degraded (changed without --better), no_change (shown to be below the threshold), \
no_evidence, not_enough_data (with how much longer to measure). Every verdict exits 0.

JSON: {\"verdict\",\"p\",\"p_adjusted\",\"estimate\",\"ci_low\",\"ci_high\" (after - before, 95 %),\"threshold\",\
\"k_eff\" (independent blocks that the windows are worth),\"r\" (autocorrelation of the blocks),\"n_before\",\"n_after\",\
\"missing_share\",\"unit\":\"day_means\"|\"same_time_differences\"|\"blocks\",\"form\":\"mean\"|\"rank\",\"mde\" (least \
effect that would be found with a probability of 0.8),\"more_time_s\",\"rank\":{\"p\",\"estimate\",\"ci_low\",\
\"ci_high\"} (probability that a value after is larger, less one half),\"spread\":{\"p\",\"verdict\",\"ratio\"},\
\"empirical_null_share\",\"words\"}; what was not computed is null. With --batch p_adjusted is Benjamini and Hochberg's \
over all lines, JSON is one object a line, and an error is {\"error\":{\"kind\",\"message\",\"hint\"}} in its line, with \
exit code 1.";

impl VerdictArgs {
    fn limits(&self) -> Limits {
        Limits {
            better: self.better.map(Into::into),
            threshold: self.threshold.unwrap_or_default(),
            ..Limits::default()
        }
    }
}

/// Runs the verb.
pub fn run(args: &VerdictArgs, context: &Context) -> Result<Exit, Fail> {
    if args.batch {
        return batch::run(args.limits(), args.counter, context);
    }
    let (Some(before), Some(after)) = (&args.before, &args.after) else {
        return Err(Fail::usage("--before and --after are needed"));
    };
    let (windows, limits) = match (&args.vm, &args.metric) {
        (Some(vm), Some(metric)) => {
            let asked = remote::Asked { vm, metric, device: args.device.as_deref() };
            let (before, after) = (context.range(before)?, context.range(after)?);
            crate::cli::client_runtime()?.block_on(remote::fetch(&asked, before, after, args.limits(), context))?
        }
        _ => {
            if before == "-" && after == "-" {
                return Err(Fail::usage("--before and --after cannot both be standard input"));
            }
            let read = |path: &str| input::points(Path::new(path), args.counter, context);
            let history = args.history.as_deref().map(read).transpose()?;
            (Windows { before: read(before)?, after: read(after)?, history }, args.limits())
        }
    };
    let view = VerdictView::from(&judge(&windows, limits, None)?);
    match context.output.format() {
        Format::Table => {
            let table = context.output.render(&view.plain());
            context.output.write(format!("{}\n\n{table}", view.words).as_bytes())?;
        }
        Format::Json | Format::Csv => context.output.show(&view)?,
    }
    Ok(Exit::Ok)
}
