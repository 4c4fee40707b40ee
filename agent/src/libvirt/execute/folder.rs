//! The folder of a recovery point: made for QEMU to write into, then taken over, checked and signed.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use evenkeel_agent::actor::policy::backup::Target;
use evenkeel_agent::actor::recovery_point::Plan;
use evenkeel_agent::actor::recovery_point::catalogue::{Point, Verified, link, replace_file};
use evenkeel_agent::actor::recovery_point::image;
use evenkeel_agent::actor::recovery_point::key::PointKey;
use evenkeel_agent::actor::recovery_point::manifest::{self, DiskImage, Kind, Manifest};
use evenkeel_common::clock;
use evenkeel_common::error::chain;

/// Why a target that has to be a mount is none at the moment.
pub(super) fn not_mounted(target: &Target) -> Option<String> {
    if !target.mounted {
        return None;
    }
    let device = |path: &Path| fs::metadata(path).map(|meta| meta.dev());
    let dir = &target.dir;
    match (device(dir), device(dir.parent().unwrap_or(dir))) {
        (Ok(inside), Ok(outside)) if inside != outside => None,
        (Err(error), _) | (_, Err(error)) => Some(format!("{} cannot be looked at: {error}", dir.display())),
        _ => Some(format!("nothing is mounted on {} (backup_targets.{})", dir.display(), target.name)),
    }
}

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

/// Takes folder and images from QEMU's user, links incremental ones to those of the point below instead of to the live
/// disk, and brings them to disk.
///
/// # Errors
/// What went wrong, in words.
pub(super) fn take_over(plan: &Plan, below: Option<&Point>) -> Result<Vec<DiskImage>, String> {
    let io = |error: io::Error| format!("the copies in {} cannot be brought to disk: {error}", plan.folder.display());
    own(&plan.folder).map_err(io)?;
    let mut disks = Vec::new();
    for target in &plan.targets {
        own(&target.file).map_err(io)?;
        if target.kind == Kind::Incremental {
            let backing = link(below, &target.disk)?;
            image::set_backing(&target.file, &backing).map_err(|error| chain(&error))?;
        }
        let file = File::open(&target.file).map_err(io)?;
        file.set_permissions(Permissions::from_mode(0o600)).map_err(io)?;
        file.sync_all().map_err(io)?;
        let header = image::header(&target.file).map_err(|error| chain(&error))?;
        let (blake3, bytes) = image::hash(&target.file).map_err(io)?;
        disks.push(DiskImage {
            target: target.disk.clone(),
            file: target.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            kind: target.kind,
            why_full: target.why_full.clone(),
            format: target.format.clone(),
            virtual_bytes: header.virtual_size,
            bytes,
            blake3,
        });
    }
    Ok(disks)
}

/// Adds the definitions for people to read and, last, the signed manifest that makes the folder a recovery point.
///
/// # Errors
/// What went wrong, in words.
pub(super) fn finish(plan: &Plan, key: &PointKey, manifest: Manifest) -> Result<(), String> {
    let io = |error: io::Error| format!("{} cannot be written: {error}", plan.folder.display());
    for (name, xml) in [("domain.xml", &manifest.domain_xml), ("domain-inactive.xml", &manifest.inactive_xml)] {
        if !xml.is_empty() {
            replace_file(&plan.folder, name, xml.as_bytes()).map_err(io)?;
        }
    }
    let bytes = key.sign(manifest).write().map_err(|error| chain(&error))?;
    // The entries of this folder, of the domain's and of the point's in it.
    let sync = || plan.folder.ancestors().take(3).try_for_each(|folder| File::open(folder)?.sync_all());
    sync().map_err(io)?;
    replace_file(&plan.folder, manifest::FILE, &bytes).map_err(io)
}

/// Remembers what a verification found; that it cannot be remembered changes nothing of what was found.
pub(super) fn note_verified(folder: &Path, faults: &[String]) {
    let verified = Verified { at_ms: clock::wall().0, faults: faults.to_vec() };
    if let Err(error) = replace_file(folder, Verified::FILE, &verified.write()) {
        tracing::warn!(folder = %folder.display(), %error, "the result of a verification is not kept");
    }
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
