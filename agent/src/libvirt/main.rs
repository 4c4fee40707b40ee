//! `evenkeel-agent-libvirt`: the helpers of the agent that talk to libvirt, the only program of evenkeel that links it.

mod actor;
mod connect;
mod describe;
mod event_worker;
mod execute;
mod ffi;
mod host_look;
mod scrape_worker;
mod stats;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use evenkeel_common::config::Problems;

/// The configuration cannot be used (the contract's exit code for unreadable input).
const EXIT_CONFIG: u8 = 2;

/// Helpers of evenkeel-agent that talk to libvirt; the agent starts them itself.
#[derive(Debug, Parser)]
#[command(name = "evenkeel-agent-libvirt", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Carries out actions: the only part of evenkeel that may change anything in libvirt.
    Actor(actor::Args),
    /// Tells the agent on stdout what libvirt tells, over a read-only connection of its own, until stdin closes.
    EventWorker {
        /// The libvirt to listen to, as for scrape-worker.
        #[arg(long, default_value = "qemu:///system")]
        uri: String,
    },
    /// Answers the agent's requests for readings on stdin and stdout, over a read-only connection.
    ScrapeWorker {
        /// The libvirt to read; for another socket than the default name the read-only one:
        /// `qemu+unix:///system?socket=/path/libvirt-sock-ro`.
        #[arg(long, default_value = "qemu:///system")]
        uri: String,
    },
}

fn main() -> ExitCode {
    // stderr goes to the agent, which adds the time; stdout belongs to the protocol.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::INFO)
        .without_time()
        .with_ansi(false)
        .init();
    let ended = match Cli::parse().verb {
        Verb::Actor(args) => actor::run(&args),
        Verb::EventWorker { uri } => event_worker::run(&uri).map_err(anyhow::Error::from),
        Verb::ScrapeWorker { uri } => scrape_worker::run(&uri).map_err(anyhow::Error::from),
    };
    let Err(error) = ended else {
        return ExitCode::SUCCESS;
    };
    tracing::error!("{error:#}");
    ExitCode::from(if error.is::<Problems>() { EXIT_CONFIG } else { 1 })
}
