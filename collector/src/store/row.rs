//! The JSON of slowly changing facts in `control.db`. Keys may be added, with a default; none is renamed.

use evenkeel_common::wire::v1;
use serde::{Deserialize, Serialize};

/// Facts of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostFacts {
    /// libvirt's version; empty when it does not answer.
    pub libvirt_version: String,
    /// QEMU's version; empty when unknown.
    pub qemu_version: String,
    /// Kernel release.
    pub kernel: String,
    /// Logical CPUs.
    pub cpus: u32,
    /// CPU model.
    pub cpu_model: String,
    /// Physical memory.
    pub memory_bytes: u64,
}

/// Facts of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VmFacts {
    /// Current vCPUs.
    pub vcpus: u32,
    /// Maximum memory.
    pub memory_max_bytes: u64,
    /// Has a definition that survives its end.
    pub persistent: bool,
    /// Starts with the host.
    pub autostart: bool,
    /// `nova`, `ovirt` …; empty when nobody known manages it.
    pub managed_by: String,
    /// Owner from the metadata; empty when none.
    pub owner: String,
    /// Machine type.
    pub machine: String,
    /// Disks.
    pub disks: Vec<DiskFacts>,
    /// MAC addresses.
    pub macs: Vec<String>,
}

/// A disk of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiskFacts {
    /// Target, `vda`.
    pub target: String,
    /// File, block device or URL; empty for an empty drive.
    pub source: String,
    /// `qcow2`, `raw` …
    pub format: String,
}

impl From<&v1::HostInfo> for HostFacts {
    fn from(info: &v1::HostInfo) -> Self {
        Self {
            libvirt_version: info.libvirt_version.clone(),
            qemu_version: info.qemu_version.clone(),
            kernel: info.kernel.clone(),
            cpus: info.cpus,
            cpu_model: info.cpu_model.clone(),
            memory_bytes: info.memory_bytes,
        }
    }
}

impl From<&v1::DomainInfo> for VmFacts {
    fn from(info: &v1::DomainInfo) -> Self {
        let disk = |disk: &v1::DiskInfo| DiskFacts {
            target: disk.target.clone(),
            source: disk.source.clone(),
            format: disk.format.clone(),
        };
        Self {
            vcpus: info.vcpus,
            memory_max_bytes: info.memory_max_bytes,
            persistent: info.persistent,
            autostart: info.autostart,
            managed_by: info.managed_by.clone(),
            owner: info.owner.clone(),
            machine: info.machine.clone(),
            disks: info.disks.iter().map(disk).collect(),
            macs: info.macs.clone(),
        }
    }
}
