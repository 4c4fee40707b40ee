//! `POST /v1/export`: lines of JSON.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};

use super::ApiError;
use super::lines::lines;
use crate::control::Control;
use crate::view::export::ExportRequest;

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/export", post(export))
}

async fn export(
    State(control): State<Control>,
    request: Result<Json<ExportRequest>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(request) = request?;
    let answer = control.export(request).await?;
    Ok(lines(&answer.notes, |sender| async move { control.run_export(answer.view, sender).await }))
}
