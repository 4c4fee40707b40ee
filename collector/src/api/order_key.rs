//! `GET /v1/order-key`, `POST /v1/order-key/rotate`.

use axum::extract::{ConnectInfo, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use evenkeel_common::clock;

use super::{ApiError, Peer};
use crate::control::Control;
use crate::view::order_key::OrderKeyView;

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/order-key", get(show)).route("/order-key/rotate", post(rotate))
}

async fn show(State(control): State<Control>) -> Json<OrderKeyView> {
    Json(control.order_key_show())
}

async fn rotate(
    State(control): State<Control>,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Result<Json<OrderKeyView>, ApiError> {
    Ok(Json(control.order_key_rotate(&peer.name().await, clock::wall()).await?))
}
