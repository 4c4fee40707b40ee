//! The JSON of slowly changing facts in `control.db`. Keys may be added, with a default; none is renamed.

mod vm;

use evenkeel_common::wire::v1;
use serde::{Deserialize, Serialize};

pub use vm::{BackingFacts, DiskFacts, InterfaceFacts, LabelFacts, ProbeFacts, VmFacts};

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
    /// Sockets; 0 when unknown.
    pub sockets: u32,
    /// CPU cores of all sockets; 0 when unknown.
    pub cores: u32,
    /// NUMA nodes; 0 when unknown.
    pub numa_nodes: u32,
    /// Operating system; empty when unknown.
    pub os: String,
    /// Who made the machine; empty when unknown.
    pub machine_vendor: String,
    /// Its model; empty when unknown.
    pub machine_model: String,
    /// `works`, `no_device`, `no_permission` or `not_offered_by_libvirt`; empty while libvirt has not said.
    pub kvm: String,
    /// Whether guests can be hosts themselves; `None` when unknown.
    pub kvm_nested: Option<bool>,
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
            sockets: info.sockets,
            cores: info.cores,
            numa_nodes: info.numa_nodes,
            os: info.os.clone(),
            machine_vendor: info.machine_vendor.clone(),
            machine_model: info.machine_model.clone(),
            kvm: info.kvm.clone(),
            kvm_nested: info.kvm_nested,
        }
    }
}
