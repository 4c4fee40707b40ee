//! The catalogue's lines. Append only; the numbers are on disks and on the wire.

use super::Better::{Higher, Lower};
use super::Kind::{Counter, Gauge};
use super::{Better, Kind, Metric, MetricId};
use crate::units::Unit;

const NS: f64 = 1e9;

const fn line(
    id: u16,
    name: &'static str,
    kind: Kind,
    unit: Unit,
    stored_per_unit: f64,
    better: Option<Better>,
    help: &'static str,
) -> Metric {
    Metric { id: MetricId(id), name, kind, unit, stored_per_unit, better, help }
}

/// Every metric evenkeel gathers itself.
pub const CATALOGUE: &[Metric] = &[
    line(1, "vm_state", Gauge, Unit::None, 1.0, None, "virDomainState of the domain, 1 is running."),
    line(2, "vm_state_reason", Gauge, Unit::None, 1.0, None, "libvirt's reason code of the state."),
    line(3, "vm_cpu_seconds_total", Counter, Unit::Seconds, NS, None, "CPU time used by the QEMU process."),
    line(
        4,
        "vm_cpu_user_seconds_total",
        Counter,
        Unit::Seconds,
        NS,
        None,
        "CPU time of the QEMU process in user mode.",
    ),
    line(
        5,
        "vm_cpu_system_seconds_total",
        Counter,
        Unit::Seconds,
        NS,
        None,
        "CPU time of the QEMU process in the kernel.",
    ),
    line(6, "vm_memory_rss_bytes", Gauge, Unit::Bytes, 1.0, None, "Host memory resident for the QEMU process."),
    line(
        7,
        "vm_vcpu_delay_seconds_total",
        Counter,
        Unit::Seconds,
        NS,
        Some(Lower),
        "Time a vCPU was runnable but waited for a host CPU (steal).",
    ),
    line(8, "vm_block_read_bytes_total", Counter, Unit::Bytes, 1.0, None, "Bytes read from a disk."),
    line(9, "vm_block_written_bytes_total", Counter, Unit::Bytes, 1.0, None, "Bytes written to a disk."),
    line(
        10,
        "vm_network_receive_bytes_total",
        Counter,
        Unit::Bytes,
        1.0,
        None,
        "Bytes that libvirt counts as received on an interface.",
    ),
    line(
        11,
        "vm_network_transmit_bytes_total",
        Counter,
        Unit::Bytes,
        1.0,
        None,
        "Bytes that libvirt counts as sent on an interface.",
    ),
    line(
        400,
        "host_cpu_busy_ratio",
        Gauge,
        Unit::Ratio,
        1.0,
        Some(Lower),
        "Share of all host CPU time that was not idle.",
    ),
    line(
        401,
        "host_memory_available_bytes",
        Gauge,
        Unit::Bytes,
        1.0,
        Some(Higher),
        "Memory that can be given out without swapping.",
    ),
];
