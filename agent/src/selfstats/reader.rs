//! Reads the agent's processes from `/proc`.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use evenkeel_common::sample::Missing;
use evenkeel_common::time::{DurationMs, MonoMs};

use super::process::{CpuBook, ProcessKey, kib_line, name, stat};
use super::{Indicator, Tally};

/// Proportional memory costs the kernel a walk over all pages of a process, milliseconds each: as much as the CPU time of
/// a whole tick. In between the last reading stands.
const MEMORY_EVERY: DurationMs = DurationMs::from_s(300);
/// Processes looked at; further ones are left out.
const PROCESSES_MAX: usize = 64;
/// Generations of children looked at.
const GENERATIONS_MAX: usize = 3;

/// Knows the agent's processes between ticks.
#[derive(Debug)]
pub struct Reader {
    tally: Tally,
    cpu: CpuBook,
    names: HashMap<ProcessKey, String>,
    memory_at: Option<MonoMs>,
}

impl Reader {
    /// Puts what it reads into `tally`.
    #[must_use]
    pub fn new(tally: Tally) -> Self {
        Self { tally, cpu: CpuBook::default(), names: HashMap::new(), memory_at: None }
    }

    /// Reads all processes. It takes a tenth of a millisecond, and every five minutes some milliseconds: not for an async
    /// worker.
    pub fn read(&mut self, now: MonoMs) {
        let processes = self.processes();
        for (name, ticks) in self.cpu.observe(&processes) {
            self.tally.set(Indicator::Cpu, name, *ticks);
        }
        let mut count: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, name, _) in &processes {
            *count.entry(name).or_default() += 1;
        }
        self.tally.clear(Indicator::Processes);
        for (name, count) in count {
            self.tally.set(Indicator::Processes, name, count);
        }
        if self.memory_at.is_none_or(|at| now.since(at) >= MEMORY_EVERY) {
            self.memory_at = Some(now);
            self.memory(&processes);
        }
    }

    /// Each with its name and its CPU time in clock ticks.
    fn processes(&mut self) -> Vec<(ProcessKey, String, u64)> {
        let own = std::process::id();
        let mut pids = vec![own];
        let mut generation = vec![own];
        for _ in 0..GENERATIONS_MAX {
            generation = generation.into_iter().flat_map(children).collect();
            pids.extend(&generation);
        }
        pids.truncate(PROCESSES_MAX);
        let mut known = HashMap::new();
        let mut processes = Vec::with_capacity(pids.len());
        for pid in pids {
            // One that has just ended is not there any more.
            let Some(stat) = read(pid, "stat").as_deref().and_then(stat) else { continue };
            let key = ProcessKey { pid, start: stat.start };
            let name = match self.names.remove(&key) {
                Some(name) => name,
                None if pid == own => "agent".to_owned(),
                None => name(&fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()),
            };
            known.insert(key, name.clone());
            processes.push((key, name, stat.cpu_ticks));
        }
        self.names = known;
        processes
    }

    fn memory(&self, processes: &[(ProcessKey, String, u64)]) {
        let mut pss: BTreeMap<&str, Option<u64>> = BTreeMap::new();
        let mut rss: BTreeMap<&str, u64> = BTreeMap::new();
        for (key, name, _) in processes {
            // A process with capabilities does not let others look at its pages.
            let pages = read(key.pid, "smaps_rollup").and_then(|text| kib_line(&text, "Pss"));
            let sum = pss.entry(name).or_insert(Some(0));
            *sum = sum.zip(pages).map(|(sum, pages)| sum.saturating_add(pages));
            let resident = read(key.pid, "status").and_then(|text| kib_line(&text, "VmRSS")).unwrap_or(0);
            *rss.entry(name).or_default() += resident;
        }
        self.tally.clear(Indicator::Pss);
        self.tally.clear(Indicator::Rss);
        for (name, bytes) in pss {
            match bytes {
                Some(bytes) => self.tally.set(Indicator::Pss, name, bytes),
                None => self.tally.set_missing(Indicator::Pss, name, Missing::NotPermitted),
            }
        }
        for (name, bytes) in rss {
            self.tally.set(Indicator::Rss, name, bytes);
        }
    }
}

/// The kernel lists a child with the thread that made it.
fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let parse = |list: String| list.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>();
    lists.flat_map(parse).collect()
}

fn read(pid: u32, file: &str) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/{file}")).ok()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use evenkeel_common::sample::{CounterEpoch, Gauge, Value};

    use super::*;

    #[test]
    fn finds_itself_and_its_children() {
        let mut child = Command::new("sh").args(["-c", "read line"]).stdin(Stdio::piped()).spawn().unwrap();
        let tally = Tally::default();
        let mut reader = Reader::new(tally.clone());
        reader.read(MonoMs(0));
        let value = |indicator: Indicator, device: &str| {
            let id = indicator.metric().id;
            let readings = tally.readings(CounterEpoch(1));
            readings.into_iter().find(|reading| reading.metric == id && reading.device == device).map(|r| r.value)
        };
        assert_eq!(value(Indicator::Processes, "agent"), Some(Value::Gauge(Gauge::Int(1))));
        // Other tests of this process have children too.
        assert!(matches!(value(Indicator::Processes, "sh"), Some(Value::Gauge(Gauge::Int(1..)))));
        assert!(matches!(value(Indicator::Cpu, "sh"), Some(Value::Counter(_))));
        let (Some(Value::Gauge(Gauge::Int(pss))), Some(Value::Gauge(Gauge::Int(rss)))) =
            (value(Indicator::Pss, "agent"), value(Indicator::Rss, "agent"))
        else {
            panic!("memory of the test itself can be read")
        };
        assert!(0 < pss && pss <= rss, "{pss} of {rss}");
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}
