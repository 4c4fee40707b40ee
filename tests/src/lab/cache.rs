//! What is expensive to find out and the same for every lab on this machine, in `$TMPDIR/evenkeel-lab-cache`. Removing
//! the folder costs only time.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Where libvirtd keeps what it found out about the QEMU binaries, below a host's folder. It checks by itself whether
/// that still fits the binaries, the kernel and the processor.
const CAPABILITIES: &str = "var/cache/libvirt/qemu/capabilities";

/// A kept answer.
pub fn read(name: &str) -> Option<Vec<u8>> {
    fs::read(folder()?.join(name)).ok()
}

/// Keeps an answer; readers see all of it or nothing.
pub fn write(name: &str, content: &[u8]) -> Result<()> {
    let Some(folder) = folder() else { return Ok(()) };
    let path = folder.join(name);
    let fresh = folder.join(format!(".{name}.{}", uuid::Uuid::new_v4().simple()));
    fs::write(&fresh, content).with_context(|| format!("cannot write {}", fresh.display()))?;
    fs::rename(&fresh, &path).with_context(|| format!("cannot write {}", path.display()))
}

/// Gives a new host what libvirtd found out for an earlier one; saves it 4 s for each QEMU binary.
pub fn lend_capabilities(host: &Path) -> Result<()> {
    let Some(folder) = folder() else { return Ok(()) };
    let to = host.join(CAPABILITIES);
    fs::create_dir_all(&to).with_context(|| format!("cannot make {}", to.display()))?;
    for name in capability_files(&folder) {
        fs::copy(folder.join(&name), to.join(&name)).with_context(|| format!("cannot copy {name}"))?;
    }
    Ok(())
}

/// Keeps what a host's libvirtd found out.
pub fn keep_capabilities(host: &Path) -> Result<()> {
    let from = host.join(CAPABILITIES);
    for name in capability_files(&from) {
        let content = fs::read(from.join(&name)).with_context(|| format!("cannot read {name}"))?;
        if read(&name).as_ref() != Some(&content) {
            write(&name, &content)?;
        }
    }
    Ok(())
}

fn capability_files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| !name.starts_with('.') && name.ends_with(".xml")).collect()
}

/// The cache's folder, unless it cannot be made or is somebody else's.
fn folder() -> Option<PathBuf> {
    let folder = std::env::temp_dir().join("evenkeel-lab-cache");
    fs::create_dir_all(&folder).ok()?;
    is_own(&folder).then_some(folder)
}

/// Whether a folder belongs to root, for whom the lab runs: $TMPDIR may be writable for everybody.
pub fn is_own(folder: &Path) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|meta| meta.is_dir() && meta.uid() == 0)
}
