//! What ingest tells the operator, as entries of the activity log.

use std::collections::HashMap;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::time::{DurationMs, UnixMs};
use evenkeel_common::units::show_duration;

use crate::store::activity::{Activity, Category};

/// Something worth an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// A host's clock went off.
    ClockOff { agent: AgentId, offset: DurationMs },
    /// A host's clock is right again.
    ClockRight { agent: AgentId },
    /// An agent had to drop readings.
    QueueGap { agent: AgentId, from: UnixMs, to: UnixMs, batches: u64 },
    /// A VM runs on another host now.
    Moved { uuid: DomainUuid, name: String, from: AgentId, to: AgentId },
    /// A VM is active on two hosts.
    Conflict { uuid: DomainUuid, name: String, owner: AgentId, rival: AgentId },
    /// It is active on one host only again.
    ConflictOver { uuid: DomainUuid, name: String, rival: AgentId },
}

/// Names of hosts and VMs, for the text.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) hosts: HashMap<AgentId, String>,
    pub(super) vms: HashMap<DomainUuid, String>,
}

impl Names {
    fn host(&self, agent: AgentId) -> String {
        self.hosts.get(&agent).cloned().unwrap_or_else(|| agent.to_string())
    }

    fn vm(&self, uuid: DomainUuid, name: &str) -> String {
        match self.vms.get(&uuid) {
            _ if !name.is_empty() => name.to_owned(),
            Some(name) => name.clone(),
            None => uuid.to_string(),
        }
    }
}

impl Notice {
    /// The entry.
    pub(super) fn activity(&self, at: UnixMs, names: &Names) -> Activity {
        let entry = |category, kind: &str, host, vm, message| Activity {
            at,
            category,
            kind: kind.to_owned(),
            host,
            vm,
            message,
        };
        match self {
            Self::ClockOff { agent, offset } => {
                let (off, side) = (show_duration(DurationMs(offset.0.saturating_abs())), side(*offset));
                let message = format!("the clock is {off} {side} of the collector's; check time synchronisation");
                entry(Category::Warning, "clock_off", names.host(*agent), String::new(), message)
            }
            Self::ClockRight { agent } => {
                let message = "the clock agrees with the collector's again".to_owned();
                entry(Category::Informational, "clock_right", names.host(*agent), String::new(), message)
            }
            Self::QueueGap { agent, from, to, batches } => {
                let message = format!(
                    "the agent's spool was full or damaged: {batches} batches from {from} to {to} are lost; \
                     give it more room (`spool.max_bytes`) when the collector is away for so long"
                );
                entry(Category::Warning, "readings_lost", names.host(*agent), String::new(), message)
            }
            Self::Moved { uuid, name, from, to } => {
                let message = format!("moved from {} to {}", names.host(*from), names.host(*to));
                entry(Category::Informational, "vm_moved", names.host(*to), names.vm(*uuid, name), message)
            }
            Self::Conflict { uuid, name, owner, rival } => {
                let message = format!(
                    "active on {} and on {} at once; stop one of them before its disks are damaged",
                    names.host(*owner),
                    names.host(*rival)
                );
                entry(Category::Exception, "vm_conflict", names.host(*rival), names.vm(*uuid, name), message)
            }
            Self::ConflictOver { uuid, name, rival } => {
                let message = "active on one host only again".to_owned();
                entry(Category::Informational, "vm_conflict_over", names.host(*rival), names.vm(*uuid, name), message)
            }
        }
    }
}

fn side(offset: DurationMs) -> &'static str {
    if offset.0 < 0 { "behind" } else { "ahead" }
}
