//! migrate: live, from libvirt to libvirt (peer to peer), over the URIs of the host's policy.

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use evenkeel_agent::actor::Policy;
use evenkeel_agent::actor::domain::{DomainFacts, Power};
use evenkeel_agent::actor::engine::Desk;
use evenkeel_agent::actor::migration::{self, Check, Files};
use evenkeel_agent::gather::host::filesystems::mounts;
use evenkeel_common::action::{MigrateLimits, Outcome, Step};
use evenkeel_common::clock;
use evenkeel_common::time::{DurationMs, MonoMs};
use evenkeel_common::units::show_bytes;
use virt::domain::{Domain, MigrateParameters};
use virt::error::Error;

use super::{power, reason};
use crate::ffi;

const NEWS_EVERY: DurationMs = DurationMs::from_s(2);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// libvirt counts the memory that changes in pages; QEMU's are of this size on x86 and most others.
const PAGE_BYTES: u64 = 4_096;
/// File systems of a cluster that look like a disk's.
const CLUSTERED: &[&str] = &["gfs2", "ocfs2", "gpfs", "vxfs"];
/// How long libvirt may take to end an aborted migration.
const ABORT_PATIENCE: DurationMs = DurationMs::from_s(120);

pub(super) fn run(
    domain: &Domain,
    facts: &DomainFacts,
    to_host: &str,
    limits: &MigrateLimits,
    policy: &Policy,
    desk: &Desk<'_>,
) -> Outcome {
    let settings = &policy.migrate;
    let checks = migration::checks(facts, limits, &files(facts), settings.skip_storage_check);
    if let Some(refusal) = migration::refusal(&checks) {
        return Outcome::Refused(refusal);
    }
    let fill = |template: &str| {
        let uuid = facts.uuid.to_string();
        template.replace("{host}", to_host).replace("{domain}", &facts.name).replace("{uuid}", &uuid)
    };
    let destination = fill(&settings.connect_uri);
    let parameters = MigrateParameters {
        uri: settings.data_uri.as_deref().map(fill),
        bandwidth: migration::bandwidth_mib_per_s(limits),
        ..MigrateParameters::default()
    };
    let flags = flags(facts, limits, policy);
    desk.say(format!("migrating to {to_host} ({destination})"));
    let started = clock::mono();
    let (done, result) = sync_channel(1);
    let mover = domain.clone();
    let spawned = thread::Builder::new().name("migration".to_owned()).spawn(move || {
        drop(done.send(mover.migrate_to_uri3(Some(&destination), parameters, flags)));
    });
    if let Err(error) = spawned {
        return Outcome::Failed(format!("no thread for the migration: {error}"));
    }
    // The host's own deadline is the longest.
    let deadline = limits.deadline.map_or(settings.deadline, |wanted| wanted.min(settings.deadline));
    let watch = Watch { domain, started, deadline, downtime: limits.downtime, desk };
    let (moved, aborted) = match watch.to_the_end(&result) {
        Ok(ended) => ended,
        Err(text) => return Outcome::Unknown(text.to_owned()),
    };
    match (moved, aborted) {
        (Ok(()), _) => arrived(domain, to_host, clock::mono().since(started), &checks),
        (Err(error), Some(why)) => stayed(domain, &format!("aborted, {why}: {}", reason(&error))),
        (Err(error), None) => stayed(domain, &reason(&error)),
    }
}

/// Which files of the domain lie on storage of this host alone. A file that is not below any mount that is known is
/// taken for local.
fn files(facts: &DomainFacts) -> Files {
    let mounts = mounts(&std::fs::read("/proc/self/mountinfo").unwrap_or_default());
    let is_local = |file: &str| {
        let path = std::fs::canonicalize(file).unwrap_or_else(|_| file.into());
        let over = mounts.iter().filter(|mount| path.starts_with(mount.name()));
        let nearest = over.max_by_key(|mount| mount.path.len());
        nearest.is_none_or(|mount| !mount.is_remote && !CLUSTERED.contains(&mount.kind.as_str()))
    };
    let mut files = Files::default();
    for disk in &facts.definition.disks {
        if disk.file.as_deref().is_some_and(is_local) {
            let list = if disk.left_out.is_some() { &mut files.local_media } else { &mut files.local_disks };
            list.push(disk.target.clone());
        }
    }
    files
}

fn flags(facts: &DomainFacts, limits: &MigrateLimits, policy: &Policy) -> u32 {
    let mut flags = virt_sys::VIR_MIGRATE_LIVE | virt_sys::VIR_MIGRATE_PEER2PEER | virt_sys::VIR_MIGRATE_ABORT_ON_ERROR;
    if facts.persistent {
        flags |= virt_sys::VIR_MIGRATE_PERSIST_DEST;
        if policy.migrate.undefine_source {
            flags |= virt_sys::VIR_MIGRATE_UNDEFINE_SOURCE;
        }
    }
    if limits.storage_copy {
        flags |= virt_sys::VIR_MIGRATE_NON_SHARED_DISK;
    }
    if limits.auto_converge {
        flags |= virt_sys::VIR_MIGRATE_AUTO_CONVERGE;
    }
    if policy.migrate.skip_storage_check {
        flags |= virt_sys::VIR_MIGRATE_UNSAFE;
    }
    flags
}

/// A migration under way.
struct Watch<'a> {
    domain: &'a Domain,
    started: MonoMs,
    deadline: DurationMs,
    downtime: Option<DurationMs>,
    desk: &'a Desk<'a>,
}

/// libvirt's answer, and why the migration was aborted if it was.
type Ended = (Result<(), Error>, Option<&'static str>);

impl Watch<'_> {
    /// Waits for libvirt's answer, says the progress, and aborts at the deadline or when it is called off.
    fn to_the_end(&self, result: &Receiver<Result<(), Error>>) -> Result<Ended, &'static str> {
        let (mut aborted, mut told) = (None, self.started);
        let mut downtime = self.downtime;
        loop {
            match result.recv_timeout(LOOK_EVERY) {
                Ok(moved) => return Ok((moved, aborted.map(|(_, why)| why))),
                Err(RecvTimeoutError::Disconnected) => return Err("the migration's thread ended without a word"),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = clock::mono();
            match aborted {
                None if now.since(self.started) > self.deadline => {
                    aborted = Some((now, self.abort("its deadline has passed")));
                }
                None if self.desk.is_called_off() => aborted = Some((now, self.abort("called off"))),
                Some((since, _)) if now.since(since) > ABORT_PATIENCE => {
                    return Err("the migration was aborted and does not end");
                }
                None if now.since(told) > NEWS_EVERY => {
                    told = now;
                    self.desk.say(progress(self.domain));
                }
                _ => {}
            }
            // Only a migration that runs can be told how long the pause may be.
            if let Some(longest) = downtime {
                let ms = u64::try_from(longest.0).unwrap_or(0);
                if self.domain.migrate_set_max_downtime(ms, 0).is_ok() {
                    downtime = None;
                }
            }
        }
    }

    fn abort(&self, why: &'static str) -> &'static str {
        self.desk.say(format!("aborting: {why}"));
        if let Err(error) = ffi::abort_job(self.domain) {
            tracing::warn!(error = reason(&error), "the migration cannot be aborted");
        }
        why
    }
}

fn progress(domain: &Domain) -> Step {
    let Ok(job) = ffi::job_stats(domain, 0) else {
        return "migrating".into();
    };
    let of = |name| job.number(name).unwrap_or(0);
    let (done, left) = (of(virt_sys::VIR_DOMAIN_JOB_DATA_PROCESSED), of(virt_sys::VIR_DOMAIN_JOB_DATA_REMAINING));
    let dirtied = of(virt_sys::VIR_DOMAIN_JOB_MEMORY_DIRTY_RATE).saturating_mul(PAGE_BYTES);
    let sent = of(virt_sys::VIR_DOMAIN_JOB_MEMORY_BPS);
    let time_left = migration::time_left_ms(left, sent, dirtied).and_then(|ms| i64::try_from(ms).ok());
    let share = done.saturating_mul(1_000).checked_div(done.saturating_add(left));
    Step {
        words: format!(
            "moved {}, {} to go, the guest changes {}/s",
            show_bytes(done),
            show_bytes(left),
            show_bytes(dirtied)
        ),
        permille: share.and_then(|share| u16::try_from(share).ok()),
        remaining_bytes: Some(left),
        estimated_end: time_left.map(|ms| clock::wall().plus(DurationMs(ms))),
    }
}

/// libvirt says that it moved: it must not be active here any more.
fn arrived(domain: &Domain, to_host: &str, duration: DurationMs, checks: &[Check]) -> Outcome {
    if let Ok(state) = power(domain)
        && state != Power::Off
    {
        let state = state.as_str();
        return Outcome::Unknown(format!(
            "libvirt reports the migration as done, but the domain is still {state} here"
        ));
    }
    let passed: Vec<&str> = checks.iter().map(|check| check.name).collect();
    let mut facts = vec![
        ("to_host".to_owned(), to_host.to_owned()),
        ("duration_ms".to_owned(), duration.0.to_string()),
        ("passed".to_owned(), passed.join(", ")),
    ];
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
