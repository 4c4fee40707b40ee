//! What the command line takes.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use super::check::CheckArgs;
use super::check_config::CheckConfigArgs;
use super::join::JoinArgs;
use super::once::OnceArgs;
use super::trust::TrustArgs;
use crate::config::Dirs;

/// Measures this KVM host and its guests and sends the readings to the evenkeel collector.
///
/// Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 collector unreachable, 5 refused, 7 approval pending.
#[derive(Debug, Parser)]
#[command(name = "evenkeel-agent", version, max_term_width = 100)]
pub struct Cli {
    /// Options of all verbs.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options of all verbs.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Directory of agent.toml.
    #[arg(long, global = true, env = "EVENKEEL_CONFIG_DIR", default_value = "/etc/evenkeel", value_name = "DIR")]
    pub config_dir: PathBuf,
    /// Directory of the identity.
    #[arg(
        long,
        global = true,
        env = "EVENKEEL_DATA_DIR",
        default_value = "/var/lib/evenkeel-agent",
        value_name = "DIR"
    )]
    pub data_dir: PathBuf,
    /// Directory of sockets.
    #[arg(
        long,
        global = true,
        env = "EVENKEEL_RUNTIME_DIR",
        default_value = "/run/evenkeel-agent",
        value_name = "DIR"
    )]
    pub runtime_dir: PathBuf,
    /// How much is logged, instead of `log` in agent.toml.
    #[arg(long, global = true, value_name = "LEVEL", value_parser = ["error", "warn", "info", "debug", "trace"])]
    pub log: Option<String>,
    /// Log more; twice for everything.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

impl Global {
    /// The directories.
    #[must_use]
    pub fn dirs(&self) -> Dirs {
        Dirs { config: self.config_dir.clone(), data: self.data_dir.clone(), runtime: self.runtime_dir.clone() }
    }

    /// The level that was asked for here.
    #[must_use]
    pub fn log_level(&self) -> Option<&str> {
        match (self.log.as_deref(), self.verbose) {
            (Some(level), _) => Some(level),
            (None, 0) => None,
            (None, 1) => Some("debug"),
            (None, _) => Some("trace"),
        }
    }
}

/// How data is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Join a collector with a token from `evenkeel token create`.
    ///
    /// A token that is not bound to this host needs `evenkeel agent approve` at the collector: join says so and waits
    /// up to ten minutes for it, then ends with 7; running it again goes on waiting.
    Join(JoinArgs),
    /// Pin the key of the collector whose orders this host obeys, by root.
    ///
    /// `join` does it where root runs it. It is needed on hosts that joined before orders were signed or by a token in
    /// the image, and when the collector's key was replaced without the old one.
    Trust(TrustArgs),
    /// Read host and guests at every interval and send the readings, until SIGTERM or Ctrl-C.
    ///
    /// SIGHUP, or `systemctl reload evenkeel-agent`, has the configuration read again: it holds from the next reading
    /// on, without a new session. One with errors is refused as a whole and the one before stays in force. The log
    /// names keys that only a restart brings into force.
    Run,
    /// Read everything once and print it; nothing is sent.
    Once(OnceArgs),
    /// Say what is wrong with configuration, libvirt, certificates, clock and network; nothing is started.
    Check(CheckArgs),
    /// Check agent.toml, its drop-ins and the environment, and show what is in force.
    CheckConfig(CheckConfigArgs),
}

impl Verb {
    /// How errors are written.
    #[must_use]
    pub fn format(&self) -> Format {
        match self {
            Self::Join(_) | Self::Trust(_) => Format::Table,
            Self::Run => Format::Table,
            Self::Once(args) => args.output,
            Self::Check(args) => args.output,
            Self::CheckConfig(args) => args.output,
        }
    }
}
