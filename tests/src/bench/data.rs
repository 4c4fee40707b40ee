//! Readings with the patterns of a real fleet: `storage_data.py` makes them (numpy, scipy; a fixed seed).

use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use evenkeel_common::id::DomainUuid;
use evenkeel_common::metric::{Kind, Metric, by_name};
use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Reading, Value};
use evenkeel_common::time::{DurationMs, UnixMs};

/// The columns of `storage_data.py` with their device, and what makes them our stored unit.
pub(super) const COLUMNS: [(&str, &str, i64); 30] = [
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
/// VMs of one host.
pub(super) const VMS_OF_HOST: usize = 40;
/// The counters' only life.
pub(super) const EPOCH: CounterEpoch = CounterEpoch(1_763_500_000_000);

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// VMs, of 30 metrics each.
    pub vms: usize,
    /// Hours, at one reading in 10 s.
    pub hours: u32,
}

/// The readings: `values[vm][metric][tick]`, `times[vm][tick]`.
pub(super) struct Data {
    pub(super) vms: usize,
    pub(super) ticks: usize,
    /// The metrics of the columns.
    pub(super) metrics: Vec<&'static Metric>,
    values: Vec<i64>,
    times: Vec<i64>,
}

impl Data {
    pub(super) fn make(wish: Wish, dir: &Path) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bench/storage_data.py");
        let arguments = [wish.vms.to_string(), wish.hours.to_string(), "10".to_owned()];
        let status = Command::new("python3").arg(script).args(arguments).arg(dir).stdout(Stdio::null()).status()?;
        ensure!(status.success(), "the readings cannot be made: python3 with numpy and scipy is needed");
        let (values, times) = (npy(&dir.join("data.npy"))?, npy(&dir.join("ts.npy"))?);
        let ticks = times.len() / wish.vms;
        ensure!(values.len() == times.len() * COLUMNS.len(), "the readings are not of 30 metrics");
        let metric = |(name, ..): &(&str, &str, i64)| by_name(name).with_context(|| format!("no metric {name}"));
        let metrics = COLUMNS.iter().map(metric).collect::<Result<_>>()?;
        Ok(Self { vms: wish.vms, ticks, metrics, values, times })
    }

    /// How many readings.
    pub(super) fn samples(&self) -> usize {
        self.values.len()
    }

    /// How many hosts.
    pub(super) fn hosts(&self) -> usize {
        self.vms.div_ceil(VMS_OF_HOST)
    }

    /// The VMs of a host.
    pub(super) fn vms_of(&self, host: usize) -> Range<usize> {
        host * VMS_OF_HOST..((host + 1) * VMS_OF_HOST).min(self.vms)
    }

    /// When a host measures: all its VMs at the time of the first.
    pub(super) fn at(&self, host: usize, tick: usize) -> UnixMs {
        UnixMs(self.times[host * VMS_OF_HOST * self.ticks + tick])
    }

    /// Moves all times.
    pub(super) fn shift(&mut self, by: DurationMs) {
        self.times.iter_mut().for_each(|at| *at += by.0);
    }

    /// A column of a VM, in the generator's unit.
    pub(super) fn column(&self, vm: usize, column: usize) -> &[i64] {
        let start = (vm * COLUMNS.len() + column) * self.ticks;
        &self.values[start..start + self.ticks]
    }

    /// What a VM says at a tick, in stored units.
    pub(super) fn readings(&self, vm: usize, tick: usize) -> Vec<Reading> {
        let reading = |(index, ((_, device, factor), metric)): (usize, (&(&str, &str, i64), &&'static Metric))| {
            let number = self.column(vm, index)[tick] * factor;
            let value = match metric.kind {
                Kind::Counter => Value::Counter(Counter { epoch: EPOCH, value: number.unsigned_abs() }),
                Kind::Gauge => Value::Gauge(Gauge::Int(number)),
            };
            Reading { metric: metric.id, device: (*device).to_owned(), value }
        };
        COLUMNS.iter().zip(&self.metrics).enumerate().map(reading).collect()
    }
}

/// A VM. As random as a UUID is: the order of an index must not be that of the VMs.
pub(super) fn uuid(vm: usize) -> DomainUuid {
    let number =
        u128::try_from(vm).unwrap_or(0).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    DomainUuid::from_bytes(number.to_be_bytes())
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
