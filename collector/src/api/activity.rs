//! `GET /v1/activity?since_ms&category&host&vm&limit`.

use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::routing::get;
use axum::{Json, Router, extract::Query};
use evenkeel_common::limits::LIST_MAX_ROWS;
use evenkeel_common::time::UnixMs;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::control::{Control, ControlError};
use crate::store::activity::{ActivityFilter, Category};
use crate::view::activity::ActivityRow;

/// The query.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ActivityQuery {
    /// Nothing before this.
    pub since_ms: Option<i64>,
    /// Only this category.
    pub category: Option<String>,
    /// Only about this host.
    pub host: Option<String>,
    /// Only about this VM.
    pub vm: Option<String>,
    /// At most so many, the newest.
    pub limit: Option<usize>,
}

pub(super) fn routes() -> Router<Control> {
    Router::new().route("/activity", get(list))
}

async fn list(
    State(control): State<Control>,
    query: Result<Query<ActivityQuery>, QueryRejection>,
) -> Result<Json<Vec<ActivityRow>>, ApiError> {
    let Query(query) = query?;
    let category = query.category.as_deref().map(parse_category).transpose()?;
    let filter = ActivityFilter {
        since: query.since_ms.map(UnixMs),
        category,
        host: query.host,
        vm: query.vm,
        limit: query.limit.unwrap_or(LIST_MAX_ROWS),
    };
    Ok(Json(control.activity_list(filter).await?))
}

fn parse_category(word: &str) -> Result<Category, ControlError> {
    Category::parse(word).ok_or_else(|| ControlError::Usage {
        message: format!("'{word}' is not a category"),
        hint: Some("categories are informational, warning and exception".to_owned()),
    })
}
