//! CPU time of groups of processes, by thread.

use std::collections::HashMap;
use std::fs;

/// CPU time of one group of processes since the meter began, in ns. A thread that ends takes with it what it used since
/// the last look; ours look often and live long.
#[derive(Debug, Default)]
pub struct Meter {
    threads: HashMap<u32, u64>,
    total_ns: u64,
}

impl Meter {
    /// Looks at the threads of `pids`; answers the total so far.
    pub fn look(&mut self, pids: &[u32]) -> u64 {
        let mut threads = HashMap::new();
        for (thread, used) in pids.iter().flat_map(|pid| threads_of(*pid)) {
            // A thread that was not there before is new, or has the number of one that ended.
            let before = self.threads.get(&thread).copied().filter(|before| *before <= used).unwrap_or(0);
            self.total_ns += used - before;
            threads.insert(thread, used);
        }
        self.threads = threads;
        self.total_ns
    }
}

/// Each thread and the ns that it ran.
fn threads_of(pid: u32) -> Vec<(u32, u64)> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let thread = |entry: fs::DirEntry| {
        let number = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("schedstat")).ok()?;
        Some((number, stat.split_whitespace().next()?.parse().ok()?))
    };
    entries.flatten().filter_map(thread).collect()
}

/// A process and all that descend from it.
pub fn family(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .map(|entries| {
            let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
            pids.filter_map(|pid| Some((pid, parent(pid)?))).collect()
        })
        .unwrap_or_default();
    let mut family = vec![root];
    let mut at = 0;
    while let Some(parent) = family.get(at).copied() {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    family
}

/// Field 4 of `/proc/PID/stat`, counted behind the name, which may hold anything.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
