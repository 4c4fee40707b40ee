//! What the collector does on request: loads from the store, decides with the pure kernels, stores, dispatches. The only
//! place that sees the store and the kernels together. The API calls it; it answers with view structs.

mod action;
mod activity;
mod agent;
mod calendar;
mod change;
#[cfg(test)]
mod change_tests;
mod cycle;
#[cfg(test)]
mod cycle_tests;
mod detail;
mod device;
mod enrolment;
mod error;
mod export;
mod find;
mod finding;
mod host;
mod host_now;
mod import;
#[cfg(test)]
mod judge_tests;
mod metrics;
mod naming;
mod outage;
mod presence;
mod probe;
mod query;
#[cfg(test)]
mod query_tests;
mod rates;
mod reasons;
pub mod resolve;
mod retention;
mod review;
mod rules;
mod select;
mod services;
mod sla;
#[cfg(test)]
mod sla_tests;
mod status;
mod store;
#[cfg(test)]
mod tests;
mod token;
mod vm;
mod watch;

pub use action::ActionFilter;
pub use change::ChangeFilter;
pub use cycle::Progress;
pub use enrolment::Door;
pub use error::ControlError;
pub use export::Export;
pub use find::pick_vm;
pub use outage::OutageFilter;
pub use query::Query;
pub use rules::read_rules;
pub use services::read_services;
pub use sla::SlaFilter;
pub use store::backup_view;
pub use vm::VmFilter;
pub use watch::Watch;

use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use evenkeel_common::id::AgentId;
use evenkeel_common::pki::CaPin;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::CloseCode;

use crate::config::Settings;
use crate::csi::s6_inform::Rule;
use crate::csi::service::Service;
use crate::net::Sessions;
use crate::store::Store;

/// The handle that every API route gets. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Control(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    sessions: Sessions,
    pin: CaPin,
    settings: Settings,
    data_dir: PathBuf,
    started_at: UnixMs,
    services: RwLock<Arc<Vec<Service>>>,
    rules: RwLock<Arc<Vec<Rule>>>,
}

/// What a [`Control`] is made of.
#[derive(Debug)]
pub struct Parts {
    /// The store.
    pub store: Store,
    /// The live sessions.
    pub sessions: Sessions,
    /// The CA that join tokens name.
    pub pin: CaPin,
    /// The settings.
    pub settings: Settings,
    /// Where the databases are.
    pub data_dir: PathBuf,
    /// When the collector started.
    pub started_at: UnixMs,
}

/// An answer with what has to be said beside it: which of several objects was meant, what was left out.
#[derive(Debug)]
pub struct Answer<T> {
    /// The answer.
    pub view: T,
    /// Sentences for standard error.
    pub notes: Vec<String>,
}

impl<T> From<T> for Answer<T> {
    fn from(view: T) -> Self {
        Self { view, notes: Vec::new() }
    }
}

impl Control {
    /// The handle of a running collector.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { store, sessions, pin, settings, data_dir, started_at } = parts;
        let rules = RwLock::new(Arc::new(crate::csi::s6_inform::shipped()));
        Self(Arc::new(Inner {
            store,
            sessions,
            pin,
            settings,
            data_dir,
            started_at,
            services: RwLock::default(),
            rules,
        }))
    }

    /// The settings it runs with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The CA that join tokens name.
    fn pin(&self) -> CaPin {
        self.0.pin
    }

    /// The live sessions.
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Whether an agent has a session.
    fn is_connected(&self, agent: AgentId) -> bool {
        self.sessions().link(agent).is_some()
    }

    /// Ends an agent's session for good.
    fn cut(&self, agent: AgentId, reason: &str) {
        self.sessions().cut(agent, CloseCode::NotAdmitted, reason);
    }

    /// The store.
    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }
}
