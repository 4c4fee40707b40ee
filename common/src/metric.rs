//! The closed catalogue of metrics: name, kind, unit, better direction, help. Names follow Prometheus: base units,
//! `_total` for counters. Values are stored as the source gives them (integers stay integers); `stored_per_unit` says
//! how many stored steps make one shown unit.

mod table;

pub use table::CATALOGUE;

use crate::time::DurationMs;
use crate::units::Unit;

/// Number of a metric on the wire and in the database. Append-only: a number is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricId(pub u16);

/// Numbers from here on are foreign: each collector gives them to imported metrics that the catalogue does not have.
pub const FOREIGN_FIRST: u16 = 1 << 15;
/// Foreign metrics of one collector at most.
pub const FOREIGN_MAX: usize = 10_000;
/// Readings that nobody polled, so foreign and imported ones, are taken to follow each other when they are no further
/// apart than this: what Prometheus calls staleness.
pub const STALE_AFTER: DurationMs = DurationMs::from_s(300);

impl MetricId {
    /// Whether it is one that a collector gave.
    #[must_use]
    pub const fn is_foreign(self) -> bool {
        self.0 >= FOREIGN_FIRST
    }
}

/// Whether values add up or go up and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows within an epoch.
    Counter,
    /// Goes up and down.
    Gauge,
}

impl Kind {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
        }
    }
}

/// Which way is better, where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
}

/// One line of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// Its number.
    pub id: MetricId,
    /// Its name, such as `vm_cpu_seconds_total`.
    pub name: &'static str,
    /// Counter or gauge.
    pub kind: Kind,
    /// The unit it is shown in.
    pub unit: Unit,
    /// Stored steps per shown unit: 1e9 for nanoseconds shown as seconds, 1 for bytes.
    pub stored_per_unit: f64,
    /// Which way is better, where there is one.
    pub better: Option<Better>,
    /// Its percentiles are asked for over long times, so its rollups of an hour keep a sketch of its values.
    pub distribution: bool,
    /// One sentence for `--help` and `# HELP`.
    pub help: &'static str,
}

/// What QEMU is asked for, and what of a host is slow to read, comes with every few ticks: at most so many apart, …
pub const RARE_TICKS: i64 = 6;
/// … or this, where ticks are close to each other.
pub const RARE_APART_MAX: DurationMs = DurationMs::from_s(60);

/// How the names of such counters begin. What the kernel says of a guest (CPU time, vCPU time and delay, network) comes
/// with every tick.
const RARE: &[&str] = &[
    "vm_block_",
    "vm_memory_",
    "vm_perf_",
    "vm_kvm_",
    "vm_vcpu_kvm_",
    "vm_vcpu_wait_",
    "vm_cpu_haltpoll_",
    "host_ksm_",
    "host_numa_",
];

impl Metric {
    /// A metric outside of the catalogue: a counter when its name ends in `_total`, else a gauge.
    ///
    /// Counters are stored in whole steps: nanoseconds of seconds, whole bytes, thousandths of anything else, which
    /// leaves room for every whole number that a float can hold.
    #[must_use]
    pub fn foreign(id: MetricId, name: &'static str) -> Self {
        let is_counter = name.ends_with("_total");
        let stem = name.strip_suffix("_total").unwrap_or(name);
        let (unit, steps) = if stem.ends_with("_seconds") {
            (Unit::Seconds, 1e9)
        } else if stem.ends_with("_bytes") {
            (Unit::Bytes, 1.0)
        } else if stem.ends_with("_ratio") {
            (Unit::Ratio, 1e3)
        } else {
            (Unit::None, 1e3)
        };
        let (kind, stored_per_unit) = if is_counter { (Kind::Counter, steps) } else { (Kind::Gauge, 1.0) };
        let help = "Imported; not of evenkeel's catalogue.";
        Self { id, name, kind, unit, stored_per_unit, better: None, distribution: false, help }
    }

    /// Whether its readings may be several ticks apart.
    #[must_use]
    pub fn is_rare(&self) -> bool {
        !self.id.is_foreign() && RARE.iter().any(|start| self.name.starts_with(start))
    }

    /// The longest time between two readings across which a difference is taken, from that of a metric which comes with
    /// every tick.
    #[must_use]
    pub fn longest_gap(&self, of_ticks: DurationMs) -> DurationMs {
        if self.id.is_foreign() {
            return STALE_AFTER;
        }
        if !self.is_rare() {
            return of_ticks;
        }
        DurationMs(of_ticks.0.saturating_mul(RARE_TICKS)).max(DurationMs(RARE_APART_MAX.0 * 5 / 2))
    }
}

/// The line of a name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Metric> {
    CATALOGUE.iter().find(|metric| metric.name == name)
}

/// The line of a name, for tables that are checked while they compile.
///
/// # Panics
/// On a name that the catalogue does not have: in a constant that is an error of the compiler.
#[must_use]
pub const fn known(name: &str) -> &'static Metric {
    let mut at = 0;
    while at < CATALOGUE.len() {
        if same(CATALOGUE[at].name.as_bytes(), name.as_bytes()) {
            return &CATALOGUE[at];
        }
        at += 1;
    }
    panic!("the catalogue has no metric of this name")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The line of a number.
#[must_use]
pub fn by_id(id: MetricId) -> Option<&'static Metric> {
    CATALOGUE.iter().find(|metric| metric.id == id)
}

/// Names near a mistyped one, best first, at most three.
#[must_use]
pub fn suggestions(name: &str) -> Vec<&'static str> {
    let mut near: Vec<(f64, &'static str)> = CATALOGUE
        .iter()
        .map(|metric| (strsim::jaro_winkler(name, metric.name), metric.name))
        .filter(|(score, _)| *score > 0.8)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_and_names_are_unique_and_names_follow_the_rule() {
        let mut ids = BTreeSet::new();
        let mut names = BTreeSet::new();
        for metric in CATALOGUE {
            assert!(ids.insert(metric.id), "number {} twice", metric.id.0);
            assert!(names.insert(metric.name), "{} twice", metric.name);
            assert_eq!(metric.kind == Kind::Counter, metric.name.ends_with("_total"), "{}", metric.name);
            assert!(metric.name.starts_with("vm_") || metric.name.starts_with("host_"), "{}", metric.name);
            assert!(metric.stored_per_unit >= 1.0, "{}", metric.name);
            assert!(metric.help.ends_with('.'), "{}", metric.name);
        }
    }

    #[test]
    fn rare_metrics_have_longer_gaps() {
        let gap = |name, s| known(name).longest_gap(DurationMs::from_s(s)).0 / 1_000;
        assert_eq!([gap("vm_cpu_seconds_total", 25), gap("vm_block_reads_total", 25)], [25, 150]);
        assert_eq!([gap("vm_block_reads_total", 2), gap("vm_perf_cpu_cycles_total", 150)], [150, 900]);
    }

    #[test]
    fn foreign_metrics_are_known_by_their_names() {
        let of = |name| {
            let metric = Metric::foreign(MetricId(FOREIGN_FIRST), name);
            (metric.kind, metric.unit, metric.stored_per_unit)
        };
        assert_eq!(of("disk_busy_seconds_total"), (Kind::Counter, Unit::Seconds, 1e9));
        assert_eq!(of("sent_bytes_total"), (Kind::Counter, Unit::Bytes, 1.0));
        assert_eq!(of("requests_total"), (Kind::Counter, Unit::None, 1e3));
        assert_eq!(of("delay_seconds"), (Kind::Gauge, Unit::Seconds, 1.0));
        assert!(CATALOGUE.iter().all(|metric| !metric.id.is_foreign()));
        let vm = Metric::foreign(MetricId(FOREIGN_FIRST), "vm_block_odd_total");
        assert_eq!((vm.is_rare(), vm.longest_gap(DurationMs::from_s(25))), (false, STALE_AFTER));
    }

    #[test]
    fn suggests_near_names() {
        assert_eq!(suggestions("vm_cpu_second_total").first(), Some(&"vm_cpu_seconds_total"));
        assert!(suggestions("zzz").is_empty());
    }
}
