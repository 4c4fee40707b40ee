//! `GET /v1/hosts`, `/v1/hosts/{host}` and `POST /v1/hosts/{host}/retire`.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use evenkeel_common::clock;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::control::{Answer, Control};
use crate::view::host::{HostDetail, HostSummary};

/// The query of the list.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct HostQuery {
    /// Also the retired ones.
    #[serde(default)]
    pub all: bool,
}

/// How to retire.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct RetireRequest {
    /// Although it is in use.
    #[serde(default)]
    pub force: bool,
}

pub(super) fn routes() -> Router<Control> {
    Router::new()
        .route("/hosts", get(list))
        .route("/hosts/{host}", get(show))
        .route("/hosts/{host}/retire", post(retire))
}

async fn list(
    State(control): State<Control>,
    query: Result<Query<HostQuery>, QueryRejection>,
) -> Result<Json<Vec<HostSummary>>, ApiError> {
    Ok(Json(control.host_list(query?.0.all, clock::wall()).await?))
}

async fn show(State(control): State<Control>, Path(host): Path<String>) -> Result<Answer<HostDetail>, ApiError> {
    Ok(control.host_show(&host, clock::wall()).await?)
}

async fn retire(
    State(control): State<Control>,
    Path(host): Path<String>,
    request: Result<Json<RetireRequest>, JsonRejection>,
) -> Result<Answer<HostSummary>, ApiError> {
    Ok(control.host_retire(&host, request?.0.force, clock::wall()).await?)
}
