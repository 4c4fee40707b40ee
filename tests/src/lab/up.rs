//! Making a lab, step by step.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::options::{GUESTS_MAX, LabOptions, host_names};
use super::process::ProcessId;
use super::run::{now, run};
use super::state::{Lock, NodeState, State};
use super::{CTL, Lab, accel, cache, cgroup, clear, host, initramfs, namespace};

/// Programs that the lab runs, all from the packages of `packaging/deps lab`.
const PROGRAMS: [&str; 13] = [
    "ip",
    "nsenter",
    "unshare",
    "setsid",
    "timeout",
    "taskset",
    "bash",
    "modprobe",
    "busybox",
    "virsh",
    "libvirtd",
    "qemu-img",
    "qemu-system-x86_64",
];

pub(super) fn up(options: &LabOptions) -> Result<Lab> {
    options.check()?;
    check_machine()?;
    let started = now();
    let dir = options.folder();
    let lock = Lock::take(&dir)?;
    if let Some(state) = State::load(&dir)?.filter(State::usable)
        && state.owner.is_none_or(ProcessId::alive)
    {
        bail!("lab {} is already up in {}", options.name, dir.display());
    }
    clear(&dir)?;
    let state = State {
        name: options.name.clone(),
        complete: false,
        owner: Some(ProcessId::me()?),
        domain_type: String::new(),
        nodes: Vec::new(),
        guests: Vec::new(),
    };
    state.save(&dir)?;
    fs::create_dir_all(dir.join("shared")).with_context(|| format!("cannot make {}", dir.join("shared").display()))?;
    write_hosts_file(&dir, options)?;

    let mut lab = Lab { dir, state, verbose: options.verbose };
    let built = build(&mut lab, options);
    // Before the lab is dropped, which removes a half-made one and needs the lock for that.
    drop(lock);
    built?;
    lab.say(&format!("up after {:.1} s in {}", started.elapsed().as_secs_f32(), lab.dir.display()));
    Ok(lab)
}

fn build(lab: &mut Lab, options: &LabOptions) -> Result<()> {
    let started = now();
    let kernel = initramfs::find_kernel()?;
    let archive = lab.shared_dir().join("initramfs");
    initramfs::build(&kernel, &archive)?;
    // The probe of KVM may take seconds, and so do the daemons: both at once.
    let (domain_type, hosts) = std::thread::scope(|scope| {
        let probe = scope.spawn(|| accel::domain_type(options.accel, &kernel, &archive));
        let hosts = make_hosts(lab, options);
        (probe.join(), hosts)
    });
    hosts?;
    domain_type.map_err(|_| anyhow::anyhow!("the probe of KVM panicked"))??.clone_into(&mut lab.state.domain_type);
    lab.say(&format!("hosts up after {:.1} s, guests use {}", started.elapsed().as_secs_f32(), lab.state.domain_type));
    lab.start_guests(&options.guests)?;
    lab.state.complete = true;
    lab.state.save(&lab.dir)
}

fn check_machine() -> Result<()> {
    ensure!(run("id", ["-u"])?.trim() == "0", "the lab needs root: namespaces, bridges and libvirtd");
    let script = "for p in \"$@\"; do command -v \"$p\" >/dev/null || echo \"$p\"; done";
    let missing = run("sh", ["-c", script, "sh"].into_iter().chain(PROGRAMS))?;
    let missing: Vec<&str> = missing.split_whitespace().collect();
    ensure!(missing.is_empty(), "not installed: {}; run `packaging/deps lab`", missing.join(", "));
    Ok(())
}

/// One file for every namespace.
fn write_hosts_file(dir: &Path, options: &LabOptions) -> Result<()> {
    let mut text = String::from("127.0.0.1 localhost\n10.9.0.254 ctl\n");
    for (index, name) in host_names(options.hosts).enumerate() {
        let _ = writeln!(text, "{} {name}", host_address(index));
    }
    for (index, guest) in options.guests.iter().enumerate().take(GUESTS_MAX) {
        let _ = writeln!(text, "{} {}", super::guests::address(index), guest.name);
    }
    fs::write(dir.join("hosts"), text).context("cannot write the hosts file")
}

fn host_address(index: usize) -> String {
    format!("10.9.0.{}", index + 1)
}

/// Namespaces, segment and daemons.
fn make_hosts(lab: &mut Lab, options: &LabOptions) -> Result<()> {
    let names = host_names(options.hosts).chain([CTL]);
    for (index, name) in names.enumerate() {
        let address = if name == CTL { "10.9.0.254".to_owned() } else { host_address(index) };
        let cgroup = cgroup::of_node(options, name);
        host::configure(&lab.dir.join(name), !cgroup.is_empty())?;
        cache::lend_capabilities(&lab.dir.join(name))?;
        let holder = namespace::create(&lab.dir, name, &cgroup)?;
        lab.state.nodes.push(NodeState { name: name.to_owned(), address, holder });
        lab.state.save(&lab.dir)?;
    }
    let hosts: Vec<&NodeState> = lab.hosts().collect();
    for node in &hosts {
        namespace::add_bridge(&lab.dir, node.holder, &node.address)?;
    }
    if let [a, b] = hosts.as_slice() {
        namespace::join_bridges(&lab.dir, (&a.name, a.holder), (&b.name, b.holder))?;
    }
    let ctl = lab.node(CTL)?;
    namespace::join_leaf(&lab.dir, (CTL, ctl.holder), &ctl.address, lab.node("hosta")?.holder)?;
    lab.say("starting libvirtd");
    let starts = std::thread::scope(|scope| {
        let threads: Vec<_> =
            hosts.iter().map(|node| scope.spawn(|| host::start(&lab.dir, &node.name, node.holder))).collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    for start in starts {
        start.map_err(|_| anyhow::anyhow!("starting libvirtd panicked"))??;
    }
    cache::keep_capabilities(&lab.host_dir("hosta"))?;
    Ok(())
}
