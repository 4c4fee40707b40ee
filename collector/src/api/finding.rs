//! `GET /v1/findings`, `/v1/findings/{id}`, `POST /v1/findings/{id}/why`, `/v1/findings/{id}/close`.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use evenkeel_common::clock;
use serde::{Deserialize, Serialize};

use super::{ApiError, Peer};
use crate::control::Control;
use crate::view::finding::{DecideRequest, FindingView, WhyRequest};

/// The query of a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FindingQuery {
    /// Only of this service.
    pub service: Option<String>,
    /// Only of this cycle.
    pub cycle: Option<i64>,
    /// Also those that are decided or gone.
    #[serde(default)]
    pub all: bool,
}

pub(super) fn routes() -> Router<Control> {
    Router::new()
        .route("/findings", get(list))
        .route("/findings/{id}", get(show))
        .route("/findings/{id}/why", post(why))
        .route("/findings/{id}/close", post(close))
}

async fn list(
    State(control): State<Control>,
    query: Result<Query<FindingQuery>, QueryRejection>,
) -> Result<Json<Vec<FindingView>>, ApiError> {
    let Query(query) = query?;
    Ok(Json(control.finding_list(query.cycle, query.service, query.all).await?))
}

async fn show(
    State(control): State<Control>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<FindingView>, ApiError> {
    let Path(id) = id?;
    Ok(Json(control.finding_show(id).await?))
}

async fn why(
    State(control): State<Control>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    id: Result<Path<i64>, PathRejection>,
    request: Result<Json<WhyRequest>, JsonRejection>,
) -> Result<Json<FindingView>, ApiError> {
    let (Path(id), Json(request)) = (id?, request?);
    Ok(Json(control.finding_why(id, request.why, peer.name().await, clock::wall()).await?))
}

async fn close(
    State(control): State<Control>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    id: Result<Path<i64>, PathRejection>,
    request: Result<Json<DecideRequest>, JsonRejection>,
) -> Result<Json<FindingView>, ApiError> {
    let (Path(id), Json(request)) = (id?, request?);
    Ok(Json(control.finding_close(id, request, peer.name().await, clock::wall()).await?))
}
