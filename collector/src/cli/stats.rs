//! `evenkeel stats …`: statistics on files and standard input; no collector is asked.

mod case;

use std::io::{BufRead as _, Read as _};

use clap::{Args, Subcommand};
use serde_json::Value;

use super::context::Context;
use super::fail::{Exit, Fail};
use crate::view::error::ErrorKind;

/// A case on standard input, at most; a larger one is an error, not memory.
const CASE_MAX_BYTES: u64 = 1 << 30;

/// Verbs of `stats`.
#[derive(Debug, Subcommand)]
pub enum StatsVerb {
    /// Run one of the textbook's tests on a case from standard input. They take values to be independent, which readings
    /// some seconds apart are not.
    #[command(after_long_help = TEST_HELP)]
    Test(TestArgs),
}

const TEST_HELP: &str = "A case is a JSON object such as \
{\"test\":\"t_welch\",\"x\":[1,2,4],\"y\":[2,3,5],\"alternative\":\"two-sided\",\"params\":{}}. \
Tests: t_1samp, t_2samp, t_welch, t_paired, wilcoxon, mann_whitney, f_var, levene, brown_forsythe, shapiro, ad_normal, \
ad_specified, cvm_normal, cvm_specified, cvm_2samp, ks_1samp, ks_2samp, lilliefors, tost_welch, tost_paired, \
anova_oneway, benjamini_hochberg, holm, binomial_ci, power_t2, effect_sizes, lag1_autocorr.

The result is a JSON object; of data that cannot be tested it is {\"error\":{\"kind\",\"message\"}}, with exit code 1.";

/// Options of `stats test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// A case a line; a result a line, in order, errors among them.
    #[arg(long)]
    batch: bool,
}

/// Runs a verb.
pub fn run(verb: &StatsVerb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        StatsVerb::Test(args) => test(args, context),
    }
}

fn test(args: &TestArgs, context: &Context) -> Result<Exit, Fail> {
    let unreadable = |error: std::io::Error| Fail::usage(format!("standard input cannot be read: {error}"));
    let mut failed = false;
    let mut results = Vec::new();
    let mut one = |text: &str| {
        let result = match serde_json::from_str::<Value>(text) {
            Ok(case) => case::run(&case).map_err(|error| error.to_json()),
            Err(error) => {
                Err(case::CaseError { kind: "unreadable", message: format!("this is no JSON: {error}") }.to_json())
            }
        };
        failed |= result.is_err();
        let (Ok(value) | Err(value)) = result;
        results.extend_from_slice(value.to_string().as_bytes());
        results.push(b'\n');
    };
    let input = std::io::stdin().lock().take(CASE_MAX_BYTES);
    if args.batch {
        for line in std::io::BufReader::new(input).lines() {
            one(&line.map_err(unreadable)?);
        }
    } else {
        let mut text = String::new();
        let mut input = input;
        input.read_to_string(&mut text).map_err(unreadable)?;
        one(&text);
    }
    context.output.write(&results)?;
    Ok(if failed { Exit::Bad(ErrorKind::Failed) } else { Exit::Ok })
}
