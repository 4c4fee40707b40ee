//! `evenkeel-agent trust KEY`.

use std::process::ExitCode;

use clap::Args;
use evenkeel_common::error::chain;
use evenkeel_common::pki::OrderPublicKey;

use super::fail::Fail;
use super::join::say;
use crate::config::Config;
use crate::uplink::AgentIdentity;
use crate::uplink::join::pin;

/// Whom to obey.
#[derive(Debug, Args)]
pub struct TrustArgs {
    /// The collector's order key, as `evenkeel order-key show` prints it there.
    key: OrderPublicKey,
}

/// Runs the verb.
pub fn run(args: &TrustArgs, config: &Config) -> Result<ExitCode, Fail> {
    let identity = AgentIdentity::load(&config.dirs.data).map_err(|error| Fail::failed(chain(&error)))?;
    pin(identity.agent, args.key, &config.dirs.config)
        .map_err(|error| Fail::failed(chain(&error)).hint("run it as root: whom a host obeys is root's to say"))?;
    say(&format!("this host ({}) obeys orders that are signed with {} and its successors", identity.agent, args.key));
    Ok(ExitCode::SUCCESS)
}
