//! What the store costs by itself: bytes a reading and rows a core-second, on readings with the patterns of a real fleet.
//!
//! `storage_data.py` makes them (numpy, scipy; a fixed seed). The VMs of a host come as one batch at the time of its first,
//! as an agent sends them.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use evenkeel_collector::store::engine::Due;
use evenkeel_collector::store::{BatchRows, Entity, EntityRows, PollRow, Store};
use evenkeel_common::id::AgentId;
use evenkeel_common::sample::{Gauge, Value};
use evenkeel_common::time::UnixMs;

use super::cpu::Meter;
use super::data::{COLUMNS, Data, VMS_OF_HOST, Wish, uuid};
use super::table::Table;

/// Batches in one transaction: what ingest takes together at most.
const GROUP: usize = 32;

/// Bytes a reading that the sealed readings with their times and index may take, and the rollups on top.
const RAW_MAX: f64 = 1.05;
const ROLLUPS_MAX: f64 = 0.20;

/// Measures and adds its lines.
///
/// # Errors
/// When something cannot be made, written or read.
pub fn measure(wish: Wish, table: &mut Table) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let data = Data::make(wish, dir.path())?;
    let home = dir.path().join("store");
    std::fs::create_dir(&home)?;
    let store = Store::open(&home)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(phases(&data, &store, table))
}

async fn phases(data: &Data, store: &Store, table: &mut Table) -> Result<()> {
    let samples = data.samples();
    let hosts = data.hosts();
    let mut cpu = Phase::begin();
    let (mut appended, mut batches) = (0_u64, Vec::with_capacity(GROUP));
    for tick in 0..data.ticks {
        for host in 0..hosts {
            batches.push(batch(data, host, tick));
            if batches.len() == GROUP || (tick + 1 == data.ticks && host + 1 == hosts) {
                cpu.skip();
                store.append(Arc::new(std::mem::take(&mut batches))).await?;
                appended += cpu.used();
            }
        }
    }
    cpu.skip();
    let journal = store.figures().await?.journal_bytes;
    cpu.skip();
    while store.seal(Due::Before(UnixMs(i64::MAX))).await?.more {}
    let sealed = cpu.used();
    while store.compact(UnixMs(i64::MAX)).await? {}
    let compacted = cpu.used();
    let figures = store.figures().await?;
    ensure!(
        figures.sealed_samples == u64::try_from(samples)?,
        "{} of {samples} readings are sealed",
        figures.sealed_samples
    );
    cpu.skip();
    verify(data, store).await?;
    let read = cpu.used();
    let [raw, short, long] = figures.level_bytes.map(|bytes| ratio(bytes, samples));
    table.say("readings", samples.to_string(), String::new());
    table.target(
        "bytes a reading, sealed, with times and index",
        format!("{raw:.3}"),
        String::new(),
        format!("<= {RAW_MAX}"),
        raw <= RAW_MAX,
    );
    let rollups = short + long;
    table.target(
        "bytes a reading, rollups on top",
        format!("{rollups:.3}"),
        String::new(),
        format!("<= {ROLLUPS_MAX:.2}"),
        rollups <= ROLLUPS_MAX,
    );
    table.say("  of these 5 minutes, 1 hour", format!("{short:.3} {long:.3}"), String::new());
    table.say("bytes a reading in the journal", format!("{:.2}", ratio(journal, samples)), String::new());
    table.say("readings a core-second, journal", millions(samples, appended), String::new());
    table.say("readings a core-second, sealing", millions(samples, sealed), String::new());
    table.say("readings a core-second, rollups of closed days", millions(samples, compacted), String::new());
    table.say("readings a core-second, all of it", millions(samples, appended + sealed + compacted), String::new());
    table.say("readings a core-second, read back", millions(samples, read), String::new());
    Ok(())
}

/// The tick of a host.
fn batch(data: &Data, host: usize, tick: usize) -> BatchRows {
    let polls = data.vms_of(host).map(|vm| PollRow { entity: entity(vm), state: Some(1), missing: None });
    BatchRows {
        agent: AgentId::from_bytes((u128::try_from(host).unwrap_or(0) + 1).to_be_bytes()),
        epoch: 1,
        seq: u64::try_from(tick).unwrap_or(0) + 1,
        at: data.at(host, tick),
        interval_ms: 10_000,
        corrected: false,
        withdrawn: Vec::new(),
        polls: polls.collect(),
        readings: data.vms_of(host).map(|vm| EntityRows::new(entity(vm), None, &data.readings(vm, tick))).collect(),
        gap: None,
    }
}

fn entity(vm: usize) -> Entity {
    uuid(vm).into()
}

/// Everything comes back.
async fn verify(data: &Data, store: &Store) -> Result<()> {
    for vm in 0..data.vms {
        for row in store.series(vec![entity(vm)], Vec::new(), true).await? {
            let column = COLUMNS
                .iter()
                .zip(&data.metrics)
                .position(|((_, device, _), metric)| metric.id == row.metric && *device == row.device);
            let column = column.context("a series that was not written")?;
            let factor = COLUMNS[column].2;
            let slice = store.samples(row, UnixMs(i64::MIN), UnixMs(i64::MAX)).await?;
            ensure!(
                slice.readings.len() == data.ticks && slice.next.is_none(),
                "a series has {} readings",
                slice.readings.len()
            );
            for (tick, (at, value)) in slice.readings.into_iter().enumerate() {
                let number = match value {
                    Value::Counter(counter) => counter.value.cast_signed(),
                    Value::Gauge(Gauge::Int(value)) => value,
                    _ => i64::MIN,
                };
                let expected = data.column(vm, column)[tick] * factor;
                ensure!(at == data.at(vm / VMS_OF_HOST, tick) && number == expected, "a reading has changed");
            }
        }
    }
    Ok(())
}

/// CPU time of this process between two looks.
struct Phase {
    meter: Meter,
    before: u64,
}

impl Phase {
    fn begin() -> Self {
        let mut meter = Meter::default();
        let before = meter.look(&[std::process::id()]);
        Self { meter, before }
    }

    fn skip(&mut self) {
        self.used();
    }

    /// Nanoseconds since the last look.
    fn used(&mut self) -> u64 {
        let now = self.meter.look(&[std::process::id()]);
        std::mem::replace(&mut self.before, now).abs_diff(now)
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
fn ratio(bytes: u64, samples: usize) -> f64 {
    bytes as f64 / samples as f64
}

#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
fn millions(samples: usize, ns: u64) -> String {
    format!("{:.2} M", samples as f64 * 1_000.0 / ns.max(1) as f64)
}
