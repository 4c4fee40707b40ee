//! A view as an HTTP answer.

use axum::Json;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::NOTE_HEADER;
use crate::control::Answer;

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.view).into_response();
        // A note with control characters would not be a header; names with them are refused at ingest.
        for value in self.notes.iter().filter_map(|note| HeaderValue::from_bytes(note.as_bytes()).ok()) {
            response.headers_mut().append(NOTE_HEADER, value);
        }
        response
    }
}
