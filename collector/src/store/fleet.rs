//! Every enrolled host, heard or not.

use evenkeel_common::id::AgentId;
use evenkeel_common::time::UnixMs;

use super::{AgentState, HostRow, Store, StoreError, sql};

/// A host as enrolled, with what was heard of it.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetRow {
    /// Its agent.
    pub agent: AgentId,
    /// Its name.
    pub name: String,
    /// Where its agent stands.
    pub agent_state: AgentState,
    /// When it was enrolled.
    pub enrolled_at: UnixMs,
    /// What was heard, if anything.
    pub heard: Option<HostRow>,
}

impl Store {
    /// Every host that was ever enrolled, by name.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn fleet(&self) -> Result<Vec<FleetRow>, StoreError> {
        let mut heard: std::collections::HashMap<AgentId, HostRow> =
            self.hosts().await?.into_iter().map(|host| (host.agent, host)).collect();
        let mut fleet = self
            .control_read
            .call(|db| {
                db.prepare_cached("SELECT id, name, state, enrolled_at FROM agents ORDER BY name, enrolled_at DESC")?
                    .query_map([], |row| {
                        Ok(FleetRow {
                            agent: sql::agent(row, 0)?,
                            name: row.get(1)?,
                            agent_state: AgentState::parse(&row.get::<_, String>(2)?),
                            enrolled_at: sql::at(row, 3)?,
                            heard: None,
                        })
                    })?
                    .collect::<Result<Vec<FleetRow>, rusqlite::Error>>()
            })
            .await?;
        for row in &mut fleet {
            row.heard = heard.remove(&row.agent);
        }
        Ok(fleet)
    }
}
