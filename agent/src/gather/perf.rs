//! Perf events, each switched on by itself (`virsh perf NAME --enable EVENT`).

use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::Missing;

use super::row::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row("perf.cmt", "vm_perf_cache_occupancy_bytes"),
    row("perf.mbmt", "vm_perf_memory_bandwidth_bytes_total"),
    row("perf.mbml", "vm_perf_memory_bandwidth_local_bytes_total"),
    row("perf.cpu_cycles", "vm_perf_cpu_cycles_total"),
    row("perf.instructions", "vm_perf_instructions_total"),
    row("perf.cache_references", "vm_perf_cache_references_total"),
    row("perf.cache_misses", "vm_perf_cache_misses_total"),
    row("perf.branch_instructions", "vm_perf_branch_instructions_total"),
    row("perf.branch_misses", "vm_perf_branch_misses_total"),
    row("perf.bus_cycles", "vm_perf_bus_cycles_total"),
    row("perf.stalled_cycles_frontend", "vm_perf_stalled_cycles_frontend_total"),
    row("perf.stalled_cycles_backend", "vm_perf_stalled_cycles_backend_total"),
    row("perf.ref_cpu_cycles", "vm_perf_ref_cpu_cycles_total"),
    row("perf.cpu_clock", "vm_perf_cpu_clock_seconds_total"),
    row("perf.task_clock", "vm_perf_task_clock_seconds_total"),
    row("perf.page_faults", "vm_perf_page_faults_total"),
    row("perf.context_switches", "vm_perf_context_switches_total"),
    row("perf.cpu_migrations", "vm_perf_cpu_migrations_total"),
    row("perf.page_faults_min", "vm_perf_page_faults_minor_total"),
    row("perf.page_faults_maj", "vm_perf_page_faults_major_total"),
    row("perf.alignment_faults", "vm_perf_alignment_faults_total"),
    row("perf.emulation_faults", "vm_perf_emulation_faults_total"),
];

/// Events that are not switched on. They are read from the kernel, so a hung QEMU hides none.
pub(super) fn absent() -> Vec<(MetricId, String, Missing)> {
    ROWS.iter().map(|row| (row.metric.id, String::new(), Missing::NotEnabled)).collect()
}
