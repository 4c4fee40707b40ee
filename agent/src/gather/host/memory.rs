//! `/proc/meminfo` and `/proc/vmstat`.

use evenkeel_common::metric::{Metric, known};

use super::out::Out;
use super::source::{Source, named_numbers};

const TOTAL: &str = "MemTotal:";
/// Names of /proc/meminfo, which counts in KiB.
const SIZES: &[(&str, &Metric)] = &[
    (TOTAL, known("host_memory_total_bytes")),
    ("MemFree:", known("host_memory_free_bytes")),
    ("Buffers:", known("host_memory_buffers_bytes")),
    ("Cached:", known("host_memory_cached_bytes")),
    ("Dirty:", known("host_memory_dirty_bytes")),
    ("Writeback:", known("host_memory_writeback_bytes")),
    ("AnonPages:", known("host_memory_anonymous_bytes")),
    ("Shmem:", known("host_memory_shared_bytes")),
    ("Slab:", known("host_memory_slab_bytes")),
    ("SReclaimable:", known("host_memory_slab_reclaimable_bytes")),
    ("PageTables:", known("host_memory_page_tables_bytes")),
    ("Committed_AS:", known("host_memory_committed_bytes")),
    ("Hugetlb:", known("host_memory_hugetlb_bytes")),
    ("SwapTotal:", known("host_swap_total_bytes")),
];
/// Names of /proc/vmstat; the first two count in pages.
const PAGES: &[(&str, &Metric)] =
    &[("pswpin", known("host_swap_in_bytes_total")), ("pswpout", known("host_swap_out_bytes_total"))];
const EVENTS: &[(&str, &Metric)] =
    &[("pgmajfault", known("host_memory_major_faults_total")), ("oom_kill", known("host_memory_oom_kills_total"))];

/// Physical memory.
#[must_use]
pub fn total_bytes(meminfo: &str) -> Option<u64> {
    named_numbers(meminfo).find(|(name, _)| *name == TOTAL).map(|(_, kib)| kib.saturating_mul(1024))
}

pub(super) fn read(out: &mut Out, meminfo: &Source) {
    let (mut total, mut available, mut swap, mut swap_free) = (None, None, None, None);
    for (name, kib) in named_numbers(meminfo.text()) {
        let bytes = kib.saturating_mul(1024);
        match name {
            TOTAL => total = Some(bytes),
            "MemAvailable:" => available = Some(bytes),
            "SwapTotal:" => swap = Some(bytes),
            "SwapFree:" => swap_free = Some(bytes),
            _ => {}
        }
        if let Some((_, metric)) = SIZES.iter().find(|(size, _)| *size == name) {
            out.whole(metric, "", bytes);
        }
    }
    match available {
        Some(available) => out.whole(const { known("host_memory_available_bytes") }, "", available),
        None => out.missing(const { known("host_memory_available_bytes") }, "", meminfo.why()),
    }
    let less = |all: Option<u64>, rest: Option<u64>| Some(all?.saturating_sub(rest?));
    out.maybe(const { known("host_memory_used_bytes") }, less(total, available));
    out.maybe(const { known("host_swap_used_bytes") }, less(swap, swap_free));
}

pub(super) fn paging(out: &mut Out, vmstat: &Source, page_bytes: u64) {
    for (name, number) in named_numbers(vmstat.text()) {
        // Of some two hundred lines a handful is wanted.
        let metric = |list: &[(&str, &'static Metric)]| {
            list.iter().find(|(wanted, _)| *wanted == name).map(|(_, metric)| *metric)
        };
        if let Some(metric) = metric(PAGES) {
            out.whole(metric, "", number.saturating_mul(page_bytes));
        } else if let Some(metric) = metric(EVENTS) {
            out.whole(metric, "", number);
        }
    }
}
