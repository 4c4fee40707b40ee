//! `evenkeel host …`.

use serde::{Deserialize, Serialize};

use super::Time;
use super::activity::ActivityRow;
use super::vm::MissingView;

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
    /// Sockets.
    pub sockets: Option<u32>,
    /// CPU cores of all sockets.
    pub cores: Option<u32>,
    /// NUMA nodes.
    pub numa_nodes: Option<u32>,
    /// Operating system.
    pub os: Option<String>,
    /// Who made the machine.
    pub machine_vendor: Option<String>,
    /// Its model.
    pub machine_model: Option<String>,
    /// Whether guests can run under KVM: `works`, `no_device`, `no_permission` or `not_offered_by_libvirt`; null while
    /// libvirt has not said.
    pub kvm: Option<String>,
    /// Whether guests can be hosts themselves.
    pub kvm_nested: Option<bool>,
    /// Share of CPU time that was not idle.
    pub cpu_busy_ratio: Option<f64>,
    /// Memory that can be given out without swapping.
    pub memory_available_bytes: Option<u64>,
    /// What is missing now of it or of its VMs, and why.
    #[serde(default)]
    pub missing_readings: Vec<MissingView>,
    /// Its readings of now.
    #[serde(flatten)]
    pub now: HostNow,
    /// VMs that are, or were last, active there.
    pub vms: Vec<HostVm>,
    /// What happened to it lately, oldest first.
    pub events: Vec<ActivityRow>,
}

/// What a host reads now. What is null is missing for the reason in `missing`, of the row or of the whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostNow {
    /// Why nothing is known of now.
    pub missing: Option<String>,
    /// CPUs.
    pub cpu: HostCpu,
    /// Memory and swap.
    pub memory: HostMemory,
    /// How long tasks wait for what they need: of a CPU, memory and I/O.
    pub pressure: Vec<HostPressure>,
    /// Disks.
    pub disks: Vec<HostDisk>,
    /// Interfaces.
    pub networks: Vec<HostNetwork>,
    /// File systems.
    pub filesystems: Vec<HostFilesystem>,
    /// Storage pools of libvirt.
    pub pools: Vec<HostPool>,
    /// KSM; null on kernels without it.
    pub ksm: Option<HostKsm>,
    /// Huge pages by size.
    pub hugepages: Vec<HostHugepages>,
    /// NUMA nodes.
    pub nodes: Vec<HostNode>,
}

/// Shares of all CPU time, and tasks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostCpu {
    /// In user mode, guests included.
    pub user_ratio: Option<f64>,
    /// In guests.
    pub guest_ratio: Option<f64>,
    /// In the kernel.
    pub system_ratio: Option<f64>,
    /// In interrupts.
    pub interrupt_ratio: Option<f64>,
    /// Idle while I/O was under way.
    pub iowait_ratio: Option<f64>,
    /// Taken by a hypervisor below this host.
    pub steal_ratio: Option<f64>,
    /// Load average over 1 minute.
    pub load_1m: Option<f64>,
    /// Load average over 5 minutes.
    pub load_5m: Option<f64>,
    /// Load average over 15 minutes.
    pub load_15m: Option<f64>,
    /// Context switches per second.
    pub context_switches_per_s: Option<f64>,
    /// Tasks that run or wait for a CPU.
    pub processes_running: Option<u64>,
    /// Tasks that wait for a disk.
    pub processes_blocked: Option<u64>,
}

/// Memory and swap.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostMemory {
    /// Physical memory.
    pub total_bytes: Option<u64>,
    /// In use.
    pub used_bytes: Option<u64>,
    /// Can be given out without swapping.
    pub available_bytes: Option<u64>,
    /// Page cache.
    pub cached_bytes: Option<u64>,
    /// Waits to be written to disks.
    pub dirty_bytes: Option<u64>,
    /// The kernel's own structures.
    pub slab_bytes: Option<u64>,
    /// Set aside as huge pages.
    pub hugetlb_bytes: Option<u64>,
    /// Swap space.
    pub swap_total_bytes: Option<u64>,
    /// Swap space in use.
    pub swap_used_bytes: Option<u64>,
    /// Bytes per second read from swap.
    pub swap_in_bytes_per_s: Option<f64>,
    /// Bytes per second written to swap.
    pub swap_out_bytes_per_s: Option<f64>,
}

/// Pressure stall information of the last 10 s.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostPressure {
    /// `cpu`, `memory` or `io`.
    pub resource: String,
    /// Share of time in which at least one task waited.
    pub some_ratio: Option<f64>,
    /// Share of time in which every task waited.
    pub full_ratio: Option<f64>,
    /// Why there is nothing.
    pub missing: Option<String>,
}

/// A disk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostDisk {
    /// Its name.
    pub device: String,
    /// Share of time in which it had something to do.
    pub utilisation_ratio: Option<f64>,
    /// Reads per second.
    pub reads_per_s: Option<f64>,
    /// Writes per second.
    pub writes_per_s: Option<f64>,
    /// Bytes read per second.
    pub read_bytes_per_s: Option<f64>,
    /// Bytes written per second.
    pub written_bytes_per_s: Option<f64>,
    /// Mean length of its queue.
    pub queue_length: Option<f64>,
    /// Why there is nothing.
    pub missing: Option<String>,
}

/// An interface.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostNetwork {
    /// Its name.
    pub device: String,
    /// Whether it is up.
    pub up: Option<bool>,
    /// Speed of the link; null where there is no such thing.
    pub speed_bytes_per_s: Option<u64>,
    /// Bytes received per second.
    pub receive_bytes_per_s: Option<f64>,
    /// Bytes sent per second.
    pub transmit_bytes_per_s: Option<f64>,
    /// Packets with errors per second, both ways.
    pub errors_per_s: Option<f64>,
    /// Packets dropped per second, both ways.
    pub drops_per_s: Option<f64>,
    /// Why there is nothing.
    pub missing: Option<String>,
}

/// A file system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostFilesystem {
    /// Where it is mounted.
    pub mount: String,
    /// Its size.
    pub size_bytes: Option<u64>,
    /// Used part.
    pub used_bytes: Option<u64>,
    /// Room, without what is kept for root.
    pub available_bytes: Option<u64>,
    /// Used share of what is not kept for root, as `df` counts it.
    pub used_ratio: Option<f64>,
    /// Used share of its inodes.
    pub inodes_used_ratio: Option<f64>,
    /// Whether nobody can write to it.
    pub read_only: Option<bool>,
    /// Why there is nothing.
    pub missing: Option<String>,
}

/// A storage pool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostPool {
    /// Its name.
    pub name: String,
    /// `inactive`, `building`, `running`, `degraded` or `inaccessible`.
    pub state: Option<String>,
    /// Its size.
    pub capacity_bytes: Option<u64>,
    /// Used part.
    pub allocation_bytes: Option<u64>,
    /// Room.
    pub available_bytes: Option<u64>,
    /// Used share.
    pub used_ratio: Option<f64>,
    /// Why there is nothing.
    pub missing: Option<String>,
}

/// Memory that guests share without knowing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostKsm {
    /// Whether it merges.
    pub running: bool,
    /// Memory that holds merged pages.
    pub shared_bytes: Option<u64>,
    /// Memory that merging saves.
    pub saved_bytes: Option<u64>,
}

/// Huge pages of one size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostHugepages {
    /// `2MiB`, `1GiB` …
    pub size: String,
    /// Pages in the pool.
    pub pages: Option<u64>,
    /// Pages that nobody uses.
    pub free: Option<u64>,
}

/// A NUMA node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostNode {
    /// `node0`.
    pub node: String,
    /// Its memory.
    pub total_bytes: Option<u64>,
    /// In use, caches included.
    pub used_bytes: Option<u64>,
    /// Not used for anything.
    pub free_bytes: Option<u64>,
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
