//! `evenkeel check-config`.

use clap::Args;
use evenkeel_common::config::{Loaded, Problems};
use serde::Serialize;

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::config;
use crate::control::{read_rules, read_services};

/// Options of `check-config`. Exit 0 when the configuration can be used, 2 when it cannot; all errors are reported.
#[derive(Debug, Args)]
pub struct CheckConfigArgs {
    /// Also say from where each value came.
    #[arg(long)]
    origin: bool,
}

/// A value in force.
#[derive(Debug, Serialize)]
struct Line {
    key: &'static str,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
}

/// Runs the verb.
pub fn run(args: &CheckConfigArgs, context: &Context) -> Result<Exit, Fail> {
    let dir = &context.global.config_dir;
    let (_, mut problems) = read_services(dir);
    problems.extend(read_rules(dir).1);
    let loaded = match config::settings(dir) {
        Ok((_, loaded)) if problems.is_empty() => loaded,
        Ok(_) => return Err(problems_fail(&Problems(problems))),
        Err(Problems(mut more)) => {
            more.append(&mut problems);
            return Err(problems_fail(&Problems(more)));
        }
    };
    context.output.show(&lines(&loaded, args.origin))?;
    Ok(Exit::Ok)
}

/// All problems as one error.
pub fn problems_fail(problems: &evenkeel_common::config::Problems) -> Fail {
    let many = problems.0.len();
    let noun = if many == 1 { "error" } else { "errors" };
    Fail::usage(format!("the configuration has {many} {noun}:\n{problems}"))
        .hint("nothing was started or changed; `evenkeel check-config` checks again")
}

fn lines(loaded: &Loaded, origin: bool) -> Vec<Line> {
    let line = |(key, setting): (&&'static str, &evenkeel_common::config::Setting)| Line {
        key,
        value: setting.value.to_string(),
        origin: origin.then(|| setting.origin.to_string()),
    };
    loaded.settings.iter().map(line).collect()
}

impl Tabular for Vec<Line> {
    fn table(&self) -> Table {
        let with_origin = self.iter().any(|line| line.origin.is_some());
        let columns = [("key", "KEY"), ("value", "VALUE"), ("origin", "ORIGIN")];
        let shown = if with_origin { 3 } else { 2 };
        let cells = |line: &Line| {
            let mut cells = vec![
                Cell::text(line.key),
                Cell::text(&line.value),
                Cell::text(line.origin.clone().unwrap_or_default()),
            ];
            cells.truncate(shown);
            cells
        };
        Table::new(&columns[..shown], self.iter().map(cells))
    }
}
