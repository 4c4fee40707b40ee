//! `GET /v1/store`, `POST /v1/store/check`, `POST /v1/store/backup`.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::routing::{get, post};
use axum::{Json, Router};
use evenkeel_common::clock;

use super::ApiError;
use crate::control::Control;
use crate::view::store::{BackupRequest, BackupView, DamageView, StoreStatusView};

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/store", get(status)).route("/store/check", post(check)).route("/store/backup", post(backup))
}

async fn status(State(control): State<Control>) -> Result<Json<StoreStatusView>, ApiError> {
    Ok(Json(control.store_status().await?))
}

async fn check(State(control): State<Control>) -> Result<Json<Vec<DamageView>>, ApiError> {
    Ok(Json(control.store_check().await?))
}

async fn backup(
    State(control): State<Control>,
    request: Result<Json<BackupRequest>, JsonRejection>,
) -> Result<Json<BackupView>, ApiError> {
    let Json(request) = request?;
    Ok(Json(control.store_backup(&request.directory, clock::wall()).await?))
}
