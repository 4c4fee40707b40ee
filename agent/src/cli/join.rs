//! `evenkeel-agent join ADDR TOKEN`.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;
use evenkeel_common::error::chain;
use evenkeel_common::limits::DEFAULT_PORT;
use evenkeel_common::token::JoinToken;

use super::fail::Fail;
use crate::config::{Config, SCHEMA};
use crate::uplink::join::{Join, JoinError, join};
use crate::uplink::{ConnectError, EnrolError, machine_id};

/// Where and with what.
#[derive(Debug, Args)]
pub struct JoinArgs {
    /// The collector, HOST:PORT; the port is 7443 when not given.
    #[arg(value_name = "ADDR")]
    address: String,
    /// The token that `evenkeel token create` printed.
    token: String,
}

/// Runs the verb.
pub async fn run(args: &JoinArgs, config: &Config) -> Result<ExitCode, Fail> {
    let token: JoinToken = args.token.parse().map_err(|error| Fail::usage(chain(&error)))?;
    let wish = wish(config, token, Some(with_port(&args.address)))?;
    let identity = join(&wish, say).await.map_err(|error| fail(&error))?;
    say(&format!(
        "joined as {} ({}); certificate until {}\nnext: `evenkeel-agent check`, then `evenkeel-agent run`",
        config.name, identity.agent, identity.life.not_after
    ));
    Ok(ExitCode::SUCCESS)
}

/// What a host of this configuration asks for.
fn wish(config: &Config, token: JoinToken, address: Option<String>) -> Result<Join, Fail> {
    let machine_id = machine_id().map_err(|error| {
        Fail::failed(format!("/etc/machine-id cannot be read: {error}")).hint("`systemd-machine-id-setup` makes one")
    })?;
    Ok(Join {
        token,
        address,
        name: config.name.clone(),
        machine_id,
        data_dir: config.dirs.data.clone(),
        drop_in_dir: config.dirs.config.join(SCHEMA.drop_in),
        config_dir: config.dirs.config.clone(),
    })
}

/// A join as the operator sees it fail.
fn fail(error: &JoinError) -> Fail {
    let text = chain(error);
    match error {
        JoinError::Token(_) => Fail::usage(text),
        JoinError::Unreachable { source: EnrolError::Connect(ConnectError::NoAnswer { .. }), .. } => {
            Fail::unreachable(text)
                .hint("if the machine is up and `evenkeel serve` runs there, a firewall drops UDP on the way")
        }
        JoinError::Unreachable { .. } => Fail::unreachable(text),
        JoinError::Refused(_) => Fail::refused(text),
        JoinError::Untrusted { .. } => {
            Fail::refused(text).hint("check the address; if the collector was set up anew, make a new token there")
        }
        JoinError::NotApproved { .. } => Fail::deadline(text),
        JoinError::Answer(_) | JoinError::Identity(_) | JoinError::File(_) | JoinError::Directory { .. } => {
            Fail::failed(text)
        }
    }
}

fn with_port(address: &str) -> String {
    let has_port = address
        .rsplit_once(':')
        .is_some_and(|(host, port)| port.parse::<u16>().is_ok() && (!host.contains(':') || host.ends_with(']')));
    match (has_port, address.contains(':') && !address.starts_with('[')) {
        (true, _) => address.to_owned(),
        (false, true) => format!("[{address}]:{DEFAULT_PORT}"),
        (false, false) => format!("{address}:{DEFAULT_PORT}"),
    }
}

/// Says something to the operator. Nobody to say it to is no error.
pub(super) fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_added_where_there_is_none() {
        for (given, meant) in [
            ("collector", "collector:7443"),
            ("collector:1", "collector:1"),
            ("10.0.0.1", "10.0.0.1:7443"),
            ("[::1]:1", "[::1]:1"),
            ("[::1]", "[::1]:7443"),
            ("fe80::1", "[fe80::1]:7443"),
        ] {
            assert_eq!(with_port(given), meant);
        }
    }
}
