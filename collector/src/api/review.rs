//! `POST /v1/review`.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::routing::post;
use axum::{Json, Router};

use super::ApiError;
use crate::control::{Answer, Control};
use crate::view::review::{ReviewRequest, ReviewView};

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/review", post(review))
}

async fn review(
    State(control): State<Control>,
    request: Result<Json<ReviewRequest>, JsonRejection>,
) -> Result<Answer<Vec<ReviewView>>, ApiError> {
    let Json(request) = request?;
    Ok(control.review(request).await?)
}
