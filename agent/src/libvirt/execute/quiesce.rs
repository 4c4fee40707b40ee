//! Brings the guest's file systems to rest for the moment of a recovery point.

use std::time::Duration;

use evenkeel_agent::actor::domain::{DomainFacts, Power};
use evenkeel_agent::actor::recovery_point::manifest::Quiesce;
use virt::domain::Domain;

use super::{in_time, reason};
use crate::ffi;

/// A guest that needs longer to flush is taken as it is.
const FREEZE_LIMIT: Duration = Duration::from_secs(30);
const THAW_LIMIT: Duration = Duration::from_secs(30);

/// A guest whose file systems are at rest until this value is thawed or dropped.
pub(super) struct Frozen {
    domain: Domain,
    count: Option<u32>,
}

impl Frozen {
    /// Asks the guest agent; without one, or when it fails, the guest goes on as it is.
    pub(super) fn freeze(domain: &Domain, facts: &DomainFacts) -> (Self, Quiesce) {
        let not = |quiesce| (Self { domain: domain.clone(), count: None }, quiesce);
        if facts.definition.agent != Some(true) || facts.power != Power::Running {
            return not(Quiesce::NoAgent);
        }
        let asked = domain.clone();
        match in_time(FREEZE_LIMIT, move || ffi::freeze(&asked)) {
            Some(Ok(count)) => (Self { domain: domain.clone(), count: Some(count) }, Quiesce::Frozen(count)),
            Some(Err(error)) => {
                // Some of several file systems may be frozen.
                let half = Self { domain: domain.clone(), count: Some(0) };
                (half, Quiesce::Failed(reason(&error)))
            }
            None => {
                let half = Self { domain: domain.clone(), count: Some(0) };
                (half, Quiesce::Failed(format!("the agent did not answer within {} s", FREEZE_LIMIT.as_secs())))
            }
        }
    }

    /// A guest that goes on as it is.
    pub(super) fn none(domain: &Domain) -> Self {
        Self { domain: domain.clone(), count: None }
    }

    /// Lets the guest go on. What went wrong, for the operator: such a guest cannot write.
    pub(super) fn thaw(mut self) -> Option<String> {
        self.thaw_once()
    }

    fn thaw_once(&mut self) -> Option<String> {
        self.count.take()?;
        thaw(&self.domain)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        if let Some(problem) = self.thaw_once() {
            tracing::error!(problem, "a guest stays frozen");
        }
    }
}

/// Thaws whatever is frozen; also after an actor that was killed between freeze and thaw.
pub(super) fn thaw(domain: &Domain) -> Option<String> {
    let asked = domain.clone();
    let name = domain.name().unwrap_or_default();
    let problem = match in_time(THAW_LIMIT, move || ffi::thaw(&asked)) {
        Some(Ok(_)) => return None,
        Some(Err(error)) => reason(&error),
        None => format!("the agent did not answer within {} s", THAW_LIMIT.as_secs()),
    };
    Some(format!("the guest may still be frozen ({problem}): try `virsh domfsthaw {name}`"))
}
