//! A collector of a test's own: its directories, its verbs and the program itself.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, ensure};
use evenkeel_tests::programs::{Background, program};
use serde_json::Value;

/// The directories of one collector.
pub struct Site {
    dir: tempfile::TempDir,
}

impl Site {
    /// Directories without a collector.
    pub fn new() -> Result<Self> {
        Ok(Self { dir: tempfile::Builder::new().prefix("ek-").tempdir()? })
    }

    /// One that was set up, at a free port.
    pub fn set_up() -> Result<Self> {
        let site = Self::new()?;
        site.expect(0, &["init", "--listen", "127.0.0.1:0"])?;
        Ok(site)
    }

    /// A path in them.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// `evenkeel` on these directories.
    pub fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(program("evenkeel")?);
        for kind in ["config", "data", "runtime"] {
            command.env(format!("EVENKEEL_{}_DIR", kind.to_uppercase()), self.path(kind));
        }
        command.args(arguments).stdin(Stdio::null());
        Ok(command)
    }

    /// Runs to its end and holds it to the exit code.
    pub fn expect(&self, code: i32, arguments: &[&str]) -> Result<Output> {
        let output = self.command(arguments)?.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(code), "{arguments:?}: {:?}, not {code}: {said}", output.status.code());
        Ok(output)
    }

    /// The error in JSON of a command that fails.
    pub fn error(&self, code: i32, arguments: &[&str]) -> Result<Value> {
        let output = self.expect(code, &[arguments, &["--output", "json"]].concat())?;
        ensure!(output.stdout.is_empty(), "{arguments:?} writes data and fails");
        let document: Value = serde_json::from_slice(&output.stderr)
            .with_context(|| format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)))?;
        let error = document["error"].clone();
        let keys: Vec<&String> = error.as_object().context("an object")?.keys().collect();
        ensure!(keys == ["hint", "kind", "message"], "{arguments:?}: {keys:?}");
        Ok(error)
    }

    /// The data of a verb.
    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let output = self.expect(0, &[arguments, &["--output", "json"]].concat())?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// `evenkeel serve`, ready.
    pub fn serve(&self) -> Result<Background> {
        let collector = Background::start(self.command(&["serve"])?, &self.path("log"))?;
        self.expect(0, &["status", "--wait", "20s"]).with_context(|| collector.log())?;
        Ok(collector)
    }
}

/// Bytes of a program as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
