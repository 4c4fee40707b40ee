//! `evenkeel serve`.

use clap::Args;

use super::check_config::problems_fail;
use super::context::Context;
use super::fail::{Exit, Fail};
use crate::app::{self, Dirs, ServeError};
use crate::config;
use evenkeel_common::error::chain;

/// Options of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {}

/// Runs the verb: until SIGTERM or SIGINT.
pub fn run(_: &ServeArgs, context: &Context) -> Result<Exit, Fail> {
    let file = context.config_file();
    if !file.exists() {
        return Err(Fail::failed(format!("{} does not exist: this collector was never set up", file.display()))
            .hint("run `evenkeel init` first"));
    }
    let (settings, _) = config::settings(&context.global.config_dir).map_err(|problems| problems_fail(&problems))?;
    app::start_logging(&settings.log, context.global.verbose);
    let dirs = Dirs {
        config: context.global.config_dir.clone(),
        data: context.global.data_dir.clone(),
        socket: context.global.socket.clone().unwrap_or_else(|| context.global.runtime_dir.join("api.sock")),
    };
    app::run(dirs, settings).map_err(|error| fail(&error))?;
    Ok(Exit::Ok)
}

fn fail(error: &ServeError) -> Fail {
    Fail::failed(chain(error))
}
