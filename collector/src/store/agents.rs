//! Enrolled and pending agents.

use evenkeel_common::id::AgentId;
use evenkeel_common::time::UnixMs;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::tokens::{self, TokenRow};
use super::{Store, StoreError, sql};

/// Where an agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentState {
    /// Waits for `agent approve`.
    Pending,
    /// May have a session.
    Approved,
    /// May not any more: its key is not trusted.
    Revoked,
    /// Its host is out of service.
    Retired,
}

impl AgentState {
    /// The word in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Revoked => "revoked",
            Self::Retired => "retired",
        }
    }

    /// The state of a word. One that is not known may not have a session either.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "pending" => Self::Pending,
            "approved" => Self::Approved,
            "retired" => Self::Retired,
            _ => Self::Revoked,
        }
    }
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRow {
    /// Its identity.
    pub id: AgentId,
    /// Name of its host.
    pub name: String,
    /// Its machine id.
    pub machine_id: String,
    /// Hash of its public key.
    pub key_hash: [u8; 32],
    /// Where it stands.
    pub state: AgentState,
    /// The token it joined with.
    pub token_id: String,
    /// Version of its program when it joined.
    pub agent_version: String,
    /// When it joined.
    pub enrolled_at: UnixMs,
    /// End of its newest certificate.
    pub cert_expires_at: Option<UnixMs>,
}

/// What an enrolment is decided on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// The token that was shown.
    pub token: Option<TokenRow>,
    /// The newest agent with the asker's key.
    pub same_key: Option<AgentRow>,
    /// The agent that has the asker's name: a pending or approved one, else the newest revoked one.
    pub same_name: Option<AgentRow>,
}

/// What becomes of an enrolment: the agent to store, and whether the token has been used by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The agent as it is to be stored.
    pub agent: AgentRow,
    /// Counts a use of the token.
    pub count_use: bool,
}

impl Store {
    /// Decides on an enrolment and stores it, in one transaction: a token is never used once too often.
    ///
    /// # Errors
    /// See [`StoreError`]; the inner error is the decision's own.
    pub async fn enrol<E, F>(
        &self,
        token_id: String,
        name: String,
        key_hash: [u8; 32],
        decide: F,
    ) -> Result<Result<Enrolled, E>, StoreError>
    where
        E: Send + 'static,
        F: FnOnce(&Situation) -> Result<Enrolled, E> + Send + 'static,
    {
        self.control
            .call(move |db| {
                let transaction = db.transaction()?;
                let situation = Situation {
                    token: tokens::token(&transaction, &token_id)?,
                    same_key: by_key(&transaction, key_hash)?,
                    same_name: by_name(&transaction, &name)?,
                };
                let decision = decide(&situation);
                if let Ok(enrolled) = &decision {
                    put(&transaction, &enrolled.agent)?;
                    if enrolled.count_use {
                        tokens::count_use(&transaction, &token_id)?;
                    }
                    transaction.commit()?;
                }
                Ok(decision)
            })
            .await
    }

    /// The agent of an identity.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn agent(&self, id: AgentId) -> Result<Option<AgentRow>, StoreError> {
        self.control_read
            .call(move |db| {
                db.prepare_cached(&format!("{SELECT} WHERE id = ?"))?.query_row([id.to_bytes()], read).optional()
            })
            .await
    }

    /// All agents, by name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn agents(&self) -> Result<Vec<AgentRow>, StoreError> {
        self.control_read
            .call(|db| {
                db.prepare_cached(&format!("{SELECT} ORDER BY name, enrolled_at"))?.query_map([], read)?.collect()
            })
            .await
    }

    /// Moves an agent from one of the states `from` to `to`; `false` when it is in none of them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn move_agent(
        &self,
        id: AgentId,
        from: &'static [AgentState],
        to: AgentState,
    ) -> Result<bool, StoreError> {
        self.control
            .call(move |db| {
                let transaction = db.transaction()?;
                let state: Option<String> = transaction
                    .query_row("SELECT state FROM agents WHERE id = ?", [id.to_bytes()], |row| row.get(0))
                    .optional()?;
                let allowed = state.is_some_and(|word| from.contains(&AgentState::parse(&word)));
                if allowed {
                    transaction.execute(
                        "UPDATE agents SET state = :to WHERE id = :id",
                        named_params! { ":to": to.as_str(), ":id": id.to_bytes() },
                    )?;
                    transaction.commit()?;
                }
                Ok(allowed)
            })
            .await
    }

    /// The collector's generation.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn collector_epoch(&self) -> Result<u64, StoreError> {
        self.control_read
            .call(|db| {
                db.query_row("SELECT value FROM meta WHERE key = 'collector_epoch'", [], |row| {
                    row.get::<_, i64>(0).map(i64::cast_unsigned)
                })
            })
            .await
    }

    /// Notes the end of an agent's newest certificate.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn note_certificate(&self, id: AgentId, expires_at: UnixMs) -> Result<(), StoreError> {
        self.control
            .call(move |db| {
                db.execute(
                    "UPDATE agents SET cert_expires_at = :at WHERE id = :id",
                    named_params! { ":at": expires_at.0, ":id": id.to_bytes() },
                )
                .map(drop)
            })
            .await
    }
}

const SELECT: &str = "SELECT id, name, machine_id, key_hash, state, token_id, agent_version, enrolled_at,
    cert_expires_at FROM agents";

fn by_key(db: &Connection, key_hash: [u8; 32]) -> Result<Option<AgentRow>, rusqlite::Error> {
    db.prepare_cached(&format!("{SELECT} WHERE key_hash = ? ORDER BY enrolled_at DESC LIMIT 1"))?
        .query_row([key_hash], read)
        .optional()
}

fn by_name(db: &Connection, name: &str) -> Result<Option<AgentRow>, rusqlite::Error> {
    db.prepare_cached(&format!(
        "{SELECT} WHERE name = ? AND state IN ('pending', 'approved', 'revoked')
         ORDER BY state = 'revoked', enrolled_at DESC LIMIT 1"
    ))?
    .query_row([name], read)
    .optional()
}

fn put(db: &Connection, agent: &AgentRow) -> Result<(), rusqlite::Error> {
    db.prepare_cached(
        "INSERT INTO agents (id, name, machine_id, key_hash, state, token_id, agent_version, enrolled_at, cert_expires_at)
         VALUES (:id, :name, :machine_id, :key_hash, :state, :token_id, :agent_version, :enrolled_at, :cert_expires_at)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, machine_id = excluded.machine_id,
             key_hash = excluded.key_hash, state = excluded.state, token_id = excluded.token_id,
             agent_version = excluded.agent_version, enrolled_at = excluded.enrolled_at,
             cert_expires_at = excluded.cert_expires_at",
    )?
    .execute(named_params! {
        ":id": agent.id.to_bytes(),
        ":name": agent.name,
        ":machine_id": agent.machine_id,
        ":key_hash": agent.key_hash,
        ":state": agent.state.as_str(),
        ":token_id": agent.token_id,
        ":agent_version": agent.agent_version,
        ":enrolled_at": agent.enrolled_at.0,
        ":cert_expires_at": agent.cert_expires_at.map(|at| at.0),
    })
    .map(drop)
}

fn read(row: &Row<'_>) -> Result<AgentRow, rusqlite::Error> {
    let state: String = row.get(4)?;
    Ok(AgentRow {
        id: sql::agent(row, 0)?,
        name: row.get(1)?,
        machine_id: row.get(2)?,
        key_hash: row.get(3)?,
        state: AgentState::parse(&state),
        token_id: row.get(5)?,
        agent_version: row.get(6)?,
        enrolled_at: sql::at(row, 7)?,
        cert_expires_at: row.get::<_, Option<i64>>(8)?.map(UnixMs),
    })
}
