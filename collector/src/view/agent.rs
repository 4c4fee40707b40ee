//! `evenkeel agent list|approve|revoke`.

use serde::{Deserialize, Serialize};

use super::Time;

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentView {
    /// Name of its host.
    pub name: String,
    /// Its identity.
    pub agent_id: String,
    /// `pending`, `approved`, `revoked` or `retired`.
    pub state: String,
    /// Whether it has a session.
    pub connected: bool,
    /// Where it connects from; null when it has no session.
    pub address: Option<String>,
    /// Since when; null when it has no session.
    pub connected_since: Option<Time>,
    /// Version of its program.
    pub agent_version: String,
    /// Its machine id.
    pub machine_id: String,
    /// When it joined.
    pub enrolled_at: Time,
    /// End of its newest certificate; null when it has none yet.
    pub cert_expires_at: Option<Time>,
    /// The token it joined with.
    pub token_id: String,
}
