//! The actor's hypervisor: one libvirt connection per action, so that a broken one spoils no other.

mod backup;
mod base;
mod events;
mod folder;
mod internal;
mod job;
mod migrate;
mod points;
mod prune;
mod quiesce;
mod rehearse;
mod restart;
mod restore;

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use evenkeel_agent::actor::domain::{Definition, DomainFacts, Power};
use evenkeel_agent::actor::guard::refuse;
use evenkeel_agent::actor::journal::Entry;
use evenkeel_agent::actor::policy::backup::LOCAL;
use evenkeel_agent::actor::recovery_point::key::PointKey;
use evenkeel_agent::actor::{Desk, Hypervisor, Policy};
use evenkeel_common::action::{BackupMode, Command, Outcome, Quiesce, RestoreInto, Verb};
use evenkeel_common::id::{ActionId, DomainUuid};
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::{Error, ErrorNumber};

use super::ffi;

use backup::{Backup, Request};
pub use events::run_event_loop;
use restore::Restore;

/// libvirt of this host, read-write.
pub struct Libvirt {
    policy: Arc<Policy>,
    key: PointKey,
}

impl Libvirt {
    /// Nothing is opened yet.
    pub fn new(policy: Arc<Policy>, key: PointKey) -> Self {
        Self { policy, key }
    }

    fn backup(
        &self,
        connect: &Connect,
        domain: &Domain,
        facts: &DomainFacts,
        id: ActionId,
        (target, mode, quiesce): (&str, Option<BackupMode>, Quiesce),
        desk: &Desk<'_>,
    ) -> Outcome {
        let backup = Backup { connect, domain, facts, policy: &self.policy, key: &self.key, desk };
        match self.policy.backup.target(target) {
            Ok(target) => backup.run(&Request { id, target, quiesce, mode }),
            Err(why) => refuse("target", why),
        }
    }

    fn restore<'a>(&'a self, connect: &'a Connect, command: &Command, desk: &'a Desk<'a>) -> Restore<'a> {
        Restore { connect, policy: &self.policy, key: &self.key, desk, id: command.id, domain: command.domain }
    }

    /// The verbs for which the domain need not be here any more.
    fn on_points(
        &self,
        connect: &Connect,
        command: &Command,
        facts: Option<&DomainFacts>,
        desk: &Desk<'_>,
    ) -> Option<Outcome> {
        let restore = || self.restore(connect, command, desk);
        Some(match &command.verb {
            Verb::Restore { point, into: RestoreInto::New { name } } => restore().as_new(*point, name),
            Verb::Rehearse { point } => restore().rehearse(*point),
            Verb::Verify { point } => prune::verify(*point, command.domain, &self.policy, &self.key, desk),
            Verb::Prune { target, keep } => {
                prune::prune(command.domain, facts, target, keep, &self.policy, &self.key, desk)
            }
            _ => return None,
        })
    }

    fn open(&self) -> Result<Connect, String> {
        let uri = &self.policy.libvirt_uri;
        Connect::open(Some(uri)).map_err(|error| format!("no connection to {uri}: {}", reason(&error)))
    }
}

impl Hypervisor for Libvirt {
    fn inspect(&self, domain: DomainUuid) -> Result<Option<DomainFacts>, String> {
        let connect = self.open()?;
        facts(&connect, domain).map_err(|error| reason(&error))
    }

    fn execute(&self, command: &Command, facts: Option<&DomainFacts>, desk: &Desk<'_>) -> Outcome {
        let connect = match self.open() {
            Ok(connect) => connect,
            Err(cause) => return Outcome::Failed(cause),
        };
        if let Some(outcome) = self.on_points(&connect, command, facts, desk) {
            return outcome;
        }
        let Some(facts) = facts else {
            return refuse("not_here", "libvirt does not show the domain".to_owned());
        };
        let domain = match connect.lookup_domain_by_uuid(command.domain.0) {
            Ok(domain) => domain,
            Err(error) => return Outcome::Failed(reason(&error)),
        };
        match &command.verb {
            Verb::Snapshot { internal: false, quiesce } => {
                self.backup(&connect, &domain, facts, command.id, (LOCAL, None, *quiesce), desk)
            }
            Verb::Snapshot { internal: true, .. } => internal::run(&domain, facts, command.id, desk),
            Verb::Backup { mode, target, quiesce } => {
                self.backup(&connect, &domain, facts, command.id, (target, Some(*mode), *quiesce), desk)
            }
            Verb::Restore { point, .. } => self.restore(&connect, command, desk).in_place(&domain, facts, *point),
            Verb::ConfirmRestore { restore } => Restore::confirm(facts, *restore),
            Verb::Restart { apply_pending } => {
                restart::run(&connect, &domain, facts, *apply_pending, &self.policy, &|words| desk.say(words))
            }
            Verb::Migrate { to_host, limits } => migrate::run(&domain, facts, to_host, limits, &self.policy, desk),
            other => {
                let text = format!("the evenkeel-agent of this host cannot do this {}; upgrade it", other.name());
                refuse("not_supported", text)
            }
        }
    }

    fn evidence(&self, entry: &Entry) -> String {
        let command = &entry.command;
        let connect = match self.open() {
            Ok(connect) => connect,
            Err(cause) => return format!("libvirt cannot be asked: {cause}"),
        };
        match facts(&connect, command.domain) {
            Err(error) => format!("libvirt cannot say: {}", reason(&error)),
            Ok(None) => format!("libvirt of this host does not know domain {}", command.domain),
            Ok(Some(facts)) => {
                let job =
                    facts.job.as_deref().map(|job| format!("; libvirt is busy with it: {job}")).unwrap_or_default();
                let files = match command.verb {
                    Verb::Snapshot { .. } => backup::evidence(&self.policy.recovery_dir, &facts, command.id),
                    Verb::Backup { ref target, .. } => match self.policy.backup.target(target) {
                        Ok(target) => backup::evidence(&target.dir, &facts, command.id),
                        Err(_) => String::new(),
                    },
                    _ => String::new(),
                };
                format!("{} is {} on {}{job}{files}", facts.name, facts.power.as_str(), facts.host)
            }
        }
    }
}

/// What libvirt shows of a domain; `None` when it is not known here.
fn facts(connect: &Connect, uuid: DomainUuid) -> Result<Option<DomainFacts>, Error> {
    let domain = match connect.lookup_domain_by_uuid(uuid.0) {
        Ok(domain) => domain,
        Err(error) if is(&error, ErrorNumber::NoDomain) => return Ok(None),
        Err(error) => return Err(error),
    };
    let power = power(&domain)?;
    let persistent = domain.is_persistent()?;
    let live_xml = domain.xml_desc(0)?;
    let inactive_xml = if persistent { domain.xml_desc(virt_sys::VIR_DOMAIN_XML_INACTIVE)? } else { String::new() };
    let job = if power == Power::Off { None } else { running_job(&domain) };
    Ok(Some(DomainFacts {
        uuid,
        name: domain.name()?,
        host: connect.hostname()?,
        power,
        persistent,
        snapshots: domain.num_snapshots(0)?,
        job,
        definition: Definition::parse(&live_xml).unwrap_or_default(),
        live_xml,
        inactive_xml,
    }))
}

fn power(domain: &Domain) -> Result<Power, Error> {
    let (state, why) = ffi::state(domain)?;
    let incoming = [virt_sys::VIR_DOMAIN_PAUSED_MIGRATION, virt_sys::VIR_DOMAIN_PAUSED_STARTING_UP];
    Ok(match state {
        virt_sys::VIR_DOMAIN_RUNNING | virt_sys::VIR_DOMAIN_BLOCKED | virt_sys::VIR_DOMAIN_SHUTDOWN => Power::Running,
        virt_sys::VIR_DOMAIN_PAUSED if incoming.contains(&why) => Power::Incoming,
        virt_sys::VIR_DOMAIN_PAUSED | virt_sys::VIR_DOMAIN_PMSUSPENDED => Power::Paused,
        virt_sys::VIR_DOMAIN_CRASHED => Power::Crashed,
        _ => Power::Off,
    })
}

/// A job that libvirt runs on the domain, such as somebody else's backup. Not knowing counts as none: libvirt itself
/// refuses a second one.
fn running_job(domain: &Domain) -> Option<String> {
    let job = ffi::job_stats(domain, 0).ok()?;
    if job.kind == 0 {
        return None;
    }
    let operation = job.number(virt_sys::VIR_DOMAIN_JOB_OPERATION).and_then(|number| u32::try_from(number).ok());
    let name = match operation {
        Some(virt_sys::VIR_DOMAIN_JOB_OPERATION_BACKUP) => "a backup",
        Some(virt_sys::VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN | virt_sys::VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT) => {
            "a migration"
        }
        Some(virt_sys::VIR_DOMAIN_JOB_OPERATION_SNAPSHOT) => "a snapshot",
        Some(virt_sys::VIR_DOMAIN_JOB_OPERATION_SAVE | virt_sys::VIR_DOMAIN_JOB_OPERATION_DUMP) => "saving its memory",
        _ => "a job",
    };
    Some(name.to_owned())
}

/// The message of an error without libvirt's codes.
fn reason(error: &Error) -> String {
    error.message().trim().to_owned()
}

fn is(error: &Error, number: ErrorNumber) -> bool {
    error.code() == number.into()
}

/// Runs a call that may hang, such as one that waits for a stopped QEMU. `None` when it has not returned in time: its
/// thread stays behind until the call does.
fn in_time<T: Send + 'static>(limit: Duration, call: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, result) = sync_channel(1);
    let spawned = thread::Builder::new().name("libvirt call".to_owned()).spawn(move || drop(done.send(call())));
    spawned.ok()?;
    result.recv_timeout(limit).ok()
}
