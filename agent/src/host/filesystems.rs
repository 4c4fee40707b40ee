//! Asks file systems for their sizes. One on a dead server holds its caller up for ever: then another thread asks the
//! others, and that one is not asked again until its first answer is there.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use evenkeel_common::sample::Missing;
use rustix::io::Errno;

use crate::gather::host::filesystems::{Filesystem, Mount, Usage, mounts};

/// A file system that takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(1);
/// Threads that may hang at a time. Past that what is remote is not asked until one of them comes back.
const STUCK_MAX: usize = 8;

type Answer = Result<Usage, Missing>;

/// A file system, and where its answer will come.
type Question = (Vec<u8>, Receiver<Answer>);

/// Questions that were not answered yet.
#[derive(Clone, Debug, Default)]
pub struct Stuck(Arc<Mutex<Vec<Question>>>);

/// Every real file system and what it said; takes at most a few deadlines.
pub fn read(stuck: &Stuck) -> Vec<Filesystem> {
    let mountinfo = fs::read("/proc/self/mountinfo").unwrap_or_default();
    ask(stuck, mounts(&mountinfo), DEADLINE, usage)
}

fn ask(
    stuck: &Stuck,
    mounts: Vec<Mount>,
    deadline: Duration,
    usage: impl Fn(&[u8]) -> Answer + Copy + Send + 'static,
) -> Vec<Filesystem> {
    let mut stuck = stuck.0.lock().unwrap_or_else(PoisonError::into_inner);
    stuck.retain(|(_, answer)| matches!(answer.try_recv(), Err(TryRecvError::Empty)));
    let mut asker = None;
    let mut read = Vec::with_capacity(mounts.len());
    for mount in mounts {
        let answer = if stuck.iter().any(|(path, _)| *path == mount.path) {
            Err(Missing::Hung)
        } else if stuck.len() >= STUCK_MAX && mount.is_remote {
            Err(Missing::NoData)
        } else {
            let (questions, answers) = asker.take().unwrap_or_else(|| start(usage));
            let asked = questions.send(mount.path.clone());
            match answers.recv_timeout(deadline) {
                Ok(answer) => {
                    asker = Some((questions, answers));
                    answer
                }
                Err(RecvTimeoutError::Timeout) if asked.is_ok() => {
                    stuck.push((mount.path.clone(), answers));
                    Err(Missing::Hung)
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(Missing::NoData),
            }
        };
        read.push(Filesystem { mount: mount.name(), is_read_only: mount.is_read_only, usage: answer });
    }
    read
}

/// A thread that answers one question at a time until nobody asks any more.
fn start(usage: impl Fn(&[u8]) -> Answer + Send + 'static) -> (SyncSender<Vec<u8>>, Receiver<Answer>) {
    let (questions, asked) = sync_channel::<Vec<u8>>(1);
    let (answer, answers) = sync_channel(1);
    thread::spawn(move || {
        while let Ok(path) = asked.recv() {
            if answer.send(usage(&path)).is_err() {
                return;
            }
        }
    });
    (questions, answers)
}

fn usage(path: &[u8]) -> Answer {
    match rustix::fs::statvfs(Path::new(OsStr::from_bytes(path))) {
        Ok(stat) => Ok(Usage {
            size_bytes: stat.f_blocks.saturating_mul(stat.f_frsize),
            free_bytes: stat.f_bfree.saturating_mul(stat.f_frsize),
            available_bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
            inodes: stat.f_files,
            inodes_free: stat.f_ffree,
        }),
        Err(Errno::ACCESS | Errno::PERM) => Err(Missing::NotPermitted),
        Err(_) => Err(Missing::NoData),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(path: &str) -> Mount {
        Mount { path: path.into(), kind: "nfs4".to_owned(), is_read_only: false, is_remote: true }
    }

    fn hangs(path: &[u8]) -> Answer {
        while path.starts_with(b"/dead") {
            thread::park();
        }
        Ok(Usage::default())
    }

    #[test]
    fn a_dead_file_system_costs_a_deadline_once_and_never_the_others() {
        let stuck = Stuck::default();
        let all = || ["/dead", "/a", "/b"].map(mount).to_vec();
        for round in 0..3 {
            // Only the first round waits for it: the later ones have no time at all for a file system that hangs.
            let deadline = Duration::from_millis(if round == 0 { 50 } else { 20_000 });
            let found = ask(&stuck, all(), deadline, hangs);
            let found: Vec<Answer> = found.into_iter().map(|filesystem| filesystem.usage).collect();
            assert_eq!(found, [Err(Missing::Hung), Ok(Usage::default()), Ok(Usage::default())]);
            assert_eq!(stuck.0.lock().unwrap().len(), 1);
        }
    }

    #[test]
    fn threads_that_hang_are_bounded() {
        let stuck = Stuck::default();
        let all: Vec<Mount> = (0..2 * STUCK_MAX).map(|n| mount(&format!("/dead{n}"))).collect();
        for _ in 0..3 {
            let found = ask(&stuck, all.clone(), Duration::from_millis(5), hangs);
            assert_eq!(found.iter().filter(|filesystem| filesystem.usage == Err(Missing::Hung)).count(), STUCK_MAX);
            assert_eq!(stuck.0.lock().unwrap().len(), STUCK_MAX);
        }
    }

    #[test]
    fn the_root_has_a_size() {
        let all = read(&Stuck::default());
        let root = all.iter().find(|filesystem| filesystem.mount == "/");
        // A container's root may be of a kind that has no size of its own.
        if let Some(root) = root {
            assert!(root.usage.is_ok_and(|usage| usage.size_bytes >= usage.free_bytes && usage.size_bytes > 0));
        }
    }
}
