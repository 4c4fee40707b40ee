//! What the store costs by itself: bytes a reading and rows a core-second, on readings with the patterns of a real fleet.
//!
//! `storage_data.py` makes them (numpy, scipy; a fixed seed). The VMs of a host come as one batch at the time of its first,
//! as an agent sends them.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use evenkeel_collector::store::engine::Due;
use evenkeel_collector::store::{BatchRows, Entity, EntityRows, PollRow, Store};
use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::metric::{Kind, Metric, by_name};
use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Reading, Value};
use evenkeel_common::time::UnixMs;

use super::cpu::Meter;
use super::table::Table;

/// The columns of `storage_data.py` with their device, and what makes them our stored unit.
const COLUMNS: [(&str, &str, i64); 30] = [
    ("vm_cpu_seconds_total", "", 1),
    ("vm_cpu_user_seconds_total", "", 1),
    ("vm_cpu_system_seconds_total", "", 1),
    ("vm_vcpu_seconds_total", "vcpu0", 1),
    ("vm_vcpu_delay_seconds_total", "vcpu0", 1),
    ("vm_vcpu_seconds_total", "vcpu1", 1),
    ("vm_vcpu_delay_seconds_total", "vcpu1", 1),
    ("vm_vcpu_state", "vcpu0", 1),
    ("vm_memory_current_bytes", "", 1024),
    ("vm_memory_rss_bytes", "", 1024),
    ("vm_memory_unused_bytes", "", 1024),
    ("vm_memory_available_bytes", "", 1024),
    ("vm_memory_major_faults_total", "", 1),
    ("vm_memory_minor_faults_total", "", 1),
    ("vm_memory_swap_in_bytes_total", "", 1024),
    ("vm_network_receive_bytes_total", "vnet0", 1),
    ("vm_network_receive_packets_total", "vnet0", 1),
    ("vm_network_receive_drops_total", "vnet0", 1),
    ("vm_network_transmit_bytes_total", "vnet0", 1),
    ("vm_network_transmit_packets_total", "vnet0", 1),
    ("vm_network_transmit_errors_total", "vnet0", 1),
    ("vm_block_reads_total", "vda", 1),
    ("vm_block_read_bytes_total", "vda", 1),
    ("vm_block_read_seconds_total", "vda", 1),
    ("vm_block_writes_total", "vda", 1),
    ("vm_block_written_bytes_total", "vda", 1),
    ("vm_block_write_seconds_total", "vda", 1),
    ("vm_block_flushes_total", "vda", 1),
    ("vm_block_allocation_bytes", "vda", 1),
    ("vm_block_physical_bytes", "vda", 1),
];
/// Batches in one transaction: what ingest takes together at most.
const GROUP: usize = 32;
/// VMs of one host.
const VMS_OF_HOST: usize = 40;

/// Bytes a reading that the sealed readings with their times and index may take, and the rollups on top.
const RAW_MAX: f64 = 1.05;
const ROLLUPS_MAX: f64 = 0.20;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// VMs, of 30 metrics each.
    pub vms: usize,
    /// Hours, at one reading in 10 s.
    pub hours: u32,
}

/// The readings: `values[vm][metric][tick]`, `times[vm][tick]`.
struct Data {
    vms: usize,
    ticks: usize,
    values: Vec<i64>,
    times: Vec<i64>,
}

impl Data {
    fn make(wish: Wish, dir: &Path) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bench/storage_data.py");
        let arguments = [wish.vms.to_string(), wish.hours.to_string(), "10".to_owned()];
        let status = Command::new("python3").arg(script).args(arguments).arg(dir).status()?;
        ensure!(status.success(), "the readings cannot be made: python3 with numpy and scipy is needed");
        let (values, times) = (npy(&dir.join("data.npy"))?, npy(&dir.join("ts.npy"))?);
        let ticks = times.len() / wish.vms;
        ensure!(values.len() == times.len() * COLUMNS.len(), "the readings are not of 30 metrics");
        Ok(Self { vms: wish.vms, ticks, values, times })
    }

    /// The tick of a host.
    fn batch(&self, metrics: &[&Metric], host: usize, tick: usize) -> BatchRows {
        let vms = host * VMS_OF_HOST..((host + 1) * VMS_OF_HOST).min(self.vms);
        let polls = vms.clone().map(|vm| PollRow { entity: entity(vm), state: Some(1), missing: None });
        BatchRows {
            agent: AgentId::from_bytes((u128::try_from(host).unwrap_or(0) + 1).to_be_bytes()),
            epoch: 1,
            seq: u64::try_from(tick).unwrap_or(0) + 1,
            at: self.at(host, tick),
            interval_ms: 10_000,
            corrected: false,
            withdrawn: Vec::new(),
            polls: polls.collect(),
            readings: vms.map(|vm| self.rows(metrics, vm, tick)).collect(),
            gap: None,
        }
    }

    fn at(&self, host: usize, tick: usize) -> UnixMs {
        UnixMs(self.times[host * VMS_OF_HOST * self.ticks + tick])
    }

    fn rows(&self, metrics: &[&Metric], vm: usize, tick: usize) -> EntityRows {
        let readings = COLUMNS.iter().zip(metrics).enumerate().map(|(index, ((_, device, factor), metric))| {
            let number = self.values[(vm * COLUMNS.len() + index) * self.ticks + tick] * factor;
            let value = match metric.kind {
                Kind::Counter => {
                    Value::Counter(Counter { epoch: CounterEpoch(1_763_500_000_000), value: number.unsigned_abs() })
                }
                Kind::Gauge => Value::Gauge(Gauge::Int(number)),
            };
            Reading { metric: metric.id, device: (*device).to_owned(), value }
        });
        EntityRows::new(entity(vm), None, &readings.collect::<Vec<_>>())
    }
}

fn entity(vm: usize) -> Entity {
    // As random as a UUID is: the order of an index must not be that of the VMs.
    let number =
        u128::try_from(vm).unwrap_or(0).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    DomainUuid::from_bytes(number.to_be_bytes()).into()
}

/// Numbers of a file of numpy: 64 bits each, little endian.
fn npy(path: &Path) -> Result<Vec<i64>> {
    let bytes = std::fs::read(path)?;
    let head = bytes.get(8..10).context("not a file of numpy")?;
    let start = 10 + usize::from(u16::from_le_bytes([head[0], head[1]]));
    let body = bytes.get(start..).context("not a file of numpy")?;
    Ok(body
        .chunks_exact(8)
        .map(|chunk| chunk.iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)).cast_signed())
        .collect())
}

/// Measures and adds its lines.
///
/// # Errors
/// When something cannot be made, written or read.
pub fn measure(wish: Wish, table: &mut Table) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let data = Data::make(wish, dir.path())?;
    let metrics: Vec<&Metric> = COLUMNS
        .iter()
        .map(|(name, ..)| by_name(name).with_context(|| format!("no metric {name}")))
        .collect::<Result<_>>()?;
    let home = dir.path().join("store");
    std::fs::create_dir(&home)?;
    let store = Store::open(&home)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(phases(&data, &metrics, &store, table))
}

async fn phases(data: &Data, metrics: &[&Metric], store: &Store, table: &mut Table) -> Result<()> {
    let samples = data.values.len();
    let hosts = data.vms.div_ceil(VMS_OF_HOST);
    let mut cpu = Phase::begin();
    let (mut appended, mut batches) = (0_u64, Vec::with_capacity(GROUP));
    for tick in 0..data.ticks {
        for host in 0..hosts {
            batches.push(data.batch(metrics, host, tick));
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
    verify(data, metrics, store).await?;
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

/// Everything comes back.
async fn verify(data: &Data, metrics: &[&Metric], store: &Store) -> Result<()> {
    for vm in 0..data.vms {
        for row in store.series(vec![entity(vm)], Vec::new(), true).await? {
            let column = COLUMNS
                .iter()
                .zip(metrics)
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
                let expected = data.values[(vm * COLUMNS.len() + column) * data.ticks + tick] * factor;
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
