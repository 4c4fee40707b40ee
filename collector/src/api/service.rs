//! `GET /v1/services`, `/v1/services/{name}`.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};

use super::ApiError;
use crate::control::Control;
use crate::view::service::{ServiceRow, ServiceView};

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/services", get(list)).route("/services/{name}", get(show))
}

async fn list(State(control): State<Control>) -> Result<Json<Vec<ServiceRow>>, ApiError> {
    Ok(Json(control.service_list().await?))
}

async fn show(
    State(control): State<Control>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<ServiceView>, ApiError> {
    let Path(name) = name?;
    Ok(Json(control.service_show(&name).await?))
}
