//! `GET /v1/outages`, `/v1/outages/{id}`, `POST /v1/outages/{id}/correct`.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use evenkeel_common::clock;
use evenkeel_common::time::UnixMs;
use serde::{Deserialize, Serialize};

use super::{ApiError, Peer};
use crate::control::{Answer, Control, OutageFilter};
use crate::view::outage::{OutageCorrection, OutageView, OutagesView};

/// The query of a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OutageQuery {
    /// Only those that touch a member of this service.
    pub service: Option<String>,
    /// Only of this VM or host.
    pub target: Option<String>,
    /// Only those that go on.
    #[serde(default)]
    pub open: bool,
    /// Begin, ms since 1970.
    pub from_ms: i64,
    /// End, ms since 1970.
    pub to_ms: i64,
}

pub(super) fn routes() -> Router<Control> {
    Router::new()
        .route("/outages", get(list))
        .route("/outages/{id}", get(show))
        .route("/outages/{id}/correct", post(correct))
}

async fn list(
    State(control): State<Control>,
    query: Result<Query<OutageQuery>, QueryRejection>,
) -> Result<Json<OutagesView>, ApiError> {
    let Query(OutageQuery { service, target, open, from_ms, to_ms }) = query?;
    let filter = OutageFilter { service, target, open, from: UnixMs(from_ms), to: UnixMs(to_ms) };
    Ok(Json(control.outage_list(filter, clock::wall()).await?))
}

async fn show(
    State(control): State<Control>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<OutageView>, ApiError> {
    let Path(id) = id?;
    Ok(Json(control.outage_show(id, clock::wall()).await?))
}

async fn correct(
    State(control): State<Control>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    id: Result<Path<i64>, PathRejection>,
    wanted: Result<Json<OutageCorrection>, JsonRejection>,
) -> Result<Answer<OutageView>, ApiError> {
    let (Path(id), Json(wanted)) = (id?, wanted?);
    Ok(control.outage_correct(id, wanted, peer.name().await, clock::wall()).await?)
}
