//! Join tokens on disk: only the hash of a secret is kept.

use evenkeel_common::limits::LIST_MAX_ROWS;
use evenkeel_common::time::{DurationMs, UnixMs};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{Store, StoreError, sql};

/// A token that has been of no use for this long is forgotten when the next ones are made.
const KEEP: DurationMs = DurationMs::from_s(90 * 86_400);

/// A join token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Its id.
    pub id: String,
    /// Hash of its secret.
    pub secret_hash: [u8; 32],
    /// The host name it is bound to.
    pub host: Option<String>,
    /// Whoever joins with it waits for approval.
    pub needs_approval: bool,
    /// Hosts that may join with it.
    pub max_uses: u32,
    /// Hosts that have.
    pub uses: u32,
    /// When it was made.
    pub created_at: UnixMs,
    /// When it ends.
    pub expires_at: UnixMs,
    /// When it was revoked.
    pub revoked_at: Option<UnixMs>,
}

impl Store {
    /// Stores new tokens, all or none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn add_tokens(&self, tokens: Vec<TokenRow>) -> Result<(), StoreError> {
        self.control
            .call(move |db| {
                let transaction = db.transaction()?;
                for token in &tokens {
                    transaction.execute("DELETE FROM tokens WHERE expires_at < ?", [token.created_at.minus(KEEP).0])?;
                    transaction.prepare_cached(INSERT)?.execute(named_params! {
                        ":id": token.id,
                        ":secret_hash": token.secret_hash,
                        ":host": token.host,
                        ":needs_approval": token.needs_approval,
                        ":max_uses": token.max_uses,
                        ":uses": token.uses,
                        ":created_at": token.created_at.0,
                        ":expires_at": token.expires_at.0,
                    })?;
                }
                transaction.commit()
            })
            .await
    }

    /// The newest tokens, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        self.control_read
            .call(|db| {
                let mut tokens = db
                    .prepare_cached(&format!("{SELECT} ORDER BY created_at DESC, id LIMIT {LIST_MAX_ROWS}"))?
                    .query_map([], read)?
                    .collect::<Result<Vec<TokenRow>, rusqlite::Error>>()?;
                tokens.reverse();
                Ok(tokens)
            })
            .await
    }

    /// Revokes a token; `false` when it was revoked already or is not there.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn revoke_token(&self, id: String, now: UnixMs) -> Result<bool, StoreError> {
        self.control
            .call(move |db| {
                let changed = db.execute(
                    "UPDATE tokens SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL",
                    named_params! { ":now": now.0, ":id": id },
                )?;
                Ok(changed > 0)
            })
            .await
    }
}

const INSERT: &str =
    "INSERT INTO tokens (id, secret_hash, host, needs_approval, max_uses, uses, created_at, expires_at)
    VALUES (:id, :secret_hash, :host, :needs_approval, :max_uses, :uses, :created_at, :expires_at)";

const SELECT: &str = "SELECT id, secret_hash, host, needs_approval, max_uses, uses, created_at, expires_at, revoked_at
    FROM tokens";

/// The token of an id, within a transaction.
pub(super) fn token(db: &Connection, id: &str) -> Result<Option<TokenRow>, rusqlite::Error> {
    db.prepare_cached(&format!("{SELECT} WHERE id = ?"))?.query_row([id], read).optional()
}

/// Counts a use, within a transaction.
pub(super) fn count_use(db: &Connection, id: &str) -> Result<(), rusqlite::Error> {
    db.execute("UPDATE tokens SET uses = uses + 1 WHERE id = ?", [id]).map(drop)
}

fn read(row: &Row<'_>) -> Result<TokenRow, rusqlite::Error> {
    Ok(TokenRow {
        id: row.get(0)?,
        secret_hash: row.get(1)?,
        host: row.get(2)?,
        needs_approval: row.get(3)?,
        max_uses: row.get(4)?,
        uses: row.get(5)?,
        created_at: sql::at(row, 6)?,
        expires_at: sql::at(row, 7)?,
        revoked_at: row.get::<_, Option<i64>>(8)?.map(UnixMs),
    })
}
