//! A month by the hour over a fleet, from rollups: 1 000 VMs x 10 metrics x 720 hours.
//!
//! The rollups are made as always, by sealing readings and putting days together, but of a reading in fifteen minutes: a
//! month of one in ten seconds would be 2.6 billion. They have as many buckets, and as many fields, as those of a real month;
//! the sketches, which this question does not read, are smaller.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use evenkeel_collector::store::engine::Due;
use evenkeel_collector::store::{
    BatchRows, Entity, EntityRows, InventoryUpdate, PlacementRow, PollRow, Store, VmFacts, VmUpdate,
};
use evenkeel_common::clock;
use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::metric::by_name;
use evenkeel_common::sample::{Counter, CounterEpoch, DomainState, Gauge, Reading, Value};
use evenkeel_common::time::UnixMs;
use serde_json::{Value as Json, json};
use tokio::time::Instant;

use super::super::cpu::Meter;
use super::super::data::uuid;
use super::super::table::median;
use super::http::{Ask, Http};
use super::server::quiet;
use crate::load::collector::Collector;

const DAYS: i64 = 30;
const HOUR_MS: i64 = 3_600_000;
const TICK_MS: i64 = HOUR_MS / 4;
const VMS_OF_HOST: usize = 40;
const METRICS: [&str; 10] = [
    "vm_cpu_seconds_total",
    "vm_cpu_user_seconds_total",
    "vm_cpu_system_seconds_total",
    "vm_memory_rss_bytes",
    "vm_memory_unused_bytes",
    "vm_memory_available_bytes",
    "vm_network_receive_bytes_total",
    "vm_network_transmit_bytes_total",
    "vm_block_reads_total",
    "vm_block_writes_total",
];
/// Owners of the VMs, by whom is added up.
const OWNERS: usize = 10;
/// Batches in one transaction.
const GROUP: usize = 100;
/// How often it is asked.
const ROUNDS: usize = 3;

/// Makes a month of `vms` VMs, asks for it, and says what that cost.
///
/// # Errors
/// When something fails.
pub async fn measure(vms: usize) -> Result<String> {
    let dir = tempfile::tempdir()?;
    let home = dir.path().join("collector");
    let mut collector = Collector::start(&home)?;
    collector.stop()?;
    let to = clock::wall().0.div_euclid(24 * HOUR_MS) * 24 * HOUR_MS;
    let from = to - DAYS * 24 * HOUR_MS;
    make(&home.join("data"), vms, from, to).await?;
    collector.resume()?;
    quiet(collector.pid()).await;
    let request = json!({
        "vms": ["all"], "metrics": METRICS, "from_ms": from, "to_ms": to, "step_ms": HOUR_MS, "by": "owner",
    });
    let ask = Ask::post("/v1/query", request.to_string());
    let mut http = Http::unix(&home.join("runtime/api.sock")).await?;
    let (mut meter, mut cpu_s, mut wall_s) = (Meter::default(), Vec::new(), Vec::new());
    let mut before = meter.look(&[collector.pid()]);
    let mut answer = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        answer = http.ask(&ask).await?.to_vec();
        wall_s.push(begun.elapsed().as_secs_f64());
        let now = meter.look(&[collector.pid()]);
        cpu_s.push(seconds(now - before));
        before = now;
    }
    let answer: Json = serde_json::from_slice(&answer)?;
    let series = answer["series"].as_array().context("a query answers with series")?;
    let points: usize = series.iter().filter_map(|series| series["points"].as_array()).map(Vec::len).sum();
    let hours = usize::try_from(DAYS * 24)?;
    ensure!(points == METRICS.len() * OWNERS.min(vms) * hours, "the answer has {points} points");
    collector.stop()?;
    let mut out = String::new();
    let buckets = vms * METRICS.len() * hours;
    writeln!(
        out,
        "{vms} VMs x {} metrics x {hours} hours from rollups, by owner: {buckets} buckets into {points} points",
        METRICS.len()
    )?;
    writeln!(out, "CPU of the collector {:.2} s, wall {:.2} s (medians of {ROUNDS})", median(&cpu_s), median(&wall_s))?;
    Ok(out)
}

#[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

async fn make(data_dir: &Path, vms: usize, from: i64, to: i64) -> Result<()> {
    let store = Store::open(data_dir)?;
    store.update_inventory(inventory(vms, from, to)).await?;
    let mut seq = 0;
    let mut batches = Vec::with_capacity(GROUP);
    for at in (from..to).step_by(usize::try_from(TICK_MS)?) {
        seq += 1;
        for host in 0..vms.div_ceil(VMS_OF_HOST) {
            batches.push(batch(host, vms, seq, at));
        }
        if batches.len() >= GROUP || at + TICK_MS >= to {
            store.append(Arc::new(std::mem::take(&mut batches))).await?;
        }
        // Day by day, so that the journal stays small.
        if (at + TICK_MS) % (24 * HOUR_MS) == 0 {
            let end = UnixMs(at + TICK_MS);
            if !batches.is_empty() {
                store.append(Arc::new(std::mem::take(&mut batches))).await?;
            }
            while store.seal(Due::Before(end)).await?.more {}
            while store.compact(end).await? {}
        }
    }
    Ok(())
}

fn agent(host: usize) -> AgentId {
    AgentId::from_bytes((host as u128 + 1).to_be_bytes())
}

fn inventory(vms: usize, from: i64, to: i64) -> InventoryUpdate {
    let vm = |vm: usize| VmUpdate {
        uuid: uuid(vm),
        name: format!("vm{vm:04}"),
        agent: agent(vm / VMS_OF_HOST),
        state: DomainState::Running,
        counter_epoch: 1,
        arrived: false,
        at: UnixMs(to),
        rival: None,
        facts: VmFacts { owner: format!("owner{}", vm % OWNERS), ..VmFacts::default() },
    };
    let placed = |vm: usize| PlacementRow { uuid: uuid(vm), from: UnixMs(from), agent: agent(vm / VMS_OF_HOST) };
    InventoryUpdate {
        vms: (0..vms).map(vm).collect(),
        placements: (0..vms).map(placed).collect(),
        ..InventoryUpdate::default()
    }
}

fn batch(host: usize, vms: usize, seq: u64, at: i64) -> BatchRows {
    let of = host * VMS_OF_HOST..((host + 1) * VMS_OF_HOST).min(vms);
    let entity = |vm: usize| -> Entity { DomainUuid::into(uuid(vm)) };
    let rows = |vm: usize| {
        let reading = |(index, name): (usize, &&str)| {
            let metric = by_name(name)?;
            // Different in every VM and metric, and neither even nor wild.
            let noise = (seq.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (vm as u64) << 8 ^ index as u64) % 1_000;
            let value = if name.ends_with("_total") {
                Value::Counter(Counter { epoch: CounterEpoch(1), value: seq * 1_000_000 + noise * 900 })
            } else {
                Value::Gauge(Gauge::Int(i64::try_from((noise + 1_000) * 4_096).unwrap_or(0)))
            };
            Some(Reading { metric: metric.id, device: String::new(), value })
        };
        let readings: Vec<Reading> = METRICS.iter().enumerate().filter_map(reading).collect();
        EntityRows::new(entity(vm), None, &readings)
    };
    BatchRows {
        agent: agent(host),
        epoch: 1,
        seq,
        at: UnixMs(at + i64::try_from(host).unwrap_or(0)),
        interval_ms: u32::try_from(TICK_MS).unwrap_or(u32::MAX),
        corrected: false,
        withdrawn: Vec::new(),
        polls: of.clone().map(|vm| PollRow { entity: entity(vm), state: Some(1), missing: None }).collect(),
        readings: of.map(rows).collect(),
        gap: None,
    }
}
