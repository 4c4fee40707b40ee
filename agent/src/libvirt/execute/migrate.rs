//! migrate: live, from libvirt to libvirt (peer to peer), over the URIs of the host's policy.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use evenkeel_agent::actor::Policy;
use evenkeel_agent::actor::domain::{DomainFacts, Power};
use evenkeel_common::action::Outcome;
use evenkeel_common::clock;
use evenkeel_common::time::{DurationMs, MonoMs};
use evenkeel_common::units::show_bytes;
use virt::domain::{Domain, MigrateParameters};
use virt::error::Error;

use super::{power, reason};
use crate::ffi;

const NEWS_EVERY: Duration = Duration::from_secs(2);
/// How long libvirt may take to end an aborted migration.
const ABORT_PATIENCE: DurationMs = DurationMs::from_s(120);

pub(super) fn run(
    domain: &Domain,
    facts: &DomainFacts,
    to_host: &str,
    policy: &Policy,
    say: &dyn Fn(String),
) -> Outcome {
    let settings = &policy.migrate;
    let fill = |template: &str| {
        let uuid = facts.uuid.to_string();
        template.replace("{host}", to_host).replace("{domain}", &facts.name).replace("{uuid}", &uuid)
    };
    let destination = fill(&settings.connect_uri);
    let parameters = MigrateParameters { uri: settings.data_uri.as_deref().map(fill), ..MigrateParameters::default() };
    let flags = flags(facts, policy);
    say(format!("migrating to {to_host} ({destination})"));
    let started = clock::mono();
    let (done, result) = sync_channel(1);
    let mover = domain.clone();
    let spawned = thread::Builder::new().name("migration".to_owned()).spawn(move || {
        drop(done.send(mover.migrate_to_uri3(Some(&destination), parameters, flags)));
    });
    if let Err(error) = spawned {
        return Outcome::Failed(format!("no thread for the migration: {error}"));
    }
    let (moved, aborted) = match watch(domain, &result, started, settings.deadline, say) {
        Ok(ended) => ended,
        Err(text) => return Outcome::Unknown(text.to_owned()),
    };
    match moved {
        Ok(()) => arrived(domain, to_host, clock::mono().since(started)),
        Err(error) if aborted => {
            let limit = settings.deadline.as_s();
            stayed(domain, &format!("aborted after {limit} s (migrate.deadline): {}", reason(&error)))
        }
        Err(error) => stayed(domain, &reason(&error)),
    }
}

fn flags(facts: &DomainFacts, policy: &Policy) -> u32 {
    let mut flags = virt_sys::VIR_MIGRATE_LIVE | virt_sys::VIR_MIGRATE_PEER2PEER | virt_sys::VIR_MIGRATE_ABORT_ON_ERROR;
    if facts.persistent {
        flags |= virt_sys::VIR_MIGRATE_PERSIST_DEST;
        if policy.migrate.undefine_source {
            flags |= virt_sys::VIR_MIGRATE_UNDEFINE_SOURCE;
        }
    }
    if policy.migrate.skip_storage_check {
        flags |= virt_sys::VIR_MIGRATE_UNSAFE;
    }
    flags
}

/// Waits for libvirt's answer, says the progress and aborts at the deadline: the answer, and whether it was aborted.
fn watch(
    domain: &Domain,
    result: &Receiver<Result<(), Error>>,
    started: MonoMs,
    deadline: DurationMs,
    say: &dyn Fn(String),
) -> Result<(Result<(), Error>, bool), &'static str> {
    let mut aborted = None;
    loop {
        match result.recv_timeout(NEWS_EVERY) {
            Ok(moved) => return Ok((moved, aborted.is_some())),
            Err(RecvTimeoutError::Disconnected) => return Err("the migration's thread ended without a word"),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = clock::mono();
        match aborted {
            None if now.since(started) > deadline => {
                say("aborting: migrate.deadline has passed".to_owned());
                if let Err(error) = ffi::abort_job(domain) {
                    tracing::warn!(error = reason(&error), "the migration cannot be aborted");
                }
                aborted = Some(now);
            }
            Some(since) if now.since(since) > ABORT_PATIENCE => {
                return Err("the migration was aborted and does not end");
            }
            None => say(progress(domain)),
            Some(_) => {}
        }
    }
}

fn progress(domain: &Domain) -> String {
    let Ok(job) = ffi::job_stats(domain, 0) else {
        return "migrating".to_owned();
    };
    let of = |name| show_bytes(job.number(name).unwrap_or(0));
    let done = of(virt_sys::VIR_DOMAIN_JOB_DATA_PROCESSED);
    format!("moved {done}, {} to go", of(virt_sys::VIR_DOMAIN_JOB_DATA_REMAINING))
}

/// libvirt says that it moved: it must not be active here any more.
fn arrived(domain: &Domain, to_host: &str, duration: DurationMs) -> Outcome {
    if let Ok(state) = power(domain)
        && state != Power::Off
    {
        let state = state.as_str();
        return Outcome::Unknown(format!(
            "libvirt reports the migration as done, but the domain is still {state} here"
        ));
    }
    let mut facts =
        vec![("to_host".to_owned(), to_host.to_owned()), ("duration_ms".to_owned(), duration.0.to_string())];
    if let Ok(job) = ffi::job_stats(domain, virt_sys::VIR_DOMAIN_JOB_STATS_COMPLETED) {
        let more =
            [("downtime_ms", virt_sys::VIR_DOMAIN_JOB_DOWNTIME), ("bytes", virt_sys::VIR_DOMAIN_JOB_DATA_PROCESSED)];
        let known =
            more.into_iter().filter_map(|(name, field)| Some((name.to_owned(), job.number(field)?.to_string())));
        facts.extend(known);
    }
    Outcome::Succeeded(facts)
}

/// libvirt reports an error: a failure only if the domain demonstrably runs on here.
fn stayed(domain: &Domain, message: &str) -> Outcome {
    match power(domain) {
        Ok(Power::Running) => Outcome::Failed(message.to_owned()),
        Ok(state) => Outcome::Unknown(format!("{message}; the domain is {} here, look at both hosts", state.as_str())),
        Err(error) => Outcome::Unknown(format!("{message}; libvirt cannot say what it does here: {}", reason(&error))),
    }
}
