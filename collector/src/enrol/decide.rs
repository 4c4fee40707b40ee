//! The decision on an enrolment.

use evenkeel_common::id::AgentId;
use evenkeel_common::limits::{NAME_MAX_BYTES, RENEW_GRACE};
use evenkeel_common::time::UnixMs;
use evenkeel_common::token::TokenSecret;

use crate::store::{AgentRow, AgentState, Enrolled, Situation, TokenRow};

/// Longest machine id: 32 digits by systemd's convention, or a UUID with dashes.
const MACHINE_ID_MAX_BYTES: usize = 64;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The token's id; empty when an expired certificate is to be renewed with nothing but its key.
    pub token_id: String,
    /// The token's secret.
    pub secret: TokenSecret,
    /// Name of the host.
    pub name: String,
    /// Its machine id.
    pub machine_id: String,
    /// Hash of the public key in its signing request.
    pub key_hash: [u8; 32],
    /// Version of its program.
    pub agent_version: String,
    /// The identity it gets if it is a new one.
    pub new_id: AgentId,
}

/// Why an enrolment is refused: for the operator at the joining host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a name of a host.
    #[error("'{0}' cannot be a host's name; letters, digits, '.', '-' and '_' can")]
    Name(String),
    /// No machine id.
    #[error("the machine id is missing or too long; see /etc/machine-id")]
    MachineId,
    /// No such token, or another secret.
    #[error("this collector does not know the token; make one with `evenkeel token create --host {name}`")]
    UnknownToken {
        /// The host that asked.
        name: String,
    },
    /// Revoked.
    #[error("the token was revoked; make a new one with `evenkeel token create --host {name}`")]
    RevokedToken {
        /// The host that asked.
        name: String,
    },
    /// Too late.
    #[error("the token expired at {at}; make a new one with `evenkeel token create --host {name}`")]
    ExpiredToken {
        /// When.
        at: UnixMs,
        /// The host that asked.
        name: String,
    },
    /// Used up.
    #[error("the token was used already; make a new one with `evenkeel token create --host {name}`")]
    UsedToken {
        /// The host that asked.
        name: String,
    },
    /// Of another host.
    #[error(
        "the token is for host '{bound}', this host is '{name}'; make one with `evenkeel token create --host {name}`"
    )]
    OtherHost {
        /// Whom it is for.
        bound: String,
        /// The host that asked.
        name: String,
    },
    /// Another machine has the name.
    #[error(
        "another machine is enrolled as '{name}'; if it is gone for good, `evenkeel host retire {name}` first, else give \
         this host another name"
    )]
    NameTaken {
        /// The name.
        name: String,
    },
    /// It is enrolled, and the token is not its own.
    #[error(
        "'{name}' is enrolled already; to join it again make a token for it with `evenkeel token create --host {name}`"
    )]
    Enrolled {
        /// The name.
        name: String,
    },
    /// Its identity was revoked.
    #[error("this host's identity was revoked; `evenkeel token create --host {name}` makes a token to join it again")]
    Revoked {
        /// The host that asked.
        name: String,
    },
    /// An expired certificate cannot be renewed any more.
    #[error("the certificate cannot be renewed ({why}); join this host again with a new token")]
    NoRenewal {
        /// Why.
        why: &'static str,
    },
}

/// Decides on an enrolment. The agent in the answer is pending or approved.
///
/// # Errors
/// Why it is refused.
pub fn decide(asked: &Asked, situation: &Situation, now: UnixMs) -> Result<Enrolled, Refusal> {
    check_words(asked)?;
    if asked.token_id.is_empty() {
        return renew(asked, situation.same_key.as_ref(), now);
    }
    let name = || asked.name.clone();
    let known = situation.token.as_ref().filter(|token| asked.secret.matches(token.secret_hash));
    let token = known.ok_or_else(|| Refusal::UnknownToken { name: name() })?;
    if let Some(again) = repeated(asked, situation, token) {
        return again;
    }
    if token.revoked_at.is_some() {
        return Err(Refusal::RevokedToken { name: name() });
    }
    if now >= token.expires_at {
        return Err(Refusal::ExpiredToken { at: token.expires_at, name: name() });
    }
    if token.uses >= token.max_uses {
        return Err(Refusal::UsedToken { name: name() });
    }
    if let Some(bound) = token.host.as_ref().filter(|bound| **bound != asked.name) {
        return Err(Refusal::OtherHost { bound: bound.clone(), name: name() });
    }
    let id = identity(asked, situation.same_name.as_ref(), token)?;
    let state = if token.needs_approval || token.host.is_none() { AgentState::Pending } else { AgentState::Approved };
    Ok(Enrolled { agent: row(asked, id, state, now), count_use: true })
}

fn check_words(asked: &Asked) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if asked.name.is_empty() || asked.name.len() > NAME_MAX_BYTES || !asked.name.chars().all(plain) {
        return Err(Refusal::Name(asked.name.chars().filter(|c| !c.is_control()).take(80).collect()));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if asked.machine_id.is_empty()
        || asked.machine_id.len() > MACHINE_ID_MAX_BYTES
        || !asked.machine_id.chars().all(plain)
    {
        return Err(Refusal::MachineId);
    }
    Ok(())
}

/// The same host asking again with the same key and token: it waits for approval, or the reply was lost on its way.
/// That costs no second use.
fn repeated(asked: &Asked, situation: &Situation, token: &TokenRow) -> Option<Result<Enrolled, Refusal>> {
    let agent = situation.same_key.as_ref()?;
    if agent.token_id != token.id || agent.machine_id != asked.machine_id || agent.name != asked.name {
        return None;
    }
    Some(match agent.state {
        AgentState::Approved => Ok(Enrolled { agent: agent.clone(), count_use: false }),
        AgentState::Pending if token.revoked_at.is_some() => Err(Refusal::RevokedToken { name: asked.name.clone() }),
        AgentState::Pending => Ok(Enrolled { agent: agent.clone(), count_use: false }),
        AgentState::Revoked | AgentState::Retired => Err(Refusal::Revoked { name: asked.name.clone() }),
    })
}

/// The identity that the host gets: its own again when it is the same machine under the same name, so that its history
/// goes on. Its old key ends with that, whoever has it.
fn identity(asked: &Asked, same_name: Option<&AgentRow>, token: &TokenRow) -> Result<AgentId, Refusal> {
    let Some(agent) = same_name else {
        return Ok(asked.new_id);
    };
    let name = asked.name.clone();
    let same_machine = agent.machine_id == asked.machine_id;
    let own_token = token.host.is_some() && token.created_at >= agent.enrolled_at;
    match agent.state {
        AgentState::Pending if same_machine => Ok(agent.id),
        AgentState::Approved if same_machine && own_token => Ok(agent.id),
        AgentState::Approved if same_machine => Err(Refusal::Enrolled { name }),
        AgentState::Revoked if !same_machine => Ok(asked.new_id),
        AgentState::Revoked if !own_token || agent.key_hash == asked.key_hash => Err(Refusal::Revoked { name }),
        AgentState::Revoked => Ok(agent.id),
        AgentState::Retired => Ok(asked.new_id),
        AgentState::Pending | AgentState::Approved => Err(Refusal::NameTaken { name }),
    }
}

/// An expired certificate of an identity that was not revoked may be renewed by who has its key, for a while.
fn renew(asked: &Asked, same_key: Option<&AgentRow>, now: UnixMs) -> Result<Enrolled, Refusal> {
    let no = |why| Err(Refusal::NoRenewal { why });
    let Some(agent) = same_key else {
        return no("this collector does not know its key");
    };
    if agent.state != AgentState::Approved {
        return no("the identity was revoked or retired");
    }
    if agent.machine_id != asked.machine_id {
        return no("it belongs to another machine");
    }
    if agent.cert_expires_at.is_none_or(|end| now > end.plus(RENEW_GRACE)) {
        return no("it expired too long ago");
    }
    Ok(Enrolled { agent: agent.clone(), count_use: false })
}

fn row(asked: &Asked, id: AgentId, state: AgentState, now: UnixMs) -> AgentRow {
    AgentRow {
        id,
        name: asked.name.clone(),
        machine_id: asked.machine_id.clone(),
        key_hash: asked.key_hash,
        state,
        token_id: asked.token_id.clone(),
        agent_version: asked.agent_version.clone(),
        enrolled_at: now,
        cert_expires_at: None,
    }
}

#[cfg(test)]
mod tests;
