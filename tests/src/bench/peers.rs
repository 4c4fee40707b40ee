//! evenkeel's collector beside VictoriaMetrics and Prometheus, in one run on the same readings: what it costs to take them,
//! what they take on disk and in memory, and how long three questions take.
//!
//! Each server is a process of its own, alone while it takes the readings; CPU is that process' alone. evenkeel takes them
//! as it does from agents: their spool, QUIC with TLS, every batch acknowledged once it is on disk. The peers take Prometheus'
//! remote write (protobuf in snappy) over HTTP, VictoriaMetrics also its lines of JSON. The questions go over one kept
//! HTTP/1.1 connection to each, in turns.

mod http;
pub mod month;
mod ours;
mod questions;
mod remote;
mod server;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use evenkeel_common::clock;
use evenkeel_common::time::DurationMs;

use super::data::{Data, Wish};
use super::memory::mib;
use crate::load::collector::Collector;
use http::{Ask, Http};
use questions::{Latencies, WORDS};
use server::{Server, bytes_below, quiet, resident, version};

const DAY: DurationMs = DurationMs::from_s(86_400);

/// What one store costs.
#[derive(Debug)]
struct Cost {
    name: String,
    /// CPU until everything can be asked for, and until it has its final form, in ns.
    taken_ns: u64,
    settled_ns: u64,
    /// Bytes on disk in the final form.
    bytes: u64,
    /// Resident memory after the questions.
    resident: u64,
    latencies: Option<Latencies>,
}

/// Measures, and says it as a table.
///
/// # Errors
/// When a peer is not there or something fails.
pub async fn measure(wish: Wish, rounds: usize) -> Result<String> {
    let (victoria, prometheus) = (version("victoria-metrics")?, version("prometheus")?);
    let dir = tempfile::tempdir()?;
    let mut data = Data::make(wish, dir.path())?;
    // Yesterday: all its hours are over, and so is the day.
    let midnight = clock::wall().0.div_euclid(DAY.0) * DAY.0 - DAY.0;
    data.shift(DurationMs(midnight - data.at(0, 0).0.div_euclid(DAY.0) * DAY.0));
    let (import, gone) = by_import(&dir.path().join("import"), &data).await?;
    gone.stop()?;
    let (mut write, mut first) = by_write(&dir.path().join("write"), &data).await?;
    let (mut other, mut second) = with_prometheus(&dir.path().join("prometheus"), &data).await?;
    let home = dir.path().join("collector");
    let mut collector = Collector::start(&home)?;
    let mut own = with_evenkeel(&collector, &home, dir.path(), &data).await?;
    first.reconnect().await?;
    second.reconnect().await?;
    let mut http = Http::unix(&home.join("runtime/api.sock")).await?;
    let mut stores = [
        (&mut http, questions::ours(&data)),
        (&mut first.http, questions::victoria(&data)),
        (&mut second.http, questions::prometheus(&data)),
    ];
    let answers = questions::ask(&mut stores, rounds).await?;
    let pids = [collector.pid(), first.pid(), second.pid()];
    for ((cost, answers), pid) in [&mut own, &mut write, &mut other].into_iter().zip(answers).zip(pids) {
        (cost.latencies, cost.resident) = (Some(answers), resident(pid)?);
    }
    first.stop()?;
    second.stop()?;
    let by_command = questions::by_command(&collector, &data)?;
    collector.stop()?;
    let versions = format!("VictoriaMetrics {victoria}, Prometheus {prometheus}");
    let table = table(&data, rounds, &[own, write, import, other], &versions)?;
    Ok(format!("{table}evenkeel's command line, a process of its own for each question: {by_command}\n"))
}

async fn by_import(dir: &Path, data: &Data) -> Result<(Cost, Server)> {
    let mut server = Server::victoria(dir).await?;
    let before = server.cpu();
    remote::import(&mut server.http, data).await?;
    victoria("VM, JSON", server, before).await
}

async fn by_write(dir: &Path, data: &Data) -> Result<(Cost, Server)> {
    let mut server = Server::victoria(dir).await?;
    let before = server.cpu();
    remote::write(&mut server.http, data).await?;
    victoria("VM, remote wr.", server, before).await
}

/// What VictoriaMetrics has, flushed and merged.
async fn victoria(name: &str, mut server: Server, before: u64) -> Result<(Cost, Server)> {
    server.http.ask(&Ask::get("/internal/force_flush")).await?;
    let taken_ns = server.cpu() - before;
    server.http.ask(&Ask::get("/internal/force_merge")).await?;
    quiet(server.pid()).await;
    let settled_ns = server.cpu() - before;
    let bytes = bytes_below(&server.dir.join("data"))? + bytes_below(&server.dir.join("indexdb"))?;
    let resident = resident(server.pid())?;
    Ok((Cost { name: name.to_owned(), taken_ns, settled_ns, bytes, resident, latencies: None }, server))
}

async fn with_prometheus(dir: &Path, data: &Data) -> Result<(Cost, Server)> {
    let mut server = Server::prometheus(dir).await?;
    let before = server.cpu();
    remote::write(&mut server.http, data).await?;
    let taken_ns = server.cpu() - before;
    quiet(server.pid()).await;
    server.reconnect().await?;
    // A snapshot has the newest hours as blocks too, and no log.
    server.http.ask(&Ask::post("/api/v1/admin/tsdb/snapshot", "")).await?;
    let settled_ns = server.cpu() - before;
    let bytes = bytes_below(&server.dir.join("data/snapshots"))?;
    let name = "Prometheus".to_owned();
    Ok((Cost { name, taken_ns, settled_ns, bytes, resident: 0, latencies: None }, server))
}

async fn with_evenkeel(collector: &Collector, home: &Path, dir: &Path, data: &Data) -> Result<Cost> {
    let taken = ours::take(collector, &dir.join("agents"), data).await?;
    let mut bytes = 0;
    for entry in std::fs::read_dir(home.join("data"))? {
        let entry = entry?;
        // The chunks of readings and rollups; the journal is empty, and everything else is no readings.
        if entry.file_name().to_string_lossy().starts_with("data-") {
            bytes += entry.metadata()?.len();
        }
    }
    let ours::Taken { durable_ns: taken_ns, sealed_ns: settled_ns } = taken;
    Ok(Cost { name: "evenkeel".to_owned(), taken_ns, settled_ns, bytes, resident: 0, latencies: None })
}

#[expect(clippy::cast_precision_loss, reason = "shown with a few digits")]
fn table(data: &Data, rounds: usize, costs: &[Cost], versions: &str) -> Result<String> {
    let samples = data.samples() as f64;
    let mut out = String::new();
    let hours = data.ticks / 360;
    writeln!(out, "{} VMs x 30 metrics x {hours} h at 10 s: {samples} readings; {versions}", data.vms)?;
    let mut line = |what: &str, cell: &dyn Fn(&Cost) -> String| {
        let cells: Vec<String> = costs.iter().map(|cost| format!("{:>15}", cell(cost))).collect();
        writeln!(out, "{what:54} {}", cells.join(" "))
    };
    line("", &|cost| cost.name.clone())?;
    line("thousand readings a core-second, taken", &|cost| format!("{:.0}", samples * 1e6 / cost.taken_ns as f64))?;
    line("  and sealed or merged", &|cost| format!("{:.0}", samples * 1e6 / cost.settled_ns as f64))?;
    line("bytes a reading on disk, rollups included", &|cost| format!("{:.3}", cost.bytes as f64 / samples))?;
    line("resident memory, MiB", &|cost| format!("{:.0}", mib(cost.resident)))?;
    for (question, words) in WORDS.iter().enumerate() {
        let cell = |cost: &Cost| {
            let (ms, bytes) = cost.latencies.as_ref()?.get(question)?;
            Some(format!("{ms:.2} ({} KiB)", bytes.div_ceil(1_024)))
        };
        line(&format!("{words}, ms"), &|cost| cell(cost).unwrap_or_default())?;
    }
    writeln!(out, "latencies are medians of {rounds} calls; in brackets the size of the answer")?;
    Ok(out)
}
