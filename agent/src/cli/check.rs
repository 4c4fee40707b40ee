//! `evenkeel-agent check`.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::fail::Fail;
use super::{Format, output};
use crate::check::{self, Check, Verdict};
use crate::config::Config;

/// Options of `check`. Exit 0 when nothing is in the way of `run`, 1 when something is, 2 when the configuration cannot
/// be used.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// How it is written.
    #[arg(long, value_enum, default_value_t)]
    pub output: Format,
}

#[derive(Debug, Serialize)]
struct Line {
    check: &'static str,
    verdict: &'static str,
    found: String,
    /// `null` when there is nothing to do.
    remedy: Option<String>,
}

/// Runs the verb.
pub async fn run(args: &CheckArgs, config: &Config) -> Result<ExitCode, Fail> {
    let checks = check::all(config).await;
    let worst = checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Ok);
    match args.output {
        Format::Json => output::json(&checks.into_iter().map(line).collect::<Vec<_>>())?,
        Format::Table => output::write(&checks.iter().map(text).collect::<String>())?,
    }
    Ok(if worst == Verdict::Fail { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn line(check: Check) -> Line {
    let remedy = (!check.remedy.is_empty()).then_some(check.remedy);
    Line { check: check.name, verdict: check.verdict.as_str(), found: check.found, remedy }
}

fn text(check: &Check) -> String {
    let mut text = format!("{:4}  {}: {}\n", check.verdict.as_str(), check.name, check.found);
    if !check.remedy.is_empty() {
        text.push_str(&format!("      to do: {}\n", check.remedy));
    }
    text
}
