//! `evenkeel host …`.

use serde::{Deserialize, Serialize};

use super::Time;
use super::activity::ActivityRow;

/// A line of `host list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostSummary {
    /// Its name.
    pub name: String,
    /// Its agent.
    pub agent_id: String,
    /// `connected`, `silent`, `pending` or `retired`.
    pub state: String,
    /// Last heard; null when never.
    pub last_seen: Option<Time>,
    /// Agent's clock − collector's clock.
    pub clock_offset_ms: Option<i64>,
    /// VMs active there.
    pub domains: usize,
    /// libvirt's version.
    pub libvirt_version: Option<String>,
    /// QEMU's version.
    pub qemu_version: Option<String>,
}

/// `host show`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostDetail {
    /// What `host list` says.
    #[serde(flatten)]
    pub summary: HostSummary,
    /// When it was enrolled.
    pub enrolled_at: Time,
    /// Time between ticks.
    pub interval_s: Option<f64>,
    /// Kernel release.
    pub kernel: Option<String>,
    /// Logical CPUs.
    pub cpus: Option<u32>,
    /// CPU model.
    pub cpu_model: Option<String>,
    /// Physical memory.
    pub memory_bytes: Option<u64>,
    /// Share of CPU time that was not idle.
    pub cpu_busy_ratio: Option<f64>,
    /// Memory that can be given out without swapping.
    pub memory_available_bytes: Option<u64>,
    /// VMs that are, or were last, active there.
    pub vms: Vec<HostVm>,
    /// What happened to it lately, oldest first.
    pub events: Vec<ActivityRow>,
}

/// A VM of a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostVm {
    /// libvirt's UUID.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: String,
}
