//! The lab: one or two "hosts" on this machine, each with a libvirtd of its own, and real guests that boot in seconds
//! and answer HTTP.
//!
//! A host is a network, mount and UTS namespace. `br0` in each is joined to one segment, 10.9.0.0/24: hosta is .1,
//! hostb .2, the guests .11 and up, and `ctl`, from where tests talk to the guests and where a collector may run, is
//! .254. Needs root and the packages of `packaging/deps lab`. A lab ends when its `Lab` is dropped, unless `keep` was
//! called; `tests/lab down` also removes what a killed maker left.

mod accel;
mod cache;
mod cgroup;
mod guest;
mod guests;
mod host;
mod initramfs;
mod namespace;
mod options;
mod process;
mod run;
mod state;
mod status;
mod sweep;
mod up;

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

pub use options::{Accel, GuestSpec, LabOptions, default_dir};
pub use process::ProcessId;
pub use run::{tail, wait_for};
pub use state::{GuestState, NodeState};
pub use status::{GuestStatus, HostStatus, Status};

use state::{Lock, State};

/// The namespace for collectors and HTTP requests.
pub const CTL: &str = "ctl";

/// A lab that is up.
#[derive(Debug)]
pub struct Lab {
    dir: PathBuf,
    state: State,
    verbose: bool,
}

impl Lab {
    /// Makes a lab and boots its guests. Remains of an earlier one of the same name are removed; one that is in use is
    /// an error.
    pub fn up(options: &LabOptions) -> Result<Self> {
        up::up(options)
    }

    /// The lab in `dir`, if it is whole. It is not ended when the returned value is dropped.
    pub fn open(dir: &Path) -> Result<Option<Self>> {
        let Some(state) = State::load(dir)?.filter(State::usable) else {
            return Ok(None);
        };
        Ok(Some(Self { dir: dir.to_owned(), state, verbose: false }))
    }

    /// Ends every process of the lab in `dir` and removes the folder. Nothing there is fine.
    pub fn remove(dir: &Path) -> Result<()> {
        if !dir.exists() {
            return process::end_all(dir);
        }
        ensure!(
            dir.join("lock").is_file(),
            "{} is not a lab's folder (it has no file `lock`); nothing was removed",
            dir.display()
        );
        let lock = Lock::take(dir)?;
        clear(dir)?;
        fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
        drop(lock);
        Ok(())
    }

    /// Ends the lab now and says what went wrong, which dropping it can only print.
    pub fn down(mut self) -> Result<()> {
        self.state.owner = None;
        Self::remove(&self.dir)
    }

    /// Lets the lab outlive this process; `Lab::remove` or `tests/lab down` ends it.
    pub fn keep(mut self) -> Result<()> {
        self.state.owner = None;
        self.state.save(&self.dir)
    }

    /// The lab's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The folder that both hosts see under the same path: disks, serial logs, and whatever a test puts there.
    pub fn shared_dir(&self) -> PathBuf {
        self.dir.join("shared")
    }

    /// Whether the guests run under KVM rather than emulation.
    pub fn is_kvm(&self) -> bool {
        self.state.domain_type == "kvm"
    }

    /// The hosts, without `ctl`.
    pub fn hosts(&self) -> impl Iterator<Item = &NodeState> {
        self.state.nodes.iter().filter(|node| node.name != CTL)
    }

    /// The guests as they were started.
    pub fn guests(&self) -> &[GuestState] {
        &self.state.guests
    }

    /// The folder that holds a host's /run/libvirt, /etc/libvirt, /var/lib/libvirt, … as seen from outside.
    pub fn host_dir(&self, host: &str) -> PathBuf {
        self.dir.join(host)
    }

    /// Address of a host or of `ctl`.
    pub fn address(&self, node: &str) -> Result<&str> {
        Ok(&self.node(node)?.address)
    }

    /// A command that runs `program` in the network, mount and UTS namespace of a host or of `ctl`. Its working
    /// directory is `/`; the child's process number is the program's own.
    pub fn command(&self, node: &str, program: impl AsRef<OsStr>) -> Result<Command> {
        Ok(namespace::command(&self.dir, self.node(node)?.holder, program))
    }

    /// Runs a program on a host or `ctl` to its end (at most a minute) and returns its stdout.
    pub fn exec(&self, node: &str, program: &str, args: &[&str]) -> Result<String> {
        namespace::exec(&self.dir, self.node(node)?.holder, run::PROGRAM_LIMIT_S, program, args)
    }

    /// Runs virsh on a host with a read-write connection to its libvirtd and returns its stdout.
    pub fn virsh(&self, host: &str, args: &[&str]) -> Result<String> {
        let uri = self.uri(host);
        let mut all = vec!["-c", &uri];
        all.extend(args);
        self.exec(host, "virsh", &all)
    }

    /// URI of a read-write connection; works from everywhere on this machine, inside and outside of the lab.
    pub fn uri(&self, host: &str) -> String {
        host::uri(&self.host_dir(host))
    }

    /// URI of a read-only connection, to be opened with `virsh -r` or `virConnectOpenReadOnly`.
    pub fn uri_read_only(&self, host: &str) -> String {
        host::uri_read_only(&self.host_dir(host))
    }

    /// The destination URI of a migration, `{host}` standing for the destination's name.
    pub fn migrate_dest_uri_template(&self) -> String {
        host::uri(&self.dir.join("{host}"))
    }

    /// The URI of a migration's data stream, `{host}` standing for the destination's name.
    pub fn migrate_uri_template(&self) -> String {
        "tcp://{host}".to_owned()
    }

    /// Ends a host's libvirtd; its guests run on.
    pub fn stop_libvirtd(&self, host: &str) -> Result<()> {
        host::stop(&self.host_dir(host))
    }

    /// Starts a host's libvirtd again and waits until it answers.
    pub fn start_libvirtd(&self, host: &str) -> Result<()> {
        host::start(&self.dir, host, self.node(host)?.holder)
    }

    /// The process of a host's libvirtd, for tests that stop or kill it.
    pub fn libvirtd(&self, host: &str) -> Option<ProcessId> {
        host::running(&self.host_dir(host), "libvirtd")
    }

    fn node(&self, name: &str) -> Result<&NodeState> {
        self.state.nodes.iter().find(|node| node.name == name).with_context(|| {
            let known: Vec<&str> = self.state.nodes.iter().map(|node| node.name.as_str()).collect();
            format!("{name:?} is not in lab {}, which has {}", self.state.name, known.join(", "))
        })
    }

    fn say(&self, text: &str) {
        if self.verbose {
            // Progress is for people: a closed stderr is no reason to stop.
            let _ = writeln!(std::io::stderr().lock(), "lab {}: {text}", self.state.name);
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let mine = self.state.owner.is_some() && self.state.owner == ProcessId::me().ok();
        if mine && let Err(error) = Self::remove(&self.dir) {
            let _ = writeln!(std::io::stderr().lock(), "lab {} is not fully removed: {error:#}", self.state.name);
        }
    }
}

/// Ends the lab's processes and removes its files, except for the lock.
fn clear(dir: &Path) -> Result<()> {
    process::end_all(dir)?;
    cgroup::remove(dir)?;
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        if path.ends_with("lock") {
            continue;
        }
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}
