//! The command line of `evenkeel-agent`.

mod args;
mod check;
mod check_config;
mod fail;
mod join;
mod once;
mod output;
mod trust;

pub use args::{Cli, Format, Global, Verb};

use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, Parser as _};

use crate::app::{self, Prepared, RunError};
use crate::config::config;
use crate::logging::LogLevel;
use evenkeel_common::error::chain;
use fail::Fail;

/// Longer than an interval, so that a tick finds the threads of the one before.
const BLOCKING_THREADS_KEPT: Duration = Duration::from_secs(300);

/// The whole tree, for man pages, completions and tests.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Parses the arguments, runs the verb and says what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return fail::usage(&error),
    };
    let format = cli.verb.format();
    match run(cli) {
        Ok(code) => code,
        Err(fail) => fail.report(format),
    }
}

fn run(cli: Cli) -> Result<ExitCode, Fail> {
    match cli.verb {
        Verb::CheckConfig(args) => check_config::run(&args, &cli.global),
        Verb::Check(args) => {
            let Prepared { config, .. } = prepare(&cli.global, Some("error"))?;
            runtime()?.block_on(check::run(&args, &config))
        }
        Verb::Join(args) => {
            let Prepared { config, .. } = prepare(&cli.global, Some("error"))?;
            runtime()?.block_on(join::run(&args, &config))
        }
        Verb::Trust(args) => trust::run(&args, &prepare(&cli.global, Some("error"))?.config),
        Verb::Run => {
            let prepared = prepare(&cli.global, None)?;
            runtime()?.block_on(app::run(prepared)).map_err(|error| run_failed(&error))?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Once(args) => {
            let Prepared { config, .. } = prepare(&cli.global, Some("error"))?;
            runtime()?.block_on(once::run(&args, &config))
        }
    }
}

/// The configuration, with the log switched on. `quiet` is the level of a verb that says on its own what went wrong.
fn prepare(global: &Global, quiet: Option<&str>) -> Result<Prepared, Fail> {
    let (config, loaded) = config(&global.dirs()).map_err(|problems| Fail::config(&problems))?;
    let log = LogLevel::start(global.log_level().or(quiet), &config.log);
    Ok(Prepared { config, loaded, log })
}

fn run_failed(error: &RunError) -> Fail {
    Fail::failed(chain(error)).hint("`evenkeel-agent check` looks at everything that `run` needs")
}

fn runtime() -> Result<tokio::runtime::Runtime, Fail> {
    // One thread for network and ticks: an agent is to be unnoticed, and two would mostly wake each other. What blocks has
    // threads of its own, which live from one tick to the next so that no tick has to make them.
    tokio::runtime::Builder::new_current_thread()
        .thread_keep_alive(BLOCKING_THREADS_KEPT)
        .enable_all()
        .build()
        .map_err(|error| Fail::failed(format!("no runtime can be started: {error}")))
}
