//! Whether KVM really works here: /dev/kvm may exist and even make machines that then crawl (nested in another
//! emulation), so a guest is booted with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::cache;
use super::initramfs::Kernel;
use super::options::Accel;
use super::run::{finish, limited};

/// With working KVM the probe takes about a second.
const PROBE_LIMIT: Duration = Duration::from_secs(6);

/// The libvirt domain type to use: `kvm` or `qemu`.
pub fn domain_type(wish: Accel, kernel: &Kernel, initramfs: &Path) -> Result<&'static str> {
    let kvm = match wish {
        Accel::Kvm => true,
        Accel::Tcg => false,
        Accel::Auto => Path::new("/dev/kvm").exists() && kvm_works(kernel, initramfs)?,
    };
    Ok(if kvm { "kvm" } else { "qemu" })
}

/// The answer is kept until the machine boots again: a probe that fails takes all of its time.
fn kvm_works(kernel: &Kernel, initramfs: &Path) -> Result<bool> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").context("cannot read the machine's boot id")?;
    let name = format!("kvm-{}", boot.trim());
    if let Some(answer) = cache::read(&name) {
        return Ok(answer == b"yes");
    }
    let works = probe(kernel, initramfs)?;
    cache::write(&name, if works { b"yes" } else { b"no" })?;
    Ok(works)
}

fn probe(kernel: &Kernel, initramfs: &Path) -> Result<bool> {
    let serial: PathBuf = initramfs.with_extension("probe");
    let mut command = limited(PROBE_LIMIT.as_secs());
    command
        .args(["qemu-system-x86_64", "-machine", "q35,accel=kvm", "-m", "96", "-nodefaults", "-display", "none"])
        .args(["-no-reboot", "-append", "console=ttyS0 quiet probe=1"])
        .arg("-kernel")
        .arg(&kernel.image)
        .arg("-initrd")
        .arg(initramfs)
        .arg("-serial")
        .arg(format!("file:{}", serial.display()));
    // A QEMU that cannot use KVM fails, one that crawls is ended: both mean no.
    let ended = finish(&mut command, "qemu-system-x86_64").is_ok();
    let text = fs::read(&serial).unwrap_or_default();
    Ok(ended && String::from_utf8_lossy(&text).contains("evenkeel-lab: probe ok"))
}
