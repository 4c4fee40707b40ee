//! `POST /v1/query`, and `POST /v1/query/lines` for answers of any length.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};

use super::ApiError;
use super::lines::lines;
use crate::control::{Answer, Control};
use crate::view::query::{QueryRequest, QueryView};

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/query", post(query)).route("/query/lines", post(query_lines))
}

async fn query(
    State(control): State<Control>,
    request: Result<Json<QueryRequest>, JsonRejection>,
) -> Result<Answer<QueryView>, ApiError> {
    let Json(request) = request?;
    Ok(control.query(request).await?)
}

async fn query_lines(
    State(control): State<Control>,
    request: Result<Json<QueryRequest>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(request) = request?;
    let answer = control.plan_query(request).await?;
    Ok(lines(&answer.notes, |sender| async move { control.run_query(answer.view, sender).await }))
}
