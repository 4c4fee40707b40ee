//! `tests/bench`: what the agent costs beside a peer in the same run, and what the store costs (see
//! `evenkeel_tests::bench`).

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use evenkeel_tests::bench::agent::{Wish, lab, measure};
use evenkeel_tests::bench::table::Table;
use evenkeel_tests::bench::{scripted, store};
use evenkeel_tests::cluster::Cluster;
use evenkeel_tests::programs;

/// Measures evenkeel beside its peers on this machine.
#[derive(Parser)]
#[command(name = "tests/bench", bin_name = "tests/bench", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// The agent beside prometheus-libvirt-exporter on one host with many guests, then a scripted host with 500 domains.
    /// Exits 1 when a target is missed.
    Agent {
        /// Guests on the host.
        #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u8).range(1..=89))]
        guests: u8,
        /// Ticks of the agent that are measured, 10 s each; a multiple of 6 holds every group equally often.
        #[arg(long, default_value_t = 12)]
        rounds: u32,
        /// Let the guests boot and idle instead of holding them before their first instruction.
        #[arg(long)]
        booted: bool,
        /// Leave the real host out.
        #[arg(long)]
        only_scripted: bool,
        /// Leave the scripted host out.
        #[arg(long, conflicts_with = "only_scripted")]
        no_scripted: bool,
    },
    /// The store alone: bytes a reading and readings a core-second. Needs python3 with numpy and scipy for the readings.
    /// Exits 1 when a target is missed.
    Store {
        /// VMs, of 30 metrics each.
        #[arg(long, default_value_t = 200)]
        vms: usize,
        /// Hours, at one reading in 10 s.
        #[arg(long, default_value_t = 6)]
        hours: u32,
    },
}

fn main() -> ExitCode {
    run(&Cli::parse()).unwrap_or_else(|error| {
        // Nothing is left to do if stderr is closed.
        let _ = writeln!(std::io::stderr(), "tests/bench: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(cli: &Cli) -> Result<ExitCode> {
    let here = std::env::current_exe()?;
    programs::built_in(here.parent().context("a program lies in a folder")?);
    let (guests, rounds, booted, only_scripted, no_scripted) = match cli.verb {
        Verb::Agent { guests, rounds, booted, only_scripted, no_scripted } => {
            (guests, rounds, booted, only_scripted, no_scripted)
        }
        Verb::Store { vms, hours } => {
            let mut table = Table::default();
            store::measure(store::Wish { vms, hours }, &mut table)?;
            return show(&table);
        }
    };
    let guests = if only_scripted { 1 } else { guests };
    let wish = Wish { guests, rounds, booted };
    let lab = lab(wish)?;
    let mut cluster = Cluster::start(&lab, "10s")?;
    // Nothing is asked of the actor here; systemd would start it at the first command.
    if let Some(actor) = cluster.hosts.first_mut().and_then(|host| host.actor.take()) {
        actor.stop()?;
    }
    let mut table = Table::default();
    if !only_scripted {
        measure(&cluster, &lab, wish, &mut table)?;
    }
    if !no_scripted {
        scripted::measure(&mut cluster, &mut table)?;
    }
    show(&table)
}

fn show(table: &Table) -> Result<ExitCode> {
    write!(std::io::stdout(), "{table}")?;
    Ok(if table.all_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
