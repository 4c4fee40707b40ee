//! One lab host's libvirtd and virtlogd.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::namespace;
use super::process::ProcessId;
use super::run::{run, tail, wait_for};

const START_LIMIT: Duration = Duration::from_secs(60);

/// In the order in which they start.
const DAEMONS: [&str; 2] = ["virtlogd", "libvirtd"];

/// URI of a read-write connection to the host whose files are in `folder`.
pub fn uri(folder: &Path) -> String {
    format!("qemu+unix:///system?socket={}", folder.join("run/libvirt/libvirt-sock").display())
}

/// URI of a read-only connection; the opener must ask for read-only too (`virsh -r`, `virConnectOpenReadOnly`).
pub fn uri_read_only(folder: &Path) -> String {
    format!("qemu+unix:///system?socket={}", folder.join("run/libvirt/libvirt-sock-ro").display())
}

/// Writes the daemons' configuration; `cgroups` says whether guests get one.
pub fn configure(folder: &Path, cgroups: bool) -> Result<()> {
    let etc = folder.join("etc/libvirt");
    fs::create_dir_all(&etc).with_context(|| format!("cannot make {}", etc.display()))?;
    // Without a UUID of its own a host has the machine's, and two such hosts refuse to migrate to each other.
    let libvirtd = format!(
        "host_uuid = \"{}\"\nunix_sock_group = \"root\"\nauth_unix_ro = \"none\"\nauth_unix_rw = \"none\"\n\
         log_outputs = \"2:file:/var/log/libvirt/libvirtd.log\"\n",
        uuid::Uuid::new_v4()
    );
    fs::write(etc.join("libvirtd.conf"), libvirtd)?;
    let controllers = if cgroups { "\"cpu\", \"cpuacct\"" } else { "" };
    fs::write(
        etc.join("qemu.conf"),
        format!(
            "user = \"root\"\ngroup = \"root\"\nsecurity_driver = \"none\"\ncgroup_controllers = [ {controllers} ]\n\
             remember_owner = 0\n"
        ),
    )?;
    fs::write(etc.join("virtlogd.conf"), "log_outputs = \"3:file:/var/log/libvirt/virtlogd.log\"\n")?;
    Ok(())
}

/// Starts virtlogd if it does not run, then libvirtd, and waits until libvirtd answers.
pub fn start(dir: &Path, name: &str, holder: ProcessId) -> Result<()> {
    let folder = dir.join(name);
    let processors = allowed_processors()?;
    // libvirtd throws away what it kept about QEMU if the processor looks different from last time, and some of it (the
    // APIC id in leaf 1Fh) is different on each core. So it always looks at the first one, and is free afterwards.
    let first = processors.split([',', '-']).next().unwrap_or("0");
    for daemon in DAEMONS {
        if running(&folder, daemon).is_some() {
            continue;
        }
        let pid_file = format!("/run/libvirt/{daemon}.pid");
        let config = format!("/etc/libvirt/{daemon}.conf");
        let args = ["-c", first, daemon, "--daemon", "--pid-file", &pid_file, "--config", &config];
        namespace::exec(dir, holder, START_LIMIT.as_secs(), "taskset", &args)
            .with_context(|| format!("{daemon} of {name} does not start"))
            .with_context(|| tail(&log(&folder, daemon)))?;
    }
    let uri = uri(&folder);
    wait_for(&format!("libvirtd of {name} to answer"), START_LIMIT, || {
        Ok(run("virsh", ["-c", &uri, "version"]).ok().map(drop))
    })
    .with_context(|| tail(&log(&folder, "libvirtd")))?;
    for daemon in DAEMONS {
        let process = running(&folder, daemon).with_context(|| format!("{daemon} of {name} ended at once"))?;
        run("taskset", ["-a", "-c", "-p", &processors, &process.pid.to_string()])?;
    }
    Ok(())
}

/// The processors on which this process may run, as `0-3,7`.
fn allowed_processors() -> Result<String> {
    let status = fs::read_to_string("/proc/self/status").context("cannot read /proc/self/status")?;
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    Ok(list.context("the kernel does not say on which processors this process may run")?.trim().to_owned())
}

/// Ends libvirtd; the guests run on.
pub fn stop(folder: &Path) -> Result<()> {
    match running(folder, "libvirtd") {
        Some(process) => process.end(Duration::from_secs(20)),
        None => bail!("libvirtd of {} does not run", folder.display()),
    }
}

/// The host's `libvirtd` or `virtlogd`, if it runs.
pub fn running(folder: &Path, daemon: &str) -> Option<ProcessId> {
    let pid = fs::read_to_string(folder.join("run/libvirt").join(format!("{daemon}.pid"))).ok()?;
    let process = ProcessId::of(pid.trim().parse().ok()?)?;
    // A pid file outlives a killed daemon, and the number may be another's by now.
    let name = fs::read_to_string(format!("/proc/{}/comm", process.pid)).ok()?;
    (name.trim() == daemon).then_some(process)
}

fn log(folder: &Path, daemon: &str) -> PathBuf {
    folder.join("var/log/libvirt").join(format!("{daemon}.log"))
}
