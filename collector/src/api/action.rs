//! `GET|POST /v1/actions`, `POST /v1/actions/plan`, `GET /v1/actions/{id}`.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use evenkeel_common::clock;
use evenkeel_common::limits::LIST_MAX_ROWS;
use serde::{Deserialize, Serialize};

use super::{ApiError, Peer};
use crate::control::{ActionFilter, Answer, Control};
use crate::view::action::{ActionPlan, ActionView, ActionWanted};

/// The query of the list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ActionQuery {
    /// Only on this VM.
    pub vm: Option<String>,
    /// Only in this state.
    pub state: Option<String>,
    /// At most so many, the newest.
    pub limit: Option<usize>,
}

pub(super) fn routes() -> Router<Control> {
    Router::new()
        .route("/actions", get(list).post(request))
        .route("/actions/plan", post(plan))
        .route("/actions/{id}", get(show))
}

async fn list(
    State(control): State<Control>,
    query: Result<Query<ActionQuery>, QueryRejection>,
) -> Result<Json<Vec<ActionView>>, ApiError> {
    let Query(ActionQuery { vm, state, limit }) = query?;
    Ok(Json(control.action_list(ActionFilter { vm, state, limit: limit.unwrap_or(LIST_MAX_ROWS) }).await?))
}

async fn request(
    State(control): State<Control>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    wanted: Result<Json<ActionWanted>, JsonRejection>,
) -> Result<Answer<ActionView>, ApiError> {
    let Json(wanted) = wanted?;
    Ok(control.action_request(wanted, peer.name().await, clock::wall()).await?)
}

async fn plan(
    State(control): State<Control>,
    wanted: Result<Json<ActionWanted>, JsonRejection>,
) -> Result<Answer<ActionPlan>, ApiError> {
    let Json(wanted) = wanted?;
    Ok(control.action_plan(wanted).await?)
}

async fn show(State(control): State<Control>, Path(id): Path<String>) -> Result<Json<ActionView>, ApiError> {
    Ok(Json(control.action_show(&id).await?))
}
