//! `POST /v1/import`: one piece.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::routing::post;
use axum::{Json, Router};
use evenkeel_common::clock;

use super::ApiError;
use crate::control::Control;
use crate::view::import::{ImportRequest, ImportView};

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/import", post(import))
}

async fn import(
    State(control): State<Control>,
    request: Result<Json<ImportRequest>, JsonRejection>,
) -> Result<Json<ImportView>, ApiError> {
    let Json(request) = request?;
    Ok(Json(control.import(request, clock::wall()).await?))
}
