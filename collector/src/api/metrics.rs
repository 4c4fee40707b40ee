//! `GET /metrics`, for Prometheus; outside of the versions of the API, where scrapers look for it.

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use evenkeel_common::clock;

use super::ApiError;
use crate::control::Control;

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(control): State<Control>) -> Result<impl IntoResponse, ApiError> {
    let text = control.metrics(clock::wall()).await?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}
