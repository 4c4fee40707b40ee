//! Whether an identity may have a session.

use crate::store::{AgentRow, AgentState};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSession {
    /// Enrolled elsewhere, or before the database was lost.
    #[error("this collector does not know the agent; join it again with a new token")]
    Unknown,
    /// Not approved yet.
    #[error("the agent waits for `evenkeel agent approve`")]
    Pending,
    /// Revoked.
    #[error("the agent was revoked; join it again with a new token for its host")]
    Revoked,
    /// Out of service.
    #[error("the host was retired; join it again with a new token for it")]
    Retired,
    /// The host has joined again with another key.
    #[error("this key was replaced: the host has joined again since")]
    OldKey,
    /// A copy of the identity on another machine.
    #[error(
        "the identity belongs to another machine (a cloned image?); remove the agent's data directory and join with a \
         token of this host's own"
    )]
    OtherMachine,
}

/// Decides on a session of `agent` with this key on this machine.
///
/// # Errors
/// Why there is none.
pub fn may_have_session(agent: Option<&AgentRow>, key_hash: [u8; 32], machine_id: &str) -> Result<(), NoSession> {
    let agent = agent.ok_or(NoSession::Unknown)?;
    match agent.state {
        AgentState::Pending => return Err(NoSession::Pending),
        AgentState::Revoked => return Err(NoSession::Revoked),
        AgentState::Retired => return Err(NoSession::Retired),
        AgentState::Approved => {}
    }
    if agent.key_hash != key_hash {
        return Err(NoSession::OldKey);
    }
    if agent.machine_id != machine_id {
        return Err(NoSession::OtherMachine);
    }
    Ok(())
}
