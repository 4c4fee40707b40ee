//! What evaluation rests on: members, spells, outages and windows of a time, loaded once for all services.

use std::collections::HashMap;

use evenkeel_common::sample::DomainState;

use super::super::services::{has_host, has_vm};
use super::super::watch::{Check, heard_of};
use super::super::{Control, ControlError};
use crate::csi::s3_gather::Member as MemberFacts;
use crate::csi::service::Service;
use crate::sla::{Heard, Member, Piece, Span, Spans, Spell, ToldOutage, agreed_outside, combine, window_spans};
use crate::store::{CalendarRow, Entity, FleetRow, OutageRow, SPELLS_MAX, SpellKey, SpellRow, VmRow};

/// See the module.
#[derive(Debug)]
pub(in super::super) struct Ground {
    vms: Vec<VmRow>,
    hosts: Vec<FleetRow>,
    spells: HashMap<SpellKey, Vec<SpellRow>>,
    outages: HashMap<SpellKey, Vec<OutageRow>>,
    calendar: Vec<CalendarRow>,
}

impl Control {
    /// All that is known of `from_s <= t < to_s`.
    pub(in super::super) async fn ground(&self, from_s: i64, to_s: i64) -> Result<Ground, ControlError> {
        let (mut spells, mut outages) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        let rows = self.store().spells(from_s, to_s).await?;
        // Half of what was heard would be told as if it were all.
        if rows.len() >= SPELLS_MAX {
            return Err(ControlError::Failed {
                message: format!("more than {SPELLS_MAX} changes of state lie in that time"),
                hint: Some("ask for a service with a shorter window, or let `[outage]` wait longer".to_owned()),
            });
        }
        for (key, row) in rows {
            spells.entry(key).or_default().push(row);
        }
        for row in self.store().outages(from_s, to_s).await? {
            outages.entry(row.key.clone()).or_default().push(row);
        }
        let (vms, hosts) = (self.store().vms().await?, self.store().fleet().await?);
        Ok(Ground { vms, hosts, spells, outages, calendar: self.store().calendar().await? })
    }
}

impl Ground {
    /// Members with the seconds in which they are one: a VM from when it was first seen until no host knows it.
    pub(in super::super) fn members(&self, service: &Service) -> Vec<(Entity, Span)> {
        let second = |at: evenkeel_common::time::UnixMs| at.0.div_euclid(1_000);
        let vms = self.vms.iter().filter(|vm| has_vm(service, vm)).map(|vm| {
            let to = if vm.state == DomainState::NoState { second(vm.state_at) } else { i64::MAX };
            (vm.uuid.into(), Span { from: second(vm.first_seen), to })
        });
        let hosts = self.hosts.iter().filter(|host| has_host(service, host));
        let hosts = hosts.map(|host| (host.agent.into(), Span { from: second(host.enrolled_at), to: i64::MAX }));
        vms.chain(hosts).collect()
    }

    /// [`Self::members`] with what is known of each; the time that it was on record, and no hosts that it ran on.
    pub(in super::super) fn member_facts(&self, service: &Service) -> Vec<(Entity, Span, MemberFacts)> {
        let vms: HashMap<Entity, &VmRow> = self.vms.iter().map(|vm| (vm.uuid.into(), vm)).collect();
        let facts = |(entity, present): (Entity, Span)| {
            let member = match vms.get(&entity) {
                Some(vm) => MemberFacts {
                    name: vm.name.clone(),
                    id: vm.uuid.to_string(),
                    kind: "vm".to_owned(),
                    vcpus: i64::from(vm.facts.vcpus),
                    memory_max_bytes: i64::try_from(vm.facts.memory_max_bytes).unwrap_or(i64::MAX),
                    ..MemberFacts::default()
                },
                None => MemberFacts {
                    name: self.host_name(entity)?,
                    id: self.hosts.iter().find(|host| Entity::from(host.agent) == entity)?.agent.to_string(),
                    kind: "host".to_owned(),
                    ..MemberFacts::default()
                },
            };
            Some((entity, present, member))
        };
        self.members(service).into_iter().filter_map(facts).collect()
    }

    /// Name of a host by its agent.
    pub(in super::super) fn host_name(&self, agent: Entity) -> Option<String> {
        self.hosts.iter().find(|host| Entity::from(host.agent) == agent).map(|host| host.name.clone())
    }

    /// What is known of the service as a whole in `within`.
    pub(in super::super) fn line(&self, service: &Service, check: &Check, within: Span) -> Vec<Piece> {
        let member = |(target, present): (Entity, Span)| {
            let key = SpellKey { target, check: check.to_string() };
            Member { present, pieces: self.pieces(&key, check) }
        };
        let members: Vec<Member> = self.members(service).into_iter().map(member).collect();
        combine(&members, |present| service.members.needed.of(present), within)
    }

    /// Names of the members.
    pub(super) fn names(&self, service: &Service) -> Vec<String> {
        let vms = self.vms.iter().filter(|vm| has_vm(service, vm)).map(|vm| vm.name.clone());
        let hosts = self.hosts.iter().filter(|host| has_host(service, host)).map(|host| host.name.clone());
        let mut names: Vec<String> = vms.chain(hosts).collect();
        names.sort();
        names
    }

    /// Outages of the members in a period, as they count, by number.
    pub(super) fn told_outages(&self, service: &Service, check: &Check, period: Span) -> Vec<ToldOutage> {
        let rows = self
            .members(service)
            .into_iter()
            .filter_map(|(target, _)| self.outages.get(&SpellKey { target, check: check.to_string() }));
        let told = |row: &OutageRow| {
            let what = row.correction.clone().unwrap_or_default();
            let (from_s, to_s) = (what.from_s.unwrap_or(row.from_s), what.to_s.or(row.to_s));
            ToldOutage { id: row.id, from_s, to_s, void: what.void }
        };
        let touches =
            |one: &ToldOutage| Span { from: one.from_s, to: one.to_s.unwrap_or(i64::MAX) }.common(period).is_some();
        let mut told: Vec<ToldOutage> = rows.flatten().map(told).filter(touches).collect();
        told.sort_by_key(|one| one.id);
        told
    }

    /// Maintenance windows with the seconds of a period that they exclude.
    pub(super) fn told_windows(&self, service: &Service, period: Span) -> Vec<(String, i64)> {
        let windows = Control::windows_of(Some(service), &self.calendar);
        let told = windows.iter().map(|window| (window.name.clone(), window.spans(period).total_s()));
        told.filter(|(_, seconds)| *seconds > 0).collect()
    }

    /// What counts of one member, in time order.
    pub(in super::super) fn pieces_of(&self, target: Entity, check: &Check) -> Vec<Piece> {
        self.pieces(&SpellKey { target, check: check.to_string() }, check)
    }

    /// The spells of all members.
    pub(in super::super) fn spells(&self, service: &Service, check: &Check) -> Vec<Spell> {
        let rows = self
            .members(service)
            .into_iter()
            .filter_map(|(target, _)| self.spells.get(&SpellKey { target, check: check.to_string() }));
        rows.flatten()
            .map(|row| Spell {
                span: Span { from: row.from_s, to: row.to_s },
                heard: heard_of(row.state),
                why: String::new(),
                readings: row.readings,
            })
            .collect()
    }

    /// Seconds that do not count: outside business hours, and maintenance.
    pub(in super::super) fn excluded(&self, service: &Service, within: Span) -> Spans {
        let windows = Control::windows_of(Some(service), &self.calendar);
        let outside = agreed_outside(&service.business_hours, &service.zone, within);
        window_spans(&windows, within).union(&outside)
    }

    /// Why seconds of a span are excluded for a service: names of windows, or outside business hours.
    pub(in super::super) fn excluded_why(&self, service: &Service, span: Span) -> Vec<String> {
        let windows = Control::windows_of(Some(service), &self.calendar);
        let hit = windows.iter().filter(|window| !window.spans(span).is_empty());
        let mut why: Vec<String> = hit.map(|window| format!("maintenance '{}'", window.name)).collect();
        if !agreed_outside(&service.business_hours, &service.zone, span).is_empty() {
            why.push("outside business hours".to_owned());
        }
        why
    }

    /// What counts of a member: of availability what outages say, as a person corrected them.
    fn pieces(&self, key: &SpellKey, check: &Check) -> Vec<Piece> {
        let rows = self.spells.get(key).map_or(&[][..], Vec::as_slice);
        let of = |wanted: Heard| -> Spans {
            let some = rows.iter().filter(|row| heard_of(row.state) == wanted);
            some.map(|row| Span { from: row.from_s, to: row.to_s }).collect()
        };
        let (up, missed) = (of(Heard::Up), of(Heard::Down));
        let down = if check.is_availability() {
            let outages = self.outages.get(key).map_or(&[][..], Vec::as_slice);
            down_of(outages, &missed)
        } else {
            missed.clone()
        };
        let all = Span { from: i64::MIN, to: i64::MAX };
        let good = up.union(&missed).intersect(&down.outside(all));
        let piece = |heard| move |span: &Span| Piece { span: *span, heard };
        let mut pieces: Vec<Piece> = good.as_slice().iter().map(piece(Heard::Up)).collect();
        pieces.extend(down.as_slice().iter().map(piece(Heard::Down)));
        pieces.sort_by_key(|piece| piece.span.from);
        pieces
    }
}

/// Seconds that were down: what was missed within confirmed outages, or what a person says instead.
fn down_of(outages: &[OutageRow], missed: &Spans) -> Spans {
    // A corrected cause alone changes no time.
    let moves = |row: &&OutageRow| {
        row.correction.as_ref().is_some_and(|what| what.void || what.from_s.is_some() || what.to_s.is_some())
    };
    let measured = outages.iter().filter(|row| !moves(row));
    let measured: Spans = measured.map(|row| Span { from: row.from_s, to: row.to_s.unwrap_or(i64::MAX) }).collect();
    let corrected = outages.iter().filter(moves).filter_map(|row| {
        let what = row.correction.as_ref().filter(|what| !what.void)?;
        let to = what.to_s.or(row.to_s).unwrap_or_else(|| missed.as_slice().last().map_or(row.from_s, |last| last.to));
        Some(Span { from: what.from_s.unwrap_or(row.from_s), to })
    });
    measured.intersect(missed).union(&corrected.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Correction;

    fn outage(from_s: i64, to_s: Option<i64>, correction: Option<Correction>) -> OutageRow {
        let key = SpellKey { target: Entity([1; 16]), check: "state".to_owned() };
        let (name, cause, evidence) = (String::new(), String::new(), Vec::new());
        OutageRow { id: 1, key, name, from_s, to_s, down_s: 0, unknown_s: 0, cause, evidence, correction }
    }

    #[test]
    fn what_a_person_says_takes_the_place_of_what_was_measured() {
        let missed: Spans =
            [Span { from: 10, to: 20 }, Span { from: 25, to: 30 }, Span { from: 50, to: 51 }].into_iter().collect();
        let down = |rows: &[OutageRow]| -> Vec<(i64, i64)> {
            down_of(rows, &missed).as_slice().iter().map(|span| (span.from, span.to)).collect()
        };
        assert_eq!(
            down(&[outage(10, Some(30), None)]),
            [(10, 20), (25, 30)],
            "a lone miss is none, the unknown is none"
        );
        let void = Correction { void: true, words: "w".to_owned(), ..Correction::default() };
        assert!(down(&[outage(10, Some(30), Some(void))]).is_empty());
        let longer = Correction { from_s: Some(5), to_s: Some(40), words: "w".to_owned(), ..Correction::default() };
        assert_eq!(down(&[outage(10, Some(30), Some(longer))]), [(5, 40)]);
        assert_eq!(down(&[outage(50, None, None)]), [(50, 51)], "goes on");
    }
}
