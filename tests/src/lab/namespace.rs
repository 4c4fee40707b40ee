//! The hosts' namespaces and the one L2 segment that joins them.
//!
//! The namespaces have no names under /run/netns: each lives as long as a process in it, so that ending the processes
//! removes namespaces, bridges, links and mounts alike. Nothing is put into the machine's own network namespace.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use super::process::{ProcessId, TAG};
use super::run::{finish, limited, run, tail, wait_for};

const HOLDER_SCRIPT: &str = include_str!("holder.sh");
const HOLDER_LIMIT: Duration = Duration::from_secs(20);

/// Starts the process that holds the namespaces of `name`, whose files are in `dir`/`name`; `cgroup` is the group that they
/// see as the whole hierarchy, empty for none.
pub fn create(dir: &Path, name: &str, cgroup: &str) -> Result<ProcessId> {
    let folder = dir.join(name);
    fs::create_dir_all(folder.join("etc")).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(folder.join("etc/machine-id"), format!("{}\n", uuid::Uuid::new_v4().simple()))?;
    fs::copy(dir.join("hosts"), folder.join("etc/hosts")).context("cannot copy the hosts file")?;
    let log_path = folder.join("holder.log");
    let log = fs::File::create(&log_path).with_context(|| format!("cannot write {}", log_path.display()))?;
    Command::new("setsid")
        .args(["--fork", "unshare", "--net", "--mount", "--uts", "--propagation", "private"])
        .args(["sh", "-c", HOLDER_SCRIPT, "evenkeel-lab-holder"])
        .arg(&folder)
        .args([name, cgroup])
        .env(TAG, dir)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .status()
        .context("cannot start setsid")?;
    wait_for(&format!("namespaces of {name}"), HOLDER_LIMIT, || {
        let pid = fs::read_to_string(folder.join("holder.pid")).ok().and_then(|text| text.trim().parse().ok());
        Ok(pid.and_then(ProcessId::of))
    })
    .with_context(|| tail(&log_path))
}

/// A command that runs `program` inside the namespaces of `holder`. Its working directory is `/`.
pub fn command(dir: &Path, holder: ProcessId, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("nsenter");
    command.args(["-t", &holder.pid.to_string(), "-n", "-m", "-u", "--"]).arg(program).env(TAG, dir);
    command
}

/// Runs `program` inside the namespaces to its end and returns its stdout.
pub fn exec(dir: &Path, holder: ProcessId, limit_s: u64, program: &str, args: &[&str]) -> Result<String> {
    let mut command = limited(limit_s);
    command.args(["nsenter", "-t", &holder.pid.to_string(), "-n", "-m", "-u", "--"]);
    finish(command.arg(program).args(args).env(TAG, dir), program)
}

/// Gives a host its bridge.
pub fn add_bridge(dir: &Path, holder: ProcessId, address: &str) -> Result<()> {
    let script = "ip link add br0 type bridge forward_delay 0 && ip addr add \"$1/24\" dev br0 && ip link set br0 up";
    exec(dir, holder, 20, "sh", &["-c", script, "sh", address]).map(drop)
}

/// Joins the bridges of two hosts.
pub fn join_bridges(dir: &Path, a: (&str, ProcessId), b: (&str, ProcessId)) -> Result<()> {
    let (end_a, end_b) = (format!("to-{}", b.0), format!("to-{}", a.0));
    add_veth((&end_a, a.1), (&end_b, b.1))?;
    to_bridge(dir, a.1, &end_a)?;
    to_bridge(dir, b.1, &end_b)
}

/// Joins a namespace without a bridge to a host's bridge.
pub fn join_leaf(dir: &Path, leaf: (&str, ProcessId), address: &str, host: ProcessId) -> Result<()> {
    let end = format!("to-{}", leaf.0);
    add_veth(("eth0", leaf.1), (&end, host))?;
    to_bridge(dir, host, &end)?;
    let script = "ip addr add \"$1/24\" dev eth0 && ip link set eth0 up";
    exec(dir, leaf.1, 20, "sh", &["-c", script, "sh", address]).map(drop)
}

fn add_veth(a: (&str, ProcessId), b: (&str, ProcessId)) -> Result<()> {
    let (pid_a, pid_b) = (a.1.pid.to_string(), b.1.pid.to_string());
    let end_a = ["link", "add", a.0, "netns", &pid_a, "type", "veth"];
    let end_b = ["peer", "name", b.0, "netns", &pid_b];
    run("ip", end_a.into_iter().chain(end_b)).map(drop)
}

fn to_bridge(dir: &Path, holder: ProcessId, interface: &str) -> Result<()> {
    exec(dir, holder, 20, "ip", &["link", "set", interface, "master", "br0", "up"]).map(drop)
}
