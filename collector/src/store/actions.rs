//! The ledger of actions: durable before anything is sent.

use evenkeel_common::action::{ActionState, Command, Outcome, Refusal, Verb};
use evenkeel_common::id::{ActionId, AgentId, DomainUuid};
use evenkeel_common::limits::LIST_MAX_ROWS;
use evenkeel_common::time::UnixMs;
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde::Serialize;

use super::{Store, StoreError, changes, sql};

/// Rows kept; the oldest that have ended go.
const MAX_ROWS: u32 = 200_000;

/// An action in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRow {
    /// Its id, made by the requester.
    pub id: ActionId,
    /// What is to be done.
    pub verb: Verb,
    /// To which VM.
    pub uuid: DomainUuid,
    /// Its name then.
    pub name: String,
    /// The host where it was then.
    pub agent: AgentId,
    /// That host's name.
    pub host: String,
    /// Where the action stands.
    pub state: ActionState,
    /// The step it was last heard in.
    pub step: String,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
    /// What came of it, as key and value.
    pub result: Vec<(String, String)>,
    /// Who asked for it.
    pub requested_by: String,
    /// When.
    pub requested_at: UnixMs,
    /// Not to be begun after this.
    pub not_after: UnixMs,
    /// When it ended.
    pub finished_at: Option<UnixMs>,
    /// How often it was sent to its host.
    pub dispatches: u32,
    /// When it was last heard of or sent.
    pub news_at: UnixMs,
}

/// What became of a new action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It is in the ledger.
    New,
    /// It was already: asked for twice.
    Known(Box<ActionRow>),
    /// Another one on the same VM has not ended; nothing was written.
    Busy(ActionId),
}

impl ActionRow {
    /// The order to its host.
    #[must_use]
    pub fn command(&self, collector_epoch: u64) -> Command {
        Command {
            id: self.id,
            collector_epoch,
            host: self.agent,
            verb: self.verb.clone(),
            domain: self.uuid,
            issued: self.news_at,
            not_after: self.not_after,
        }
    }

    /// Ends it.
    pub fn end(&mut self, outcome: Outcome, now: UnixMs) {
        self.state = outcome.state();
        self.finished_at = Some(now);
        self.news_at = now;
        self.step = String::new();
        match outcome {
            Outcome::Succeeded(facts) => self.result = facts,
            Outcome::Failed(message) => self.result = vec![("error".to_owned(), message)],
            Outcome::Unknown(evidence) => self.result = vec![("evidence".to_owned(), evidence)],
            Outcome::Refused(refusal) => self.refusal = Some(refusal),
            Outcome::Expired => {}
        }
    }
}

impl Store {
    /// Puts a new action into the ledger; an open one only if the VM has no other open one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn enter_action(&self, action: ActionRow) -> Result<Entered, StoreError> {
        self.control
            .call(move |db| {
                let transaction = db.transaction()?;
                if let Some(known) = by_id(&transaction, action.id)? {
                    return Ok(Entered::Known(Box::new(known)));
                }
                let other = if action.state.is_final() { None } else { open_of(&transaction, action.uuid)? };
                if let Some(other) = other {
                    return Ok(Entered::Busy(other));
                }
                write(&transaction, &action)?;
                transaction.execute(TRIM, [MAX_ROWS])?;
                transaction.commit()?;
                Ok(Entered::New)
            })
            .await
    }

    /// Changes an action as `change` says, in one transaction; `None` when there is no such action.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn change_action(
        &self,
        id: ActionId,
        change: impl FnOnce(&mut ActionRow) + Send + 'static,
    ) -> Result<Option<ActionRow>, StoreError> {
        self.control
            .call(move |db| {
                let transaction = db.transaction()?;
                let Some(mut action) = by_id(&transaction, id)? else {
                    return Ok(None);
                };
                let before = action.clone();
                change(&mut action);
                if action != before {
                    write(&transaction, &action)?;
                    transaction.commit()?;
                }
                Ok(Some(action))
            })
            .await
    }

    /// Actions whose id begins with `prefix` (hexadecimal, without dashes), newest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn actions_by_prefix(&self, prefix: String, limit: u32) -> Result<Vec<ActionRow>, StoreError> {
        let where_clause = "substr(lower(hex(id)), 1, length(:text)) = :text ORDER BY requested_at DESC";
        self.select_actions(where_clause, prefix, limit).await
    }

    /// The newest actions, newest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn actions(&self, limit: usize) -> Result<Vec<ActionRow>, StoreError> {
        let limit = u32::try_from(limit.min(LIST_MAX_ROWS)).unwrap_or(u32::MAX);
        self.select_actions(":text = '' ORDER BY requested_at DESC, id DESC", String::new(), limit).await
    }

    /// Actions that have not ended, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn open_actions(&self) -> Result<Vec<ActionRow>, StoreError> {
        // At most one a VM, so the fleet bounds it.
        let open = "state IN ('requested', 'dispatched', 'running') AND :text = '' ORDER BY requested_at, id";
        self.select_actions(open, String::new(), u32::MAX).await
    }

    /// The action on a VM that has not ended.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn open_action_of(&self, uuid: DomainUuid) -> Result<Option<ActionId>, StoreError> {
        self.control_read.call(move |db| open_of(db, uuid)).await
    }

    async fn select_actions(
        &self,
        where_clause: &'static str,
        text: String,
        limit: u32,
    ) -> Result<Vec<ActionRow>, StoreError> {
        self.control_read
            .call(move |db| {
                db.prepare_cached(&format!("{SELECT} WHERE {where_clause} LIMIT :limit"))?
                    .query_map(named_params! { ":text": text, ":limit": limit }, read)?
                    .collect()
            })
            .await
    }
}

const SELECT: &str = "SELECT id, arguments, uuid, name, agent, host, state, step, refusal, result, requested_by,
    requested_at, not_after, finished_at, dispatches, news_at FROM actions";

const WRITE: &str =
    "INSERT OR REPLACE INTO actions (id, verb, arguments, uuid, name, agent, host, state, step, refusal,
    result, requested_by, requested_at, not_after, finished_at, dispatches, news_at)
    VALUES (:id, :verb, :arguments, :uuid, :name, :agent, :host, :state, :step, :refusal,
    :result, :requested_by, :requested_at, :not_after, :finished_at, :dispatches, :news_at)";

const TRIM: &str = "DELETE FROM actions WHERE finished_at IS NOT NULL AND requested_at <
    (SELECT requested_at FROM actions ORDER BY requested_at DESC LIMIT 1 OFFSET ?)";

fn by_id(db: &Connection, id: ActionId) -> Result<Option<ActionRow>, rusqlite::Error> {
    db.prepare_cached(&format!("{SELECT} WHERE id = ?"))?.query_row([id.to_bytes()], read).optional()
}

fn open_of(db: &Connection, uuid: DomainUuid) -> Result<Option<ActionId>, rusqlite::Error> {
    db.prepare_cached("SELECT id FROM actions WHERE uuid = ? AND state IN ('requested', 'dispatched', 'running')")?
        .query_row([uuid.to_bytes()], |row| row.get(0).map(ActionId::from_bytes))
        .optional()
}

fn write(db: &Connection, action: &ActionRow) -> Result<(), rusqlite::Error> {
    let refusal = action.refusal.as_ref().map(|refusal| json(&(&refusal.guard, &refusal.message)));
    let written = db.prepare_cached(WRITE)?.execute(named_params! {
        ":id": action.id.to_bytes(),
        ":verb": action.verb.name(),
        ":arguments": json(&action.verb),
        ":uuid": action.uuid.to_bytes(),
        ":name": action.name,
        ":agent": action.agent.to_bytes(),
        ":host": action.host,
        ":state": action.state.as_str(),
        ":step": action.step,
        ":refusal": refusal,
        ":result": json(&action.result),
        ":requested_by": action.requested_by,
        ":requested_at": action.requested_at.0,
        ":not_after": action.not_after.0,
        ":finished_at": action.finished_at.map(|at| at.0),
        ":dispatches": action.dispatches,
        ":news_at": action.news_at.0,
    });
    written?;
    changes::of_action(db, action)
}

fn read(row: &Row<'_>) -> Result<ActionRow, rusqlite::Error> {
    let refusal: Option<(String, String)> = match row.get::<_, Option<String>>(8)? {
        Some(text) => Some(parse(8, &text)?),
        None => None,
    };
    let state: String = row.get(6)?;
    Ok(ActionRow {
        id: row.get(0).map(ActionId::from_bytes)?,
        verb: parse(1, &row.get::<_, String>(1)?)?,
        uuid: row.get(2).map(DomainUuid::from_bytes)?,
        name: row.get(3)?,
        agent: sql::agent(row, 4)?,
        host: row.get(5)?,
        // A word that is not known is of a newer evenkeel, whose schema this program does not open.
        state: ActionState::parse(&state).unwrap_or(ActionState::Unknown),
        step: row.get(7)?,
        refusal: refusal.map(|(guard, message)| Refusal { guard, message }),
        result: parse(9, &row.get::<_, String>(9)?)?,
        requested_by: row.get(10)?,
        requested_at: sql::at(row, 11)?,
        not_after: sql::at(row, 12)?,
        finished_at: row.get::<_, Option<i64>>(13)?.map(UnixMs),
        dispatches: row.get(14)?,
        news_at: sql::at(row, 15)?,
    })
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and truth values are always JSON")
}

fn parse<T: serde::de::DeserializeOwned>(column: usize, text: &str) -> Result<T, rusqlite::Error> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u8, vm: u8) -> ActionRow {
        ActionRow {
            id: ActionId::from_bytes([id; 16]),
            verb: Verb::migrate_to("hostb"),
            uuid: DomainUuid::from_bytes([vm; 16]),
            name: "g1".to_owned(),
            agent: AgentId::from_bytes([3; 16]),
            host: "hosta".to_owned(),
            state: ActionState::Requested,
            step: String::new(),
            refusal: None,
            result: Vec::new(),
            requested_by: "root".to_owned(),
            requested_at: UnixMs(i64::from(id)),
            not_after: UnixMs(100),
            finished_at: None,
            dispatches: 0,
            news_at: UnixMs(0),
        }
    }

    #[tokio::test]
    async fn one_open_action_a_vm_and_an_id_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(store.enter_action(row(1, 1)).await.unwrap(), Entered::New);
        assert_eq!(store.enter_action(row(1, 1)).await.unwrap(), Entered::Known(Box::new(row(1, 1))));
        assert_eq!(store.enter_action(row(2, 1)).await.unwrap(), Entered::Busy(row(1, 1).id));
        assert_eq!(store.open_action_of(row(1, 1).uuid).await.unwrap(), Some(row(1, 1).id));
        let refusal = Refusal { guard: "g".to_owned(), message: "m".to_owned() };
        let refused = |row: &mut ActionRow| row.end(Outcome::Refused(refusal), UnixMs(9));
        store.change_action(row(1, 1).id, refused).await.unwrap().unwrap();
        assert_eq!(store.enter_action(row(2, 1)).await.unwrap(), Entered::New);
        let all = store.actions(10).await.unwrap();
        assert_eq!(all.iter().map(|row| row.state).collect::<Vec<_>>(), [ActionState::Requested, ActionState::Refused]);
        assert_eq!(all[1].refusal.as_ref().map(|refusal| refusal.guard.as_str()), Some("g"));
        assert_eq!(store.open_actions().await.unwrap(), [row(2, 1)]);
        assert_eq!(store.actions_by_prefix("0202".to_owned(), 5).await.unwrap(), [row(2, 1)]);
        assert!(store.actions_by_prefix("03".to_owned(), 5).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn every_verb_and_result_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let verbs = [Verb::SNAPSHOT, Verb::Restart { apply_pending: true }, Verb::migrate_to("b")];
        for (id, verb) in (1..).zip(verbs) {
            let mut action = ActionRow { verb, ..row(id, id) };
            action.end(Outcome::Succeeded(vec![("path".to_owned(), "/x".to_owned())]), UnixMs(7));
            store.enter_action(action.clone()).await.unwrap();
            assert_eq!(store.actions(1).await.unwrap(), [action]);
        }
    }
}
