//! Keeps the spells of every check that a service has up to date, and the outages that follow from them.
//!
//! Readings of the present are taken every few seconds. What comes late (an agent that was cut off for a while) fills the
//! holes of the last two days, which are looked at again every few minutes.

mod check;
mod found;
mod observe;

pub(super) use check::{Check, checks, heard_of, state_of};

use std::collections::{BTreeSet, HashMap};

use evenkeel_common::time::UnixMs;

use super::services::{has_host, has_vm};
use super::{Control, ControlError};
use crate::sla::{Heard, NO_DATA, Observation, Span, Spell, spells};
use crate::store::{Entity, Rewrite, SpellKey, SpellRow};
use observe::LOOK_BACK_S;

/// How far back a check of a new service is filled at first.
const BACKFILL_S: i64 = 35 * 86_400;
/// What is read of one check at once.
const PART_S: i64 = 86_400;
/// How far back holes are looked at again: an agent's spool keeps about two days.
const HOLES_BACK_S: i64 = 2 * 86_400;
/// Every so many rounds.
const HOLES_EVERY: u64 = 30;
/// Checks that are written at once.
const AT_ONCE: usize = 200;

/// A target with one of its checks.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) key: SpellKey,
    pub(super) check: Check,
    pub(super) name: String,
    pub(super) is_host: bool,
    pub(super) since_s: i64,
}

/// What is known from round to round.
#[derive(Debug, Default)]
pub struct Watch {
    /// The second of each check's last observation: from there on it is read again.
    cursors: HashMap<SpellKey, i64>,
    begun: bool,
    round: u64,
}

impl Control {
    /// One round. Doing it again changes nothing.
    ///
    /// # Errors
    /// The store's.
    pub async fn watch(&self, watch: &mut Watch, now: UnixMs) -> Result<(), ControlError> {
        let now_s = now.0.div_euclid(1_000);
        if !watch.begun {
            for (key, end) in self.store().spell_ends().await? {
                watch.cursors.insert(key, end.last_s);
            }
            watch.begun = true;
        }
        let watched = self.watched().await?;
        for some in watched.chunks(AT_ONCE) {
            let (mut rewrites, mut touched) = (Vec::new(), Vec::new());
            for one in some {
                let cursor = watch.cursors.get(&one.key).copied();
                let from_s = cursor.unwrap_or_else(|| one.since_s.max(now_s - BACKFILL_S));
                let (rewrite, cursor) = self.read_on(one, from_s, now_s).await?;
                watch.cursors.insert(one.key.clone(), cursor);
                // One that only goes on being up, from an observation that was up as well, changes no outage.
                if rewrite.counted_again == 0
                    || rewrite.spells.len() > 1
                    || rewrite.spells.iter().any(|spell| spell.state != state_of(Heard::Up))
                {
                    touched.push(one.clone());
                }
                rewrites.push(rewrite);
            }
            rewrites.retain(|rewrite| !rewrite.spells.is_empty());
            if !rewrites.is_empty() {
                self.store().rewrite_spells(rewrites).await?;
            }
            self.find_outages(&touched, now).await?;
        }
        watch.round += 1;
        if watch.round.is_multiple_of(HOLES_EVERY) {
            self.fill_holes(watch, &watched, now).await?;
        }
        Ok(())
    }

    /// Every check of every member, each once.
    async fn watched(&self) -> Result<Vec<Watched>, ControlError> {
        let services = self.services();
        if services.is_empty() {
            return Ok(Vec::new());
        }
        let (vms, hosts) = (self.store().vms().await?, self.store().fleet().await?);
        let (mut watched, mut seen) = (Vec::new(), BTreeSet::new());
        for service in services.iter() {
            let checks = checks(service);
            let vms = vms.iter().filter(|vm| has_vm(service, vm));
            let vms = vms.map(|vm| (Entity::from(vm.uuid), vm.name.clone(), false, vm.first_seen));
            let hosts = hosts.iter().filter(|host| has_host(service, host));
            let hosts = hosts.map(|host| (Entity::from(host.agent), host.name.clone(), true, host.enrolled_at));
            for (target, name, is_host, since) in vms.chain(hosts) {
                for check in &checks {
                    let key = SpellKey { target, check: check.to_string() };
                    if seen.insert(key.clone()) {
                        let since_s = since.0.div_euclid(1_000);
                        watched.push(Watched { key, check: check.clone(), name: name.clone(), is_host, since_s });
                    }
                }
            }
        }
        Ok(watched)
    }

    /// The spells from a second on, a day at most, and where to go on.
    async fn read_on(&self, one: &Watched, from_s: i64, now_s: i64) -> Result<(Rewrite, i64), ControlError> {
        let mut from_s = from_s.min(now_s);
        loop {
            let to_s = now_s.min(from_s.saturating_add(PART_S));
            let observations = self.observe(one, from_s - LOOK_BACK_S, to_s).await?;
            let within = Span { from: from_s, to: to_s };
            let rewrite =
                rewrite(&one.key, Span { to: i64::MAX, ..within }, spells(&observations, within), &observations);
            let last = observations.last().map(|last| last.at.0.div_euclid(1_000)).filter(|last| *last >= from_s);
            if to_s >= now_s {
                return Ok((rewrite, last.unwrap_or(from_s).min(now_s)));
            }
            if !rewrite.spells.is_empty() {
                return Ok((rewrite, to_s));
            }
            from_s = to_s;
        }
    }

    /// Looks whether something came late into the holes of the last two days.
    async fn fill_holes(&self, watch: &Watch, watched: &[Watched], now: UnixMs) -> Result<(), ControlError> {
        let now_s = now.0.div_euclid(1_000);
        for one in watched {
            let Some(cursor) = watch.cursors.get(&one.key) else { continue };
            let back = (now_s - HOLES_BACK_S).max(one.since_s);
            let known = self.store().spells_of(one.key.clone(), back).await?;
            let known: crate::sla::Spans = known.iter().map(|row| Span { from: row.from_s, to: row.to_s }).collect();
            let mut filled = Vec::new();
            for hole in known.outside(Span { from: back, to: *cursor }).as_slice() {
                let observations = self.observe(one, hole.from - LOOK_BACK_S, hole.to).await?;
                let inside = |look: &Observation| look.at.0.div_euclid(1_000) >= hole.from;
                if observations.iter().any(inside) {
                    filled.push(rewrite(&one.key, *hole, spells(&observations, *hole), &observations));
                }
            }
            filled.retain(|rewrite| !rewrite.spells.is_empty());
            if !filled.is_empty() {
                self.store().rewrite_spells(filled).await?;
                self.find_outages(std::slice::from_ref(one), now).await?;
            }
        }
        Ok(())
    }
}

fn rewrite(key: &SpellKey, within: Span, spells: Vec<Spell>, again: &[Observation]) -> Rewrite {
    let from = within.from;
    let counted_again = again.iter().filter(|look| look.at.0.div_euclid(1_000) == from).count();
    let known = spells.into_iter().filter(|spell| spell.why != NO_DATA);
    let last = |span: Span| {
        let seconds = again.iter().map(|look| look.at.0.div_euclid(1_000));
        seconds.filter(|second| (span.from..span.to).contains(second)).max().unwrap_or(span.from)
    };
    Rewrite {
        key: key.clone(),
        from_s: from,
        to_s: within.to,
        counted_again: i64::try_from(counted_again).unwrap_or(0),
        spells: known
            .map(|spell| SpellRow {
                from_s: spell.span.from,
                to_s: spell.span.to,
                state: state_of(spell.heard),
                why: spell.why,
                readings: spell.readings,
                last_s: last(spell.span),
            })
            .collect(),
    }
}
