//! Reads the host for `gather::host`.

use std::fs;
use std::time::Duration;

use evenkeel_common::wire::v1::HostInfo;
use sysinfo::{Disks, MemoryRefreshKind, System};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::gather::host::{Filesystem, HostFacts, Memory, cpus};

/// Asking a dead network file system for its size blocks for minutes: past this the tick goes on without file systems,
/// and no second question is asked while the first one hangs.
const FILESYSTEMS: Duration = Duration::from_secs(1);

/// The reader, with what does not change.
#[derive(Debug, Default)]
pub struct HostReader {
    kernel: String,
    cpu_model: String,
    running: Option<JoinHandle<Vec<Filesystem>>>,
}

impl HostReader {
    /// Reads what stays as it is until the next boot.
    #[must_use]
    pub fn new() -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        Self {
            kernel: System::kernel_version().unwrap_or_default(),
            cpu_model: model.map(|(_, name)| name.trim().to_owned()).unwrap_or_default(),
            running: None,
        }
    }

    /// Reads the host now. What cannot be read is left empty, never an error: the rest still counts.
    pub async fn read(&mut self) -> HostFacts {
        let filesystems = self.filesystems().await;
        let memory = memory();
        let load = System::load_average().ok();
        let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
        HostFacts {
            info: HostInfo {
                kernel: self.kernel.clone(),
                cpu_model: self.cpu_model.clone(),
                cpus: cpus(&stat),
                memory_bytes: memory.map_or(0, |memory| memory.total),
                ..HostInfo::default()
            },
            stat,
            net_dev: fs::read_to_string("/proc/self/net/dev").unwrap_or_default(),
            load: load.map(|load| [load.one, load.five, load.fifteen]),
            memory,
            filesystems,
        }
    }

    async fn filesystems(&mut self) -> Vec<Filesystem> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => tokio::task::spawn_blocking(filesystems),
        };
        match timeout(FILESYSTEMS, &mut running).await {
            Ok(Ok(filesystems)) => filesystems,
            Ok(Err(_)) => Vec::new(),
            Err(_) => {
                self.running = Some(running);
                Vec::new()
            }
        }
    }
}

fn memory() -> Option<Memory> {
    let mut system = System::new().ok()?;
    system.refresh_memory_specifics(MemoryRefreshKind::everything());
    Some(Memory {
        total: system.total_memory(),
        available: system.available_memory(),
        free: system.free_memory(),
        swap_total: system.total_swap(),
        swap_used: system.used_swap(),
    })
}

fn filesystems() -> Vec<Filesystem> {
    let one = |disk: &sysinfo::Disk| Filesystem {
        source: disk.name().to_string_lossy().into_owned(),
        mount: disk.mount_point().to_string_lossy().into_owned(),
        kind: disk.file_system().to_string_lossy().into_owned(),
        size: disk.total_space(),
        available: disk.available_space(),
    };
    Disks::new_with_refreshed_list().map(|disks| disks.iter().map(one).collect()).unwrap_or_default()
}
