//! What hosts tell between and with their ticks, as entries of the activity log.
//!
//! They are written before the batch counts as stored: a crash between the two makes the agent send the batch again,
//! and what is there already stays as it is. So none is lost and none is written twice.

use std::collections::HashMap;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::time::UnixMs;

use crate::store::activity::{Activity, Category, Origin};

/// Something that happened on a host, in its agent's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostEvent {
    pub(super) origin: Origin,
    /// By the collector's clock.
    pub(super) at: UnixMs,
    pub(super) category: Category,
    pub(super) kind: String,
    /// The VM and its name on that host; `None` for the host itself.
    pub(super) vm: Option<(DomainUuid, String)>,
    pub(super) message: String,
}

impl HostEvent {
    /// The entry; `hosts` are the names of the agents.
    pub(super) fn entry(self, hosts: &HashMap<AgentId, String>) -> (Origin, Activity) {
        let agent = self.origin.agent;
        let host = hosts.get(&agent).cloned().unwrap_or_else(|| agent.to_string());
        let name = |(uuid, name): (DomainUuid, String)| if name.is_empty() { uuid.to_string() } else { name };
        let vm = self.vm.map(name).unwrap_or_default();
        let Self { origin, at, category, kind, message, .. } = self;
        (origin, Activity { at, category, kind, host, vm, message })
    }
}
