//! How the polls of every entity end, for a collector that starts: what was sealed is remembered as the newest poll and
//! the newest active one, the rest is in the journal.

use std::collections::HashMap;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::time::{DurationMs, UnixMs};
use rusqlite::{Connection, OptionalExtension, Row};

use super::super::chunk::{EntryBody, Hour, PollCell};
use super::super::{Entity, Poll, PollEnd, StoreError, sql};
use super::SqliteEngine;
use super::layouts::find_entity;

/// How far before a VM's last poll its last active one is looked for; longer down counts as active just before.
const LOOK_BACK: DurationMs = DurationMs::from_s(3 * 3_600);

/// Rows that are looked at first.
const FEW: u32 = 4;

/// The newest poll of a sealed hour and the newest active one.
pub(super) fn note_polls(db: &Connection, entity: i64, hour: &Hour) -> Result<(), rusqlite::Error> {
    let polls = || hour.times.iter().zip(&hour.polls).rev().filter_map(|(at, poll)| Some((*at, (*poll)?)));
    let Some((at, poll)) = polls().next() else { return Ok(()) };
    put(db, "last_polls", entity, at, &poll)?;
    if let Some((at, poll)) = polls().find(|(_, poll)| is_active(poll)) {
        put(db, "last_active_polls", entity, at, &poll)?;
    }
    Ok(())
}

fn put(db: &Connection, table: &str, entity: i64, at: UnixMs, poll: &PollCell) -> Result<(), rusqlite::Error> {
    let sql = format!(
        "INSERT INTO {table} (entity, at, agent, interval_ms, state, missing) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (entity) DO UPDATE SET at = excluded.at, agent = excluded.agent,
             interval_ms = excluded.interval_ms, state = excluded.state, missing = excluded.missing
         WHERE excluded.at >= at"
    );
    db.prepare_cached(&sql)?
        .execute((entity, at.0, poll.agent.to_bytes(), poll.interval_ms, poll.state, poll.missing))
        .map(drop)
}

/// `None` (nobody could tell) is taken as active; 5 and 6 are shut off and crashed.
fn is_active(poll: &PollCell) -> bool {
    !matches!(poll.state, Some(5 | 6))
}

impl SqliteEngine {
    pub(super) fn read_last_poll(&mut self, entity: Entity) -> Result<Option<Poll>, StoreError> {
        let Some(id) = find_entity(&self.journal, (entity, None))? else { return Ok(None) };
        let from = self.few_from(id)?;
        let mut newest = self.journal_polls(id, entity, from)?.pop();
        if newest.is_none() && from.0 > i64::MIN {
            // The newest rows were imported, which nobody polled.
            newest = self.journal_polls(id, entity, UnixMs(i64::MIN))?.pop();
        }
        let last_sealed = sealed(&self.journal, "last_polls", id)?;
        Ok([last_sealed, newest].into_iter().flatten().max_by_key(|poll| poll.at))
    }

    pub(super) fn read_poll_ends(
        &mut self,
        of: &HashMap<DomainUuid, Option<(AgentId, UnixMs)>>,
    ) -> Result<Vec<PollEnd>, StoreError> {
        let mut ends = Vec::new();
        for (uuid, placed) in of {
            let entity = Entity::from(*uuid);
            if let Some(id) = find_entity(&self.journal, (entity, None))? {
                ends.extend(self.poll_end(id, entity, *placed)?);
            }
        }
        ends.sort_by_key(|end: &PollEnd| end.uuid);
        Ok(ends)
    }

    pub(super) fn read_unsealed(&mut self) -> Result<Vec<Entity>, StoreError> {
        let found = self
            .journal
            .prepare_cached(
                "SELECT entity FROM entities WHERE placement = x''
                 AND id IN (SELECT entity FROM sources UNION SELECT entity FROM entries)",
            )?
            .query_map([], |row| Ok(Entity(row.get(0)?)))?
            .collect::<Result<_, rusqlite::Error>>()?;
        Ok(found)
    }

    fn poll_end(
        &mut self,
        id: i64,
        entity: Entity,
        placed: Option<(AgentId, UnixMs)>,
    ) -> Result<Option<PollEnd>, StoreError> {
        let (agent, since) = (placed.map(|(agent, _)| agent), placed.map_or(UnixMs(i64::MIN), |(_, from)| from));
        let mut polls = self.journal_polls(id, entity, self.few_from(id)?)?;
        let settled = |polls: &[Poll]| {
            polls.last().is_some_and(|last| !matches!(last.state, Some(5 | 6)) && agent == Some(last.agent))
        };
        if !settled(&polls) {
            // It is down, or the inventory is behind: then the whole story counts.
            polls = self.journal_polls(id, entity, UnixMs(i64::MIN))?;
        }
        let sealed = |table| sealed(&self.journal, table, id);
        let (last_sealed, active_sealed) = (sealed("last_polls")?, sealed("last_active_polls")?);
        let newest = polls.last().copied();
        let Some(last) = [last_sealed, newest].into_iter().flatten().max_by_key(|poll| poll.at) else {
            return Ok(None);
        };
        // A host is polled by its own agent.
        if Entity::from(last.agent) == entity {
            return Ok(None);
        }
        let all = || [last_sealed, active_sealed].into_iter().flatten().chain(polls.iter().copied());
        let here = || all().filter(|poll| poll.agent == last.agent);
        let here_from = here().map(|poll| poll.at).filter(|at| *at >= since).min();
        let oldest = last.at.minus(LOOK_BACK);
        let active = here().filter(|poll| poll.at > oldest && !matches!(poll.state, Some(5 | 6)));
        Ok(Some(PollEnd {
            uuid: DomainUuid::from_bytes(entity.0),
            last,
            here_from: here_from.unwrap_or(last.at),
            last_active: active.map(|poll| poll.at).max(),
        }))
    }

    /// From when a few rows say how an entity's polls end; the whole journal where some were taken back.
    fn few_from(&self, id: i64) -> Result<UnixMs, StoreError> {
        let withdrawn: bool = self
            .journal
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM entries WHERE entity = ? AND layout < 0)")?
            .query_row([id], |row| row.get(0))?;
        let few = self
            .journal
            .prepare_cached("SELECT at FROM entries WHERE entity = ? ORDER BY at DESC LIMIT 1 OFFSET ?")?
            .query_row((id, FEW), |row| sql::at(row, 0))
            .optional()?;
        let of_batches = self.batch_times(id, FEW as usize)?.last().copied().map(UnixMs);
        let few = if of_batches.is_some() { of_batches } else { few };
        Ok(few.filter(|_| !withdrawn).unwrap_or(UnixMs(i64::MIN)))
    }

    /// Polls that wait in the journal from a time on, oldest first.
    fn journal_polls(&mut self, id: i64, entity: Entity, from: UnixMs) -> Result<Vec<Poll>, StoreError> {
        let rows = self.journal_rows((entity, None), id, from, UnixMs(i64::MAX))?.rows;
        let mut polls: std::collections::BTreeMap<UnixMs, Poll> = std::collections::BTreeMap::new();
        for row in rows {
            match row.body {
                EntryBody::Tick { poll: Some(poll), .. } => {
                    polls.entry(row.at).or_insert_with(|| Poll::from((row.at, poll)));
                }
                EntryBody::Tick { poll: None, .. } => {}
                EntryBody::Withdraw { to } => {
                    if row.at < to {
                        polls.retain(|at, _| !(row.at <= *at && *at < to));
                    }
                }
            }
        }
        Ok(polls.into_values().collect())
    }
}

fn sealed(db: &Connection, table: &str, entity: i64) -> Result<Option<Poll>, rusqlite::Error> {
    let sql = format!("SELECT at, agent, interval_ms, state, missing FROM {table} WHERE entity = ?");
    db.prepare_cached(&sql)?.query_row([entity], poll).optional()
}

fn poll(row: &Row<'_>) -> Result<Poll, rusqlite::Error> {
    Ok(Poll {
        at: sql::at(row, 0)?,
        agent: sql::agent(row, 1)?,
        interval: DurationMs(row.get(2)?),
        state: row.get(3)?,
        missing: row.get(4)?,
    })
}
