//! `evenkeel export`: what is asked, and the answer as lines of JSON, so that neither side holds all of it.

use serde::{Deserialize, Serialize};

use super::error::ErrorView;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExportRequest {
    /// VMs: name, UUID, unique beginning, pattern with `*`, or `all`; with no hosts either, everything.
    pub vms: Vec<String>,
    /// Hosts: the same.
    pub hosts: Vec<String>,
    /// Metrics: name or pattern with `*`; none: all.
    pub metrics: Vec<String>,
    /// Only this device; may be a pattern.
    pub device: Option<String>,
    /// Begin, ms since 1970.
    pub from_ms: i64,
    /// End, ms since 1970.
    pub to_ms: i64,
}

/// One line of the answer. Points belong to the series before them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportLine {
    /// A series begins.
    Series {
        /// Name or UUID of the VM, `host:` and the name of the host.
        entity: String,
        /// Metric.
        metric: String,
        /// Device; empty for the entity itself.
        device: String,
        /// `counter` or `gauge`.
        kind: String,
        /// One sentence on the metric.
        help: String,
    },
    /// Time in ms since 1970 and value as text.
    Points(Vec<(i64, String)>),
    /// It broke off.
    Failed(ErrorView),
    /// It is complete.
    End {
        /// Series with values.
        series: u64,
        /// Values.
        samples: u64,
    },
}
