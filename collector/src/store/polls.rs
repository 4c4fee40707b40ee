//! Polls: which ticks of an entity were heard and in which state.

use std::collections::{BTreeSet, HashMap};

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::sample::Missing;
use evenkeel_common::time::{DurationMs, UnixMs};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{Entity, Store, StoreError, sql};

/// How far before a VM's last poll its last active one is looked for; longer down counts as active just before.
const LOOK_BACK: DurationMs = DurationMs::from_s(3 * 3_600);

/// One poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// When.
    pub at: UnixMs,
    /// From which host.
    pub agent: AgentId,
    /// Time to the next one.
    pub interval: DurationMs,
    /// Code of a domain's state; none of a host, and none when the poll could not tell.
    pub state: Option<u8>,
    /// Code of the reason why it could not tell.
    pub missing: Option<u8>,
}

/// How a VM's polls end, for a collector that starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollEnd {
    /// The VM.
    pub uuid: DomainUuid,
    /// Its last poll.
    pub last: Poll,
    /// The first poll from that host after `since`.
    pub here_from: UnixMs,
    /// The last poll from that host in which it was active, or could have been.
    pub last_active: Option<UnixMs>,
}

/// States in which a domain is not active; `NULL` (nobody could tell) is taken as active.
const NOT_ACTIVE: &str = "coalesce(state, 1) IN (5, 6)";

impl Store {
    /// Polls of an entity in `from <= at < to`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn polls(&self, entity: Entity, from: UnixMs, to: UnixMs, limit: usize) -> Result<Vec<Poll>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.journal_read
            .call(move |db| {
                db.prepare_cached(
                    "SELECT at, agent, interval_ms, state, missing FROM polls
                     WHERE entity = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?",
                )?
                .query_map((entity.0, from.0, to.0, limit), poll)?
                .collect()
            })
            .await
    }

    /// Polls of an entity in `from <= at < to` that could not tell anything, and why, oldest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn silent_polls(
        &self,
        entity: Entity,
        from: UnixMs,
        to: UnixMs,
        limit: usize,
    ) -> Result<Vec<(UnixMs, Missing)>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.journal_read
            .call(move |db| {
                db.prepare_cached(
                    "SELECT at, missing FROM polls
                     WHERE entity = ? AND at >= ? AND at < ? AND missing IS NOT NULL ORDER BY at LIMIT ?",
                )?
                .query_map((entity.0, from.0, to.0, limit), |row| {
                    Ok((sql::at(row, 0)?, Missing::from_code(row.get(1)?)))
                })?
                .collect()
            })
            .await
    }

    /// Why the last poll of each of these could not tell anything; those that could are not there.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn last_silence(&self, entities: Vec<Entity>) -> Result<HashMap<Entity, Missing>, StoreError> {
        self.journal_read
            .call(move |db| {
                let mut last =
                    db.prepare_cached("SELECT missing FROM polls WHERE entity = ? ORDER BY at DESC LIMIT 1")?;
                let mut found = HashMap::new();
                for entity in entities {
                    let missing: Option<Option<u8>> = last.query_row([entity.0], |row| row.get(0)).optional()?;
                    if let Some(code) = missing.flatten() {
                        found.insert(entity, Missing::from_code(code));
                    }
                }
                Ok(found)
            })
            .await
    }

    /// How the polls of every VM end. `placed` says where and since when each was known to run.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn poll_ends(&self, placed: HashMap<DomainUuid, (AgentId, UnixMs)>) -> Result<Vec<PollEnd>, StoreError> {
        self.journal_read
            .call(move |db| {
                let mut ends = Vec::new();
                for entity in entities(db)? {
                    if let Some(end) = poll_end(db, entity, placed.get(&DomainUuid::from_bytes(entity.0)))? {
                        ends.push(end);
                    }
                }
                Ok(ends)
            })
            .await
    }
}

/// Every entity with polls: one seek each.
fn entities(db: &Connection) -> Result<BTreeSet<Entity>, rusqlite::Error> {
    let mut next = db.prepare_cached("SELECT min(entity) FROM polls WHERE entity > ?")?;
    let mut found = BTreeSet::new();
    let mut after: Vec<u8> = Vec::new();
    while let Some(entity) = next.query_row([&after], |row| row.get::<_, Option<[u8; 16]>>(0))? {
        found.insert(Entity(entity));
        after = entity.to_vec();
    }
    Ok(found)
}

fn poll_end(
    db: &Connection,
    entity: Entity,
    placed: Option<&(AgentId, UnixMs)>,
) -> Result<Option<PollEnd>, rusqlite::Error> {
    let last = db
        .prepare_cached(
            "SELECT at, agent, interval_ms, state, missing FROM polls WHERE entity = ? ORDER BY at DESC LIMIT 1",
        )?
        .query_row([entity.0], poll)
        .optional()?;
    // A host is polled by its own agent.
    let Some(last) = last.filter(|last| Entity::from(last.agent) != entity) else {
        return Ok(None);
    };
    let since = placed.map_or(i64::MIN, |(_, from)| from.0);
    let agent = last.agent.to_bytes();
    let here_from: Option<i64> = db
        .prepare_cached("SELECT min(at) FROM polls WHERE entity = ? AND agent = ? AND at >= ?")?
        .query_row((entity.0, agent, since), |row| row.get(0))?;
    let last_active: Option<i64> = db
        .prepare_cached(&format!(
            "SELECT max(at) FROM polls WHERE entity = ? AND agent = ? AND at > ? AND NOT {NOT_ACTIVE}"
        ))?
        .query_row((entity.0, agent, last.at.minus(LOOK_BACK).0), |row| row.get(0))?;
    Ok(Some(PollEnd {
        uuid: DomainUuid::from_bytes(entity.0),
        last,
        here_from: here_from.map_or(last.at, UnixMs),
        last_active: last_active.map(UnixMs),
    }))
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
