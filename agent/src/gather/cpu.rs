//! CPU time of the QEMU process and, with resctrl, its share of the cache.

use super::row::{Device, Row, row};

pub(super) const ROWS: &[Row] = &[
    row("cpu.time", "vm_cpu_seconds_total"),
    row("cpu.user", "vm_cpu_user_seconds_total"),
    row("cpu.system", "vm_cpu_system_seconds_total"),
    row("cpu.haltpoll.success.time", "vm_cpu_haltpoll_success_seconds_total"),
    row("cpu.haltpoll.fail.time", "vm_cpu_haltpoll_fail_seconds_total"),
    row("cpu.cache.monitor.count", "vm_cpu_cache_monitors"),
    row("cpu.cache.monitor.#.bank.count", "vm_cpu_cache_monitor_banks").of(Device::Monitor("cpu.cache.monitor")),
    row("cpu.cache.monitor.#.bank.#.bytes", "vm_cpu_cache_occupancy_bytes")
        .of(Device::Part { monitor: "cpu.cache.monitor", part: "bank" }),
];

/// Parameters that only name things.
pub(super) const LABELS: &[&str] =
    &["cpu.cache.monitor.#.name", "cpu.cache.monitor.#.vcpus", "cpu.cache.monitor.#.bank.#.id"];
