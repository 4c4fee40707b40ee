//! The programs under test: built once, from this tree, and started as real processes.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::lab::{ProcessId, wait_for};

/// How long a program may take to end after SIGTERM.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where the programs are.
static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();

/// Says where the programs are, instead of building them; only before the first one is used.
pub fn built_in(dir: &Path) {
    // Whoever came first stays.
    drop(BUILT.set(Ok(dir.to_owned())));
}

/// Path of `evenkeel`, `evenkeel-agent` or `evenkeel-agent-libvirt`, built from this tree before it is first used.
pub fn program(name: &str) -> Result<PathBuf> {
    let dir = BUILT
        .get_or_init(|| build().map_err(|error| format!("{error:#}")))
        .as_ref()
        .map_err(|message| anyhow::anyhow!("{message}"))?;
    let path = dir.join(name);
    ensure!(path.is_file(), "{} is not a program of this workspace", path.display());
    Ok(path)
}

/// The same packages as `tests/run` builds: with fewer, cargo would unite other features and compile everything again.
fn build() -> Result<PathBuf> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--workspace", "--bins"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .stdin(Stdio::null())
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "the programs under test do not build");
    let test = std::env::current_exe().context("this test has no path")?;
    let profile = test.ancestors().nth(2).context("a test lies in target/PROFILE/deps")?;
    Ok(profile.to_owned())
}

/// A program that runs in the background. It is ended when dropped.
#[derive(Debug)]
pub struct Background {
    child: Child,
    log: PathBuf,
}

impl Background {
    /// Starts `command` with its stdout and stderr going to the file `log` (appended).
    pub fn start(mut command: Command, log: &Path) -> Result<Self> {
        let file = File::options().create(true).append(true).open(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All that it wrote so far.
    pub fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// SIGKILL, at once.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM; returns the exit code. It is an error when it does not end by itself.
    pub fn stop(mut self) -> Result<Option<i32>> {
        self.terminate()
    }

    fn terminate(&mut self) -> Result<Option<i32>> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status.code());
        }
        if let Some(process) = ProcessId::of(self.child.id()) {
            process.signal("TERM")?;
        }
        let status = wait_for("the program to end after SIGTERM", PATIENCE, || Ok(self.child.try_wait()?))?;
        Ok(status.code())
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if self.terminate().is_err() {
            // It is this test's own child, so its number is still its own.
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}
