//! `evenkeel-agent check-config`.

use std::process::ExitCode;

use clap::Args;
use evenkeel_common::config::Setting;
use serde::Serialize;

use super::fail::Fail;
use super::{Format, Global, output};
use crate::config::config;

/// Options of `check-config`. Exit 0 when the configuration can be used, 2 when it cannot; all errors are reported.
#[derive(Debug, Args)]
pub struct CheckConfigArgs {
    /// Also say from where each value came.
    #[arg(long)]
    origin: bool,
    /// Only say what is wrong.
    #[arg(short, long)]
    quiet: bool,
    /// How it is written.
    #[arg(long, value_enum, default_value_t)]
    pub output: Format,
}

#[derive(Debug, Serialize)]
struct Line {
    key: String,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
}

/// Runs the verb.
pub fn run(args: &CheckConfigArgs, global: &Global) -> Result<ExitCode, Fail> {
    let (_, loaded) = config(&global.dirs()).map_err(|problems| Fail::config(&problems))?;
    if args.quiet {
        return Ok(ExitCode::SUCCESS);
    }
    let line = |key: String, setting: &Setting| Line {
        key,
        value: setting.value.to_string(),
        origin: args.origin.then(|| setting.origin.to_string()),
    };
    let mut lines: Vec<Line> = loaded.settings.iter().map(|(key, setting)| line((*key).to_owned(), setting)).collect();
    for (path, tables) in &loaded.tables {
        for (name, table) in tables {
            let of_table = table.settings.iter();
            lines.extend(of_table.map(|(key, setting)| line(format!("{path}.{name}.{key}"), setting)));
        }
    }
    match args.output {
        Format::Json => output::json(&lines)?,
        Format::Table if args.origin => {
            let row = |line: Line| [line.key, line.value, line.origin.unwrap_or_default()];
            output::table(["KEY", "VALUE", "ORIGIN"], &lines.into_iter().map(row).collect::<Vec<_>>())?;
        }
        Format::Table => {
            let row = |line: Line| [line.key, line.value];
            output::table(["KEY", "VALUE"], &lines.into_iter().map(row).collect::<Vec<_>>())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
