//! `evenkeel token create|list|revoke`.

use serde::{Deserialize, Serialize};

use super::Time;

/// Which tokens are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenWanted {
    /// Host names to bind a token to, one token each; none: one token for any host, with approval.
    pub hosts: Vec<String>,
    /// How long it lives; the default when not given.
    pub ttl_s: Option<i64>,
    /// How many hosts may join with it.
    pub max_uses: Option<u32>,
    /// Whoever joins waits for approval, even on a bound token.
    pub needs_approval: bool,
}

/// A new token: the only time that its secret is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCreated {
    /// Its id, for `token revoke`.
    pub id: String,
    /// The token.
    pub token: String,
    /// What to run on the host.
    pub join_command: String,
    /// When it ends.
    pub expires_at: Time,
    /// The host it is bound to.
    pub host: Option<String>,
    /// Whoever joins waits for `agent approve`.
    pub needs_approval: bool,
    /// How many hosts may join with it.
    pub max_uses: u32,
}

/// A token in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// Its id.
    pub id: String,
    /// `valid`, `used`, `expired` or `revoked`.
    pub state: String,
    /// The host it is bound to.
    pub host: Option<String>,
    /// Whoever joins waits for approval.
    pub needs_approval: bool,
    /// Hosts that have joined with it.
    pub uses: u32,
    /// Hosts that may.
    pub max_uses: u32,
    /// When it was made.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
}
