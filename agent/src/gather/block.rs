//! Disks.

use evenkeel_common::metric::{MetricId, known};
use evenkeel_common::sample::Missing;

use super::Params;
use super::row::{Device, Row, row};

const BLOCK: Device = Device::Named("block");

pub(super) const ROWS: &[Row] = &[
    row("block.count", "vm_block_devices"),
    row("block.#.rd.reqs", "vm_block_reads_total").of(BLOCK),
    row("block.#.rd.bytes", "vm_block_read_bytes_total").of(BLOCK),
    row("block.#.rd.times", "vm_block_read_seconds_total").of(BLOCK),
    row("block.#.wr.reqs", "vm_block_writes_total").of(BLOCK),
    row("block.#.wr.bytes", "vm_block_written_bytes_total").of(BLOCK),
    row("block.#.wr.times", "vm_block_write_seconds_total").of(BLOCK),
    row("block.#.fl.reqs", "vm_block_flushes_total").of(BLOCK),
    row("block.#.fl.times", "vm_block_flush_seconds_total").of(BLOCK),
    row("block.#.errors", "vm_block_errors_total").of(BLOCK),
    row("block.#.allocation", "vm_block_allocation_bytes").of(BLOCK),
    row("block.#.capacity", "vm_block_capacity_bytes").of(BLOCK),
    row("block.#.physical", "vm_block_physical_bytes").of(BLOCK),
    row("block.#.threshold", "vm_block_threshold_bytes").of(BLOCK),
];

/// Parameters that only name things, and since libvirt 11.10 the limits of a disk's backend: they describe it and never
/// change while it is attached.
pub(super) const LABELS: &[&str] = &[
    "block.#.name",
    "block.#.path",
    "block.#.backingIndex",
    "block.#.limits.request_alignment",
    "block.#.limits.discard_max",
    "block.#.limits.discard_alignment",
    "block.#.limits.write_zeroes_max",
    "block.#.limits.write_zeroes_alignment",
    "block.#.limits.transfer_optimal",
    "block.#.limits.transfer_max",
    "block.#.limits.transfer_hw_max",
    "block.#.limits.iov_max",
    "block.#.limits.iov_hw_max",
    "block.#.limits.memory_alignment_minimal",
    "block.#.limits.memory_alignment_optimal",
];

/// Read by libvirt without QEMU, or only by Xen: their absence says nothing.
const UNASKED: &[&str] = &["block.count", "block.#.errors", "block.#.threshold"];

/// Disks whose QEMU was silent, and thresholds that nobody set. An empty drive has nothing to miss. Of a domain that was
/// not asked at all the disks are those of its definition.
pub(super) fn absent(params: &Params<'_>, silent: Option<Missing>, disks: &[&str]) -> Vec<(MetricId, String, Missing)> {
    let mut absent = Vec::new();
    let asked = |device: String, why| {
        let asked = ROWS.iter().filter(|row| !UNASKED.contains(&row.param));
        asked.map(|row| (row.metric.id, device.clone(), why)).collect::<Vec<_>>()
    };
    let indices = params.indices("block.#.name");
    for index in &indices {
        let device = BLOCK.name(&[*index], params);
        match silent {
            None => absent.push((known("vm_block_threshold_bytes").id, device, Missing::NotEnabled)),
            Some(why) if params.has(&format!("block.{index}.path")) => absent.extend(asked(device, why)),
            Some(_) => {}
        }
    }
    if let Some(why) = silent.filter(|_| indices.is_empty()) {
        absent.extend(disks.iter().flat_map(|disk| asked((*disk).to_owned(), why)));
    }
    absent
}
