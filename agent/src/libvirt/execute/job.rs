//! libvirt's backup job: begun, watched to its end, aborted at its deadline.

use std::thread;
use std::time::Duration;

use evenkeel_agent::actor::engine::Desk;
use evenkeel_common::action::Step;
use evenkeel_common::clock;
use evenkeel_common::time::{DurationMs, MonoMs};
use evenkeel_common::units::show_bytes;
use virt::domain::Domain;
use virt::error::ErrorNumber;

use super::{is, reason};
use crate::ffi::{self, Job};

const POLL: Duration = Duration::from_millis(100);
const NEWS_EVERY: DurationMs = DurationMs::from_s(2);
/// How long libvirt may take to end an aborted job.
const ABORT_PATIENCE: DurationMs = DurationMs::from_s(60);

/// Why a job came to nothing.
pub(super) enum Cut {
    /// It has ended and failed.
    Failed(String),
    /// Nobody can say what came of it.
    Unknown(String),
}

/// Waits for the end of the job that has been begun.
pub(super) fn wait(domain: &Domain, started: MonoMs, deadline: DurationMs, desk: &Desk<'_>) -> Result<(), Cut> {
    let mut told = started;
    loop {
        let job = job(domain, 0)?;
        if job.kind == 0 {
            return ended(domain);
        }
        let now = clock::mono();
        if now.since(started) > deadline {
            return Err(abort(domain, &format!("not done within {} s (snapshot.deadline)", deadline.as_s())));
        }
        if desk.is_called_off() {
            return Err(abort(domain, "called off"));
        }
        if now.since(told) > NEWS_EVERY {
            told = now;
            desk.say(step(&job));
        }
        thread::sleep(POLL);
    }
}

fn step(job: &Job) -> Step {
    let of = |name| job.number(name).unwrap_or(0);
    let (done, total) = (of(virt_sys::VIR_DOMAIN_JOB_DISK_PROCESSED), of(virt_sys::VIR_DOMAIN_JOB_DISK_TOTAL));
    let share = done.saturating_mul(1_000).checked_div(total).and_then(|share| u16::try_from(share).ok());
    Step {
        words: format!("copied {} of {}", show_bytes(done), show_bytes(total)),
        permille: share,
        remaining_bytes: Some(total.saturating_sub(done)),
        estimated_end: None,
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

fn abort(domain: &Domain, why: &str) -> Cut {
    let asked = clock::mono();
    if let Err(error) = ffi::abort_job(domain) {
        return Cut::Unknown(format!("{why}, and the job cannot be aborted: {}", reason(&error)));
    }
    while clock::mono().since(asked) < ABORT_PATIENCE {
        match job(domain, 0) {
            Ok(job) if job.kind == 0 => return Cut::Failed(why.to_owned()),
            Ok(_) => thread::sleep(POLL),
            Err(cut) => return cut,
        }
    }
    Cut::Unknown(format!("{why}, and the aborted job does not end"))
}
