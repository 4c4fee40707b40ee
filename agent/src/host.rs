//! Reads the host for `gather::host`: a few files at every tick, from descriptors that stay open, and what is slow or
//! may hang on threads of its own, now and then.

mod filesystems;
mod hardware;
mod kept;
mod rare;

use std::fs;
use std::sync::Arc;

use evenkeel_common::clock;
use evenkeel_common::time::DurationMs;
use evenkeel_common::wire::v1::HostInfo;
use sysinfo::{Product, System};

use crate::gather::host::filesystems::Filesystem;
use crate::gather::host::kvm;
use crate::gather::host::source::Source;
use crate::gather::host::{Hardware, HostFacts, Names, facts, pressure};
use filesystems::Stuck;
use hardware::Seen;
use kept::Kept;
use rare::Rare;

/// The reader, with what does not change.
#[derive(Debug)]
pub struct HostReader {
    info: HostInfo,
    page_bytes: u64,
    stat: Kept,
    loadavg: Kept,
    meminfo: Kept,
    vmstat: Kept,
    pressure: [Kept; 3],
    diskstats: Kept,
    net_dev: Kept,
    names: Arc<Names>,
    device: kvm::Device,
    filesystems: Rare<Vec<Filesystem>>,
    stuck: Stuck,
    hardware: Rare<Seen>,
}

impl HostReader {
    /// Reads what stays as it is until the next boot; file systems and hardware will be read as often as said.
    #[must_use]
    pub fn new(filesystem: DurationMs, hardware: DurationMs) -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let processors = facts::processors(&text("/proc/cpuinfo"), &hardware::topology());
        let info = HostInfo {
            kernel: System::kernel_version().unwrap_or_default(),
            os: facts::os(&text("/etc/os-release")),
            cpu_model: processors.model,
            sockets: processors.sockets,
            cores: processors.cores,
            machine_vendor: facts::machine(Product::vendor_name().ok()),
            machine_model: facts::machine(Product::name().ok()),
            ..HostInfo::default()
        };
        Self {
            info,
            page_bytes: u64::try_from(rustix::param::page_size()).unwrap_or(4096),
            stat: Kept::new("/proc/stat"),
            loadavg: Kept::new("/proc/loadavg"),
            meminfo: Kept::new("/proc/meminfo"),
            vmstat: Kept::new("/proc/vmstat"),
            pressure: pressure::RESOURCES.map(|resource| Kept::new(&format!("/proc/pressure/{resource}"))),
            diskstats: Kept::new("/proc/diskstats"),
            net_dev: Kept::new("/proc/self/net/dev"),
            names: Arc::default(),
            device: kvm::Device::default(),
            filesystems: Rare::new(filesystem),
            stuck: Stuck::default(),
            hardware: Rare::new(hardware),
        }
    }

    /// Reads file systems and hardware as often as said from now on.
    pub fn reconfigure(&mut self, filesystem: DurationMs, hardware: DurationMs) {
        self.filesystems.set_every(filesystem);
        self.hardware.set_every(hardware);
    }

    /// Reads the host now; `kvm_offered` is what libvirt last said, `None` while it has not, `net_dev` what was read of
    /// that file at this tick already, if it was. What cannot be read is left out with its reason, never an error: the
    /// rest still counts.
    pub async fn read(&mut self, kvm_offered: Option<bool>, net_dev: &[u8]) -> HostFacts {
        let now = clock::mono();
        let stuck = self.stuck.clone();
        self.filesystems.begin(now, move || filesystems::read(&stuck));
        let known = Arc::clone(&self.names);
        self.hardware.begin(now, move || hardware::read(&known));
        let filesystems = self.filesystems.take().await;
        let hardware = self.hardware.take().await.map(|seen| self.saw(seen));
        self.info.kvm = kvm::word(kvm_offered, self.device).to_owned();
        HostFacts {
            info: self.info.clone(),
            page_bytes: self.page_bytes,
            stat: self.stat.read(),
            loadavg: self.loadavg.read(),
            meminfo: self.meminfo.read(),
            vmstat: self.vmstat.read(),
            pressure: self.pressure.each_mut().map(Kept::read),
            diskstats: self.diskstats.read(),
            net_dev: match net_dev {
                [] => self.net_dev.read(),
                read => Source::Text(String::from_utf8_lossy(read).into_owned()),
            },
            names: Arc::clone(&self.names),
            filesystems,
            hardware,
            pools: None,
        }
    }

    fn saw(&mut self, seen: Seen) -> Hardware {
        self.names = Arc::new(seen.names);
        self.device = seen.device;
        self.info.kvm_nested = seen.nested;
        self.info.numa_nodes = u32::try_from(seen.hardware.nodes.len()).unwrap_or(u32::MAX);
        seen.hardware
    }
}
