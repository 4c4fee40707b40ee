//! `tests/bench`: what the agent and the store cost, and how good and fast the statistics are, beside peers in one run (see
//! `evenkeel_tests::bench`).

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use evenkeel_tests::bench::agent::{Wish, lab, measure};
use evenkeel_tests::bench::stats::calibrate::{RUNS_FULL, RUNS_SHORT, calibrate};
use evenkeel_tests::bench::stats::speed;
use evenkeel_tests::bench::table::Table;
use evenkeel_tests::bench::{data, peers, scripted, store};
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
    /// The statistics: how often they cry wolf and what they find, or how fast they are beside scipy. Exits 1 when a target
    /// is missed.
    Stats(StatsArgs),
    /// The store alone: bytes a reading and readings a core-second. Needs python3 with numpy and scipy for the readings.
    /// Exits 1 when a target is missed.
    Store {
        /// VMs, of 30 metrics each.
        #[arg(long, default_value_t = 200)]
        vms: usize,
        /// Hours, at one reading in 10 s; at most a day.
        #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=24))]
        hours: u32,
        /// Beside VictoriaMetrics and Prometheus: a collector in a process of its own, and how long questions take. No
        /// targets.
        #[arg(long)]
        peers: bool,
        /// A month by the hour over so many VMs x 10 metrics from rollups, such as 1000. No targets.
        #[arg(long, value_name = "VMS", conflicts_with = "peers", value_parser = clap::value_parser!(u16).range(1..=1000))]
        month: Option<u16>,
        /// With --peers: how often each question is put.
        #[arg(long, default_value_t = 41, requires = "peers")]
        rounds: usize,
    },
}

/// What of the statistics is measured.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = true, id = "what")]
struct StatsArgs {
    /// False alarms, power, false discoveries and an action that does nothing, on made series with fixed seeds.
    #[arg(long, group = "what")]
    calibrate: bool,
    /// Speed beside scipy, which is installed into a temporary folder.
    #[arg(long, group = "what")]
    speed: bool,
    /// Runs of each case of the calibration. With fewer than 2400 chance is given room, and the table says so.
    #[arg(long, default_value_t = RUNS_SHORT, value_parser = runs, requires = "calibrate")]
    runs: usize,
    /// All 2400 runs of each case and ten families: six minutes on two cores.
    #[arg(long, conflicts_with = "runs", requires = "calibrate")]
    full: bool,
    /// Write the calibration's tables into this file as well, such as tests/results/stats.txt.
    #[arg(long, value_name = "PATH", requires = "calibrate")]
    results: Option<PathBuf>,
    /// A Python that has scipy, instead of installing it.
    #[arg(long, value_name = "PATH", requires = "speed")]
    python: Option<PathBuf>,
}

fn runs(text: &str) -> Result<usize, String> {
    let runs: Option<usize> = text.parse().ok();
    runs.filter(|runs| (20..=1_000_000).contains(runs)).ok_or_else(|| "write a number from 20 to 1000000".to_owned())
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
    match &cli.verb {
        Verb::Stats(args) => statistics(args),
        Verb::Store { vms, hours, peers, month, rounds } => {
            let wish = data::Wish { vms: *vms, hours: *hours };
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            let said = match month {
                Some(vms) => Some(runtime.block_on(peers::month::measure(usize::from(*vms)))?),
                None if *peers => Some(runtime.block_on(peers::measure(wish, *rounds))?),
                None => None,
            };
            if let Some(said) = said {
                write!(std::io::stdout(), "{said}")?;
                return Ok(ExitCode::SUCCESS);
            }
            let mut table = Table::default();
            store::measure(wish, &mut table)?;
            show(&table)
        }
        Verb::Agent { guests, rounds, booted, only_scripted, no_scripted } => {
            agent(*guests, *rounds, *booted, *only_scripted, *no_scripted)
        }
    }
}

fn statistics(args: &StatsArgs) -> Result<ExitCode> {
    let mut met = true;
    if args.calibrate {
        let runs = if args.full { RUNS_FULL } else { args.runs };
        // Nothing is left to do if stderr is closed.
        let report = calibrate(runs, &|what| drop(writeln!(std::io::stderr(), "{what} …")));
        write!(std::io::stdout(), "{report}")?;
        if let Some(path) = &args.results {
            std::fs::write(path, report.to_string()).with_context(|| format!("{} is not written", path.display()))?;
        }
        met &= report.all_met();
    }
    if args.speed {
        let mut table = Table::beside("scipy");
        speed::measure(args.python.as_deref(), &mut table)?;
        write!(std::io::stdout(), "{table}")?;
        met &= table.all_met();
    }
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn agent(guests: u8, rounds: u32, booted: bool, only_scripted: bool, no_scripted: bool) -> Result<ExitCode> {
    let guests = if only_scripted { 1 } else { guests };
    let wish = Wish { guests, rounds, booted };
    let lab = lab(wish)?;
    let mut cluster = Cluster::with_defaults(&lab)?;
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
