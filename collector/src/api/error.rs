//! Errors on their way out: [`ControlError`] as a status and `{"error":{"kind","message","hint"}}`.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use evenkeel_common::error::chain;

use crate::control::ControlError;
use crate::view::error::{ErrorDocument, ErrorKind, ErrorView};

/// An error answer.
#[derive(Debug)]
pub struct ApiError(pub ErrorView);

impl From<ControlError> for ApiError {
    fn from(error: ControlError) -> Self {
        let kind = match &error {
            ControlError::Usage { .. } => ErrorKind::Usage,
            ControlError::NotFound { .. } => ErrorKind::NotFound,
            ControlError::Ambiguous { .. } => ErrorKind::Ambiguous,
            ControlError::Refused { .. } => ErrorKind::Refused,
            ControlError::Store(_) | ControlError::Failed { .. } => ErrorKind::Failed,
        };
        let message = chain(&error);
        if kind == ErrorKind::Failed {
            tracing::error!(error = message, "a request failed");
        }
        Self(ErrorView { kind, message, hint: error.hint() })
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        usage(rejection.body_text())
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        usage(rejection.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        usage(rejection.body_text())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = match self.0.kind {
            ErrorKind::Usage => StatusCode::BAD_REQUEST,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Ambiguous => StatusCode::CONFLICT,
            ErrorKind::Refused => StatusCode::FORBIDDEN,
            ErrorKind::Deadline => StatusCode::GATEWAY_TIMEOUT,
            ErrorKind::Unreachable => StatusCode::BAD_GATEWAY,
            ErrorKind::Unknown | ErrorKind::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(ErrorDocument { error: self.0 })).into_response()
    }
}

fn usage(message: String) -> ApiError {
    ApiError(ErrorView { kind: ErrorKind::Usage, message, hint: None })
}

/// What is answered where nothing is.
pub(super) async fn no_such_route(uri: Uri) -> ApiError {
    ApiError(ErrorView {
        kind: ErrorKind::Failed,
        message: format!("this collector does not know {}", uri.path()),
        hint: Some("the command line may be newer than the collector: restart `evenkeel serve`".to_owned()),
    })
}
