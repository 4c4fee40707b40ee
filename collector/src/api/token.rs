//! `GET|POST /v1/tokens`, `POST /v1/tokens/{id}/revoke`.

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use evenkeel_common::clock;

use super::ApiError;
use crate::control::Control;
use crate::view::token::{TokenCreated, TokenRow, TokenWanted};

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/tokens", get(list).post(create)).route("/tokens/{id}/revoke", post(revoke))
}

async fn list(State(control): State<Control>) -> Result<Json<Vec<TokenRow>>, ApiError> {
    Ok(Json(control.token_list(clock::wall()).await?))
}

async fn create(
    State(control): State<Control>,
    wanted: Result<Json<TokenWanted>, JsonRejection>,
) -> Result<Json<Vec<TokenCreated>>, ApiError> {
    let Json(wanted) = wanted?;
    Ok(Json(control.token_create(wanted, clock::wall()).await?))
}

async fn revoke(
    State(control): State<Control>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<TokenRow>, ApiError> {
    let Path(id) = id?;
    Ok(Json(control.token_revoke(&id, clock::wall()).await?))
}
