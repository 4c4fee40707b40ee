//! The cgroups of labs that have them: a group of the lab's name in each hierarchy of the machine, and below it what
//! libvirt makes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::CTL;
use super::options::LabOptions;

/// The group that a host sees as the whole hierarchy; empty for none.
pub fn of_node(options: &LabOptions, node: &str) -> String {
    if options.cgroups && node != CTL { format!("{}/{node}", name(&options.folder())) } else { String::new() }
}

/// Removes the groups of the lab in `dir`, whose processes have ended.
pub fn remove(dir: &Path) -> Result<()> {
    for mount in mounts()? {
        let group = mount.join(name(dir));
        if group.is_dir() {
            remove_group(&group).with_context(|| format!("cannot remove the cgroup {}", group.display()))?;
        }
    }
    Ok(())
}

fn name(dir: &Path) -> String {
    dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn mounts() -> Result<Vec<PathBuf>> {
    let mounts = fs::read_to_string("/proc/self/mounts").context("cannot read /proc/self/mounts")?;
    let mut fields = mounts.lines().map(|line| line.split(' ').skip(1));
    let cgroup = |mut line: std::iter::Skip<std::str::Split<'_, char>>| {
        let folder = line.next()?;
        line.next().filter(|kind| matches!(*kind, "cgroup" | "cgroup2")).map(|_| PathBuf::from(folder))
    };
    Ok(fields.by_ref().filter_map(cgroup).collect())
}

/// The files in a group are the kernel's: only folders can be removed, the inner ones first.
fn remove_group(group: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(group)?.flatten() {
        if entry.file_type()?.is_dir() {
            remove_group(&entry.path())?;
        }
    }
    fs::remove_dir(group)
}
