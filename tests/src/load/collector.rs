//! A collector in a process of its own, on this machine.

use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use evenkeel_common::token::JoinToken;
use serde_json::Value;

use crate::programs::{Background, program};
use crate::small_disk;

/// See the module.
#[derive(Debug)]
pub struct Collector {
    dir: PathBuf,
    process: Option<Background>,
    /// Bytes of the disk under its data directory, when that is one of its own.
    disk_bytes: Option<u64>,
}

impl Collector {
    /// Makes one in `dir` and starts it on a free port.
    ///
    /// # Errors
    /// When a command fails.
    pub fn start(dir: &Path) -> Result<Self> {
        Self::start_on(dir, None)
    }

    /// The same, with a small disk of its own under its data directory, which goes when it ends. Needs root.
    ///
    /// # Errors
    /// When a command fails.
    pub fn start_on_small_disk(dir: &Path, bytes: u64) -> Result<Self> {
        Self::start_on(dir, Some(bytes))
    }

    /// Its data directory, as its process sees it.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        small_disk::seen_by(self.pid(), &self.dir.join("data"))
    }

    fn start_on(dir: &Path, disk_bytes: Option<u64>) -> Result<Self> {
        fs::create_dir_all(dir)?;
        let mut collector = Self { dir: dir.to_owned(), process: None, disk_bytes };
        // Between this and the start somebody else may take it; then the start says so.
        let port = UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port();
        collector.run(&["init", "--listen", &format!("127.0.0.1:{port}")])?;
        if disk_bytes.is_some() {
            // It is a part of the disk on which `init` ran.
            fs::remove_file(dir.join("data/reserve"))?;
        }
        collector.resume()?;
        Ok(collector)
    }

    /// Starts it again.
    ///
    /// # Errors
    /// When it does not get ready.
    pub fn resume(&mut self) -> Result<()> {
        let mut command = self.command()?;
        command.arg("serve");
        if let Some(bytes) = self.disk_bytes {
            command = small_disk::with(&command, &self.dir.join("data"), &format!("size={bytes}"), ":");
        }
        self.process = Some(Background::start(command, &self.dir.join("log"))?);
        let log = || self.process.as_ref().map(Background::log).unwrap_or_default();
        self.run(&["status", "--wait", "60s"]).with_context(log)?;
        Ok(())
    }

    /// SIGTERM.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(&mut self) -> Result<()> {
        self.process.take().map_or(Ok(()), |process| process.stop().map(drop))
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// When that fails.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().map_or(Ok(()), Background::kill)
    }

    /// Its process; 0 while there is none.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.as_ref().map_or(0, Background::pid)
    }

    fn command(&self) -> Result<Command> {
        let mut command = Command::new(program("evenkeel")?);
        for kind in ["config", "data", "runtime"] {
            let dir = self.dir.join(kind);
            fs::create_dir_all(&dir)?;
            command.env(format!("EVENKEEL_{}_DIR", kind.to_uppercase()), dir);
        }
        Ok(command)
    }

    /// `evenkeel ARGS…`, which has to succeed.
    ///
    /// # Errors
    /// When it does not.
    pub fn run(&self, args: &[&str]) -> Result<String> {
        let Output { status, stdout, stderr } = self.command()?.args(args).stdin(Stdio::null()).output()?;
        let stderr = String::from_utf8_lossy(&stderr);
        ensure!(status.success(), "evenkeel {:?} ended with {status}: {stderr}", &args[..args.len().min(6)]);
        Ok(String::from_utf8(stdout)?)
    }

    /// `evenkeel ARGS… --output json`.
    ///
    /// # Errors
    /// When it does not succeed.
    pub fn json(&self, args: &[&str]) -> Result<Value> {
        Ok(serde_json::from_str(&self.run(&[args, &["--output", "json"]].concat())?)?)
    }

    /// A token for each of these hosts.
    ///
    /// # Errors
    /// When there are none.
    pub fn tokens(&self, hosts: &[String]) -> Result<Vec<JoinToken>> {
        let file = self.dir.join("hosts");
        fs::write(&file, hosts.join("\n"))?;
        let file = file.display().to_string();
        let created = self.json(&["token", "create", "--hosts", &file])?;
        let one = |value: &Value| {
            let token = value["token"].as_str().context("token create prints tokens")?;
            token.parse::<JoinToken>().map_err(|error| anyhow::anyhow!("{error}"))
        };
        match &created {
            Value::Array(all) => all.iter().map(one).collect(),
            single => Ok(vec![one(single)?]),
        }
    }

    /// Bytes of everything in its data directory.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn disk_bytes(&self) -> Result<u64> {
        let mut sum = 0;
        for entry in fs::read_dir(self.dir.join("data"))? {
            let metadata = entry?.metadata()?;
            sum += if metadata.is_file() { metadata.len() } else { 0 };
        }
        Ok(sum)
    }

    /// Resident memory.
    ///
    /// # Errors
    /// When it does not run.
    pub fn rss_bytes(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
        Ok(kib * 1_024)
    }
}
