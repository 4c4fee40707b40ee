//! snapshot: a full copy of the disks as of one moment, outside the domain, by libvirt's backup job in push mode.

use std::ffi::CString;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use evenkeel_agent::actor::Policy;
use evenkeel_agent::actor::domain::DomainFacts;
use evenkeel_agent::actor::guard::refuse;
use evenkeel_agent::actor::recovery_point::{Plan, domain_folder, plan};
use evenkeel_common::action::Outcome;
use evenkeel_common::clock;
use evenkeel_common::id::ActionId;
use evenkeel_common::time::{DurationMs, MonoMs};
use evenkeel_common::units::show_bytes;
use virt::domain::Domain;
use virt::error::ErrorNumber;

use super::{folder, is, reason};
use crate::ffi::{self, Job};

const POLL: Duration = Duration::from_millis(100);
const NEWS_EVERY: DurationMs = DurationMs::from_s(2);
/// How long libvirt may take to end an aborted job.
const ABORT_PATIENCE: DurationMs = DurationMs::from_s(60);
/// What is left free besides the copies: metadata of the images and the domain's XML.
const MARGIN_BYTES: u64 = 16 << 20;

pub(super) fn run(
    domain: &Domain,
    facts: &DomainFacts,
    id: ActionId,
    policy: &Policy,
    say: &dyn Fn(String),
) -> Outcome {
    let plan = match plan(facts, &policy.recovery_dir, id, clock::wall()) {
        Ok(plan) => plan,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    if let Err(error) = folder::make(&plan.folder, facts.definition.owner) {
        return refuse("recovery_dir", format!("{} cannot be made: {error}", plan.folder.display()));
    }
    if let Some(outcome) = too_little_space(domain, &plan) {
        folder::remove(&plan.folder);
        return outcome;
    }
    let started = clock::mono();
    say(format!("copying {} into {}", names(&plan), plan.folder.display()));
    match copy(domain, &plan, started, policy.snapshot_deadline, say) {
        Ok(()) => {}
        Err(Cut::Failed(text)) => {
            folder::remove(&plan.folder);
            return Outcome::Failed(text);
        }
        Err(Cut::Unknown(text)) => {
            return Outcome::Unknown(format!("{text}; what there is lies in {}", plan.folder.display()));
        }
    }
    match folder::seal(&plan, facts) {
        Ok(bytes) => Outcome::Succeeded(result(&plan, bytes, clock::mono().since(started))),
        Err(error) => {
            folder::remove(&plan.folder);
            Outcome::Failed(format!("the copies in {} cannot be brought to disk: {error}", plan.folder.display()))
        }
    }
}

fn names(plan: &Plan) -> String {
    plan.targets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

fn result(plan: &Plan, bytes: u64, duration: DurationMs) -> Vec<(String, String)> {
    let mut facts = vec![
        ("path".to_owned(), plan.folder.display().to_string()),
        ("disks".to_owned(), names(plan)),
        ("bytes".to_owned(), bytes.to_string()),
        ("duration_ms".to_owned(), duration.0.to_string()),
        ("kind".to_owned(), "full".to_owned()),
        ("quiesced".to_owned(), "no".to_owned()),
    ];
    if !plan.left_out.is_empty() {
        facts.push(("left_out".to_owned(), plan.left_out.join(", ")));
    }
    facts
}

fn too_little_space(domain: &Domain, plan: &Plan) -> Option<Outcome> {
    let mut needed = MARGIN_BYTES;
    for (disk, _) in &plan.targets {
        // A disk that cannot be measured will fail in the job, with libvirt's own words.
        let info = domain.block_info(disk, 0).ok()?;
        let used = if info.allocation == 0 { info.capacity } else { info.allocation.min(info.capacity) };
        needed = needed.saturating_add(used).saturating_add(used / 20);
    }
    let free = ffi::free_bytes(&plan.folder).ok()?;
    (free < needed).then(|| {
        let (needed, free) = (show_bytes(needed), show_bytes(free));
        refuse("space", format!("the copies need up to {needed}, {} has {free} free", plan.folder.display()))
    })
}

enum Cut {
    Failed(String),
    Unknown(String),
}

/// Starts the job and waits for its end.
fn copy(domain: &Domain, plan: &Plan, started: MonoMs, deadline: DurationMs, say: &dyn Fn(String)) -> Result<(), Cut> {
    let xml = CString::new(plan.backup_xml.as_str()).map_err(|error| Cut::Failed(error.to_string()))?;
    ffi::backup_begin(domain, &xml).map_err(|error| Cut::Failed(reason(&error)))?;
    let mut told = started;
    loop {
        let job = job(domain, 0)?;
        if job.kind == 0 {
            return ended(domain);
        }
        let now = clock::mono();
        if now.since(started) > deadline {
            return Err(abort(domain, deadline));
        }
        if now.since(told) > NEWS_EVERY {
            told = now;
            let of = |name| show_bytes(job.number(name).unwrap_or(0));
            let done = of(virt_sys::VIR_DOMAIN_JOB_DISK_PROCESSED);
            say(format!("copied {done} of {}", of(virt_sys::VIR_DOMAIN_JOB_DISK_TOTAL)));
        }
        thread::sleep(POLL);
    }
}

fn job(domain: &Domain, flags: u32) -> Result<Job, Cut> {
    ffi::job_stats(domain, flags).map_err(|error| {
        let text = reason(&error);
        // A domain that ended takes its backup job with it.
        if is(&error, ErrorNumber::OperationInvalid) || is(&error, ErrorNumber::NoDomain) {
            Cut::Failed(format!("the domain ended during the copy: {text}"))
        } else {
            Cut::Unknown(format!("libvirt stopped answering during the copy: {text}"))
        }
    })
}

/// What came of the job that has just ended.
fn ended(domain: &Domain) -> Result<(), Cut> {
    let job = job(domain, virt_sys::VIR_DOMAIN_JOB_STATS_COMPLETED)?;
    let backup = u64::from(virt_sys::VIR_DOMAIN_JOB_OPERATION_BACKUP);
    if job.number(virt_sys::VIR_DOMAIN_JOB_OPERATION) != Some(backup) {
        return Err(Cut::Unknown("libvirt does not show how the copy ended".to_owned()));
    }
    match job.flag(virt_sys::VIR_DOMAIN_JOB_SUCCESS) {
        Some(true) => Ok(()),
        Some(false) => {
            let text = job.text(virt_sys::VIR_DOMAIN_JOB_ERRMSG).unwrap_or("no reason given");
            Err(Cut::Failed(format!("libvirt's backup job failed: {text}")))
        }
        None => Err(Cut::Unknown("libvirt does not say whether the copy succeeded".to_owned())),
    }
}

fn abort(domain: &Domain, deadline: DurationMs) -> Cut {
    let late = format!("not done within {} s (snapshot.deadline)", deadline.as_s());
    let asked = clock::mono();
    if let Err(error) = ffi::abort_job(domain) {
        return Cut::Unknown(format!("{late}, and the job cannot be aborted: {}", reason(&error)));
    }
    while clock::mono().since(asked) < ABORT_PATIENCE {
        match job(domain, 0) {
            Ok(job) if job.kind == 0 => return Cut::Failed(late),
            Ok(_) => thread::sleep(POLL),
            Err(cut) => return cut,
        }
    }
    Cut::Unknown(format!("{late}, and the aborted job does not end"))
}

/// What lies on disk of a point whose making was cut off.
pub(super) fn evidence(policy: &Policy, facts: &DomainFacts, id: ActionId) -> String {
    let all = domain_folder(&policy.recovery_dir, &facts.name, facts.uuid);
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
