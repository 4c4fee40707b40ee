//! The recovery points that lie in a folder, and whether they are sound.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use evenkeel_common::error::chain;
use evenkeel_common::id::PointId;

use serde::{Deserialize, Serialize};

use super::key::PointKey;
use super::manifest::{self, DiskImage, Kind, Manifest, Signed};
use super::retention::PointFacts;
use super::{fold, image};

/// Folders of domains, and of points in each, that are looked at; a target with more is refused.
const ENTRIES_MAX: usize = 20_000;
/// A longer manifest is none: XML of a domain, networks and pools.
const MANIFEST_MAX_BYTES: u64 = 16 << 20;

/// What the last verification of a point found; not signed, a note and no proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// When, ms since 1970.
    pub at_ms: i64,
    /// What was wrong; empty when it was sound.
    pub faults: Vec<String>,
}

impl Verified {
    /// Name of the file beside the manifest.
    pub const FILE: &str = "verified.json";

    /// The file's content.
    ///
    /// # Panics
    /// Never: it is always JSON.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("numbers and texts are always JSON")
    }

    /// The note beside a manifest, if there is one.
    #[must_use]
    pub fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(folder.join(Self::FILE)).ok()?).ok()
    }
}

/// A recovery point on disk.
#[derive(Clone, Debug)]
pub struct Point {
    /// Its folder.
    pub folder: PathBuf,
    /// What it says of itself.
    pub signed: Signed,
}

impl Point {
    /// What it says of itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.signed.manifest
    }

    /// The image of a disk.
    #[must_use]
    pub fn image(&self, disk: &DiskImage) -> PathBuf {
        self.folder.join(&disk.file)
    }
}

/// What lies in one domain's folder.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// Points, oldest first.
    pub points: Vec<Point>,
    /// Folders whose manifest cannot be read, with the reason.
    pub damaged: Vec<(PathBuf, String)>,
    /// Folders without a manifest: their making was cut off or is under way.
    pub unfinished: Vec<PathBuf>,
}

impl Catalogue {
    /// Reads a domain's folder; one that is not there holds nothing.
    ///
    /// # Errors
    /// The system's.
    pub fn read(domain_folder: &Path) -> io::Result<Self> {
        let mut catalogue = Self::default();
        for folder in folders(domain_folder)? {
            fold::finish(&folder)?;
            let path = folder.join(manifest::FILE);
            let read = match fs::metadata(&path) {
                Ok(meta) if meta.len() > MANIFEST_MAX_BYTES => Err("the manifest is too long".to_owned()),
                Ok(_) => fs::read_to_string(&path)
                    .map_err(|error| error.to_string())
                    .and_then(|text| Signed::parse(&text).map_err(|error| chain(&error))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    catalogue.unfinished.push(folder);
                    continue;
                }
                Err(error) => Err(error.to_string()),
            };
            match read {
                Ok(signed) => catalogue.points.push(Point { folder, signed }),
                Err(why) => catalogue.damaged.push((folder, why)),
            }
        }
        catalogue.points.sort_by_key(|point| (point.manifest().taken_at_ms, point.manifest().id));
        Ok(catalogue)
    }

    /// The point with this id.
    #[must_use]
    pub fn find(&self, id: PointId) -> Option<&Point> {
        self.points.iter().find(|point| point.manifest().point() == id)
    }

    /// A point and all that it builds on, from the full one up.
    ///
    /// # Errors
    /// What is missing.
    pub fn chain_of(&self, id: PointId) -> Result<Vec<&Point>, String> {
        let mut chain = Vec::new();
        let mut at = Some(id);
        while let Some(id) = at {
            let point = self.find(id).ok_or_else(|| format!("recovery point {id} is missing"))?;
            if chain.len() > self.points.len() {
                return Err("the points build on each other in a circle".to_owned());
            }
            chain.push(point);
            at = point.manifest().parent();
        }
        chain.reverse();
        Ok(chain)
    }

    /// The points for the retention rules; each is looked at as deeply as `depth` says.
    #[must_use]
    pub fn facts(&self, key: &PointKey, depth: Depth) -> Vec<PointFacts> {
        let facts = |point: &Point| PointFacts {
            id: point.manifest().point(),
            taken_at: point.manifest().taken_at(),
            parent: point.manifest().parent(),
            sound: self.faults(point, key, depth).is_empty(),
        };
        self.points.iter().map(facts).collect()
    }

    /// What is wrong with one point; what it builds on is only asked to be there.
    #[must_use]
    pub fn faults(&self, point: &Point, key: &PointKey, depth: Depth) -> Vec<String> {
        let mut faults: Vec<String> = key.doubt(&point.signed).into_iter().collect();
        let manifest = point.manifest();
        let parent = manifest.parent().map(|id| self.find(id));
        if let Some(None) = parent {
            faults.push("the point that it builds on is missing".to_owned());
        }
        let parent = parent.flatten();
        for disk in &manifest.disks {
            let below = match disk.kind {
                Kind::Full => Ok(None),
                Kind::Incremental => link(parent, &disk.target).map(Some),
            };
            let found = below.and_then(|below| sound(&point.image(disk), disk, below.as_deref(), depth));
            faults.extend(found.err().map(|why| format!("{}: {why}", disk.target)));
        }
        faults
    }

    /// What the last verification of a point found wrong with it.
    #[must_use]
    pub fn own_faults(&self, id: PointId) -> Vec<String> {
        let verified = self.find(id).and_then(|point| Verified::read(&point.folder));
        verified.map(|verified| verified.faults).unwrap_or_default()
    }

    /// What the last verifications found wrong with a point or anything that it builds on.
    #[must_use]
    pub fn known_faults(&self, id: PointId) -> Vec<String> {
        let chain = self.chain_of(id).unwrap_or_default();
        chain.iter().flat_map(|point| self.own_faults(point.manifest().point())).collect()
    }

    /// What is wrong with a point or anything that it builds on.
    #[must_use]
    pub fn chain_faults(&self, id: PointId, key: &PointKey, depth: Depth) -> Vec<String> {
        match self.chain_of(id) {
            Err(why) => vec![why],
            Ok(chain) => {
                let of = |point: &&Point| {
                    let id = point.manifest().id;
                    self.faults(point, key, depth)
                        .into_iter()
                        .map(move |why| format!("{id}: {why}"))
                        .collect::<Vec<_>>()
                };
                chain.iter().flat_map(of).collect()
            }
        }
    }
}

/// How closely images are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// They are there and have their length.
    Length,
    /// They are read: hash, structure, what they build on.
    Content,
}

/// The link from a point's image to the one that it builds on, as the image's header has it.
///
/// # Errors
/// When the parent lacks this disk.
pub fn link(parent: Option<&Point>, target: &str) -> Result<String, String> {
    let parent = parent.ok_or("the point that it builds on is missing")?;
    let disk = parent.manifest().disks.iter().find(|disk| disk.target == target);
    let disk = disk.ok_or("the point that it builds on does not have this disk")?;
    let folder = parent.folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(format!("../{folder}/{}", disk.file))
}

/// The longest check of one image's structure.
const CHECK_LIMIT: Duration = Duration::from_secs(3_600);

fn sound(path: &Path, disk: &DiskImage, below: Option<&str>, depth: Depth) -> Result<(), String> {
    let length = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?.len();
    if length != disk.bytes {
        return Err(format!("the image has {length} bytes instead of {}", disk.bytes));
    }
    if depth == Depth::Length {
        return Ok(());
    }
    let (hash, _) = image::hash(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if hash != disk.blake3 {
        return Err("the image's content has changed (BLAKE3 differs)".to_owned());
    }
    let header = image::header(path).map_err(|error| chain(&error))?;
    if header.backing_filename.as_deref() != below {
        let (found, wanted) = (header.backing_filename.unwrap_or_default(), below.unwrap_or_default());
        return Err(format!("the image builds on '{found}' instead of '{wanted}'"));
    }
    image::check(path, CHECK_LIMIT).map_err(|error| chain(&error))
}

/// Writes a file of a point's folder: old content or new after a crash, never half of it.
///
/// # Errors
/// The system's.
pub fn replace_file(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let fresh = folder.join(format!("{name}.new"));
    let mut file = File::create(&fresh)?;
    file.write_all(bytes)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.sync_all()?;
    fs::rename(&fresh, folder.join(name))?;
    File::open(folder)?.sync_all()
}

/// The folders of domains in a target.
///
/// # Errors
/// The system's, or too many.
pub fn folders(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let listed = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut folders = Vec::new();
    for entry in listed {
        let entry = entry?;
        // A link could lead anywhere.
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
        if folders.len() > ENTRIES_MAX {
            return Err(io::Error::other(format!("more than {ENTRIES_MAX} folders in {}", dir.display())));
        }
    }
    folders.sort();
    Ok(folders)
}

/// The domain's folder that holds the point `id`, in a target.
///
/// # Errors
/// The system's.
pub fn locate(target: &Path, id: PointId) -> io::Result<Option<PathBuf>> {
    let end = format!("-{id}");
    for domain in folders(target)? {
        if folders(&domain)?.iter().any(|folder| folder.to_string_lossy().ends_with(&end)) {
            return Ok(Some(domain));
        }
    }
    Ok(None)
}
