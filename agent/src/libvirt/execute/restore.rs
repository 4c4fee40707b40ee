//! restore: brings the disks of a recovery point back, over the domain's own or into a new domain.
//!
//! In place, the copies are made beside the old disks while the domain still runs. Then it is stopped, the old disks are
//! renamed to `….before-ID`, the new ones take their names, and it is started. The old ones stay until the restore is
//! confirmed.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use evenkeel_agent::actor::Policy;
use evenkeel_agent::actor::domain::{Definition, Disk, DomainFacts, Power};
use evenkeel_agent::actor::engine::Desk;
use evenkeel_agent::actor::guard::refuse;
use evenkeel_agent::actor::recovery_point::catalogue::{Depth, Point};
use evenkeel_agent::actor::recovery_point::image;
use evenkeel_agent::actor::recovery_point::key::PointKey;
use evenkeel_agent::actor::recovery_point::manifest::DiskImage;
use evenkeel_agent::actor::recovery_point::rewrite::{Life, World, rewrite};
use evenkeel_common::action::Outcome;
use evenkeel_common::clock;
use evenkeel_common::error::chain;
use evenkeel_common::id::{ActionId, DomainUuid, PointId};
use evenkeel_common::units::show_bytes;
use uuid::Uuid;
use virt::connect::Connect;
use virt::domain::Domain;

use super::points::{self, Found};
use super::{in_time, reason};
use crate::ffi;

const STOP_LIMIT: Duration = Duration::from_secs(60);
const START_LIMIT: Duration = Duration::from_secs(120);
/// What is left free besides the disks.
const MARGIN_BYTES: u64 = 64 << 20;

/// One restore under way.
pub(super) struct Restore<'a> {
    pub(super) connect: &'a Connect,
    pub(super) policy: &'a Policy,
    pub(super) key: &'a PointKey,
    pub(super) desk: &'a Desk<'a>,
    pub(super) id: ActionId,
    /// The domain that the command is about; a point of another one is not touched.
    pub(super) domain: DomainUuid,
}

/// A disk of the domain, its image in the point, and the file beside it that takes its place.
struct Swap {
    disk: String,
    format: String,
    image: PathBuf,
    file: PathBuf,
    fresh: PathBuf,
    aside: PathBuf,
}

impl Restore<'_> {
    /// The point, read in full: what is damaged must not replace anything.
    ///
    /// # Errors
    /// The outcome that says why it cannot be used.
    pub(super) fn point(&self, id: PointId) -> Result<(Point, u64), Outcome> {
        let Found { catalogue, .. } = points::find(self.policy, id, self.domain)?;
        self.desk.say("reading the recovery point");
        let faults = catalogue.chain_faults(id, self.key, Depth::Content);
        if !faults.is_empty() {
            return Err(refuse("damaged_point", format!("the point cannot be restored: {}", faults.join("; "))));
        }
        let chain = catalogue.chain_of(id).map_err(Outcome::Failed)?;
        let bytes = chain.iter().fold(0_u64, |sum, point| sum.saturating_add(point.manifest().bytes()));
        let point = catalogue.find(id).cloned().ok_or_else(|| Outcome::Failed("the point has gone".to_owned()))?;
        Ok((point, bytes))
    }

    pub(super) fn in_place(&self, domain: &Domain, facts: &DomainFacts, id: PointId) -> Outcome {
        self.try_in_place(domain, facts, id).unwrap_or_else(|outcome| outcome)
    }

    fn try_in_place(&self, domain: &Domain, facts: &DomainFacts, id: PointId) -> Result<Outcome, Outcome> {
        let started = clock::mono();
        let (point, bytes) = self.point(id)?;
        let manifest = point.manifest();
        let swaps = swaps(facts, &point, self.id)?;
        for swap in &swaps {
            room(swap.file.parent().unwrap_or(Path::new("/")), bytes)?;
        }
        let copied = swaps.iter().try_for_each(|swap| {
            self.desk.say(format!("copying {} back", swap.disk));
            self.copy(&swap.image, &swap.fresh, &swap.format)
        });
        if let Err(why) = copied {
            swaps.iter().for_each(|swap| remove(&swap.fresh));
            return Err(Outcome::Failed(format!("{why}; the domain was not touched")));
        }
        if self.desk.is_called_off() {
            swaps.iter().for_each(|swap| remove(&swap.fresh));
            return Err(Outcome::Failed("called off; the domain was not touched".to_owned()));
        }
        let ran = facts.power != Power::Off;
        if ran {
            self.desk.say("stopping the domain");
            stop(domain).map_err(|why| {
                swaps.iter().for_each(|swap| remove(&swap.fresh));
                Outcome::Failed(format!("the domain cannot be stopped: {why}; its disks were not touched"))
            })?;
        }
        exchange(&swaps).map_err(|why| Outcome::Failed(format!("{why}; the domain is stopped")))?;
        // Their bitmaps were in the old disks.
        for name in ffi::checkpoint_names(domain).unwrap_or_default() {
            if let Err(error) = ffi::delete_checkpoint(domain, &name, true) {
                tracing::warn!(
                    checkpoint = name,
                    error = reason(&error),
                    "libvirt keeps a checkpoint of the old disks"
                );
            }
        }
        if ran {
            self.desk.say("starting the domain");
            start(domain).map_err(|why| go_back(domain, &swaps, &why))?;
        }
        let aside: Vec<String> = swaps.iter().map(|swap| swap.aside.display().to_string()).collect();
        let disks: Vec<&str> = swaps.iter().map(|swap| swap.disk.as_str()).collect();
        Ok(Outcome::Succeeded(vec![
            ("point".to_owned(), id.to_string()),
            ("disks".to_owned(), disks.join(", ")),
            ("started".to_owned(), if ran { "yes" } else { "no" }.to_owned()),
            ("kept_aside".to_owned(), aside.join(", ")),
            ("age_ms".to_owned(), clock::wall().since(manifest.taken_at()).0.to_string()),
            ("duration_ms".to_owned(), clock::mono().since(started).0.to_string()),
        ]))
    }

    /// Gives up the old disks of an in-place restore.
    pub(super) fn confirm(facts: &DomainFacts, restore: ActionId) -> Outcome {
        let disks = Definition::parse(stored(facts)).unwrap_or_default().disks;
        let files = disks.iter().filter_map(|disk| disk.file.as_ref()).map(|file| aside(Path::new(file), restore));
        let kept: Vec<PathBuf> = files.filter(|path| path.is_file()).collect();
        if kept.is_empty() {
            let text = format!("nothing is kept aside of restore {restore} beside the disks of {}", facts.name);
            return refuse("nothing_kept", text);
        }
        let mut bytes = 0_u64;
        for path in &kept {
            bytes = bytes.saturating_add(fs::metadata(path).map_or(0, |meta| meta.blocks().saturating_mul(512)));
            if let Err(error) = fs::remove_file(path) {
                return Outcome::Failed(format!("{} cannot be removed: {error}", path.display()));
            }
        }
        let removed: Vec<String> = kept.iter().map(|path| path.display().to_string()).collect();
        Outcome::Succeeded(vec![("removed".to_owned(), removed.join(", ")), ("bytes".to_owned(), bytes.to_string())])
    }

    pub(super) fn as_new(&self, id: PointId, name: &str) -> Outcome {
        self.try_as_new(id, name).unwrap_or_else(|outcome| outcome)
    }

    fn try_as_new(&self, id: PointId, name: &str) -> Result<Outcome, Outcome> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if name.is_empty() || name.starts_with(['.', '-']) || name.len() > 64 || !name.chars().all(plain) {
            let text = format!("{name:?} is no name for a new domain: letters, digits, '.', '_', '-', at most 64");
            return Err(refuse("name", text));
        }
        if self.connect.lookup_domain_by_name(name).is_ok() {
            return Err(refuse("name_clash", format!("this host has a domain {name} already")));
        }
        let started = clock::mono();
        let (point, bytes) = self.point(id)?;
        let dir = &self.policy.backup.restore_dir;
        let made = DirBuilder::new().recursive(true).mode(0o711).create(dir);
        made.map_err(|error| refuse("restore_dir", format!("{} cannot be made: {error}", dir.display())))?;
        room(dir, bytes)?;
        let place = |disk: &DiskImage| dir.join(format!("{name}-{}.qcow2", disk.target));
        let files: Vec<(DiskImage, PathBuf)> =
            point.manifest().disks.iter().map(|disk| (disk.clone(), place(disk))).collect();
        if let Some((_, taken)) = files.iter().find(|(_, file)| file.exists()) {
            return Err(refuse("name_clash", format!("{} is there already", taken.display())));
        }
        let undo = |why: String| {
            files.iter().for_each(|(_, file)| remove(file));
            Outcome::Failed(why)
        };
        for (disk, file) in &files {
            self.desk.say(format!("copying {}", disk.target));
            self.copy(&point.image(disk), file, "qcow2").map_err(undo)?;
        }
        let disks: Vec<(String, String, String)> = files
            .iter()
            .map(|(disk, file)| (disk.target.clone(), file.display().to_string(), "qcow2".to_owned()))
            .collect();
        let uuid = Uuid::new_v4().to_string();
        let life = Life { name, uuid: &uuid, disks: &disks, world: World::Unplugged };
        let xml = rewrite(point.manifest().definition(), &life).map_err(|error| undo(chain(&error)))?;
        self.connect.define_domain_xml(&xml).map_err(|error| undo(reason(&error)))?;
        let paths: Vec<&str> = disks.iter().map(|(_, file, _)| file.as_str()).collect();
        Ok(Outcome::Succeeded(vec![
            ("point".to_owned(), id.to_string()),
            ("domain".to_owned(), name.to_owned()),
            ("uuid".to_owned(), uuid.clone()),
            ("files".to_owned(), paths.join(", ")),
            ("started".to_owned(), "no".to_owned()),
            ("network".to_owned(), "interfaces have new addresses and their links are down".to_owned()),
            ("duration_ms".to_owned(), clock::mono().since(started).0.to_string()),
        ]))
    }

    /// Copies one image out of the chain and brings it to disk.
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(super) fn copy(&self, image: &Path, to: &Path, format: &str) -> Result<(), String> {
        let limit = self.policy.backup.restore_deadline.to_std();
        image::copy(image, to, format, limit).map_err(|error| chain(&error))?;
        let finish = || {
            let file = File::open(to)?;
            file.set_permissions(Permissions::from_mode(0o600))?;
            file.sync_all()
        };
        finish().map_err(|error: io::Error| format!("{} cannot be brought to disk: {error}", to.display()))
    }
}

/// The definition from which the domain starts.
fn stored(facts: &DomainFacts) -> &str {
    if facts.inactive_xml.is_empty() { &facts.live_xml } else { &facts.inactive_xml }
}

fn aside(file: &Path, restore: ActionId) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".before-{restore}"));
    PathBuf::from(name)
}

fn swaps(facts: &DomainFacts, point: &Point, restore: ActionId) -> Result<Vec<Swap>, Outcome> {
    let name = &facts.name;
    if !facts.persistent {
        let text = format!("{name} is transient: stopped, it would be gone; restore the point as a new domain");
        return Err(refuse("transient", text));
    }
    let disks = Definition::parse(stored(facts)).unwrap_or_default().disks;
    let mut swaps = Vec::new();
    for image in &point.manifest().disks {
        let disk: &Disk = disks.iter().find(|disk| disk.target == image.target).ok_or_else(|| {
            refuse("no_such_disk", format!("{name} has no disk {} any more; restore as a new domain", image.target))
        })?;
        let live = facts.definition.disks.iter().find(|live| live.target == disk.target);
        if facts.power != Power::Off && live.is_none_or(|live| live.file != disk.file) {
            let text = format!("the stored definition of {name} gives {} another file than it has now", disk.target);
            return Err(refuse("pending_definition", text));
        }
        let Some(file) = disk.file.as_deref().map(PathBuf::from) else {
            let text =
                format!("{} of {name} is no file and cannot be kept aside; restore as a new domain", disk.target);
            return Err(refuse("not_a_file", text));
        };
        if disk.explicit_backing {
            let text =
                format!("the definition of {name} names what {} builds on; restore as a new domain", disk.target);
            return Err(refuse("explicit_backing", text));
        }
        let mut fresh = file.as_os_str().to_owned();
        fresh.push(format!(".restored-{restore}"));
        swaps.push(Swap {
            disk: disk.target.clone(),
            format: disk.format.clone(),
            image: point.image(image),
            aside: aside(&file, restore),
            fresh: PathBuf::from(fresh),
            file,
        });
    }
    Ok(swaps)
}

pub(super) fn room(dir: &Path, bytes: u64) -> Result<(), Outcome> {
    let needed = bytes.saturating_add(MARGIN_BYTES);
    match ffi::free_bytes(dir) {
        Ok(free) if free >= needed => Ok(()),
        Ok(free) => {
            let (needed, free) = (show_bytes(needed), show_bytes(free));
            Err(refuse("space", format!("the disks need up to {needed}, {} has {free} free", dir.display())))
        }
        Err(error) => Err(refuse("space", format!("{} cannot be looked at: {error}", dir.display()))),
    }
}

fn stop(domain: &Domain) -> Result<(), String> {
    let off = || !domain.is_active().unwrap_or(true);
    let ask = |flags: u32| {
        let domain = domain.clone();
        in_time(STOP_LIMIT, move || domain.destroy_flags(flags))
    };
    let mut said = "libvirt did not answer".to_owned();
    for flags in [virt_sys::VIR_DOMAIN_DESTROY_GRACEFUL, virt_sys::VIR_DOMAIN_DESTROY_DEFAULT] {
        if let Some(Err(error)) = ask(flags) {
            said = reason(&error);
        }
        if off() {
            return Ok(());
        }
    }
    Err(said)
}

fn start(domain: &Domain) -> Result<(), String> {
    let starting = domain.clone();
    match in_time(START_LIMIT, move || starting.create()) {
        Some(Ok(())) => Ok(()),
        _ if domain.is_active().unwrap_or(false) => Ok(()),
        Some(Err(error)) => Err(reason(&error)),
        None => Err("libvirt did not answer".to_owned()),
    }
}

/// Old disks aside, new ones into their places; on a failure everything goes back.
fn exchange(swaps: &[Swap]) -> Result<(), String> {
    for (done, swap) in swaps.iter().enumerate() {
        let put = || {
            if let Ok(old) = fs::metadata(&swap.file) {
                chown(&swap.fresh, Some(old.uid()), Some(old.gid()))?;
                fs::set_permissions(&swap.fresh, old.permissions())?;
                fs::rename(&swap.file, &swap.aside)?;
            }
            fs::rename(&swap.fresh, &swap.file)?;
            File::open(swap.file.parent().unwrap_or(Path::new("/")))?.sync_all()
        };
        if let Err(error) = put() {
            let back = put_back(&swaps[..=done]);
            swaps.iter().for_each(|swap| remove(&swap.fresh));
            return Err(format!("{} cannot be exchanged: {error}; {back}", swap.file.display()));
        }
    }
    Ok(())
}

fn put_back(swaps: &[Swap]) -> String {
    let mut wrong = Vec::new();
    for swap in swaps.iter().filter(|swap| swap.aside.exists()) {
        if let Err(error) = fs::rename(&swap.aside, &swap.file) {
            wrong.push(format!("{} is still at {} ({error})", swap.file.display(), swap.aside.display()));
        }
    }
    if wrong.is_empty() { "the old disks are in their places again".to_owned() } else { wrong.join("; ") }
}

/// The restored domain does not start: what was there before comes back.
fn go_back(domain: &Domain, swaps: &[Swap], why: &str) -> Outcome {
    if domain.is_active().unwrap_or(true) {
        return Outcome::Unknown(format!("the restored domain may be starting: {why}; the old disks are kept aside"));
    }
    let back = put_back(swaps);
    let again = match start(domain) {
        Ok(()) => "the domain runs as before".to_owned(),
        Err(why) => format!("THE DOMAIN IS DOWN and does not start with them either: {why}"),
    };
    Outcome::Failed(format!("the restored domain does not start: {why}; {back}; {again}"))
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "a file of a restore is left behind");
        }
        _ => {}
    }
}
