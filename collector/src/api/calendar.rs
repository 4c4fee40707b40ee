//! `GET|POST /v1/calendar`, `POST /v1/calendar/{id}/remove`.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use evenkeel_common::clock;
use serde::{Deserialize, Serialize};

use super::{ApiError, Peer};
use crate::control::{Answer, Control};
use crate::view::calendar::{WindowRow, WindowWanted};

/// The query of a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CalendarQuery {
    /// Also those that were removed.
    #[serde(default)]
    pub all: bool,
}

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/calendar", get(list).post(add)).route("/calendar/{id}/remove", post(remove))
}

async fn list(
    State(control): State<Control>,
    query: Result<Query<CalendarQuery>, QueryRejection>,
) -> Result<Json<Vec<WindowRow>>, ApiError> {
    let Query(query) = query?;
    Ok(Json(control.calendar_list(query.all).await?))
}

async fn add(
    State(control): State<Control>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    wanted: Result<Json<WindowWanted>, JsonRejection>,
) -> Result<Answer<WindowRow>, ApiError> {
    let Json(wanted) = wanted?;
    Ok(control.calendar_add(wanted, peer.name().await, clock::wall()).await?)
}

async fn remove(
    State(control): State<Control>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<WindowRow>, ApiError> {
    let Path(id) = id?;
    Ok(Json(control.calendar_remove(id, peer.name().await, clock::wall()).await?))
}
