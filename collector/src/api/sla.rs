//! `GET /v1/sla`, `POST /v1/sla/report`.

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{ConnectInfo, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use evenkeel_common::clock;
use evenkeel_common::time::UnixMs;
use serde::{Deserialize, Serialize};

use super::{ApiError, Peer};
use crate::control::{Control, SlaFilter};
use crate::view::sla::SlaRow;

/// The query.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SlaQuery {
    /// Only this service.
    pub service: Option<String>,
    /// As of this time, ms since 1970.
    pub at_ms: Option<i64>,
    /// The whole periods in which this time lies, ms since 1970.
    pub period_ms: Option<i64>,
}

impl From<SlaQuery> for SlaFilter {
    fn from(query: SlaQuery) -> Self {
        Self { service: query.service, at: query.at_ms.map(UnixMs), period: query.period_ms.map(UnixMs) }
    }
}

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/sla", get(status)).route("/sla/report", post(report))
}

async fn status(
    State(control): State<Control>,
    query: Result<Query<SlaQuery>, QueryRejection>,
) -> Result<Json<Vec<SlaRow>>, ApiError> {
    let Query(query) = query?;
    Ok(Json(control.sla_status(query.into(), clock::wall()).await?))
}

async fn report(
    State(control): State<Control>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    query: Result<Json<SlaQuery>, JsonRejection>,
) -> Result<Json<Vec<SlaRow>>, ApiError> {
    let Json(query) = query?;
    Ok(Json(control.sla_report(query.into(), peer.name().await, clock::wall()).await?))
}
