//! `GET /v1/sla`.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use evenkeel_common::clock;
use evenkeel_common::time::UnixMs;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::control::{Control, SlaFilter};
use crate::view::sla::SlaRow;

/// The query.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SlaQuery {
    /// Only this service.
    pub service: Option<String>,
    /// As of this time, ms since 1970.
    pub at_ms: Option<i64>,
}

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/sla", get(status))
}

async fn status(
    State(control): State<Control>,
    query: Result<Query<SlaQuery>, QueryRejection>,
) -> Result<Json<Vec<SlaRow>>, ApiError> {
    let Query(query) = query?;
    let filter = SlaFilter { service: query.service, at: query.at_ms.map(UnixMs) };
    Ok(Json(control.sla_status(filter, clock::wall()).await?))
}
