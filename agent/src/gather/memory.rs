//! Memory: what the balloon leaves, and what the guest's balloon driver reports.

use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::Missing;

use super::row::{Row, row};

const KIB: u64 = 1024;

pub(super) const ROWS: &[Row] = &[
    row("balloon.current", "vm_memory_current_bytes").times(KIB),
    row("balloon.maximum", "vm_memory_maximum_bytes").times(KIB),
    row("balloon.rss", "vm_memory_rss_bytes").times(KIB),
    row("balloon.swap_in", "vm_memory_swap_in_bytes_total").times(KIB),
    row("balloon.swap_out", "vm_memory_swap_out_bytes_total").times(KIB),
    row("balloon.major_fault", "vm_memory_major_faults_total"),
    row("balloon.minor_fault", "vm_memory_minor_faults_total"),
    row("balloon.unused", "vm_memory_unused_bytes").times(KIB),
    row("balloon.available", "vm_memory_available_bytes").times(KIB),
    row("balloon.usable", "vm_memory_usable_bytes").times(KIB),
    row("balloon.last-update", "vm_memory_stats_timestamp_seconds"),
    row("balloon.disk_caches", "vm_memory_disk_caches_bytes").times(KIB),
    row("balloon.hugetlb_pgalloc", "vm_memory_hugetlb_allocations_total"),
    row("balloon.hugetlb_pgfail", "vm_memory_hugetlb_failures_total"),
];

/// Always there.
const CONFIGURED: &[&str] = &["balloon.current", "balloon.maximum"];

/// What the guest reports only while a balloon period is set (`virsh dommemstat NAME --period 10`). When QEMU was
/// silent, the resident set is missing too.
pub(super) fn absent(silent: Option<Missing>) -> Vec<(MetricId, String, Missing)> {
    let why = silent.unwrap_or(Missing::NotEnabled);
    let reported = ROWS.iter().filter(|row| !CONFIGURED.contains(&row.param));
    reported.map(|row| (row.metric.id, String::new(), why)).collect()
}
