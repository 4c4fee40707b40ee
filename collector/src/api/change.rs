//! `GET|POST /v1/changes`, `GET /v1/changes/{id}`, `/v1/changes/{id}/verdict`.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::routing::get;
use axum::{Json, Router};
use evenkeel_common::clock;
use evenkeel_common::time::UnixMs;
use serde::{Deserialize, Serialize};

use super::{ApiError, Peer};
use crate::control::{Answer, ChangeFilter, Control, ControlError};
use crate::store::ChangeSource;
use crate::view::change::{ChangeView, ChangeWanted};
use crate::view::change_verdict::ChangeVerdictView;

/// The query of a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ChangeQuery {
    /// Only those that touch this service.
    pub service: Option<String>,
    /// Only of this source.
    pub source: Option<String>,
    /// Begin, ms since 1970.
    pub from_ms: i64,
    /// End, ms since 1970.
    pub to_ms: i64,
}

/// The query of a verdict.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ChangeVerdictQuery {
    /// On this service.
    pub service: Option<String>,
    /// Looks at what is known now, also when the final look is on record.
    #[serde(default)]
    pub again: bool,
}

pub(super) fn routes() -> Router<Control> {
    Router::new()
        .route("/changes", get(list).post(record))
        .route("/changes/{id}", get(show))
        .route("/changes/{id}/verdict", get(verdict))
}

async fn list(
    State(control): State<Control>,
    query: Result<Query<ChangeQuery>, QueryRejection>,
) -> Result<Json<Vec<ChangeView>>, ApiError> {
    let Query(ChangeQuery { service, source, from_ms, to_ms }) = query?;
    let known = |word: String| {
        let found = ChangeSource::ALL.into_iter().find(|one| one.as_str() == word);
        found.ok_or_else(|| ControlError::usage(format!("'{word}' is not a source; give person, action or agent")))
    };
    let source = source.map(known).transpose()?;
    let filter = ChangeFilter { service, source, from: UnixMs(from_ms), to: UnixMs(to_ms) };
    Ok(Json(control.change_list(filter).await?))
}

async fn record(
    State(control): State<Control>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    wanted: Result<Json<ChangeWanted>, JsonRejection>,
) -> Result<Answer<ChangeView>, ApiError> {
    let Json(wanted) = wanted?;
    Ok(control.change_record(wanted, peer.name().await, clock::wall()).await?)
}

async fn show(
    State(control): State<Control>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<ChangeView>, ApiError> {
    let Path(id) = id?;
    Ok(Json(control.change_show(id).await?))
}

async fn verdict(
    State(control): State<Control>,
    id: Result<Path<i64>, PathRejection>,
    query: Result<Query<ChangeVerdictQuery>, QueryRejection>,
) -> Result<Json<ChangeVerdictView>, ApiError> {
    let (Path(id), Query(query)) = (id?, query?);
    Ok(Json(control.change_verdict(id, query.service, query.again, clock::wall()).await?))
}
