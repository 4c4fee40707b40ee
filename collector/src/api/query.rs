//! `POST /v1/query`.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::routing::post;
use axum::{Json, Router};

use super::ApiError;
use crate::control::{Answer, Control};
use crate::view::query::{QueryRequest, QueryView};

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/query", post(query))
}

async fn query(
    State(control): State<Control>,
    request: Result<Json<QueryRequest>, JsonRejection>,
) -> Result<Answer<QueryView>, ApiError> {
    let Json(request) = request?;
    Ok(control.query(request).await?)
}
