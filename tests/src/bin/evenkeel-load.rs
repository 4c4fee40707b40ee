//! `tests/load`: simulated hosts against a real collector (see `evenkeel_tests::load`).

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use tokio::time::Instant;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use evenkeel_common::clock;
use evenkeel_common::units::parse_duration;
use evenkeel_tests::bench::cpu::Meter;
use evenkeel_tests::load::collector::Collector;
use evenkeel_tests::load::fleet::{Host, Measured, Vm, Wish, connect, name};
use evenkeel_tests::load::guest::READINGS;
use evenkeel_tests::load::lines::{percentiles, ratio};
use evenkeel_tests::load::{one, spool, verify};
use evenkeel_tests::programs;
use tokio::task::JoinSet;

/// Bytes of the headers of UDP and IPv4.
const HEADERS_BYTES: u64 = 28;

/// Loads a collector with simulated hosts, and reads back what it acknowledged.
#[derive(Parser)]
#[command(name = "tests/load", bin_name = "tests/load", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Hosts with guests against a collector of its own, which is stopped (or killed) in between; every acknowledged sample is
    /// read back by `evenkeel query`. Exits 1 when one is missing or there twice.
    Run {
        /// Hosts.
        #[arg(long, default_value_t = 10)]
        agents: usize,
        /// Guests of each host; 0 leaves the hosts idle.
        #[arg(long, default_value_t = 40)]
        vms: usize,
        /// Ticks of each host.
        #[arg(long, default_value_t = 30)]
        ticks: u32,
        /// Time between ticks; 0s: as fast as the collector takes them. Guests live 10 s from tick to tick.
        #[arg(long, default_value = "1s")]
        interval: String,
        /// 22 more readings of each guest that are not enabled, as on most real hosts.
        #[arg(long)]
        with_disabled: bool,
        /// How often the collector is killed (SIGKILL) and started again while the hosts send.
        #[arg(long, default_value_t = 0)]
        kills: u32,
        /// Guests of each host that vanish after each tick, with as many new ones in their place.
        #[arg(long, default_value_t = 0)]
        churn: usize,
        /// Seed of the guests.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Where everything lies; without it in a temporary directory.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// 24 hours of a host's spool: its size, and how fast it is read and sent to a collector.
    Spool {
        /// Guests.
        #[arg(long, default_value_t = 50)]
        vms: usize,
        /// Hours, at 10 s.
        #[arg(long, default_value_t = 24)]
        hours: u32,
    },
    /// One agent that counts, to be killed by a test.
    #[command(hide = true)]
    One { data_dir: PathBuf, collector: String, name: String, machine_id: String, from: i64 },
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do if stderr is closed.
            let _ = writeln!(std::io::stderr(), "tests/load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    let here = std::env::current_exe()?;
    programs::built_in(here.parent().context("a program lies in a folder")?);
    // Each simulated host has a thread for its disk.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(8_192)
        .thread_stack_size(1 << 20)
        .build()?;
    match cli.verb {
        Verb::Run { agents, vms, ticks, interval, with_disabled, kills, churn, seed, dir } => {
            let interval = if interval == "0s" { Duration::ZERO } else { parse_interval(&interval)? };
            let wish = Wish { agents, vms, ticks, interval, with_disabled, churn, seed };
            let temporary = tempfile::tempdir()?;
            let dir = dir.unwrap_or_else(|| temporary.path().to_owned());
            runtime.block_on(load(&dir, wish, kills))
        }
        Verb::Spool { vms, hours } => spool::measure(&runtime, vms, hours),
        Verb::One { data_dir, collector, name, machine_id, from } => {
            runtime.block_on(one::run(&data_dir, &collector, &name, &machine_id, from))
        }
    }
}

fn parse_interval(text: &str) -> Result<Duration> {
    Ok(parse_duration(text).map_err(|error| anyhow::anyhow!("--interval: {error}"))?.to_std())
}

fn say(what: &str, figure: impl std::fmt::Display) {
    // A closed stdout is the reader's wish.
    let _ = writeln!(std::io::stdout(), "{what:34} {figure}");
}

async fn load(dir: &std::path::Path, wish: Wish, kills: u32) -> Result<()> {
    let began = clock::wall();
    let mut collector = Collector::start(&dir.join("collector"))?;
    let empty = collector.rss_bytes()?;
    let tokens = collector.tokens(&(0..wish.agents).map(name).collect::<Vec<_>>())?;
    let joining = Instant::now();
    let hosts = connect(&dir.join("agents"), wish, tokens).await?;
    say("agents connected", format!("{} in {:.1} s", hosts.len(), joining.elapsed().as_secs_f64()));
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = collector.rss_bytes()?;
    say("collector RSS, nobody connected", format!("{} KiB", empty >> 10));
    say(
        "RSS per idle connection",
        format!("{:.1} KiB", ratio(idle.saturating_sub(empty), wish.agents as u64) / 1_024.0),
    );
    if wish.vms == 0 {
        stop_all(hosts).await;
        return collector.stop();
    }
    let mut meter = Meter::default();
    let before = meter.look(&[collector.pid()]);
    let (wall, disk) = (Instant::now(), collector.disk_bytes()?);
    let traffic_before = traffic(&hosts);
    let mut working = start(hosts);
    for kill in 0..kills {
        tokio::time::sleep(Duration::from_millis(1_000 + 137 * u64::from(kill % 7))).await;
        collector.kill()?;
        collector.resume()?;
    }
    let mut hosts = Vec::new();
    let (mut measured, mut latencies) = (Measured::default(), Vec::new());
    while let Some(done) = working.join_next().await {
        let (host, own, mut took) = done??;
        measured.samples += own.samples;
        measured.readings += own.readings;
        latencies.append(&mut took);
        hosts.push(host);
    }
    for host in &hosts {
        host.delivered().await?;
    }
    let elapsed = wall.elapsed();
    let cpu = meter.look(&[collector.pid()]).saturating_sub(before);
    let (bytes, datagrams) = traffic(&hosts);
    let wire = bytes - traffic_before.0 + HEADERS_BYTES * (datagrams - traffic_before.1);
    let Measured { samples, readings } = measured;
    say("samples acknowledged", format!("{samples} ({readings} readings) in {:.1} s", elapsed.as_secs_f64()));
    if kills == 0 {
        say("collector CPU", format!("{:.2} s", cpu as f64 / 1e9));
        say("samples per core-second", format!("{:.0}", ratio(samples, cpu) * 1e9));
    }
    say("ack latency", percentiles(&mut latencies));
    say("collector RSS", format!("{:.1} MiB", ratio(collector.rss_bytes()?, 1 << 20)));
    if wish.churn > 0 {
        let guests = |count: fn(&Host) -> usize| hosts.iter().map(count).sum::<usize>();
        say("series of guests that are there", guests(|host| host.guests.vms.len()) * READINGS);
        say("series of guests that vanished", guests(|host| host.guests.gone.len()) * READINGS);
    }
    say(
        "bytes on the wire per sample",
        format!("{:.3} (per reading {:.3}), IP headers included", ratio(wire, samples), ratio(wire, readings)),
    );
    say("bytes on disk per sample", format!("{:.3}", ratio(collector.disk_bytes()? - disk, samples)));
    restarted(&mut collector, &hosts, kills, (&began.to_string(), samples)).await?;
    stop_all(hosts).await;
    collector.stop()
}

/// Everything that was acknowledged since `from` is there after another restart.
async fn restarted(collector: &mut Collector, hosts: &[Host], kills: u32, (from, samples): (&str, u64)) -> Result<()> {
    collector.stop()?;
    say("collector restarts", format!("{kills} by kill -9, 1 by SIGTERM"));
    collector.resume()?;
    let back = Instant::now();
    for host in hosts {
        host.fresh().await?;
    }
    say("all agents back", format!("{:.1} s after the collector was ready again", back.elapsed().as_secs_f64()));
    let vms: Vec<&Vm> = hosts.iter().flat_map(|host| host.guests.vms.iter().chain(&host.guests.gone)).collect();
    let found = verify::count_all(collector, vms.iter().copied(), from)?;
    anyhow::ensure!(found == samples, "{found} samples are stored, {samples} were acknowledged");
    say("read back by query", format!("{found}: all of them, each once"));
    say("sums of values as sent", format!("{} values", verify::sum_some(collector, &vms, from)?));
    Ok(())
}

fn traffic(hosts: &[Host]) -> (u64, u64) {
    let traffic = hosts.iter().map(|host| host.status().traffic);
    traffic.fold((0, 0), |sum, one| (sum.0 + one.sent_bytes + one.received_bytes, sum.1 + one.datagrams))
}

fn start(hosts: Vec<Host>) -> JoinSet<Result<(Host, Measured, Vec<Duration>)>> {
    let mut working = JoinSet::new();
    let count = u32::try_from(hosts.len()).unwrap_or(u32::MAX).max(1);
    for (number, mut host) in (0..).zip(hosts) {
        working.spawn(async move {
            let mut latencies = Vec::new();
            let place = host.interval() / count * number;
            let measured = host.work(place, &mut latencies).await?;
            Ok((host, measured, latencies))
        });
    }
    working
}

async fn stop_all(hosts: Vec<Host>) {
    let mut stopping = JoinSet::new();
    for host in hosts {
        stopping.spawn(host.stop());
    }
    while stopping.join_next().await.is_some() {}
}
