//! Agents: list, approve, revoke.

use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::CloseCode;

use super::{Answer, Control, ControlError};
use crate::store::activity::Category;
use crate::store::{AgentRow, AgentState};
use crate::view::agent::AgentView;

/// From where an agent may be revoked.
const REVOCABLE: &[AgentState] = &[AgentState::Pending, AgentState::Approved];

impl Control {
    /// All agents, by name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn agent_list(&self) -> Result<Vec<AgentView>, ControlError> {
        Ok(self.store().agents().await?.into_iter().map(|agent| self.agent_view(agent)).collect())
    }

    /// Lets a pending agent in. Its certificate is made when it asks the next time.
    ///
    /// # Errors
    /// When there is none, it is not pending, or the store fails.
    pub async fn agent_approve(&self, text: &str, now: UnixMs) -> Result<Answer<AgentView>, ControlError> {
        let (agent, mut notes) = self.find_agent(text).await?;
        let approved = self.store().move_agent(agent.id, &[AgentState::Pending], AgentState::Approved).await?;
        match (approved, agent.state) {
            (true, _) => {
                let message = format!("agent {} may join", agent.id);
                self.note(now, Category::Informational, "agent_approved", agent.name.clone(), message).await;
            }
            (false, AgentState::Approved) => notes.push(format!("{} was approved already", agent.name)),
            (false, state) => {
                return Err(ControlError::Refused {
                    message: format!("{} is {} and cannot be approved", agent.name, state.as_str()),
                    hint: Some(format!("make a token for it: evenkeel token create --host {}", agent.name)),
                });
            }
        }
        Ok(Answer { view: self.agent_view(AgentRow { state: AgentState::Approved, ..agent }), notes })
    }

    /// Takes an agent's rights away and cuts its session at once.
    ///
    /// # Errors
    /// When there is none, it is retired, or the store fails.
    pub async fn agent_revoke(&self, text: &str, now: UnixMs) -> Result<Answer<AgentView>, ControlError> {
        let (agent, mut notes) = self.find_agent(text).await?;
        let revoked = self.store().move_agent(agent.id, REVOCABLE, AgentState::Revoked).await?;
        let cut = self.sessions().cut(agent.id, CloseCode::Revoked, "the agent was revoked");
        match (revoked, agent.state) {
            (true, _) => {
                let session = if cut { "; its session was cut" } else { "" };
                let message = format!("agent {} may not connect any more{session}", agent.id);
                self.note(now, Category::Warning, "agent_revoked", agent.name.clone(), message).await;
            }
            (false, AgentState::Retired) => {
                return Err(ControlError::Refused {
                    message: format!("{} is retired: it cannot connect as it is", agent.name),
                    hint: None,
                });
            }
            (false, _) => notes.push(format!("{} was revoked already", agent.name)),
        }
        Ok(Answer { view: self.agent_view(AgentRow { state: AgentState::Revoked, ..agent }), notes })
    }

    async fn find_agent(&self, text: &str) -> Result<(AgentRow, Vec<String>), ControlError> {
        let found = self.find_host(text).await?;
        let missing = || ControlError::NotFound { what: "agent", name: text.to_owned(), near: Vec::new() };
        let agent = self.store().agent(found.view.agent).await?.ok_or_else(missing)?;
        Ok((agent, found.notes))
    }

    fn agent_view(&self, agent: AgentRow) -> AgentView {
        let link = self.sessions().link(agent.id);
        AgentView {
            name: agent.name,
            agent_id: agent.id.to_string(),
            state: agent.state.as_str().to_owned(),
            connected: link.is_some(),
            address: link.as_ref().map(|link| link.from.to_string()),
            connected_since: link.as_ref().map(|link| link.since.into()),
            agent_version: link.map_or(agent.agent_version, |link| link.agent_version),
            machine_id: agent.machine_id,
            enrolled_at: agent.enrolled_at.into(),
            cert_expires_at: agent.cert_expires_at.map(Into::into),
            token_id: agent.token_id,
        }
    }
}
