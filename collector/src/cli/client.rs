//! HTTP to the collector over its UNIX socket, with a deadline.

use std::path::PathBuf;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use super::fail::Fail;
use super::say;
use crate::api::{NOTE_HEADER, PREFIX};
use crate::view::error::{ErrorDocument, ErrorKind};

/// How long an answer may take. A query over everything takes seconds.
const DEADLINE: Duration = Duration::from_secs(60);
/// Largest answer: a query of the most points allowed, at some 60 bytes each.
const ANSWER_MAX_BYTES: usize = 128 << 20;

/// Largest line of an answer in lines.
const LINE_MAX_BYTES: usize = 16 << 20;

/// See the module.
#[derive(Clone, Debug)]
pub struct Client {
    socket: PathBuf,
    deadline: Duration,
    /// Notes of the collector are not shown.
    quiet: bool,
}

impl Client {
    /// Of the collector behind this socket.
    pub fn new(socket: PathBuf) -> Self {
        Self { socket, deadline: DEADLINE, quiet: false }
    }

    /// With another deadline for each answer.
    pub fn within(&self, deadline: Duration) -> Self {
        Self { deadline, ..self.clone() }
    }

    /// For questions whose answer may well be empty.
    pub fn quiet(&self) -> Self {
        Self { quiet: true, ..self.clone() }
    }

    /// Gets a view. `path` is under the API's prefix; use [`segment`] for names in it.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &impl Serialize) -> Result<T, Fail> {
        self.call(Method::GET, &with_query(path, query)?, Bytes::new()).await
    }

    /// Posts a request and gets a view.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Fail> {
        let body = serde_json::to_vec(body).map_err(|error| Fail::failed(format!("no JSON: {error}")))?;
        self.call(Method::POST, path, body.into()).await
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: Bytes) -> Result<T, Fail> {
        let request = self.request(method, path, body)?;
        let answer = tokio::time::timeout(self.deadline, self.exchange(request)).await;
        let (status, body) = answer.map_err(|_| self.unreachable("it did not answer in time"))??;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|error| {
                Fail::failed(format!("the collector's answer is not understood: {error}"))
                    .hint("the command line and the collector may be of different versions")
            });
        }
        Err(refusal(status, &body))
    }

    fn request(&self, method: Method, path: &str, body: Bytes) -> Result<Request<Full<Bytes>>, Fail> {
        Request::builder()
            .method(method)
            .uri(format!("{PREFIX}{path}"))
            .header(hyper::header::HOST, "evenkeel")
            .header(hyper::header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|error| Fail::usage(format!("the request cannot be written: {error}")))
    }

    /// Posts a request whose answer is lines of JSON, and reads them as they come.
    pub async fn lines(&self, path: &str, body: &impl Serialize) -> Result<Lines, Fail> {
        let body = serde_json::to_vec(body).map_err(|error| Fail::failed(format!("no JSON: {error}")))?;
        let request = self.request(Method::POST, path, body.into())?;
        let answer = tokio::time::timeout(self.deadline, self.send(request)).await;
        let (response, connection) = answer.map_err(|_| self.unreachable("it did not answer in time"))??;
        if response.status().is_success() {
            return Ok(Lines { client: self.clone(), body: response.into_body(), connection, buffer: Vec::new() });
        }
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_MAX_BYTES).collect().await;
        let body = body.map_err(|error| self.unreachable(&format!("its answer was cut off: {error}")))?;
        Err(refusal(status, &body.to_bytes()))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), Fail> {
        let (response, connection) = self.send(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_MAX_BYTES).collect().await;
        connection.abort();
        let body = body.map_err(|error| self.unreachable(&format!("its answer was cut off: {error}")))?;
        Ok((status, body.to_bytes()))
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<(Response<Incoming>, Connection), Fail> {
        let stream = UnixStream::connect(&self.socket).await.map_err(|error| self.no_connection(&error))?;
        let lost = |error: hyper::Error| self.unreachable(&format!("the connection was lost: {error}"));
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(lost)?;
        for note in response.headers().get_all(NOTE_HEADER).into_iter().filter(|_| !self.quiet) {
            say(&format!("note: {}", String::from_utf8_lossy(note.as_bytes())));
        }
        Ok((response, connection))
    }

    fn no_connection(&self, error: &std::io::Error) -> Fail {
        if error.kind() == std::io::ErrorKind::PermissionDenied {
            return Fail::new(
                ErrorKind::Unreachable,
                format!("collector unreachable at {}: this user may not open the socket", self.socket.display()),
            )
            .hint("run as root or as a member of the socket's group");
        }
        self.unreachable(&error.to_string())
    }

    fn unreachable(&self, why: &str) -> Fail {
        Fail::new(ErrorKind::Unreachable, format!("collector unreachable at {}: {why}", self.socket.display()))
            .hint("is `evenkeel serve` running? --socket or --runtime-dir say where it listens")
    }
}

fn refusal(status: StatusCode, body: &[u8]) -> Fail {
    match serde_json::from_slice::<ErrorDocument>(body) {
        Ok(document) => document.error.into(),
        Err(_) => Fail::failed(format!("the collector answers {status}: {}", String::from_utf8_lossy(body))),
    }
}

/// What drives a connection.
type Connection = tokio::task::JoinHandle<hyper::Result<()>>;

/// Lines of an answer, one at a time.
#[derive(Debug)]
pub struct Lines {
    client: Client,
    body: Incoming,
    connection: Connection,
    buffer: Vec<u8>,
}

impl Lines {
    /// The next line; `None` at the end, which is only an end when the last line said so.
    pub async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Fail> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return serde_json::from_slice(&line).map(Some).map_err(|error| {
                    Fail::failed(format!("the collector's answer is not understood: {error}"))
                        .hint("the command line and the collector may be of different versions")
                });
            }
            if self.buffer.len() > LINE_MAX_BYTES {
                return Err(Fail::failed("a line of the collector's answer is too long"));
            }
            let frame = tokio::time::timeout(self.client.deadline, self.body.frame()).await;
            match frame.map_err(|_| self.client.unreachable("its answer stopped"))? {
                Some(Ok(frame)) => self.buffer.extend_from_slice(frame.data_ref().map_or(&[], |data| &data[..])),
                Some(Err(error)) => return Err(self.client.unreachable(&format!("its answer was cut off: {error}"))),
                None => return Ok(None),
            }
        }
    }

    /// What it means that there are no more lines and none of them was the last one.
    pub fn cut_off(&self) -> Fail {
        self.client.unreachable("its answer was cut off")
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// A name as one segment of a path.
pub fn segment(name: &str) -> String {
    encode(name)
}

fn with_query(path: &str, query: &impl Serialize) -> Result<String, Fail> {
    let value = serde_json::to_value(query).map_err(|error| Fail::failed(format!("no query: {error}")))?;
    let fields = value.as_object().into_iter().flatten();
    let pairs: Vec<String> = fields
        .filter_map(|(key, value)| match value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(format!("{key}={}", encode(text))),
            other => Some(format!("{key}={}", encode(&other.to_string()))),
        })
        .collect();
    Ok(if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) })
}

/// Percent-encodes all but the characters that are plain everywhere in an address.
fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded() {
        assert_eq!(segment("a/b ü?"), "a%2Fb%20%C3%BC%3F");
        let query = serde_json::json!({ "vm": "a&b", "limit": 3, "host": null });
        let text = with_query("/activity", &query).ok();
        assert_eq!(text.as_deref(), Some("/activity?limit=3&vm=a%26b"));
    }
}
