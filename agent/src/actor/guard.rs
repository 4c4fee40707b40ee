//! [P] Whether a command may be carried out. Every refusal has a name and says what to do.

use evenkeel_common::action::{Command, Outcome, Refusal, RestoreInto, Verb, VerbWord};
use evenkeel_common::id::ActionId;
use evenkeel_common::time::UnixMs;

use super::domain::{DomainFacts, Power};
use super::policy::Policy;

/// Actions carried out at once on one host. More are refused: each holds a libvirt connection and a thread.
pub const EXECUTING_MAX: usize = 16;

/// What the actor remembers, as far as the guard needs it.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Highest collector generation seen.
    pub epoch: u64,
    /// The action that is being carried out on the same domain.
    pub busy_with: Option<ActionId>,
    /// Actions being carried out.
    pub executing: usize,
    /// Whether the journal takes no more records.
    pub journal_full: bool,
}

/// A refusal as an outcome.
#[must_use]
pub fn refuse(guard: &str, message: String) -> Outcome {
    Outcome::Refused(Refusal { guard: guard.to_owned(), message })
}

/// What can be said before libvirt is asked: `None` lets the command pass.
#[must_use]
pub fn admit(command: &Command, policy: &Policy, memory: &Memory, now: UnixMs) -> Option<Outcome> {
    if command.collector_epoch < memory.epoch {
        let (got, seen) = (command.collector_epoch, memory.epoch);
        let text = format!(
            "the command is of collector generation {got}, this host has seen {seen}: it is from before a restore"
        );
        return Some(refuse("wrong_epoch", text));
    }
    if now > command.not_after {
        return Some(Outcome::Expired);
    }
    if !policy.allows(&command.verb) {
        let verb = command.verb.name();
        return Some(refuse("policy", format!("{verb} is not among the `verbs` of this host's actions.toml")));
    }
    let cancels = matches!(command.verb, Verb::Cancel { .. });
    if let (Some(other), false) = (memory.busy_with, cancels) {
        return Some(refuse("busy", format!("action {other} is being carried out on this domain; wait for its end")));
    }
    if memory.executing >= EXECUTING_MAX && !cancels {
        let text = format!("{EXECUTING_MAX} actions are being carried out on this host; try again later");
        return Some(refuse("busy", text));
    }
    if memory.journal_full {
        let text = "the actor's journal holds as many actions as it may; they leave after 30 days";
        return Some(refuse("journal_full", text.to_owned()));
    }
    None
}

/// What can be said once libvirt has shown the domain: `None` lets the command pass.
#[must_use]
pub fn precondition(command: &Command, policy: &Policy, facts: Option<&DomainFacts>) -> Option<Outcome> {
    let Some(facts) = facts else {
        let text = format!("libvirt of this host knows no domain {}", command.domain);
        return needs_domain(&command.verb).then(|| refuse("not_here", text));
    };
    let name = &facts.name;
    let word = command.verb.word();
    if facts.power == Power::Off && word.needs_active() {
        return Some(refuse("not_active", format!("{name} is shut off on {}", facts.host)));
    }
    if facts.power == Power::Incoming {
        return Some(refuse("incoming", format!("{name} is just arriving on {} by migration", facts.host)));
    }
    if let Some(manager) = facts.definition.manager
        && !policy.allows_on_managed(&command.verb, manager)
    {
        let (verb, manager) = (command.verb.name(), manager.as_str());
        let text = format!(
            "{name} is managed by {manager}: use its tools, or name {verb} under managed.{manager} in actions.toml"
        );
        return Some(refuse("hands_off", text));
    }
    if let (Some(job), false) = (&facts.job, word == VerbWord::Cancel) {
        return Some(refuse("busy", format!("libvirt is busy with {name}: {job}; wait for its end")));
    }
    match &command.verb {
        Verb::Migrate { to_host, .. } => migration(facts, to_host),
        _ => None,
    }
}

/// Whether the domain itself has to be known here, and not only its recovery points.
const fn needs_domain(verb: &Verb) -> bool {
    !matches!(
        verb,
        Verb::Restore { into: RestoreInto::New { .. }, .. }
            | Verb::Rehearse { .. }
            | Verb::Verify { .. }
            | Verb::Prune { .. }
            | Verb::Cancel { .. }
    )
}

fn migration(facts: &DomainFacts, to_host: &str) -> Option<Outcome> {
    let name = &facts.name;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if to_host.is_empty() || to_host.starts_with(['-', '.']) || !to_host.chars().all(plain) {
        return Some(refuse("host_name", format!("{to_host:?} is not a host name")));
    }
    if to_host.eq_ignore_ascii_case(&facts.host) {
        return Some(refuse("same_host", format!("{name} runs on {} already", facts.host)));
    }
    if facts.snapshots > 0 {
        let count = facts.snapshots;
        let text = format!("libvirt cannot migrate {name} with {count} snapshots; see `virsh snapshot-list {name}`");
        return Some(refuse("snapshots", text));
    }
    None
}

#[cfg(test)]
mod tests {
    use evenkeel_common::id::{AgentId, DomainUuid, PointId};

    use super::super::domain::tests::facts;
    use super::*;

    const NOVA: &str =
        "<domain><metadata><n:i xmlns:n='http://openstack.org/xmlns/libvirt/nova/1.1'/></metadata></domain>";

    fn policy() -> Policy {
        Policy::load(std::path::Path::new("/nonexistent"), |_| None).unwrap()
    }

    fn command(verb: Verb) -> Command {
        Command {
            id: ActionId::from_bytes([1; 16]),
            collector_epoch: 3,
            host: AgentId::from_bytes([8; 16]),
            verb,
            domain: DomainUuid::from_bytes([7; 16]),
            issued: UnixMs(0),
            not_after: UnixMs(1_000),
        }
    }

    fn guard_of(outcome: Option<Outcome>) -> String {
        match outcome {
            Some(Outcome::Refused(refusal)) => refusal.guard,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn admission_names_its_reason() {
        let memory = Memory { epoch: 3, busy_with: None, executing: 0, journal_full: false };
        let snapshot = command(Verb::SNAPSHOT);
        let admit = |memory: Memory, now| admit(&snapshot, &policy(), &memory, UnixMs(now));
        assert_eq!(admit(memory, 1_000), None);
        assert_eq!(admit(memory, 1_001), Some(Outcome::Expired));
        assert_eq!(guard_of(admit(Memory { epoch: 4, ..memory }, 0)), "wrong_epoch");
        let busy = Memory { busy_with: Some(ActionId::from_bytes([2; 16])), ..memory };
        assert_eq!(guard_of(admit(busy, 0)), "busy");
        assert_eq!(guard_of(admit(Memory { executing: EXECUTING_MAX, ..memory }, 0)), "busy");
        assert_eq!(guard_of(admit(Memory { journal_full: true, ..memory }, 0)), "journal_full");
    }

    #[test]
    fn preconditions_name_their_reason() {
        let check = |verb, facts: Option<&DomainFacts>| guard_of(precondition(&command(verb), &policy(), facts));
        let good = facts("<domain/>");
        assert_eq!(check(Verb::SNAPSHOT, Some(&good)), "None");
        assert_eq!(check(Verb::SNAPSHOT, None), "not_here");
        let point = PointId::from_bytes([1; 16]);
        assert_eq!(check(Verb::Restore { point, into: RestoreInto::InPlace }, None), "not_here");
        assert_eq!(check(Verb::Rehearse { point }, None), "None", "its recovery points may outlive a domain");
        assert_eq!(check(Verb::SNAPSHOT, Some(&DomainFacts { power: Power::Off, ..good.clone() })), "not_active");
        assert_eq!(check(Verb::SNAPSHOT, Some(&DomainFacts { power: Power::Incoming, ..good.clone() })), "incoming");
        assert_eq!(check(Verb::SNAPSHOT, Some(&facts(NOVA))), "hands_off");
        assert_eq!(check(Verb::SNAPSHOT, Some(&DomainFacts { job: Some("backup".into()), ..good.clone() })), "busy");
        let to = |host: &str| Verb::migrate_to(host);
        assert_eq!(check(to("hostb"), Some(&good)), "None");
        assert_eq!(check(to("HostA"), Some(&good)), "same_host");
        assert_eq!(check(to("x/system?socket=y"), Some(&good)), "host_name");
        assert_eq!(check(to("hostb"), Some(&DomainFacts { snapshots: 1, ..good })), "snapshots");
    }
}
