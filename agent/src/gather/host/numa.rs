//! `/sys/devices/system/node`: memory by NUMA node.

use evenkeel_common::metric::known;

use super::out::Out;
use super::source::named_numbers;

/// A node's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// `node0`.
    pub name: String,
    /// Its `meminfo`.
    pub meminfo: String,
    /// Its `numastat`.
    pub numastat: String,
}

/// A number of the node's meminfo in bytes: `Node 0 MemTotal:  24684096 kB`.
fn bytes(meminfo: &str, name: &str) -> Option<u64> {
    let mut lines = meminfo.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(2);
        Some((fields.next()?, fields.next()?))
    });
    let (_, kib) = lines.find(|(found, _)| *found == name)?;
    kib.parse::<u64>().ok().map(|kib| kib.saturating_mul(1024))
}

pub(super) fn read(out: &mut Out, nodes: &[Node]) {
    for Node { name, meminfo, numastat } in nodes {
        for (metric, file) in [
            (const { known("host_numa_memory_total_bytes") }, "MemTotal:"),
            (const { known("host_numa_memory_free_bytes") }, "MemFree:"),
            (const { known("host_numa_memory_used_bytes") }, "MemUsed:"),
        ] {
            if let Some(bytes) = bytes(meminfo, file) {
                out.whole(metric, name, bytes);
            }
        }
        for (line, count) in named_numbers(numastat) {
            match line {
                "numa_hit" => out.whole(const { known("host_numa_hits_total") }, name, count),
                "numa_miss" => out.whole(const { known("host_numa_misses_total") }, name, count),
                _ => {}
            }
        }
    }
}
