//! Reads what the kernel knows of each QEMU process, with the files kept open from tick to tick. Nothing here waits for
//! QEMU or libvirt, so that a guest whose monitor hangs still has its CPU, memory and network.

mod files;
mod guest;
mod scan;
mod source;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::time::Duration;

use evenkeel_common::clock;
use evenkeel_common::time::{DurationMs, MonoMs};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::gather::host::boot_time_s;
use crate::gather::kernel::KernelLook;
use crate::gather::kernel::auxv::Units;
use crate::gather::kernel::identify::{Found, pick};
use crate::gather::roster::Process;
use files::{Budget, FileSlot};
use guest::Guest;
pub use source::KernelSource;

/// Past this a tick goes on without what is new. A command line cannot be read while its process is stuck in the kernel
/// with its memory locked; a look for new processes then waits, and no second one is begun beside it.
const PATIENCE: Duration = Duration::from_secs(1);
/// A run whose process is not found is looked for again after this, then after twice as long, …
const LOOK_AGAIN_FIRST: DurationMs = DurationMs::from_s(1);
/// … and at least this often.
const LOOK_AGAIN_LAST: DurationMs = DurationMs::from_s(300);

/// The reader, with the open files.
#[derive(Debug)]
pub struct KernelReader {
    files: Files,
    scanning: Option<JoinHandle<Vec<Found>>>,
    unfound: HashMap<Process, Patience>,
}

/// What a read needs.
#[derive(Debug)]
struct Files {
    guests: HashMap<Process, Guest>,
    net_dev: FileSlot,
    budget: Budget,
    units: Units,
    boot_s: u64,
}

#[derive(Clone, Copy, Debug)]
struct Patience {
    next: MonoMs,
    wait: DurationMs,
}

impl Default for KernelReader {
    fn default() -> Self {
        Self::new()
    }
}

impl KernelReader {
    /// Nothing is opened before the first read.
    #[must_use]
    pub fn new() -> Self {
        let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
        let files = Files {
            guests: HashMap::new(),
            net_dev: FileSlot::new("/proc/self/net/dev".into()),
            budget: Budget::of_this_process(),
            units: Units::parse(&fs::read("/proc/self/auxv").unwrap_or_default()),
            boot_s: boot_time_s(&stat).unwrap_or(0),
        };
        Self { files, scanning: None, unfound: HashMap::new() }
    }

    /// One look at the processes of `runs`; files of others are closed. What cannot be read is left out, never an
    /// error.
    ///
    /// The known processes are read on the spot: a microsecond or two for each small file, which the kernel writes from
    /// what it has in memory, waiting for nobody. Waking a thread for that took longer than reading some dozen guests.
    pub async fn read(&mut self, runs: &[Process]) -> KernelLook {
        let runs_now: HashSet<Process> = runs.iter().copied().collect();
        self.files.keep(&runs_now);
        self.unfound.retain(|process, _| runs_now.contains(process));
        self.find_new(runs).await;
        self.files.read()
    }

    /// Looks through /proc when a run has no process yet.
    async fn find_new(&mut self, runs: &[Process]) {
        let now = clock::mono();
        let is_new = |process: &&Process| {
            !self.files.guests.contains_key(process)
                && self.unfound.get(process).is_none_or(|patience| now >= patience.next)
        };
        let wanted: Vec<Process> = runs.iter().filter(is_new).copied().collect();
        if wanted.is_empty() && self.scanning.is_none() {
            return;
        }
        let mut scanning = match self.scanning.take() {
            Some(scanning) => scanning,
            None => spawn_blocking(scan::scan),
        };
        let Ok(found) = timeout(PATIENCE, &mut scanning).await else {
            self.scanning = Some(scanning);
            return;
        };
        let found = found.unwrap_or_default();
        for process in wanted {
            if let Some(guest) = pick(&found, process).map(|one| Guest::new(one.pid)) {
                self.files.guests.insert(process, guest);
                self.unfound.remove(&process);
            } else {
                let wait = self.unfound.get(&process).map_or(LOOK_AGAIN_FIRST, |patience| {
                    DurationMs(patience.wait.0.saturating_mul(2)).min(LOOK_AGAIN_LAST)
                });
                self.unfound.insert(process, Patience { next: now.plus(wait), wait });
            }
        }
    }
}

impl Files {
    /// Closes the files of processes that ended and of runs that nobody wants any more.
    fn keep(&mut self, runs: &HashSet<Process>) {
        let Self { guests, budget, .. } = self;
        guests.retain(|process, guest| {
            let stays = guest.is_alive() && runs.contains(process);
            if !stays {
                guest.end(budget);
            }
            stays
        });
    }

    fn read(&mut self) -> KernelLook {
        let mut look = KernelLook::default();
        for (process, guest) in &mut self.guests {
            if let Some(record) = guest.read(process.id, self.boot_s, self.units, &mut self.budget) {
                look.domains.insert(process.uuid, record);
            }
        }
        look.net_dev = self.net_dev.read_all(&mut self.budget);
        look
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use uuid::Uuid;

    use super::*;
    use crate::gather::kernel::ProcessState;

    /// A process that looks like the QEMU of `uuid`.
    struct Fake(Child);

    impl Fake {
        fn start(uuid: Uuid, id: u32) -> Self {
            let mut command = Command::new("sh");
            command.args(["-c", "read line", "sh", "-uuid", &uuid.to_string(), &format!("/x/domain-{id}-g/y")]);
            Self(command.stdin(Stdio::piped()).spawn().unwrap())
        }
    }

    impl Drop for Fake {
        fn drop(&mut self) {
            // It may have ended already.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// A fresh process has its command line only a moment after it was started.
    async fn until_found(reader: &mut KernelReader, run: Process) -> KernelLook {
        for _ in 0..1000 {
            let look = reader.read(&[run]).await;
            if look.domains.contains_key(&run.uuid) {
                return look;
            }
            reader.unfound.clear();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the process was not found");
    }

    #[tokio::test]
    async fn reads_a_process_until_it_ends_and_finds_the_next_one() {
        let uuid = Uuid::new_v4();
        let run = |id| Process { uuid: uuid.into_bytes(), id };
        let left = |reader: &KernelReader| reader.files.budget.left();
        let mut reader = KernelReader::new();
        assert!(reader.read(&[run(1)]).await.domains.is_empty());
        let mut first = Fake::start(uuid, 1);
        let look = until_found(&mut reader, run(1)).await;
        let record = &look.domains[&run(1).uuid];
        assert!(record.start.0 > 0 && record.rss_bytes.is_some_and(|bytes| bytes > 0) && record.cpu.is_some());
        assert!(record.vcpus.is_empty() && !look.net_dev.is_empty());
        let before = left(&reader);
        first.0.kill().unwrap();
        first.0.wait().unwrap();
        assert!(reader.read(&[run(1)]).await.domains.is_empty());
        assert_eq!(left(&reader), before + 1, "its file is closed");
        let _second = Fake::start(uuid, 2);
        let look = until_found(&mut reader, run(2)).await;
        let record = &look.domains[&run(2).uuid];
        assert_eq!(record.id, 2);
        assert!(!matches!(record.process_state, ProcessState::Zombie | ProcessState::Gone));
    }
}
