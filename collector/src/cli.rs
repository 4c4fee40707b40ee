//! The command line: `evenkeel VERB` or `evenkeel NOUN VERB`. Operator verbs talk to the collector over its socket.

mod action;
mod activity;
mod agent;
mod args;
mod calendar;
mod change;
mod check_config;
mod client;
mod completions;
mod context;
mod cycle;
mod export;
mod fail;
mod finding;
mod host;
mod import;
mod init;
mod outage;
mod output;
mod query;
pub mod report;
mod review;
mod serve;
mod service;
mod sink;
mod sla;
mod stats;
mod status;
mod store;
mod table;
mod token;
mod top;
mod vm;
pub mod when;

pub use args::{Cli, Global, Verb};

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use context::Context;
use fail::{Exit, Fail};

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
    let format = cli.global.output;
    match run(cli) {
        Ok(exit) => exit.code(),
        Err(fail) => fail.report(format),
    }
}

fn run(cli: Cli) -> Result<Exit, Fail> {
    let context = Context::new(cli.global)?;
    match cli.verb {
        Verb::Init(args) => init::run(&args, &context),
        Verb::Serve(args) => serve::run(&args, &context),
        Verb::CheckConfig(args) => check_config::run(&args, &context),
        Verb::Completions(args) => completions::run(&args, &context),
        Verb::Stats(verb) => stats::run(&verb, &context),
        verb => client_runtime()?.block_on(ask(verb, &context)),
    }
}

/// Verbs that ask the collector.
async fn ask(verb: Verb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        Verb::Status(args) => status::run(&args, context).await,
        Verb::Review(args) => review::run(args, context).await,
        Verb::Query(args) => query::run(args, context).await,
        Verb::Import(args) => import::run(args, context).await,
        Verb::Export(args) => export::run(args, context).await,
        Verb::Token(verb) => token::run(verb, context).await,
        Verb::Agent(verb) => agent::run(verb, context).await,
        Verb::Host(verb) => host::run(verb, context).await,
        Verb::Vm(verb) => vm::run(verb, context).await,
        Verb::Service(verb) => service::run(verb, context).await,
        Verb::Outage(verb) => outage::run(verb, context).await,
        Verb::Sla(verb) => sla::run(verb, context).await,
        Verb::Report(verb) => report::run(verb, context).await,
        Verb::Cycle(verb) => cycle::run(verb, context).await,
        Verb::Finding(verb) => finding::run(verb, context).await,
        Verb::Calendar(verb) => calendar::run(verb, context).await,
        Verb::Change(verb) => change::run(verb, context).await,
        Verb::Action(verb) => action::run(verb, context).await,
        Verb::Activity(verb) => activity::run(verb, context).await,
        Verb::Store(verb) => store::run(verb, context).await,
        Verb::Init(_) | Verb::Serve(_) | Verb::CheckConfig(_) | Verb::Completions(_) | Verb::Stats(_) => Ok(Exit::Ok),
    }
}

fn client_runtime() -> Result<tokio::runtime::Runtime, Fail> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fail::failed(format!("no runtime can be started: {error}")))
}

/// Says something to the operator, beside the data. Nobody to say it to is no error.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
