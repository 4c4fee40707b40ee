//! `GET /v1/status`.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use evenkeel_common::clock;

use super::ApiError;
use crate::control::Control;
use crate::view::status::StatusView;

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/status", get(status))
}

async fn status(State(control): State<Control>) -> Result<Json<StatusView>, ApiError> {
    Ok(Json(control.status(clock::wall()).await?))
}
