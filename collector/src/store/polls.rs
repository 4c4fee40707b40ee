//! Polls: which ticks of an entity were heard and in which state.

use std::collections::HashMap;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::sample::Missing;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::chunk::PollCell;
use super::engine::Engine;
use super::{Entity, Store, StoreError};

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

impl From<(UnixMs, PollCell)> for Poll {
    fn from((at, poll): (UnixMs, PollCell)) -> Self {
        let interval = DurationMs(poll.interval_ms.into());
        Self { at, agent: poll.agent, interval, state: poll.state, missing: poll.missing }
    }
}

impl Store {
    /// Polls of an entity in `from <= at < to`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn polls(&self, entity: Entity, from: UnixMs, to: UnixMs, limit: usize) -> Result<Vec<Poll>, StoreError> {
        self.reader.run(move |engine| engine.polls(entity, from, to, limit)).await
    }

    /// The same of several, each in its range.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn polls_of(
        &self,
        ranges: Vec<(Entity, UnixMs, UnixMs)>,
        limit: usize,
    ) -> Result<Vec<Vec<Poll>>, StoreError> {
        let read = move |engine: &mut Box<dyn Engine>, (entity, from, to)| engine.polls(entity, from, to, limit);
        self.reader.run(move |engine| ranges.into_iter().map(|range| read(engine, range)).collect()).await
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
        self.reader
            .run(move |engine| {
                let polls = engine.polls(entity, from, to, usize::MAX)?.into_iter();
                let silent = polls.filter_map(|poll| Some((poll.at, Missing::from_code(poll.missing?))));
                Ok(silent.take(limit).collect())
            })
            .await
    }

    /// Why the last poll of each of these could not tell anything; those that could are not there.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn last_silence(&self, entities: Vec<Entity>) -> Result<HashMap<Entity, Missing>, StoreError> {
        self.reader
            .run(move |engine| {
                let mut found = HashMap::new();
                for entity in entities {
                    if let Some(code) = engine.last_poll(entity)?.and_then(|poll| poll.missing) {
                        found.insert(entity, Missing::from_code(code));
                    }
                }
                Ok(found)
            })
            .await
    }

    /// How the polls of these VMs end, with where and since when each was known to run; those never polled are left out.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn poll_ends(
        &self,
        of: HashMap<DomainUuid, Option<(AgentId, UnixMs)>>,
    ) -> Result<Vec<PollEnd>, StoreError> {
        self.reader.run(move |engine| engine.poll_ends(&of)).await
    }
}
