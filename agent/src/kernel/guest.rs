//! The files of one QEMU process.

use std::fs;
use std::path::PathBuf;

use evenkeel_common::time::UnixMs;

use super::files::{BUFFER_BYTES, Budget, FileSlot};
use crate::gather::kernel::auxv::Units;
use crate::gather::kernel::cgroup::{self, CpuGroup};
use crate::gather::kernel::mounts;
use crate::gather::kernel::schedstat::{run_and_delay_ns, vcpu_index};
use crate::gather::kernel::stat::Stat;
use crate::gather::kernel::{CpuSource, CpuTime, KernelRecord, ProcessState, VcpuTime};

/// Reads between two looks at the threads of a process whose number of threads changes (QEMU's workers come and go).
const THREADS_AGAIN: u32 = 30;
/// More threads than this are not looked through; libvirt allows 512 vCPUs and more of QEMU's own.
const THREADS_MAX: usize = 8192;

/// One process and its open files.
#[derive(Debug)]
pub(super) struct Guest {
    pid: u32,
    stat: FileSlot,
    cpu: CpuFiles,
    vcpus: Vec<VcpuFile>,
    threads: u64,
    reads_since_threads: u32,
    is_alive: bool,
}

/// One vCPU's thread.
#[derive(Debug)]
struct VcpuFile {
    index: u32,
    schedstat: FileSlot,
}

impl VcpuFile {
    fn read(&mut self, units: Units, budget: &mut Budget) -> Option<VcpuTime> {
        let mut buffer = [0; BUFFER_BYTES];
        let (run_ns, delay_ns) = run_and_delay_ns(self.schedstat.read(&mut buffer, budget).ok()?)?;
        // libvirt counts whole clock ticks, and so does this: finer steps would be three bytes more on the line.
        Some(VcpuTime { index: self.index, time_ns: run_ns - run_ns % units.ticks_ns(1).max(1), delay_ns })
    }
}

#[derive(Debug)]
enum CpuFiles {
    /// `/proc/PID/stat`, which is read anyway.
    Process,
    /// `cpu.stat`.
    V2(FileSlot),
    /// `cpuacct.usage` and `cpuacct.stat`.
    V1(FileSlot, FileSlot),
}

impl Guest {
    pub(super) fn new(pid: u32) -> Self {
        let membership = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
        Self {
            pid,
            stat: FileSlot::new(format!("/proc/{pid}/stat").into()),
            cpu: cgroup::group(&membership).and_then(|group| cpu_files(&group)).unwrap_or(CpuFiles::Process),
            vcpus: Vec::new(),
            threads: 0,
            reads_since_threads: 0,
            is_alive: true,
        }
    }

    pub(super) fn is_alive(&self) -> bool {
        self.is_alive
    }

    /// `None` when its `stat` cannot be understood.
    pub(super) fn read(&mut self, id: u32, boot_s: u64, units: Units, budget: &mut Budget) -> Option<KernelRecord> {
        let mut buffer = [0; BUFFER_BYTES];
        let Ok(bytes) = self.stat.read(&mut buffer, budget) else {
            self.end(budget);
            return None;
        };
        let stat = Stat::parse(bytes)?;
        self.look_at_threads(stat.threads, budget);
        let start_ms = boot_s.saturating_mul(1000).saturating_add(units.ticks_ns(stat.start_ticks) / 1_000_000);
        Some(KernelRecord {
            id,
            start: UnixMs(i64::try_from(start_ms).unwrap_or(i64::MAX)),
            process_state: stat.state,
            cpu: self.cpu(&stat, units, budget),
            // A process that has ended and is not reaped has no memory any more, rather than none of it resident.
            rss_bytes: (stat.state != ProcessState::Zombie).then(|| stat.rss_pages.saturating_mul(units.page_bytes)),
            vcpus: self.vcpus(units, budget),
        })
    }

    fn cpu(&mut self, stat: &Stat, units: Units, budget: &mut Budget) -> Option<CpuTime> {
        let mut first = [0; BUFFER_BYTES];
        let mut second = [0; BUFFER_BYTES];
        match &mut self.cpu {
            CpuFiles::Process => {
                let (user_ns, system_ns) = (units.ticks_ns(stat.user_ticks), units.ticks_ns(stat.system_ticks));
                let total_ns = user_ns.saturating_add(system_ns);
                Some(CpuTime { total_ns, user_ns, system_ns, source: CpuSource::Process })
            }
            CpuFiles::V2(file) => cgroup::cpu_stat(file.read(&mut first, budget).ok()?),
            CpuFiles::V1(usage, stat) => {
                let usage = usage.read(&mut first, budget).ok()?;
                cgroup::cpuacct(usage, stat.read(&mut second, budget).ok()?, units)
            }
        }
    }

    /// Empty unless every vCPU's thread could be read.
    fn vcpus(&mut self, units: Units, budget: &mut Budget) -> Vec<VcpuTime> {
        let mut times = Vec::with_capacity(self.vcpus.len());
        for file in &mut self.vcpus {
            let Some(time) = file.read(units, budget) else {
                // A thread that went: the next read looks at all of them again.
                self.threads = 0;
                self.reads_since_threads = THREADS_AGAIN;
                return Vec::new();
            };
            times.push(time);
        }
        times
    }

    fn look_at_threads(&mut self, threads: u64, budget: &mut Budget) {
        self.reads_since_threads = self.reads_since_threads.saturating_add(1);
        let due = self.vcpus.is_empty() || self.reads_since_threads >= THREADS_AGAIN;
        if threads == self.threads || !due {
            return;
        }
        self.threads = threads;
        self.reads_since_threads = 0;
        for file in &mut self.vcpus {
            file.schedstat.close(budget);
        }
        let tasks = PathBuf::from(format!("/proc/{}/task", self.pid));
        let entries = fs::read_dir(&tasks).into_iter().flatten().flatten().take(THREADS_MAX);
        let vcpus = entries.filter_map(|entry| {
            let index = vcpu_index(&fs::read(entry.path().join("comm")).ok()?)?;
            Some(VcpuFile { index, schedstat: FileSlot::new(entry.path().join("schedstat")) })
        });
        self.vcpus = vcpus.collect();
        self.vcpus.sort_by_key(|file| file.index);
    }

    /// Closes its files.
    pub(super) fn end(&mut self, budget: &mut Budget) {
        self.is_alive = false;
        self.stat.close(budget);
        for file in &mut self.vcpus {
            file.schedstat.close(budget);
        }
        match &mut self.cpu {
            CpuFiles::Process => {}
            CpuFiles::V2(file) => file.close(budget),
            CpuFiles::V1(usage, stat) => {
                usage.close(budget);
                stat.close(budget);
            }
        }
    }
}

/// The group's files where its hierarchy is mounted; without that, the process's own.
fn cpu_files(group: &CpuGroup) -> Option<CpuFiles> {
    let mounts = mounts::parse(&fs::read_to_string("/proc/self/mountinfo").ok()?);
    let folder = PathBuf::from(mounts::folder(&mounts, group.source == CpuSource::CgroupV1, &group.path)?);
    let file = |name| FileSlot::new(folder.join(name));
    match group.source {
        CpuSource::CgroupV1 => Some(CpuFiles::V1(file("cpuacct.usage"), file("cpuacct.stat"))),
        CpuSource::CgroupV2 => Some(CpuFiles::V2(file("cpu.stat"))),
        CpuSource::Process => None,
    }
}
