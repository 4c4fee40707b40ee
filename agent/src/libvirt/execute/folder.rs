//! The folder of a recovery point: made for QEMU to write into, then sealed for us alone.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use evenkeel_agent::actor::domain::DomainFacts;
use evenkeel_agent::actor::recovery_point::Plan;

/// The folder belongs to QEMU's user while libvirt writes into it; those above it can only be passed through.
pub(super) fn make(folder: &Path, owner: Option<(u32, u32)>) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        DirBuilder::new().recursive(true).mode(0o711).create(parent)?;
    }
    DirBuilder::new().mode(0o700).create(folder)?;
    match owner {
        Some((uid, gid)) if fs::metadata(folder)?.uid() != uid => chown(folder, Some(uid), Some(gid)),
        _ => Ok(()),
    }
}

/// Takes folder and files from QEMU's user, adds the definitions and brings everything to disk. Returns the images' size.
pub(super) fn seal(plan: &Plan, facts: &DomainFacts) -> io::Result<u64> {
    own(&plan.folder)?;
    let mut bytes = 0_u64;
    for (_, path) in &plan.targets {
        own(path)?;
        let file = File::open(path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.sync_all()?;
        bytes = bytes.saturating_add(file.metadata()?.len());
    }
    for (name, xml) in [("domain.xml", &facts.live_xml), ("domain-inactive.xml", &facts.inactive_xml)] {
        if !xml.is_empty() {
            let path = plan.folder.join(name);
            fs::write(&path, xml)?;
            File::open(&path)?.sync_all()?;
        }
    }
    // The entries of this folder, of the domain's and of the point's in it.
    for folder in plan.folder.ancestors().take(3) {
        File::open(folder)?.sync_all()?;
    }
    Ok(bytes)
}

fn own(path: &Path) -> io::Result<()> {
    let me = fs::metadata("/proc/self")?;
    if fs::metadata(path)?.uid() == me.uid() { Ok(()) } else { chown(path, Some(me.uid()), Some(me.gid())) }
}

/// Removes a point that did not come about; what cannot be removed stays where an operator finds it.
pub(super) fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        tracing::warn!(folder = %folder.display(), %error, "an unfinished recovery point is left behind");
    }
}
