//! The JSON API: HTTP over the UNIX socket in the runtime directory. Who may open the socket may do everything; its
//! group is the operators'.

mod action;
mod activity;
mod agent;
mod answer;
mod calendar;
mod change;
mod cycle;
mod error;
mod export;
mod finding;
mod host;
mod import;
mod lines;
mod metrics;
mod outage;
mod peer;
mod query;
mod review;
mod service;
mod sla;
mod socket;
mod status;
mod store;
mod token;
mod vm;

pub use action::ActionQuery;
pub use activity::ActivityQuery;
pub use calendar::CalendarQuery;
pub use change::{ChangeQuery, ChangeVerdictQuery};
pub use cycle::CycleQuery;
pub use error::ApiError;
pub use finding::FindingQuery;
pub use host::{HostQuery, RetireRequest};
pub use outage::OutageQuery;
pub use peer::Peer;
pub use sla::SlaQuery;
pub use socket::{BindError, Socket};
pub use vm::VmQuery;

use axum::Router;

use crate::control::Control;

/// Path prefix of this version of the API.
pub const PREFIX: &str = "/v1";
/// Header with something to say beside the answer; may come several times.
pub const NOTE_HEADER: &str = "evenkeel-note";

/// All routes.
pub fn router(control: Control) -> Router {
    let routes = Router::new()
        .merge(action::routes())
        .merge(activity::routes())
        .merge(agent::routes())
        .merge(calendar::routes())
        .merge(change::routes())
        .merge(cycle::routes())
        .merge(export::routes())
        .merge(finding::routes())
        .merge(host::routes())
        .merge(import::routes())
        .merge(outage::routes())
        .merge(query::routes())
        .merge(review::routes())
        .merge(service::routes())
        .merge(sla::routes())
        .merge(status::routes())
        .merge(store::routes())
        .merge(token::routes())
        .merge(vm::routes());
    Router::new().nest(PREFIX, routes).merge(metrics::routes()).fallback(error::no_such_route).with_state(control)
}
