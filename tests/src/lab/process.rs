//! Which processes belong to a lab, and ending them.
//!
//! A process is the lab's if its environment carries the lab's tag, if it lives in the network and UTS namespace of a
//! tagged one (QEMU gets a fresh environment from libvirt), or if it is a QEMU working on the lab's files. Namespace
//! numbers are never taken from a file: the kernel reuses them at once.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::run::{Deadline, run, wait_for};

/// Environment variable that marks every process which the lab starts; its value is the lab's folder.
pub const TAG: &str = "EVENKEEL_LAB_DIR";

/// A process that cannot be confused with a later one of the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProcessId {
    /// Process number.
    pub pid: u32,
    /// Clock ticks between the boot of the machine and the start of the process.
    pub start: u64,
}

impl ProcessId {
    /// The process that has this number now.
    pub fn of(pid: u32) -> Option<Self> {
        let (state, start) = stat(pid)?;
        (state != 'Z').then_some(Self { pid, start })
    }

    /// This very process.
    pub fn me() -> Result<Self> {
        Self::of(std::process::id()).context("/proc does not show this process: is it mounted?")
    }

    /// Whether it still runs (a zombie does not).
    pub fn alive(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// Sends a signal, unless the process is gone.
    pub fn signal(self, signal: &str) -> Result<()> {
        if self.alive() {
            let sent = run("sh", ["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &self.pid.to_string()]);
            if self.alive() {
                sent?;
            }
        }
        Ok(())
    }

    /// TERM, and KILL if it is still there after `patience`.
    pub fn end(self, patience: Duration) -> Result<()> {
        self.signal("TERM")?;
        let gone = || Ok((!self.alive()).then_some(()));
        if wait_for("process to end", patience, gone).is_err() {
            self.signal("KILL")?;
            wait_for(&format!("process {} to end after KILL", self.pid), Duration::from_secs(10), gone)?;
        }
        Ok(())
    }
}

/// State letter and start time from /proc/PID/stat.
fn stat(pid: u32) -> Option<(char, u64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name in parentheses may itself contain spaces and parentheses.
    let mut fields = text.get(text.rfind(')')? + 1..)?.split_whitespace();
    let state = fields.next()?.chars().next()?;
    let start = fields.nth(18)?.parse().ok()?;
    Some((state, start))
}

/// Network and UTS namespace of a process, as the kernel names them.
fn namespaces(pid: u32) -> Option<(String, String)> {
    let link = |kind: &str| {
        let target = fs::read_link(format!("/proc/{pid}/ns/{kind}")).ok()?;
        Some(target.to_string_lossy().into_owned())
    };
    Some((link("net")?, link("uts")?))
}

fn all_pids() -> Result<Vec<u32>> {
    let entries = fs::read_dir("/proc").context("cannot list /proc")?;
    Ok(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

fn carries_tag(pid: u32, dir: &Path) -> bool {
    let wanted = format!("{TAG}={}", dir.display());
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes()))
}

fn is_qemu_on(pid: u32, dir: &Path) -> bool {
    let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else {
        return false;
    };
    let line = String::from_utf8_lossy(&line);
    let program = line.split('\0').next().unwrap_or_default();
    program.contains("qemu-system") && line.contains(&format!("{}/shared/", dir.display()))
}

/// Every live process of the lab in `dir`, without this one.
pub fn of_lab(dir: &Path) -> Result<BTreeSet<ProcessId>> {
    let me = std::process::id();
    let own = namespaces(me);
    let pids: Vec<u32> = all_pids()?.into_iter().filter(|pid| *pid != me).collect();
    let tagged: BTreeSet<u32> = pids.iter().copied().filter(|pid| carries_tag(*pid, dir)).collect();
    let inside: BTreeSet<(String, String)> = tagged
        .iter()
        .filter_map(|pid| namespaces(*pid))
        .filter(|names| own.as_ref().is_some_and(|own| own.0 != names.0 && own.1 != names.1))
        .collect();
    let belongs = |pid: u32| {
        tagged.contains(&pid) || namespaces(pid).is_some_and(|names| inside.contains(&names)) || is_qemu_on(pid, dir)
    };
    Ok(pids.into_iter().filter(|pid| belongs(*pid)).filter_map(ProcessId::of).collect())
}

/// Ends every process of the lab in `dir`: TERM first, KILL for those that stay.
pub fn end_all(dir: &Path) -> Result<()> {
    let patience = Deadline::after(Duration::from_secs(3));
    let mut asked = BTreeSet::new();
    let end = || {
        let left = of_lab(dir)?;
        for process in &left {
            if patience.passed() {
                process.signal("KILL")?;
            } else if asked.insert(*process) {
                process.signal("TERM")?;
            }
        }
        Ok(left.is_empty().then_some(()))
    };
    if let Err(error) = wait_for("the lab's processes to end", Duration::from_secs(20), end) {
        bail!("{error}; still there: {:?}", of_lab(dir)?);
    }
    Ok(())
}
