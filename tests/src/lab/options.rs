//! What a lab consists of.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

/// A UNIX socket path holds at most this many bytes.
const SOCKET_PATH_MAX_BYTES: usize = 107;
/// The longest path below a lab's folder that somebody binds or connects to.
const LONGEST_SOCKET: &str = "hosta/run/libvirt/libvirt-admin-sock";
/// Guests have the addresses 10.9.0.11 to 10.9.0.99.
pub const GUESTS_MAX: usize = 89;

/// How the guests' instructions are executed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Accel {
    /// KVM if a probe guest really boots with it, else emulation.
    #[default]
    Auto,
    /// Hardware virtualisation.
    Kvm,
    /// QEMU's software emulation.
    Tcg,
}

/// The wish for a lab; `LabOptions::new` gives sensible values.
#[derive(Debug, Clone)]
pub struct LabOptions {
    /// Labs of different names live side by side. Lower-case letters, digits and `-`, at most 16.
    pub name: String,
    /// 1 (`hosta`) or 2 (`hosta`, `hostb`).
    pub hosts: usize,
    /// Guests to boot; more can be added later.
    pub guests: Vec<GuestSpec>,
    /// Where the lab keeps everything; by default `$TMPDIR/evenkeel-lab-NAME`.
    pub dir: Option<PathBuf>,
    /// Hardware virtualisation or emulation.
    pub accel: Accel,
    /// Whether libvirt gives each guest a cgroup. Each host sees a part of the machine's hierarchies as its own.
    pub cgroups: bool,
    /// Say on stderr what is going on.
    pub verbose: bool,
}

impl LabOptions {
    /// A lab without guests.
    pub fn new(name: &str, hosts: usize) -> Self {
        Self {
            name: name.to_owned(),
            hosts,
            guests: Vec::new(),
            dir: None,
            accel: Accel::Auto,
            cgroups: false,
            verbose: false,
        }
    }

    /// The same with one more guest.
    #[must_use]
    pub fn guest(mut self, guest: GuestSpec) -> Self {
        self.guests.push(guest);
        self
    }

    /// The same with a cgroup for each guest.
    #[must_use]
    pub fn with_cgroups(mut self) -> Self {
        self.cgroups = true;
        self
    }

    /// The folder that the lab will use.
    pub fn folder(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| default_dir(&self.name))
    }

    pub(super) fn check(&self) -> Result<()> {
        check_name("lab", &self.name)?;
        ensure!((1..=2).contains(&self.hosts), "a lab has 1 or 2 hosts, not {}", self.hosts);
        ensure!(self.guests.len() <= GUESTS_MAX, "a lab has at most {GUESTS_MAX} guests");
        let dir = self.folder();
        ensure!(dir.is_absolute(), "the lab's folder {} must be an absolute path", dir.display());
        let socket = dir.join(LONGEST_SOCKET);
        let length = socket.as_os_str().len();
        ensure!(
            length <= SOCKET_PATH_MAX_BYTES,
            "{} has {length} bytes, a UNIX socket path at most {SOCKET_PATH_MAX_BYTES}: set TMPDIR to a shorter folder",
            socket.display()
        );
        let mut seen = std::collections::BTreeSet::new();
        for guest in &self.guests {
            guest.check(self.hosts)?;
            ensure!(seen.insert(&guest.name), "two guests are called {}", guest.name);
        }
        Ok(())
    }
}

/// The folder of a lab that was not given one.
pub fn default_dir(name: &str) -> PathBuf {
    Path::new(&std::env::temp_dir()).join(format!("evenkeel-lab-{name}"))
}

/// The names of the first `hosts` hosts.
pub fn host_names(hosts: usize) -> impl Iterator<Item = &'static str> {
    ["hosta", "hostb"].into_iter().take(hosts)
}

/// A guest to boot.
#[derive(Debug, Clone)]
pub struct GuestSpec {
    /// libvirt name and host name of the guest.
    pub name: String,
    /// `hosta` or `hostb`.
    pub host: String,
    /// Virtual CPUs, 1 to 4.
    pub vcpus: u32,
    /// Memory in MiB; 96 is enough for everything the guest can be told to do.
    pub memory_mib: u32,
    /// Size of the qcow2 disk `vda` in MiB.
    pub disk_mib: u32,
    /// Whether the guest heeds the power button, so that a graceful reboot or shutdown works.
    pub acpi: bool,
    /// Started without a stored definition (`virsh create`).
    pub transient: bool,
    /// Left paused before its first instruction: it exists and costs no CPU, but answers nothing.
    pub paused: bool,
    /// What stands inside `<metadata>`, for example nova's.
    pub metadata: String,
}

impl GuestSpec {
    /// One virtual CPU, 96 MiB, a 64 MiB disk, heeding ACPI.
    pub fn new(name: &str, host: &str) -> Self {
        Self {
            name: name.to_owned(),
            host: host.to_owned(),
            vcpus: 1,
            memory_mib: 96,
            disk_mib: 64,
            acpi: true,
            transient: false,
            paused: false,
            metadata: String::new(),
        }
    }

    pub(super) fn check(&self, hosts: usize) -> Result<()> {
        check_name("guest", &self.name)?;
        if !host_names(hosts).any(|host| host == self.host) {
            bail!("guest {} is to run on {}, which is not a host of this lab", self.name, self.host);
        }
        ensure!((1..=4).contains(&self.vcpus), "guest {}: 1 to 4 vcpus, not {}", self.name, self.vcpus);
        ensure!((64..=1024).contains(&self.memory_mib), "guest {}: 64 to 1024 MiB of memory", self.name);
        ensure!((1..=4096).contains(&self.disk_mib), "guest {}: a disk of 1 to 4096 MiB", self.name);
        Ok(())
    }
}

fn check_name(what: &str, name: &str) -> Result<()> {
    let fits = (1..=16).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-');
    ensure!(fits, "{what} name {name:?}: 1 to 16 lower-case letters, digits or '-'");
    Ok(())
}
