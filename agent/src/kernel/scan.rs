//! Finds QEMU processes.

use std::fs;

use crate::gather::kernel::identify::{Found, command_line};

/// All QEMU processes that the agent may see.
pub(super) fn scan() -> Vec<Found> {
    let own_network = fs::read_link("/proc/self/ns/net").ok();
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let (uuid, id) = command_line(&fs::read(format!("/proc/{pid}/cmdline")).ok()?)?;
        let network = fs::read_link(format!("/proc/{pid}/ns/net")).ok();
        Some(Found { pid, uuid, id, same_network: network.is_some() && network == own_network })
    })
    .collect()
}
