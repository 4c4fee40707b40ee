//! `evenkeel completions`.

use clap::Args;
use clap_complete::Shell;

use super::context::Context;
use super::fail::{Exit, Fail};

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the verb.
pub fn run(args: &CompletionsArgs, context: &Context) -> Result<Exit, Fail> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "evenkeel", &mut script);
    context.output.write(&script)?;
    Ok(Exit::Ok)
}
