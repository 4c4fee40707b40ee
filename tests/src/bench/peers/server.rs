//! A peer's server: started on a free port in a directory of its own, ended by its number.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::time::sleep;

use super::super::cpu::Meter;
use super::http::{Ask, Http};
use crate::programs::Background;

/// How often is asked whether it is ready.
const TRIES: u32 = 300;

/// See the module.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) dir: PathBuf,
    process: Background,
    pub(super) http: Http,
    port: u16,
    meter: Meter,
}

impl Server {
    /// VictoriaMetrics. Readings may be as old as they like, and no answer comes from a cache of answers.
    pub(super) async fn victoria(dir: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("victoria-metrics");
        command.args(["-retentionPeriod=100y", "-search.disableCache", "-loggerLevel=ERROR"]);
        command.arg(format!("-storageDataPath={}", dir.display())).arg(format!("-httpListenAddr=127.0.0.1:{port}"));
        Self::start(dir, command, port, "/health").await
    }

    /// Prometheus, as a receiver of remote writes.
    pub(super) async fn prometheus(dir: &Path) -> Result<Self> {
        let port = free_port()?;
        fs::create_dir_all(dir)?;
        let config = dir.join("prometheus.yml");
        fs::write(&config, "global: {}\n")?;
        let mut command = Command::new("prometheus");
        command.args(["--storage.tsdb.retention.time=100y", "--web.enable-remote-write-receiver", "--log.level=error"]);
        command.arg("--web.enable-admin-api").arg(format!("--config.file={}", config.display()));
        command.arg(format!("--storage.tsdb.path={}", dir.join("data").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        Self::start(dir, command, port, "/-/ready").await
    }

    async fn start(dir: &Path, command: Command, port: u16, ready: &str) -> Result<Self> {
        fs::create_dir_all(dir)?;
        let process = Background::start(command, &dir.join("log"))?;
        for _ in 0..TRIES {
            if let Ok(mut http) = Http::tcp(port).await
                && http.ask(&Ask::get(ready)).await.is_ok()
            {
                return Ok(Self { dir: dir.to_owned(), process, http, port, meter: Meter::default() });
            }
            sleep(Duration::from_millis(100)).await;
        }
        anyhow::bail!("a peer does not get ready: {}", process.log())
    }

    /// Connects anew: a server closes a connection on which nothing was asked for a while.
    pub(super) async fn reconnect(&mut self) -> Result<()> {
        self.http = Http::tcp(self.port).await?;
        Ok(())
    }

    /// CPU time so far, in ns.
    pub(super) fn cpu(&mut self) -> u64 {
        self.meter.look(&[self.process.pid()])
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.pid()
    }

    pub(super) fn stop(self) -> Result<()> {
        self.process.stop().map(drop)
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until a process does nothing more: less than a hundredth of a core for two seconds.
pub(super) async fn quiet(pid: u32) {
    let mut meter = Meter::default();
    let mut before = meter.look(&[pid]);
    for _ in 0..120 {
        sleep(Duration::from_secs(2)).await;
        let now = meter.look(&[pid]);
        if now - before < 20_000_000 {
            return;
        }
        before = now;
    }
}

/// Resident memory in bytes.
pub(super) fn resident(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? * 1_024)
}

/// Bytes of all files below a directory.
pub(super) fn bytes_below(dir: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        sum += if kind.is_dir() {
            bytes_below(&entry.path())?
        } else if kind.is_file() {
            entry.metadata()?.len()
        } else {
            0
        };
    }
    Ok(sum)
}

/// The version of a Debian package, or an error that says how to get it.
pub(super) fn version(package: &str) -> Result<String> {
    let found = Command::new("dpkg-query").args(["-W", "-f", "${Version}", package]).stderr(Stdio::null()).output()?;
    ensure!(found.status.success(), "the package {package} is not installed; `packaging/deps bench` does that");
    Ok(String::from_utf8_lossy(&found.stdout).into_owned())
}
