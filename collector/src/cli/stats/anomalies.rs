//! `evenkeel stats anomalies`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use evenkeel_common::time::UnixMs;

use super::input;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::fail::{Exit, Fail};
use crate::stats::anomaly::Scorer;

pub(super) const HELP: &str = "\
A series is CSV: time,value, in any order. The result is CSV, time,score, one row for each row of the series in order of \
time; with --output json an array of {\"time\",\"score\"}. The score of a row depends on the rows before it alone: 0 is \
usual, 0.5 comes by chance once in a thousand, 1 once in a million. It is 0 while too little is known and where the value \
is missing. From the third week on a value is held against the same time of the week, from the third day on against the \
same time of day.";

/// Options of `stats anomalies`.
#[derive(Debug, Args)]
pub struct AnomaliesArgs {
    /// The series, or - for standard input.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
}

/// Runs the verb.
pub(super) fn run(args: &AnomaliesArgs, context: &Context) -> Result<Exit, Fail> {
    let rows = input::rows(&args.input, context)?;
    let mut scorer = Scorer::default();
    let mut text = String::with_capacity(rows.len() * 32);
    let is_json = context.output.format() == Format::Json;
    text.push_str(if is_json { "[" } else { "time,score\n" });
    for (index, (at, value)) in rows.iter().enumerate() {
        let score = scorer.score(*at, *value);
        // Writing into a text cannot fail.
        let _ = if is_json {
            let comma = if index == 0 { "" } else { "," };
            write!(text, "{comma}\n  {{\"time\": \"{}\", \"score\": {score:.6}}}", UnixMs(*at))
        } else {
            writeln!(text, "{},{score:.6}", UnixMs(*at))
        };
    }
    if is_json {
        text.push_str("\n]\n");
    }
    context.output.write(text.as_bytes())?;
    Ok(Exit::Ok)
}
