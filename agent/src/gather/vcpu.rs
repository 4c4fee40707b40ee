//! The vCPUs as libvirt counts them; what KVM counts is in `kvm`.

use super::row::{Device, Row, row};

pub(super) const ROWS: &[Row] = &[
    row("vcpu.current", "vm_vcpus"),
    row("vcpu.maximum", "vm_vcpus_maximum"),
    row("vcpu.#.state", "vm_vcpu_state").of(Device::Numbered("vcpu")),
    row("vcpu.#.time", "vm_vcpu_seconds_total").of(Device::Numbered("vcpu")),
    row("vcpu.#.wait", "vm_vcpu_wait_seconds_total").of(Device::Numbered("vcpu")),
    row("vcpu.#.halted", "vm_vcpu_halted").of(Device::Numbered("vcpu")),
    row("vcpu.#.delay", "vm_vcpu_delay_seconds_total").of(Device::Numbered("vcpu")),
];
