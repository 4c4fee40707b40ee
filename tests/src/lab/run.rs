//! Running programs with a deadline, and waiting for conditions with one.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// No program that the lab itself runs takes longer than this on a healthy machine.
pub const PROGRAM_LIMIT_S: u64 = 60;
/// What `timeout` exits with when it had to end the program.
const TIMEOUT_PASSED: i32 = 124;
const POLL: Duration = Duration::from_millis(50);

/// Runs `program` to its end and returns its stdout; an error carries its stderr.
pub fn run<S: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = S>) -> Result<String> {
    let mut command = limited(PROGRAM_LIMIT_S);
    command.arg(program).args(args);
    finish(&mut command, program)
}

/// `timeout` with nothing after it yet.
pub fn limited(limit_s: u64) -> Command {
    let mut command = Command::new("timeout");
    command.args(["-k", "2", &limit_s.to_string()]);
    command
}

/// Runs a prepared command to its end and returns its stdout. An error names `program` and its last arguments only: what
/// comes before them is the lab's own wrapping.
pub fn finish(command: &mut Command, program: &str) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {command:?}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words: Vec<String> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
    let start = words.iter().position(|word| word == program).unwrap_or_default();
    let reason = match output.status.code() {
        Some(TIMEOUT_PASSED) => "took too long and was ended".to_owned(),
        Some(code) => format!("exited with {code}"),
        None => format!("was ended: {}", output.status),
    };
    bail!("`{}` {reason}: {}", words[start..].join(" "), String::from_utf8_lossy(&output.stderr).trim())
}

/// A point in time that a wait does not go beyond.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// `limit` from now.
    pub fn after(limit: Duration) -> Self {
        Self(now() + limit)
    }

    /// Whether it lies in the past.
    pub fn passed(self) -> bool {
        now() >= self.0
    }
}

/// Asks `condition` again and again until it gives a value or `limit` has passed.
pub fn wait_for<T>(what: &str, limit: Duration, mut condition: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Deadline::after(limit);
    loop {
        if let Some(value) = condition()? {
            return Ok(value);
        }
        if deadline.passed() {
            bail!("{what}: not within {} s", limit.as_secs_f32());
        }
        std::thread::sleep(POLL);
    }
}

/// The monotonic clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the lab is a shell around real processes; this is its one reading of the clock"
)]
pub fn now() -> Instant {
    Instant::now()
}

/// The last lines of a log for an error message, or why there are none.
pub fn tail(path: &Path) -> String {
    const LINES: usize = 12;
    match std::fs::read(path) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<&str> = text.lines().collect();
            let last = &lines[lines.len().saturating_sub(LINES)..];
            format!("end of {}:\n{}", path.display(), last.join("\n"))
        }
        Err(error) => format!("{} cannot be read: {error}", path.display()),
    }
}
