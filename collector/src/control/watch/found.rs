//! From spells to outages on record: a number stays with its outage, and what a person said of it stays too.

use evenkeel_common::time::UnixMs;

use super::super::{Control, ControlError};
use super::check::heard_of;
use super::{Check, Watched};
use crate::sla::{Heard, NO_DATA, Outage, OutageRule, Span, Spell, outages, push};
use crate::store::activity::{Activity, ActivityFilter, Category};
use crate::store::{OutageRow, SpellRow};

/// How far back outages are found anew.
const BACK_S: i64 = 40 * 86_400;
/// Events so near to the begin of an outage may say why.
const NEAR_S: i64 = 60;
const EVENTS_MAX: usize = 5;

impl Control {
    /// Finds the outages of some checks anew and writes what changed.
    pub(super) async fn find_outages(&self, touched: &[Watched], now: UnixMs) -> Result<(), ControlError> {
        let now_s = now.0.div_euclid(1_000);
        for one in touched.iter().filter(|one| one.check.is_availability()) {
            let rows = self.store().spells_of(one.key.clone(), now_s - BACK_S).await?;
            let found = outages(&with_gaps(&rows), self.rule(&one.check));
            let mut stored = self.store().outages_of(one.key.clone(), now_s - BACK_S).await?;
            let mut rows = Vec::new();
            for outage in found {
                let to = outage.to.unwrap_or(i64::MAX);
                let same = |row: &OutageRow| row.from_s < to && outage.from < row.to_s.unwrap_or(i64::MAX);
                let known = stored.iter().position(same).map(|at| stored.remove(at));
                let row = self.row(one, &outage, known.as_ref()).await?;
                if known.as_ref() != Some(&row) {
                    rows.push((row, known));
                }
            }
            // What late readings showed to be none goes, but for what a person said something of.
            let gone = |row: &&OutageRow| row.correction.is_none() && row.from_s > now_s - BACK_S;
            let gone: Vec<i64> = stored.iter().filter(gone).map(|row| row.id).collect();
            if rows.is_empty() && gone.is_empty() {
                continue;
            }
            let ids = self.store().write_outages(rows.iter().map(|(row, _)| row.clone()).collect(), gone).await?;
            for ((row, known), id) in rows.into_iter().zip(ids) {
                self.tell_outage(one, &row, known, id, now).await;
            }
        }
        Ok(())
    }

    fn rule(&self, check: &Check) -> OutageRule {
        let count = |number: i64| usize::try_from(number).unwrap_or(1);
        let settings = self.settings().outage;
        match check {
            Check::Probe(..) => OutageRule {
                misses: count(settings.misses),
                of: count(settings.of.max(settings.misses)),
                after_s: settings.after.0 / 1_000,
                recoveries: settings.recoveries,
            },
            // libvirt says it outright.
            _ => OutageRule { misses: 1, of: 1, after_s: 0, recoveries: 1 },
        }
    }

    async fn row(&self, one: &Watched, outage: &Outage, known: Option<&OutageRow>) -> Result<OutageRow, ControlError> {
        let heard = |(why, from, readings): &(String, i64, i64)| {
            format!("{} {}: {why}, {readings} observations", UnixMs(from.saturating_mul(1_000)), one.key.check)
        };
        let mut evidence: Vec<String> = outage.heard.iter().map(heard).collect();
        let events = self.events_near(one, outage.from).await?;
        evidence.extend(events.iter().map(|event| format!("{} {}: {}", event.at, event.kind, event.message)));
        let why = outage.heard.first().map(|(why, ..)| why.clone()).unwrap_or_default();
        let cause = events.first().map_or(why, |event| event.message.clone());
        Ok(OutageRow {
            id: known.map_or(0, |row| row.id),
            key: one.key.clone(),
            name: one.name.clone(),
            from_s: outage.from,
            to_s: outage.to,
            down_s: outage.down.total_s(),
            unknown_s: outage.unknown_s,
            cause,
            evidence,
            correction: known.and_then(|row| row.correction.clone()),
        })
    }

    /// What agents told about the target around the begin of its outage.
    async fn events_near(&self, one: &Watched, from_s: i64) -> Result<Vec<Activity>, ControlError> {
        let name = Some(one.name.clone());
        let (host, vm) = if one.is_host { (name, None) } else { (None, name) };
        let since = Some(UnixMs((from_s - NEAR_S).saturating_mul(1_000)));
        let limit = evenkeel_common::limits::LIST_MAX_ROWS;
        let filter = ActivityFilter { since, category: None, host, vm, limit };
        let near = |event: &Activity| {
            event.at.0 <= (from_s + NEAR_S) * 1_000
                && event.category != Category::Informational
                && !event.kind.starts_with("outage_")
        };
        Ok(self.store().activities(filter).await?.into_iter().filter(near).take(EVENTS_MAX).collect())
    }

    async fn tell_outage(&self, one: &Watched, row: &OutageRow, known: Option<OutageRow>, id: i64, now: UnixMs) {
        let at = |second: i64| UnixMs(second.saturating_mul(1_000));
        let was_open = known.as_ref().is_some_and(|known| known.to_s.is_none());
        let (category, kind, message) = match (row.to_s, known.is_some()) {
            (None, false) => (
                Category::Warning,
                "outage_began",
                format!("outage {id} ({}) since {}: {}", row.key.check, at(row.from_s), row.cause),
            ),
            (Some(to), before) if was_open || !before => (
                Category::Informational,
                "outage_ended",
                format!(
                    "outage {id} ({}) from {} to {}, {} s down: {}",
                    row.key.check,
                    at(row.from_s),
                    at(to),
                    row.down_s,
                    row.cause
                ),
            ),
            _ => return,
        };
        let (host, vm) =
            if one.is_host { (one.name.clone(), String::new()) } else { (String::new(), one.name.clone()) };
        self.record(Activity { at: now, category, kind: kind.to_owned(), host, vm, message }).await;
    }
}

/// With what is not known between two rows.
fn with_gaps(rows: &[SpellRow]) -> Vec<Spell> {
    let mut spells: Vec<Spell> = Vec::new();
    for row in rows {
        let known_to = spells.last().map_or(row.from_s, |last| last.span.to);
        if known_to < row.from_s {
            let span = Span { from: known_to, to: row.from_s };
            push(&mut spells, Spell { span, heard: Heard::Unknown, why: NO_DATA.to_owned(), readings: 0 });
        }
        let span = Span { from: row.from_s, to: row.to_s };
        push(&mut spells, Spell { span, heard: heard_of(row.state), why: row.why.clone(), readings: row.readings });
    }
    spells
}
