//! snapshot --internal: inside the domain's own qcow2 images. Explicit, since libvirt then refuses to migrate the domain.

use evenkeel_agent::actor::domain::DomainFacts;
use evenkeel_agent::actor::engine::Desk;
use evenkeel_agent::actor::guard::refuse;
use evenkeel_common::action::Outcome;
use evenkeel_common::clock;
use evenkeel_common::id::ActionId;
use virt::domain::Domain;

use super::reason;

pub(super) fn run(domain: &Domain, facts: &DomainFacts, id: ActionId, desk: &Desk<'_>) -> Outcome {
    let other = facts.definition.disks.iter().find(|disk| disk.left_out.is_none() && disk.format != "qcow2");
    if let Some(disk) = other {
        let text = format!("{} is {}; only qcow2 images hold snapshots inside", disk.target, disk.format);
        return refuse("no_internal_snapshot", text);
    }
    let name = format!("evenkeel-{id}");
    desk.say(format!("taking the internal snapshot {name}; the guest pauses for it"));
    let started = clock::mono();
    match domain.create_snapshot_xml(&format!("<domainsnapshot><name>{name}</name></domainsnapshot>"), 0) {
        Err(error) => Outcome::Failed(reason(&error)),
        Ok(_) => Outcome::Succeeded(vec![
            ("snapshot".to_owned(), name),
            ("kind".to_owned(), "internal".to_owned()),
            ("quiesced".to_owned(), "no: memory is part of it".to_owned()),
            ("note".to_owned(), "libvirt refuses to migrate the domain while it has this snapshot".to_owned()),
            ("duration_ms".to_owned(), clock::mono().since(started).0.to_string()),
        ]),
    }
}
