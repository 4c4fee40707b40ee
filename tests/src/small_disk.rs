//! A disk that gets full: a tmpfs that one process sees, in a mount namespace of its own, and that goes with it.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

/// What a test fills a disk with.
const FILLER: &str = "filler";

/// `command` with a tmpfs on `dir`, which begins with the content that `dir` has; `prepare` is done in a shell there
/// before. The process is the one that is started. Needs root.
#[must_use]
pub fn with(command: &Command, dir: &Path, options: &str, prepare: &str) -> Command {
    let script = format!(
        "set -e; mount -t tmpfs -o {options} small \"$1\".disk; cp -a \"$1\"/. \"$1\".disk/
         mount --move \"$1\".disk \"$1\"; cd \"$1\"; {prepare}; cd /; shift; exec \"$@\""
    );
    let beside = dir.with_extension("disk");
    // A folder that is there already is as good; else mounting fails and says so.
    drop(fs::create_dir_all(&beside));
    let mut wrapped = Command::new("unshare");
    wrapped.args(["--mount", "--propagation", "private", "sh", "-c", &script, "small-disk"]).arg(dir);
    wrapped.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            wrapped.env(name, value);
        }
    }
    wrapped
}

/// A path as a process sees it.
#[must_use]
pub fn seen_by(pid: u32, path: &Path) -> PathBuf {
    let inside = path.strip_prefix("/").unwrap_or(path);
    Path::new(&format!("/proc/{pid}/root")).join(inside)
}

/// Fills the disk under `dir` to the last byte.
///
/// # Errors
/// When something else is wrong than that it is full.
pub fn fill(dir: &Path) -> Result<()> {
    let mut filler = File::options().create(true).append(true).open(dir.join(FILLER)).context("no filler")?;
    for size in [1 << 16, 1 << 12, 1] {
        let bytes = vec![0x5a; size];
        loop {
            match filler.write(&bytes) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Gives the space back.
///
/// # Errors
/// When the filler cannot be removed.
pub fn clear(dir: &Path) -> Result<()> {
    fs::remove_file(dir.join(FILLER)).context("the filler stays")
}
