//! The actor's hypervisor: one libvirt connection per action, so that a broken one spoils no other.

mod backup;
mod events;
mod folder;
mod migrate;
mod restart;

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use evenkeel_agent::actor::domain::{Definition, DomainFacts, Power};
use evenkeel_agent::actor::guard::refuse;
use evenkeel_agent::actor::journal::Entry;
use evenkeel_agent::actor::{Desk, Hypervisor, Policy};
use evenkeel_common::action::{Command, MigrateLimits, Outcome, Verb};
use evenkeel_common::id::DomainUuid;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::{Error, ErrorNumber};

use super::ffi;

pub use events::run_event_loop;

/// libvirt of this host, read-write.
pub struct Libvirt {
    policy: Arc<Policy>,
}

impl Libvirt {
    /// Nothing is opened yet.
    pub fn new(policy: Arc<Policy>) -> Self {
        Self { policy }
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

    fn execute(&self, command: &Command, facts: &DomainFacts, desk: &Desk<'_>) -> Outcome {
        let say: &dyn Fn(String) = &|words| desk.say(words);
        let connect = match self.open() {
            Ok(connect) => connect,
            Err(cause) => return Outcome::Failed(cause),
        };
        let domain = match connect.lookup_domain_by_uuid(command.domain.0) {
            Ok(domain) => domain,
            Err(error) => return Outcome::Failed(reason(&error)),
        };
        match &command.verb {
            Verb::Snapshot { internal: false, .. } => backup::run(&domain, facts, command.id, &self.policy, say),
            Verb::Restart { apply_pending } => {
                restart::run(&connect, &domain, facts, *apply_pending, &self.policy, say)
            }
            Verb::Migrate { to_host, limits } if *limits == MigrateLimits::default() => {
                migrate::run(&domain, facts, to_host, &self.policy, say)
            }
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
                    Verb::Snapshot { .. } => backup::evidence(&self.policy, &facts, command.id),
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
