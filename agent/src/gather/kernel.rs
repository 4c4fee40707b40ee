//! What the kernel knows of each QEMU process: parsers of its files, and the records that they become.

pub mod auxv;
pub mod cgroup;
pub mod choice;
pub mod compare;
pub mod fast_path;
pub mod group;
pub mod identify;
pub mod lines;
pub mod mounts;
pub mod net_dev;
pub mod schedstat;
pub mod stat;

use std::collections::HashMap;

use evenkeel_common::time::UnixMs;

pub use stat::ProcessState;

/// One look at the QEMU processes of the wanted runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KernelLook {
    /// By domain; a run whose process was not found, or cannot be told from another, is not there.
    pub domains: HashMap<[u8; 16], KernelRecord>,
    /// `/proc/net/dev` of the agent's network namespace; empty when it cannot be read.
    pub net_dev: Vec<u8>,
}

/// What the kernel says of one QEMU process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelRecord {
    /// libvirt's number of the run.
    pub id: u32,
    /// When the process started: the life of its counters.
    pub start: UnixMs,
    /// What it does.
    pub process_state: ProcessState,
    /// CPU time; `None` when no file of it can be read.
    pub cpu: Option<CpuTime>,
    /// Resident memory.
    pub rss_bytes: Option<u64>,
    /// The threads of its vCPUs, by number.
    pub vcpus: Vec<VcpuTime>,
}

/// CPU time in nanoseconds, from the same file as libvirt's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuTime {
    /// In all.
    pub total_ns: u64,
    /// In user mode.
    pub user_ns: u64,
    /// In the kernel.
    pub system_ns: u64,
    /// Where it is from.
    pub source: CpuSource,
}

/// The file that says how much CPU a QEMU process used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CpuSource {
    /// `/proc/PID/stat`: no cgroup of its own.
    Process,
    /// `cpuacct.usage` and `cpuacct.stat` of the domain's cgroup, version 1.
    CgroupV1,
    /// `cpu.stat` of the domain's cgroup, version 2.
    CgroupV2,
}

/// Times of a vCPU's thread in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VcpuTime {
    /// Number of the vCPU.
    pub index: u32,
    /// On a CPU.
    pub time_ns: u64,
    /// Ready to run, and waiting for a CPU.
    pub delay_ns: u64,
}
