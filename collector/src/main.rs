//! `evenkeel`: `evenkeel serve` is the collector, every other verb the operator's command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    evenkeel_collector::cli::main()
}
