//! prune and verify: what happens to recovery points that are there already.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use evenkeel_agent::actor::Policy;
use evenkeel_agent::actor::domain::DomainFacts;
use evenkeel_agent::actor::engine::Desk;
use evenkeel_agent::actor::guard::refuse;
use evenkeel_agent::actor::recovery_point::catalogue::{Catalogue, Depth};
use evenkeel_agent::actor::recovery_point::domain_folder;
use evenkeel_agent::actor::recovery_point::fold;
use evenkeel_agent::actor::recovery_point::key::PointKey;
use evenkeel_agent::actor::recovery_point::manifest;
use evenkeel_agent::actor::recovery_point::retention::{self, PointFacts, Stays, Verdict};
use evenkeel_common::action::{Keep, Outcome};
use evenkeel_common::id::{DomainUuid, PointId};
use evenkeel_common::units::show_bytes;

use crate::ffi;

use super::folder;
use super::points::{self, Found};

/// What was removed.
pub(super) struct Pruned {
    pub(super) removed: Vec<PointId>,
    bytes: u64,
    verdict: Verdict,
}

/// Removes what the rules do not keep, children before what they build on. The newest chain is read in full first: a
/// point that stays alone must be one that can be restored.
///
/// # Errors
/// What went wrong, in words; what was removed until then is gone.
pub(super) fn run(domain_folder: &Path, keep: &Keep, key: &PointKey) -> Result<Pruned, String> {
    let (catalogue, facts) = look(domain_folder, key)?;
    let verdict = retention::judge(&facts, keep);
    if verdict.goes.is_empty() {
        return Ok(Pruned { removed: Vec::new(), bytes: 0, verdict });
    }
    let newest = verdict.stays.iter().filter(|(_, why)| matches!(why, Stays::Rule(_))).map(|(id, _)| *id);
    let newest = newest.filter_map(|id| catalogue.find(id)).max_by_key(|point| point.manifest().taken_at_ms);
    let newest = newest.ok_or("no point that stays can be restored; nothing is removed")?;
    let faults = catalogue.chain_faults(newest.manifest().point(), key, Depth::Content);
    if !faults.is_empty() {
        folder::note_verified(&newest.folder, &faults);
        return Err(format!("nothing is removed, for the newest point is damaged: {}", faults.join("; ")));
    }
    let mut pruned = Pruned { removed: Vec::new(), bytes: 0, verdict };
    for id in pruned.verdict.goes.clone() {
        let Some(point) = catalogue.find(id) else { continue };
        remove(&point.folder).map_err(|error| format!("{} cannot be removed: {error}", point.folder.display()))?;
        pruned.bytes = pruned.bytes.saturating_add(point.manifest().bytes());
        pruned.removed.push(id);
    }
    Ok(pruned)
}

fn look(domain_folder: &Path, key: &PointKey) -> Result<(Catalogue, Vec<PointFacts>), String> {
    let catalogue = Catalogue::read(domain_folder).map_err(|error| error.to_string())?;
    let mut facts = catalogue.facts(key, Depth::Length);
    for point in &mut facts {
        point.sound &= catalogue.own_faults(point.id).is_empty();
    }
    Ok((catalogue, facts))
}

/// Makes those points full that would otherwise hold older ones back.
fn make_full(
    domain_folder: &Path,
    keep: &Keep,
    key: &PointKey,
    limit: Duration,
    desk: &Desk<'_>,
) -> Result<usize, String> {
    let (catalogue, facts) = look(domain_folder, key)?;
    let wanted = retention::foldable(&facts, &retention::judge(&facts, keep));
    for id in &wanted {
        desk.say(format!("making point {id} a full one"));
        let faults = catalogue.chain_faults(*id, key, Depth::Content);
        if !faults.is_empty() {
            return Err(format!("nothing is removed, for point {id} is damaged: {}", faults.join("; ")));
        }
        let chain = catalogue.chain_of(*id)?;
        let needed = chain.iter().fold(0_u64, |sum, point| sum.saturating_add(point.manifest().bytes()));
        if ffi::free_bytes(domain_folder).is_ok_and(|free| free < needed) {
            return Err(format!("making point {id} full needs {} of space", show_bytes(needed)));
        }
        fold::fold(&catalogue, *id, key, limit)?;
    }
    Ok(wanted.len())
}

/// The manifest goes first: what is left after a crash is no recovery point.
fn remove(folder: &Path) -> std::io::Result<()> {
    fs::remove_file(folder.join(manifest::FILE))?;
    File::open(folder)?.sync_all()?;
    fs::remove_dir_all(folder)
}

/// The verb `prune`. The domain need not be on this host any more.
pub(super) fn prune(
    domain: DomainUuid,
    facts: Option<&DomainFacts>,
    target: &str,
    keep: &Keep,
    policy: &Policy,
    key: &PointKey,
    desk: &Desk<'_>,
) -> Outcome {
    let target = match policy.backup.target(target) {
        Ok(target) => target,
        Err(why) => return refuse("target", why),
    };
    if retention::keeps_all(keep) {
        return refuse(
            "keep",
            "no rule says what to keep: give at least one of last, daily, weekly, monthly".to_owned(),
        );
    }
    if let Some(why) = folder::not_mounted(target) {
        return refuse("not_mounted", why);
    }
    let folder = match facts {
        Some(facts) => domain_folder(&target.dir, &facts.name, facts.uuid),
        None => match points::folder_of(&target.dir, domain) {
            Ok(Some(folder)) => folder,
            Ok(None) => return refuse("no_points", format!("{} holds no point of this domain", target.dir.display())),
            Err(error) => return Outcome::Failed(format!("{} cannot be read: {error}", target.dir.display())),
        },
    };
    let limit = policy.backup.restore_deadline.to_std();
    let done = make_full(&folder, keep, key, limit, desk).and_then(|full| Ok((full, run(&folder, keep, key)?)));
    match done {
        Err(why) => Outcome::Failed(why),
        Ok((full, pruned)) => {
            let count = |wanted: fn(&Stays) -> bool| {
                pruned.verdict.stays.iter().filter(|(_, why)| wanted(why)).count().to_string()
            };
            let mut result = vec![
                ("removed".to_owned(), pruned.removed.len().to_string()),
                ("bytes".to_owned(), pruned.bytes.to_string()),
                ("kept".to_owned(), count(|why| matches!(why, Stays::Rule(_)))),
                ("made_full".to_owned(), full.to_string()),
                ("kept_as_parent".to_owned(), count(|why| *why == Stays::Parent)),
                ("freed".to_owned(), show_bytes(pruned.bytes)),
            ];
            let damaged = count(|why| *why == Stays::Damaged);
            if damaged != "0" {
                result.push(("damaged".to_owned(), damaged));
            }
            if !pruned.removed.is_empty() {
                let ids: Vec<String> = pruned.removed.iter().map(ToString::to_string).collect();
                result.push(("points".to_owned(), ids.join(", ")));
            }
            Outcome::Succeeded(result)
        }
    }
}

/// The verb `verify`: a point and all that it builds on, read from disk.
pub(super) fn verify(id: PointId, domain: DomainUuid, policy: &Policy, key: &PointKey, desk: &Desk<'_>) -> Outcome {
    let Found { catalogue, target } = match points::find(policy, id, domain) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    let chain = match catalogue.chain_of(id) {
        Ok(chain) => chain,
        Err(why) => return Outcome::Failed(why),
    };
    let (mut bytes, mut all) = (0_u64, Vec::new());
    for point in &chain {
        desk.say(format!("reading {}", point.folder.display()));
        let faults = catalogue.faults(point, key, Depth::Content);
        folder::note_verified(&point.folder, &faults);
        bytes = bytes.saturating_add(point.manifest().bytes());
        all.extend(faults.into_iter().map(|why| format!("{}: {why}", point.manifest().id)));
    }
    if !all.is_empty() {
        return Outcome::Failed(format!("the point cannot be restored: {}", all.join("; ")));
    }
    Outcome::Succeeded(vec![
        ("point".to_owned(), id.to_string()),
        ("target".to_owned(), target.name),
        ("chain_points".to_owned(), chain.len().to_string()),
        ("bytes".to_owned(), bytes.to_string()),
    ])
}
