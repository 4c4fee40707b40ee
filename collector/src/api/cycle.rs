//! `POST /v1/review/service`, `GET /v1/cycles`, `/v1/cycles/{id}`, `POST /v1/cycles/{id}/close`.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use evenkeel_common::clock;
use serde::{Deserialize, Serialize};

use super::lines::lines;
use super::{ApiError, Peer};
use crate::control::{Control, Progress};
use crate::view::cycle::{CloseRequest, CycleView, ReviewLine, ServiceReviewRequest, ServiceReviewView};

/// The query of a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CycleQuery {
    /// Only of this service.
    pub service: Option<String>,
}

pub(super) fn routes() -> Router<Control> {
    Router::new()
        .route("/review/service", post(review))
        .route("/cycles", get(list))
        .route("/cycles/{id}", get(show))
        .route("/cycles/{id}/close", post(close))
}

async fn review(
    State(control): State<Control>,
    request: Result<Json<ServiceReviewRequest>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(request) = request?;
    Ok(lines(&[], |sender| async move {
        let review = control.service_review(request, Progress::to(sender.clone()), clock::wall()).await;
        let line = match review {
            Ok(review) => ReviewLine::Review(Box::new(review)),
            Err(error) => ReviewLine::Failed(ApiError::from(error).0),
        };
        // Nobody may be there to hear it.
        let _ = sender.send(line).await;
    }))
}

async fn list(
    State(control): State<Control>,
    query: Result<Query<CycleQuery>, QueryRejection>,
) -> Result<Json<Vec<CycleView>>, ApiError> {
    let Query(query) = query?;
    Ok(Json(control.cycle_list(query.service).await?))
}

async fn show(
    State(control): State<Control>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<ServiceReviewView>, ApiError> {
    let Path(id) = id?;
    Ok(Json(control.cycle_show(id).await?))
}

async fn close(
    State(control): State<Control>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    id: Result<Path<i64>, PathRejection>,
    request: Result<Json<CloseRequest>, JsonRejection>,
) -> Result<Json<CycleView>, ApiError> {
    let (Path(id), Json(request)) = (id?, request?);
    Ok(Json(control.cycle_close(id, request, peer.name().await, clock::wall()).await?))
}
