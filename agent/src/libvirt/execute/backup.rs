//! snapshot and backup: copies of the disks as of one moment, outside the domain, by libvirt's backup job in push mode.

use std::fs;
use std::path::Path;

use evenkeel_agent::actor::Policy;
use evenkeel_agent::actor::domain::DomainFacts;
use evenkeel_agent::actor::engine::Desk;
use evenkeel_agent::actor::guard::refuse;
use evenkeel_agent::actor::policy::backup::Target;
use evenkeel_agent::actor::recovery_point::catalogue::{Catalogue, Depth};
use evenkeel_agent::actor::recovery_point::key::PointKey;
use evenkeel_agent::actor::recovery_point::manifest::{Kind, Manifest, Quiesce};
use evenkeel_agent::actor::recovery_point::retention::keeps_all;
use evenkeel_agent::actor::recovery_point::{Plan, Wanted, checkpoint_prefix, domain_folder, plan};
use evenkeel_common::action::{BackupMode, Outcome, Quiesce as QuiesceWish};
use evenkeel_common::clock;
use evenkeel_common::id::{ActionId, PointId};
use evenkeel_common::time::UnixMs;
use evenkeel_common::units::show_bytes;
use virt::connect::Connect;
use virt::domain::Domain;

use super::base::{self, Below};
use super::job::{self, Cut};
use super::quiesce::Frozen;
use super::{folder, prune, reason};
use crate::ffi;

/// What is left free besides the copies: metadata of the images and the manifest.
const MARGIN_BYTES: u64 = 32 << 20;

/// What is wanted.
pub(super) struct Request<'a> {
    pub(super) id: ActionId,
    pub(super) target: &'a Target,
    pub(super) quiesce: QuiesceWish,
    /// How much; `None` makes a point on which none builds.
    pub(super) mode: Option<BackupMode>,
}

/// One backup under way.
pub(super) struct Backup<'a> {
    pub(super) connect: &'a Connect,
    pub(super) domain: &'a Domain,
    pub(super) facts: &'a DomainFacts,
    pub(super) policy: &'a Policy,
    pub(super) key: &'a PointKey,
    pub(super) desk: &'a Desk<'a>,
}

/// A copy that has been made, before its manifest.
struct Copied {
    plan: Plan,
    below: Option<Below>,
    taken_at: UnixMs,
    quiesce: Quiesce,
    /// What the operator should know all the same.
    remarks: Vec<String>,
}

impl Backup<'_> {
    pub(super) fn run(&self, request: &Request<'_>) -> Outcome {
        if let Some(why) = folder::not_mounted(request.target) {
            return refuse("not_mounted", why);
        }
        let started = clock::mono();
        let all = domain_folder(&request.target.dir, &self.facts.name, self.facts.uuid);
        let catalogue = match Catalogue::read(&all) {
            Ok(catalogue) => catalogue,
            Err(error) => return refuse("recovery_dir", format!("{} cannot be read: {error}", all.display())),
        };
        let (below, why_full) = match self.below(request, &catalogue) {
            Ok(found) => found,
            Err(outcome) => return outcome,
        };
        let copied = match self.copy(request, below, why_full) {
            Ok(copied) => copied,
            Err(outcome) => return outcome,
        };
        self.desk.say("checking what was written".to_owned());
        match self.seal(&copied, request) {
            Ok(manifest) => {
                let mut result = result(&copied, &manifest);
                result.extend(self.afterwards(request, &copied));
                result.push(("duration_ms".to_owned(), clock::mono().since(started).0.to_string()));
                Outcome::Succeeded(result)
            }
            Err(text) => {
                self.forget(&copied.plan);
                Outcome::Failed(text)
            }
        }
    }

    /// What to build on, or why not.
    fn below(&self, request: &Request<'_>, catalogue: &Catalogue) -> Result<(Option<Below>, Option<String>), Outcome> {
        let mode = match request.mode {
            None | Some(BackupMode::Full) => return Ok((None, None)),
            Some(mode) => mode,
        };
        match base::find(self, &request.target.name, catalogue) {
            Ok(below) => Ok((Some(below), None)),
            Err(why) if mode == BackupMode::Auto => Ok((None, Some(why))),
            Err(why) => {
                Err(refuse("no_base", format!("an incremental backup is not possible: {why}; take a full one")))
            }
        }
    }

    fn copy(
        &self,
        request: &Request<'_>,
        below: Option<Below>,
        mut why_full: Option<String>,
    ) -> Result<Copied, Outcome> {
        let mut below = below;
        loop {
            let wanted = Wanted {
                id: PointId(request.id.0),
                dir: &request.target.dir,
                now: clock::wall(),
                track: request.mode.map(|_| request.target.name.as_str()),
                base: below.as_ref().map(|below| &below.base),
            };
            let mut plan = plan(self.facts, &wanted).map_err(Outcome::Refused)?;
            if let Some(why) = &why_full {
                plan.targets.iter_mut().for_each(|target| {
                    target.why_full.get_or_insert_with(|| why.clone());
                });
            }
            self.make_room(&plan, below.as_ref())?;
            match self.begin(request, &plan, below.as_ref()) {
                Ok((taken_at, quiesce, remarks)) => {
                    let started = clock::mono();
                    return match job::wait(self.domain, started, self.policy.snapshot_deadline, self.desk) {
                        Ok(()) => Ok(Copied { plan, below, taken_at, quiesce, remarks }),
                        Err(Cut::Failed(text)) => {
                            self.forget(&plan);
                            Err(Outcome::Failed(text))
                        }
                        Err(Cut::Unknown(text)) => {
                            let folder = plan.folder.display();
                            Err(Outcome::Unknown(format!("{text}; what there is lies in {folder}")))
                        }
                    };
                }
                Err(outcome) => {
                    folder::remove(&plan.folder);
                    // A bitmap may be broken, as after a power cut: then all of the disk is taken.
                    match (outcome, below.take()) {
                        (Outcome::Failed(text), Some(_)) if request.mode == Some(BackupMode::Auto) => {
                            tracing::warn!(domain = self.facts.name, text, "no incremental backup; a full one instead");
                            why_full = Some(text);
                        }
                        (outcome, _) => return Err(outcome),
                    }
                }
            }
        }
    }

    fn make_room(&self, plan: &Plan, below: Option<&Below>) -> Result<(), Outcome> {
        if let Err(error) = folder::make(&plan.folder, self.facts.definition.owner) {
            return Err(refuse("recovery_dir", format!("{} cannot be made: {error}", plan.folder.display())));
        }
        let needed = plan.targets.iter().fold(MARGIN_BYTES, |sum, target| {
            // A disk that cannot be measured will fail in the job, with libvirt's own words.
            let used = self.domain.block_info(&target.disk, 0).map_or(0, |info| match info.allocation {
                0 => info.capacity,
                used => used.min(info.capacity),
            });
            let copied = match below.filter(|_| target.kind == Kind::Incremental) {
                Some(below) => below.changed_bytes(&target.disk).unwrap_or(used),
                None => used,
            };
            sum.saturating_add(copied).saturating_add(copied / 20)
        });
        match ffi::free_bytes(&plan.folder) {
            Ok(free) if free < needed => {
                let text = format!(
                    "the copies need up to {}, {} has {} free",
                    show_bytes(needed),
                    plan.folder.display(),
                    show_bytes(free)
                );
                folder::remove(&plan.folder);
                Err(refuse("space", text))
            }
            _ => Ok(()),
        }
    }

    /// Begins the job with the guest at rest, for as short as can be.
    fn begin(
        &self,
        request: &Request<'_>,
        plan: &Plan,
        below: Option<&Below>,
    ) -> Result<(UnixMs, Quiesce, Vec<String>), Outcome> {
        let all: Vec<&str> = self.facts.definition.disks.iter().map(|disk| disk.target.as_str()).collect();
        let xml = plan.backup_xml(&all, below.map(|below| &below.base));
        let checkpoint = plan.checkpoint_xml(&all);
        self.desk.say(format!("copying {} into {}", names(plan), plan.folder.display()));
        let (frozen, quiesce) = match request.quiesce {
            QuiesceWish::Never => (Frozen::none(self.domain), Quiesce::NotAsked),
            QuiesceWish::IfPossible | QuiesceWish::Required => Frozen::freeze(self.domain, self.facts),
        };
        if request.quiesce == QuiesceWish::Required && !matches!(quiesce, Quiesce::Frozen(_)) {
            let thawed = frozen.thaw().map(|problem| format!("; {problem}")).unwrap_or_default();
            let text = format!("the guest is not at rest ({}) and that is required{thawed}", quiesce.describe());
            return Err(refuse("quiesce", text));
        }
        let taken_at = clock::wall();
        let begun = ffi::backup_begin(self.domain, &xml, checkpoint.as_deref());
        let remarks = frozen.thaw().into_iter().collect();
        match begun {
            Ok(()) => Ok((taken_at, quiesce, remarks)),
            Err(error) => Err(Outcome::Failed(reason(&error))),
        }
    }

    /// Writes and checks everything; the manifest comes last.
    fn seal(&self, copied: &Copied, request: &Request<'_>) -> Result<Manifest, String> {
        let Copied { plan, below, taken_at, quiesce, .. } = copied;
        let disks = folder::take_over(plan, below.as_ref().map(|below| &below.point))?;
        let incremental = disks.iter().any(|disk| disk.kind == Kind::Incremental);
        let (networks, pools) = base::surroundings(self.connect);
        let manifest = Manifest {
            id: request.id.0,
            taken_at_ms: taken_at.0,
            domain: self.facts.uuid.0,
            name: self.facts.name.clone(),
            host: self.facts.host.clone(),
            parent: below.as_ref().filter(|_| incremental).map(|below| below.point.manifest().id),
            checkpoint: plan.checkpoint.clone(),
            quiesce: quiesce.clone(),
            disks,
            left_out: plan.left_out.clone(),
            domain_xml: self.facts.live_xml.clone(),
            inactive_xml: self.facts.inactive_xml.clone(),
            networks,
            pools,
        };
        folder::finish(plan, self.key, manifest.clone())?;
        let all = plan.folder.parent().unwrap_or(Path::new("/"));
        let catalogue = Catalogue::read(all).map_err(|error| error.to_string())?;
        let id = manifest.point();
        let point = catalogue.find(id).ok_or("the recovery point is not there after it was written")?;
        let mut faults = catalogue.faults(point, self.key, Depth::Content);
        faults.extend(catalogue.chain_faults(id, self.key, Depth::Length));
        if faults.is_empty() {
            folder::note_verified(&plan.folder, &[]);
            Ok(manifest)
        } else {
            Err(format!("what was written is not sound: {}", faults.join("; ")))
        }
    }

    /// The new point is sound: what it replaces may go.
    fn afterwards(&self, request: &Request<'_>, copied: &Copied) -> Vec<(String, String)> {
        let mut more = Vec::new();
        if let Some(checkpoint) = &copied.plan.checkpoint {
            let prefix = checkpoint_prefix(&request.target.name);
            for old in ffi::checkpoint_names(self.domain).unwrap_or_default() {
                if old.starts_with(&prefix) && old != *checkpoint {
                    drop_checkpoint(self.domain, &old);
                }
            }
            let keep = &self.policy.backup.keep;
            if !keeps_all(keep) {
                let all = domain_folder(&request.target.dir, &self.facts.name, self.facts.uuid);
                match prune::run(&all, keep, self.key) {
                    Ok(pruned) => more.push(("pruned".to_owned(), pruned.removed.len().to_string())),
                    Err(why) => more.push(("prune_failed".to_owned(), why)),
                }
            }
        }
        more
    }

    /// Takes back a copy that did not become a recovery point. Its checkpoint goes too: libvirt then counts what has
    /// changed since the one before.
    fn forget(&self, plan: &Plan) {
        folder::remove(&plan.folder);
        if let Some(checkpoint) = &plan.checkpoint {
            drop_checkpoint(self.domain, checkpoint);
        }
    }
}

fn drop_checkpoint(domain: &Domain, name: &str) {
    if let Err(error) = ffi::delete_checkpoint(domain, name, false) {
        tracing::warn!(checkpoint = name, error = reason(&error), "a checkpoint is left behind");
    }
}

fn names(plan: &Plan) -> String {
    plan.targets.iter().map(|target| target.disk.as_str()).collect::<Vec<_>>().join(", ")
}

fn result(copied: &Copied, manifest: &Manifest) -> Vec<(String, String)> {
    let Copied { plan, remarks, .. } = copied;
    let mut facts = vec![
        ("point".to_owned(), manifest.id.to_string()),
        ("path".to_owned(), plan.folder.display().to_string()),
        ("disks".to_owned(), names(plan)),
        ("bytes".to_owned(), manifest.bytes().to_string()),
        ("kind".to_owned(), manifest.kind().as_str().to_owned()),
        ("quiesced".to_owned(), manifest.quiesce.describe()),
        ("verified".to_owned(), "yes".to_owned()),
    ];
    if let Some(parent) = manifest.parent {
        facts.push(("parent".to_owned(), parent.to_string()));
    }
    let full: Vec<String> = plan
        .targets
        .iter()
        .filter_map(|target| Some(format!("{} ({})", target.disk, target.why_full.as_deref()?)))
        .collect();
    for (key, list) in [("full", full), ("left_out", plan.left_out.clone()), ("remarks", remarks.clone())] {
        if !list.is_empty() {
            facts.push((key.to_owned(), list.join(", ")));
        }
    }
    facts
}

/// What lies on disk of a point whose making was cut off.
pub(super) fn evidence(dir: &Path, facts: &DomainFacts, id: ActionId) -> String {
    let all = domain_folder(dir, &facts.name, facts.uuid);
    let end = format!("-{id}");
    let list = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().collect::<Vec<_>>();
    let found = list(&all).into_iter().map(|entry| entry.path());
    let Some(folder) = found.into_iter().find(|path| path.to_string_lossy().ends_with(&end)) else {
        return "; no file of the recovery point is there".to_owned();
    };
    let files: Vec<String> = list(&folder)
        .into_iter()
        .filter_map(|file| Some(format!("{} ({} bytes)", file.file_name().display(), file.metadata().ok()?.len())))
        .collect();
    let files = if files.is_empty() { "nothing".to_owned() } else { files.join(", ") };
    format!("; {} holds {files}", folder.display())
}
