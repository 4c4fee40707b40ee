//! Network interfaces. A tap's receive is what the guest sends: the names follow libvirt, not the guest.

use super::row::{Device, Row, row};

const NET: Device = Device::Named("net");

pub(super) const ROWS: &[Row] = &[
    row("net.count", "vm_network_interfaces"),
    row("net.#.rx.bytes", "vm_network_receive_bytes_total").of(NET),
    row("net.#.rx.pkts", "vm_network_receive_packets_total").of(NET),
    row("net.#.rx.errs", "vm_network_receive_errors_total").of(NET),
    row("net.#.rx.drop", "vm_network_receive_drops_total").of(NET),
    row("net.#.tx.bytes", "vm_network_transmit_bytes_total").of(NET),
    row("net.#.tx.pkts", "vm_network_transmit_packets_total").of(NET),
    row("net.#.tx.errs", "vm_network_transmit_errors_total").of(NET),
    row("net.#.tx.drop", "vm_network_transmit_drops_total").of(NET),
];

/// Parameters that only name things.
pub(super) const LABELS: &[&str] = &["net.#.name"];
