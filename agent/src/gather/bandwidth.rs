//! Memory bandwidth by resctrl.

use super::row::{Device, Row, row};

const MONITOR: &str = "memory.bandwidth.monitor";
const NODE: Device = Device::Part { monitor: MONITOR, part: "node" };

pub(super) const ROWS: &[Row] = &[
    row("memory.bandwidth.monitor.count", "vm_memory_bandwidth_monitors"),
    row("memory.bandwidth.monitor.#.node.count", "vm_memory_bandwidth_monitor_nodes").of(Device::Monitor(MONITOR)),
    row("memory.bandwidth.monitor.#.node.#.bytes.local", "vm_memory_bandwidth_local_bytes_total").of(NODE),
    row("memory.bandwidth.monitor.#.node.#.bytes.total", "vm_memory_bandwidth_bytes_total").of(NODE),
];

/// Parameters that only name things.
pub(super) const LABELS: &[&str] =
    &["memory.bandwidth.monitor.#.name", "memory.bandwidth.monitor.#.vcpus", "memory.bandwidth.monitor.#.node.#.id"];
