//! `GET /v1/vms`, `/v1/vms/{vm}`, `/v1/vms/{vm}/stats` and `/v1/top`.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use axum::{Json, Router};
use evenkeel_common::clock;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::control::{Answer, Control, VmFilter};
use crate::view::vm::{VmDetail, VmStats, VmSummary, VmTop};

/// The query of a list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct VmQuery {
    /// Only on this host.
    pub host: Option<String>,
    /// Only in this state.
    pub state: Option<String>,
    /// Only of this owner.
    pub owner: Option<String>,
    /// Only with these labels: `NAME=VALUE` or `NAME`, one a line.
    pub labels: Option<String>,
    /// Also those that no host knows any more.
    #[serde(default)]
    pub all: bool,
}

impl From<VmQuery> for VmFilter {
    fn from(query: VmQuery) -> Self {
        let label = |line: &str| match line.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (line.to_owned(), None),
        };
        let labels = query.labels.iter().flat_map(|lines| lines.lines()).map(label).collect();
        Self { host: query.host, state: query.state, owner: query.owner, labels, all: query.all }
    }
}

pub(super) fn routes() -> Router<Control> {
    Router::new()
        .route("/vms", get(list))
        .route("/vms/{vm}", get(show))
        .route("/vms/{vm}/stats", get(stats))
        .route("/top", get(top))
}

type VmQueryResult = Result<Query<VmQuery>, QueryRejection>;

async fn list(State(control): State<Control>, query: VmQueryResult) -> Result<Json<Vec<VmSummary>>, ApiError> {
    Ok(Json(control.vm_list(query?.0.into(), clock::wall()).await?))
}

async fn top(State(control): State<Control>, query: VmQueryResult) -> Result<Json<Vec<VmTop>>, ApiError> {
    Ok(Json(control.vm_top(query?.0.into(), clock::wall()).await?))
}

async fn show(State(control): State<Control>, Path(vm): Path<String>) -> Result<Answer<VmDetail>, ApiError> {
    Ok(control.vm_show(&vm, clock::wall()).await?)
}

async fn stats(State(control): State<Control>, Path(vm): Path<String>) -> Result<Answer<VmStats>, ApiError> {
    Ok(control.vm_stats(&vm).await?)
}
