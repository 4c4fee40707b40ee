//! One GET over HTTP or HTTPS.

use std::net::IpAddr;

use evenkeel_common::time::UnixMs;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HOST, LOCATION, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::definition::target::Target;
use super::definition::{BodyMatch, HttpCheck, Kind};
use super::outcome::{Observation, Outcome};
use super::tcp;
use super::tls::{self, Trust};

/// As much of a body is looked at.
pub const BODY_MAX_BYTES: usize = 64 << 10;
/// Bytes of an answer's head that are read.
const HEAD_MAX_BYTES: usize = 16 << 10;
const AGENT: &str = concat!("evenkeel-agent/", env!("CARGO_PKG_VERSION"));

/// Connects, asks, and holds the answer against `check`. It may take for ever: whoever calls has the timeout.
pub async fn ask(
    addresses: &[IpAddr],
    target: &Target,
    check: &HttpCheck,
    trust: &Trust,
    begun: Instant,
) -> Observation {
    let stream = match tcp::connect(addresses, target.port).await {
        Ok(stream) => stream,
        Err(observation) => return observation,
    };
    if target.kind != Kind::Https {
        return exchange(stream, target, check, begun, None).await;
    }
    let name = check.host.as_deref().unwrap_or(&target.host);
    let (stream, end) = tls::handshake(stream, name, check.verify, trust).await;
    match stream {
        Ok(stream) => exchange(stream, target, check, begun, end).await,
        Err(observation) => Observation { certificate_end: end, ..observation },
    }
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    target: &Target,
    check: &HttpCheck,
    begun: Instant,
    certificate_end: Option<UnixMs>,
) -> Observation {
    let seen = |outcome, detail: String, response_us| Observation { outcome, response_us, certificate_end, detail };
    let broken = |what: &str| seen(Outcome::Broken, what.to_owned(), None);
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder.max_buf_size(HEAD_MAX_BYTES);
    let Ok((mut sender, connection)) = builder.handshake::<_, Empty<Bytes>>(TokioIo::new(stream)).await else {
        return broken("the connection cannot be used for HTTP");
    };
    // The connection is driven here, so that nothing goes on when the attempt is given up.
    let answer = async {
        let response = match sender.send_request(request(target, check)).await {
            Ok(response) => response,
            Err(error) if error.is_closed() || error.is_incomplete_message() => {
                return broken("the connection ended before there was an answer");
            }
            Err(_) => return broken("the answer is no HTTP"),
        };
        judge(response, check, begun, &seen).await
    };
    tokio::pin!(answer, connection);
    tokio::select! {
        biased;
        observation = &mut answer => observation,
        // What was read before the connection ended may still be an answer.
        _ = &mut connection => answer.await,
    }
}

fn request(target: &Target, check: &HttpCheck) -> Request<Empty<Bytes>> {
    let host = check.host.clone().unwrap_or_else(|| {
        let shown = target.to_string();
        let authority = shown.split_once("://").map_or("", |(_, rest)| rest);
        authority.split('/').next().unwrap_or_default().to_owned()
    });
    Request::get(&target.path)
        .header(HOST, host)
        .header(USER_AGENT, AGENT)
        .header(CONNECTION, "close")
        .body(Empty::new())
        .expect("path and host were checked when the definition was read")
}

async fn judge(
    response: Response<Incoming>,
    check: &HttpCheck,
    begun: Instant,
    seen: &impl Fn(Outcome, String, Option<u64>) -> Observation,
) -> Observation {
    let status = response.status().as_u16();
    if !check.status.has(status) {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let redirect = match location.filter(|_| response.status().is_redirection()) {
            Some(to) => {
                format!("; redirects are not followed, this one leads to {}", &to[..to.floor_char_boundary(120)])
            }
            None => String::new(),
        };
        let detail = format!("status {status} instead of {}{redirect}", check.status);
        return seen(Outcome::WrongStatus, detail, tcp::micros(begun));
    }
    let Some(wanted) = &check.body else {
        return seen(Outcome::Ok, String::new(), tcp::micros(begun));
    };
    let Some(body) = read(response.into_body()).await else {
        return seen(Outcome::Broken, "the connection ended in the middle of the body".to_owned(), None);
    };
    let text = String::from_utf8_lossy(&body);
    let (fits, words) = match wanted {
        BodyMatch::Text(wanted) => (text.contains(wanted.as_str()), format!("does not hold {wanted:?}")),
        BodyMatch::Pattern(pattern) => (pattern.is_match(&text), format!("does not match {:?}", pattern.as_str())),
    };
    if fits {
        seen(Outcome::Ok, String::new(), tcp::micros(begun))
    } else {
        seen(Outcome::WrongBody, format!("the body {}", &words[..words.floor_char_boundary(120)]), tcp::micros(begun))
    }
}

/// The beginning of the body; `None` when it breaks off before its end and before the limit.
async fn read(mut body: Incoming) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < BODY_MAX_BYTES {
        match body.frame().await {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    let room = BODY_MAX_BYTES - bytes.len();
                    bytes.extend_from_slice(&data[..data.len().min(room)]);
                }
            }
            Some(Err(_)) => return None,
            None => break,
        }
    }
    Some(bytes)
}
