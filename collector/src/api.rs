//! The JSON API: HTTP over the UNIX socket in the runtime directory. Who may open the socket may do everything; its
//! group is the operators'.

mod activity;
mod answer;
mod error;
mod socket;
mod status;

pub use activity::ActivityQuery;
pub use error::{ApiError, chain};
pub use socket::{BindError, Socket};

use axum::Router;

use crate::control::Control;

/// Path prefix of this version of the API.
pub const PREFIX: &str = "/v1";
/// Header with something to say beside the answer; may come several times.
pub const NOTE_HEADER: &str = "evenkeel-note";

/// All routes.
pub fn router(control: Control) -> Router {
    let routes = Router::new().merge(activity::routes()).merge(status::routes());
    Router::new().nest(PREFIX, routes).fallback(error::no_such_route).with_state(control)
}
