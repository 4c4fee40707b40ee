//! I/O threads and how long they poll.

use super::row::{Device, Row, row};

pub(super) const ROWS: &[Row] = &[
    row("iothread.count", "vm_iothreads"),
    row("iothread.#.poll-max-ns", "vm_iothread_poll_max_seconds").of(Device::Numbered("iothread")),
    row("iothread.#.poll-grow", "vm_iothread_poll_grow").of(Device::Numbered("iothread")),
    row("iothread.#.poll-shrink", "vm_iothread_poll_shrink").of(Device::Numbered("iothread")),
];
