//! `GET /v1/agents`, `POST /v1/agents/{name}/approve`, `POST /v1/agents/{name}/revoke`.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use evenkeel_common::clock;

use super::ApiError;
use crate::control::{Answer, Control};
use crate::view::agent::AgentView;

pub(super) fn routes() -> Router<Control> {
    Router::new()
        .route("/agents", get(list))
        .route("/agents/{name}/approve", post(approve))
        .route("/agents/{name}/revoke", post(revoke))
}

async fn list(State(control): State<Control>) -> Result<Json<Vec<AgentView>>, ApiError> {
    Ok(Json(control.agent_list().await?))
}

async fn approve(
    State(control): State<Control>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Answer<AgentView>, ApiError> {
    let Path(name) = name?;
    Ok(control.agent_approve(&name, clock::wall()).await?)
}

async fn revoke(
    State(control): State<Control>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Answer<AgentView>, ApiError> {
    let Path(name) = name?;
    Ok(control.agent_revoke(&name, clock::wall()).await?)
}
