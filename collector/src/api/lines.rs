//! An answer of any length: one JSON document a line, made while it is sent. The last line says whether it is complete.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use hyper::body::Frame;
use serde::Serialize;
use tokio::sync::mpsc;

use super::NOTE_HEADER;

/// Lines that wait for a reader who is slow; more are not made.
const WAITING: usize = 4;

struct Lines<T>(mpsc::Receiver<T>);

impl<T: Serialize> hyper::body::Body for Lines<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.0.poll_recv(context).map(|line| {
            // A view of texts and numbers always serialises.
            let mut text = serde_json::to_vec(&line?).unwrap_or_default();
            text.push(b'\n');
            Some(Ok(Frame::data(text.into())))
        })
    }
}

/// The answer; `make` sends its lines and ends when nobody takes them any more.
pub(super) fn lines<T, F>(notes: &[String], make: impl FnOnce(mpsc::Sender<T>) -> F) -> Response
where
    T: Serialize + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(make(sender));
    let mut response = Response::new(Body::new(Lines(receiver)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    for value in notes.iter().filter_map(|note| HeaderValue::from_bytes(note.as_bytes()).ok()) {
        headers.append(NOTE_HEADER, value);
    }
    response
}
