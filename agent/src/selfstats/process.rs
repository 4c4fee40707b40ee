//! [P] The agent's processes, from what the kernel says of each.

use std::collections::{BTreeMap, HashMap};

/// Longest name of a process kept.
const NAME_MAX_BYTES: usize = 32;

/// A process that cannot be taken for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessKey {
    /// Its number, which a later process may get again.
    pub pid: u32,
    /// When it began, in clock ticks since boot.
    pub start: u64,
}

/// What `/proc/PID/stat` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// When it began, in clock ticks since boot.
    pub start: u64,
    /// CPU time of all its threads, user and system, in clock ticks.
    pub cpu_ticks: u64,
}

/// Reads `/proc/PID/stat`; `None` when it is another file.
#[must_use]
pub fn stat(text: &str) -> Option<Stat> {
    // The name in parentheses may hold anything, parentheses too.
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    // Counted from the state, which is field 3 of proc(5): utime 14, stime 15, starttime 22.
    Some(Stat { start: number(19)?, cpu_ticks: number(11)?.saturating_add(number(12)?) })
}

/// Bytes of a line such as `Pss:  1234 kB` in `/proc/PID/smaps_rollup` or `status`.
#[must_use]
pub fn kib_line(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_ascii_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// What a process does: the verb it was started with, as `/proc/PID/cmdline` has it.
#[must_use]
pub fn name(cmdline: &[u8]) -> String {
    let mut words = cmdline.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let program = words.next().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    let verb = words.next().filter(|word| !word.is_empty() && !word.starts_with('-'));
    let plain = |word: &str| {
        let allowed = |ch: &char| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | '.');
        word.chars().filter(allowed).take(NAME_MAX_BYTES).collect::<String>()
    };
    let name = plain(verb.as_deref().unwrap_or(program));
    if name.is_empty() { "other".to_owned() } else { name }
}

/// CPU time by name, which never goes back when a process ends and another of its name follows.
#[derive(Debug, Default)]
pub struct CpuBook {
    seen: HashMap<ProcessKey, u64>,
    total: BTreeMap<String, u64>,
}

impl CpuBook {
    /// Takes what was read of all processes that there are, in clock ticks; answers the totals by name. What a process
    /// used between its last reading and its end is not known.
    pub fn observe(&mut self, processes: &[(ProcessKey, &str, u64)]) -> &BTreeMap<String, u64> {
        for (key, name, ticks) in processes {
            let before = self.seen.get(key).copied().unwrap_or(0);
            let used = ticks.saturating_sub(before);
            match self.total.get_mut(*name) {
                Some(total) => *total += used,
                None => drop(self.total.insert((*name).to_owned(), used)),
            }
        }
        self.seen = processes.iter().map(|(key, _, ticks)| (*key, *ticks)).collect();
        &self.total
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_kernels_files() {
        let text = "42 (a) b (c) S 1 42 42 0 -1 4194560 1 2 3 4 70 30 5 6 20 0 3 0 123456 7 8 9\n";
        assert_eq!(stat(text), Some(Stat { start: 123_456, cpu_ticks: 100 }));
        assert_eq!(stat("42 (a) S"), None);
        let rollup = "55d0-7fff ---p 0 00:00 0 [rollup]\nRss:   100 kB\nPss:    42 kB\nPss_Dirty:  1 kB\n";
        assert_eq!((kib_line(rollup, "Pss"), kib_line(rollup, "Rss")), (Some(43_008), Some(102_400)));
        assert_eq!(kib_line(rollup, "Swap"), None);
    }

    #[test]
    fn a_process_is_called_by_its_verb() {
        assert_eq!(name(b"/usr/libexec/evenkeel/evenkeel-agent-libvirt\0scrape-worker\0--uri\0x\0"), "scrape-worker");
        assert_eq!(name(b"/usr/bin/ping\0-c\0"), "ping");
        assert_eq!(
            (name(b"").as_str(), name(b"\0\0").as_str(), name("/x/\u{1}\0".as_bytes()).as_str()),
            ("other", "other", "other")
        );
    }

    #[test]
    fn cpu_time_goes_on_when_another_process_takes_over() {
        let mut book = CpuBook::default();
        let one = |pid, ticks| vec![(ProcessKey { pid, start: 5 }, "w", ticks)];
        assert_eq!(book.observe(&one(1, 10))["w"], 10);
        assert_eq!(book.observe(&one(1, 15))["w"], 15);
        assert_eq!(book.observe(&one(2, 3))["w"], 18);
        assert_eq!(book.observe(&[])["w"], 18);
    }

    proptest! {
        #[test]
        fn no_input_makes_it_panic(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            let _ = (stat(&text), kib_line(&text, "Pss"));
            prop_assert!((1..=NAME_MAX_BYTES).contains(&name(&bytes).len()));
        }
    }
}
