//! A whole evenkeel in a lab: a collector on `ctl`, an agent and an actor on each host, all real processes with
//! directories of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::lab::{CTL, Lab, wait_for};
use crate::programs::{Background, program};

/// Where the collector listens on `ctl`.
const PORT: u16 = 7443;

/// The agent and the actor of one host.
#[derive(Debug)]
pub struct HostPrograms {
    /// The host's name in the lab, and its name for evenkeel.
    pub name: String,
    /// The network half.
    pub agent: Option<Background>,
    /// The privileged half.
    pub actor: Option<Background>,
}

/// The running programs.
#[derive(Debug)]
pub struct Cluster<'lab> {
    lab: &'lab Lab,
    dir: tempfile::TempDir,
    /// What `agent.toml` says besides names.
    settings: String,
    /// `evenkeel serve`; `None` while a test has it stopped.
    pub collector: Option<Background>,
    /// The hosts in the lab's order.
    pub hosts: Vec<HostPrograms>,
}

impl<'lab> Cluster<'lab> {
    /// Makes a collector, joins an agent on every host of the lab and waits until all are connected. What is slow of a
    /// host is read at every second, so that no test has to wait a minute for it.
    pub fn start(lab: &'lab Lab, interval: &'static str) -> Result<Self> {
        let soon = "[intervals]\nfilesystem = \"1s\"\npool = \"1s\"\nhardware = \"1s\"\n";
        Self::with(lab, format!("interval = {interval:?}\n{soon}"))
    }

    /// The same with agents that have no settings but their names and their libvirt.
    pub fn with_defaults(lab: &'lab Lab) -> Result<Self> {
        Self::with(lab, String::new())
    }

    fn with(lab: &'lab Lab, settings: String) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("ek-").tempdir()?;
        let mut cluster = Self { lab, dir, settings, collector: None, hosts: Vec::new() };
        cluster.succeed(&["init", "--listen", &format!("0.0.0.0:{PORT}")])?;
        cluster.start_collector()?;
        let names: Vec<String> = lab.hosts().map(|host| host.name.clone()).collect();
        for name in names {
            cluster.join(&name)?;
            let actor = Some(cluster.start_actor(&name)?);
            let agent = Some(cluster.start_agent(&name)?);
            cluster.hosts.push(HostPrograms { name, agent, actor });
        }
        cluster.wait_json("all agents connected", &["host", "list"], Duration::from_secs(30), |hosts| {
            let hosts = hosts.as_array()?;
            let connected = hosts.iter().filter(|host| host["state"] == "connected").count();
            (connected == lab.hosts().count()).then_some(())
        })?;
        Ok(cluster)
    }

    /// Directories of `who` (`collector` or a host).
    pub fn dir(&self, who: &str) -> PathBuf {
        self.dir.path().join(who)
    }

    fn log(&self, who: &str) -> PathBuf {
        self.dir.path().join(format!("{who}.log"))
    }

    /// A command of ours on `node` with the directories of `who`.
    fn command(&self, node: &str, name: &str, who: &str) -> Result<Command> {
        let mut command = self.lab.command(node, program(name)?)?;
        for kind in ["config", "data", "runtime"] {
            let dir = self.dir(who).join(kind);
            fs::create_dir_all(&dir)?;
            command.env(format!("EVENKEEL_{}_DIR", kind.to_uppercase()), dir);
        }
        Ok(command)
    }

    /// Starts `evenkeel serve` and waits until it is ready.
    pub fn start_collector(&mut self) -> Result<()> {
        let mut command = self.command(CTL, "evenkeel", "collector")?;
        command.arg("serve");
        self.collector = Some(Background::start(command, &self.log("collector"))?);
        let ready = self.evenkeel(&["status", "--wait", "20s"])?;
        ensure!(ready.status.success(), "the collector is not ready: {}", self.tail("collector"));
        Ok(())
    }

    fn join(&self, host: &str) -> Result<()> {
        let token = self.json(&["token", "create", "--host", host])?;
        let token = token["token"].as_str().context("token create prints a token")?.to_owned();
        let config = self.dir(host).join("config");
        fs::create_dir_all(&config)?;
        fs::write(config.join("agent.toml"), self.agent_toml(host))?;
        fs::write(config.join("actions.toml"), self.actions_toml(host))?;
        let address = format!("{}:{PORT}", self.lab.address(CTL)?);
        let output = self.command(host, "evenkeel-agent", host)?.args(["join", &address, &token]).output()?;
        ensure!(output.status.success(), "join: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    fn agent_toml(&self, host: &str) -> String {
        format!("name = {host:?}\nlibvirt_uri = {:?}\n{}", self.lab.uri_read_only(host), self.settings)
    }

    fn actions_toml(&self, host: &str) -> String {
        format!(
            "libvirt_uri = {:?}\nrecovery_dir = {:?}\n[migrate]\nconnect_uri = {:?}\ndata_uri = {:?}\nunsafe = true\n[restart]\ngraceful_deadline = \"8s\"\n",
            self.lab.uri(host),
            self.recovery_dir(host),
            self.lab.migrate_dest_uri_template(),
            self.lab.migrate_uri_template(),
        )
    }

    /// Where a host keeps its recovery points.
    pub fn recovery_dir(&self, host: &str) -> PathBuf {
        self.dir(host).join("recovery")
    }

    /// Starts the actor of a host.
    pub fn start_actor(&self, host: &str) -> Result<Background> {
        let mut command = self.command(host, "evenkeel-agent-libvirt", host)?;
        command.arg("actor");
        Background::start(command, &self.log(&format!("{host}-actor")))
    }

    /// Starts the agent of a host.
    pub fn start_agent(&self, host: &str) -> Result<Background> {
        let mut command = self.command(host, "evenkeel-agent", host)?;
        command.arg("run");
        Background::start(command, &self.log(&format!("{host}-agent")))
    }

    /// `evenkeel-agent VERB…` on a host, to its end.
    pub fn agent(&self, host: &str, args: &[&str]) -> Result<Output> {
        Ok(self.command(host, "evenkeel-agent", host)?.args(args).stdin(Stdio::null()).output()?)
    }

    /// `evenkeel VERB…`, to its end.
    pub fn evenkeel(&self, args: &[&str]) -> Result<Output> {
        Ok(self.command(CTL, "evenkeel", "collector")?.args(args).stdin(Stdio::null()).output()?)
    }

    /// `evenkeel VERB…`, which has to succeed; its stdout.
    pub fn succeed(&self, args: &[&str]) -> Result<String> {
        let output = self.evenkeel(args)?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "evenkeel {args:?} ended with {}: {stderr}", output.status);
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// `evenkeel VERB… --output json`, which has to succeed; what it prints.
    pub fn json(&self, args: &[&str]) -> Result<Value> {
        let text = self.succeed(&[args, &["--output", "json"]].concat())?;
        serde_json::from_str(&text).with_context(|| format!("evenkeel {args:?} printed no JSON: {text}"))
    }

    /// Asks `evenkeel VERB… --output json` until `condition` finds what it wants in the answer.
    pub fn wait_json<T>(
        &self,
        what: &str,
        args: &[&str],
        limit: Duration,
        mut condition: impl FnMut(&Value) -> Option<T>,
    ) -> Result<T> {
        let mut last = Value::Null;
        wait_for(what, limit, || {
            last = self.json(args)?;
            Ok(condition(&last))
        })
        .with_context(|| format!("last answer of evenkeel {args:?}: {last}\n{}", self.tails()))
    }

    /// All that `hosta-agent`, `hosta-actor` or `collector` wrote so far.
    pub fn log_of(&self, who: &str) -> String {
        fs::read(self.log(who)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    fn tails(&self) -> String {
        let hosts = self.hosts.iter().flat_map(|host| [format!("{}-agent", host.name), format!("{}-actor", host.name)]);
        std::iter::once("collector".to_owned()).chain(hosts).map(|who| self.tail(&who)).collect::<Vec<_>>().join("\n")
    }

    fn tail(&self, who: &str) -> String {
        tail(&self.log(who))
    }
}

fn tail(path: &Path) -> String {
    crate::lab::tail(path)
}
