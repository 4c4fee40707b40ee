//! Reads the agent's processes from `/proc`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

use evenkeel_common::sample::Missing;
use evenkeel_common::time::{DurationMs, MonoMs};

use super::process::{CpuBook, ProcessKey, Stat, kib_line, name, stat};
use super::{Indicator, Tally};

/// Who the children are takes a file of each thread: some dozens. They are looked for again when one is gone, and this
/// often.
const LOOK_EVERY: DurationMs = DurationMs::from_s(60);
/// Proportional memory costs the kernel a walk over all pages of a process, milliseconds each: as much as the CPU time of
/// a whole tick. In between the last reading stands.
const MEMORY_EVERY: DurationMs = DurationMs::from_s(300);
/// Processes looked at; further ones are left out.
const PROCESSES_MAX: usize = 64;
/// Generations of children looked at.
const GENERATIONS_MAX: usize = 3;
/// More than the kernel writes into a `stat`.
const STAT_BYTES: usize = 1024;

/// Knows the agent's processes between ticks.
#[derive(Debug)]
pub struct Reader {
    tally: Tally,
    cpu: CpuBook,
    processes: Vec<Process>,
    looked_at: Option<MonoMs>,
    memory_at: Option<MonoMs>,
}

/// One process, with its `/proc/PID/stat` open: a later process of its number cannot be taken for it.
#[derive(Debug)]
struct Process {
    key: ProcessKey,
    name: String,
    stat: File,
}

impl Process {
    fn open(pid: u32) -> Option<(File, Stat)> {
        let file = File::open(format!("/proc/{pid}/stat")).ok()?;
        let stat = cpu(&file)?;
        Some((file, stat))
    }
}

fn cpu(file: &File) -> Option<Stat> {
    let mut buffer = [0; STAT_BYTES];
    let length = file.read_at(&mut buffer, 0).ok()?;
    stat(&String::from_utf8_lossy(&buffer[..length]))
}

impl Reader {
    /// Puts what it reads into `tally`.
    #[must_use]
    pub fn new(tally: Tally) -> Self {
        Self { tally, cpu: CpuBook::default(), processes: Vec::new(), looked_at: None, memory_at: None }
    }

    /// Whether it is time to look which processes there are, or how much memory they have.
    #[must_use]
    pub fn is_due(&self, now: MonoMs) -> bool {
        is_due(self.looked_at, LOOK_EVERY, now) || is_due(self.memory_at, MEMORY_EVERY, now)
    }

    /// Looks which processes there are, and now and then at their memory. It takes a tenth of a millisecond, and every
    /// five minutes some milliseconds: not for an async worker.
    pub fn look(&mut self, now: MonoMs) {
        self.looked_at = Some(now);
        self.find();
        let mut count: BTreeMap<&str, u64> = BTreeMap::new();
        for process in &self.processes {
            *count.entry(&process.name).or_default() += 1;
        }
        self.tally.clear(Indicator::Processes);
        for (name, count) in count {
            self.tally.set(Indicator::Processes, name, count);
        }
        if is_due(self.memory_at, MEMORY_EVERY, now) {
            self.memory_at = Some(now);
            self.memory();
        }
    }

    /// Reads the CPU time of the known processes: one small file each, which the kernel writes without waiting for
    /// anything.
    pub fn read(&mut self) {
        let mut read = Vec::with_capacity(self.processes.len());
        for process in &self.processes {
            match cpu(&process.stat) {
                Some(stat) => read.push((process.key, process.name.as_str(), stat.cpu_ticks)),
                // It has ended: another one may have taken its place.
                None => self.looked_at = None,
            }
        }
        for (name, ticks) in self.cpu.observe(&read) {
            self.tally.set(Indicator::Cpu, name, *ticks);
        }
    }

    fn find(&mut self) {
        let own = std::process::id();
        let mut pids = vec![own];
        let mut generation = vec![own];
        for _ in 0..GENERATIONS_MAX {
            generation = generation.into_iter().flat_map(children).collect();
            pids.extend(&generation);
        }
        pids.truncate(PROCESSES_MAX);
        let mut before = std::mem::take(&mut self.processes);
        for pid in pids {
            // One that has just ended is not there any more.
            let Some((file, stat)) = Process::open(pid) else { continue };
            let key = ProcessKey { pid, start: stat.start };
            let known = before.iter().position(|process| process.key == key).map(|at| before.swap_remove(at));
            let name = match known {
                Some(process) => process.name,
                None if pid == own => "agent".to_owned(),
                None => name(&fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()),
            };
            self.processes.push(Process { key, name, stat: file });
        }
        // While a process ends the kernel may leave out others of its parent's: whoever was there and lives still is.
        self.processes.extend(before.into_iter().filter(|process| cpu(&process.stat).is_some()));
    }

    fn memory(&self) {
        let mut pss: BTreeMap<&str, Option<u64>> = BTreeMap::new();
        let mut rss: BTreeMap<&str, u64> = BTreeMap::new();
        for Process { key, name, .. } in &self.processes {
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

fn is_due(last: Option<MonoMs>, every: DurationMs, now: MonoMs) -> bool {
    last.is_none_or(|at| now.since(at) >= every)
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
        assert!(reader.is_due(MonoMs(0)));
        // Children of other tests end at the same time.
        for _ in 0..1000 {
            reader.look(MonoMs(0));
            if reader.processes.iter().any(|process| process.key.pid == child.id()) {
                break;
            }
        }
        reader.read();
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
        assert!(reader.is_due(MonoMs(60_000)));
        drop(child.stdin.take());
        child.wait().unwrap();
        reader.read();
        assert!(reader.is_due(MonoMs(1)), "who else is there now");
    }
}
