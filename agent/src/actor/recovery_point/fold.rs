//! Makes an incremental recovery point a full one, so that what it builds on may go.
//!
//! The new images are written beside the old ones, compared with them, and named in a signed `manifest.next`. From then
//! on the change happens, even if it is cut off: whoever reads the folder next finishes it. At every moment image and
//! chain show the same content.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use evenkeel_common::error::chain;
use evenkeel_common::id::PointId;

use super::catalogue::{Catalogue, Verified, replace_file};
use super::image;
use super::key::PointKey;
use super::manifest::{self, Kind, Signed};

/// A signed manifest that takes the place of the present one once its images do.
const NEXT: &str = "manifest.next";

/// Makes the point full.
///
/// # Errors
/// What went wrong, in words; the point is then as it was.
pub fn fold(catalogue: &Catalogue, id: PointId, key: &PointKey, deadline: Duration) -> Result<(), String> {
    let point = catalogue.find(id).ok_or("the point has gone")?;
    let mut manifest = point.manifest().clone();
    let written = manifest.disks.iter_mut().filter(|disk| disk.kind == Kind::Incremental).try_for_each(|disk| {
        let (old, fresh) = (point.folder.join(&disk.file), folded(&point.folder, &disk.file));
        image::copy(&old, &fresh, "qcow2", deadline).map_err(|error| chain(&error))?;
        let io = |error: io::Error| format!("{} cannot be brought to disk: {error}", fresh.display());
        let bring = || {
            let file = File::open(&fresh)?;
            file.set_permissions(Permissions::from_mode(0o600))?;
            file.sync_all()
        };
        bring().map_err(io)?;
        image::same(&old, &fresh, deadline).map_err(|error| chain(&error))?;
        (disk.blake3, disk.bytes) = image::hash(&fresh).map_err(io)?;
        disk.kind = Kind::Full;
        disk.why_full = Some("made full when what it was built on was pruned".to_owned());
        Ok(())
    });
    let signed = written.and_then(|()| {
        manifest.parent = None;
        let bytes = key.sign(manifest.clone()).write().map_err(|error| chain(&error))?;
        replace_file(&point.folder, NEXT, &bytes).map_err(|error| format!("the manifest cannot be written: {error}"))
    });
    if let Err(why) = signed {
        for disk in &manifest.disks {
            // What is left is found and overwritten by the next attempt.
            drop(fs::remove_file(folded(&point.folder, &disk.file)));
        }
        return Err(why);
    }
    finish(&point.folder).map_err(|error| format!("{} cannot be made full: {error}", point.folder.display()))?;
    drop(fs::remove_file(point.folder.join(Verified::FILE)));
    Ok(())
}

/// Finishes a change that has been decided; nothing to do is fine.
///
/// # Errors
/// The system's.
pub fn finish(folder: &Path) -> io::Result<()> {
    let next = folder.join(NEXT);
    let text = match fs::read_to_string(&next) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let signed = Signed::parse(&text).map_err(io::Error::other)?;
    for disk in &signed.manifest.disks {
        renamed(&folded(folder, &disk.file), &folder.join(&disk.file))?;
    }
    File::open(folder)?.sync_all()?;
    renamed(&next, &folder.join(manifest::FILE))?;
    File::open(folder)?.sync_all()
}

/// Somebody else, who reads the same folder, may have been quicker.
fn renamed(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn folded(folder: &Path, file: &str) -> PathBuf {
    folder.join(format!("{file}.folded"))
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::manifest;
    use super::*;

    /// The change is cut off at every step; reading the folder again always finishes it.
    #[test]
    fn a_change_that_was_decided_is_finished_from_wherever_it_was_cut() {
        let keys = tempfile::tempdir().unwrap();
        let key = PointKey::open(keys.path(), &[]).unwrap();
        let (mut full, old) = (manifest(2, None), manifest(2, Some(1)));
        full.disks[0].blake3 = "new".to_owned();
        for cut in 0..3 {
            let domain = tempfile::tempdir().unwrap();
            let folder = domain.path().join("point");
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("vda.qcow2"), "old").unwrap();
            fs::write(folder.join("vda.qcow2.folded"), "new").unwrap();
            fs::write(folder.join(manifest::FILE), key.sign(old.clone()).write().unwrap()).unwrap();
            if cut > 0 {
                replace_file(&folder, NEXT, &key.sign(full.clone()).write().unwrap()).unwrap();
            }
            if cut > 1 {
                fs::rename(folder.join("vda.qcow2.folded"), folder.join("vda.qcow2")).unwrap();
            }
            let catalogue = Catalogue::read(domain.path()).unwrap();
            let (image, wanted) =
                (fs::read_to_string(folder.join("vda.qcow2")).unwrap(), if cut == 0 { &old } else { &full });
            assert_eq!(catalogue.points[0].manifest(), wanted, "cut at step {cut}");
            assert_eq!(image, if cut == 0 { "old" } else { "new" }, "cut at step {cut}");
            assert!(!folder.join(NEXT).exists());
        }
    }
}
