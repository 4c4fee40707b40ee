//! Every outcome over real sockets.

use std::path::PathBuf;

use evenkeel_common::time::UnixMs;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::probe::definition::{Definition, Fields};
use crate::probe::machine::Attempt;
use crate::probe::plan::Spec;

fn attempt(source: Source, fields: &[(&'static str, &str)]) -> Attempt {
    let mut all: Fields = fields.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    all.entry("timeout").or_insert_with(|| "5s".to_owned());
    let definition = Definition::parse("p", source, &all).unwrap();
    let target = definition.target("g1", None);
    let spec = Spec { vm_name: "g1".to_owned(), definition, target, nics: Vec::new() };
    Attempt { id: 1, number: 77, spec: Arc::new(spec) }
}

fn tools(ca_file: PathBuf) -> Tools {
    Tools {
        trust: Trust::new(&ca_file),
        resolver: Resolver::new(),
        gateways: Arc::new(Gateways::default()),
        networks: Vec::new(),
    }
}

async fn seen(fields: &[(&'static str, &str)]) -> Observation {
    make(&attempt(Source::Config, fields), &tools(PathBuf::from("/nonexistent"))).await
}

/// A server that gives every connection this answer and closes it; its port.
async fn server(answer: impl Into<Vec<u8>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, answer) = (listener.local_addr().unwrap().port(), answer.into());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            talk(stream, &answer).await;
        }
    });
    port
}

/// Reads the head of a request and answers it.
async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &[u8]) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
    String::from_utf8_lossy(&head).into_owned()
}

async fn http(answer: &str, more: &[(&'static str, &str)]) -> Observation {
    let url = format!("http://127.0.0.1:{}/x", server(answer).await);
    seen(&[&[("url", url.as_str())], more].concat()).await
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nall ok\n";

#[tokio::test]
async fn a_port_that_listens_and_one_that_does_not() {
    let port = server("").await.to_string();
    let open = seen(&[("kind", "tcp"), ("address", "127.0.0.1"), ("port", &port)]).await;
    assert_eq!((open.outcome, open.response_us.is_some()), (Outcome::Ok, true), "{open:?}");
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port().to_string();
    for (kind, words) in [("tcp", "nobody listens there"), ("http", "nobody listens there")] {
        let refused = seen(&[("kind", kind), ("address", "127.0.0.1"), ("port", &free)]).await;
        assert_eq!((refused.outcome, refused.detail.as_str()), (Outcome::Refused, words));
    }
}

#[tokio::test]
async fn ipv6_is_asked_as_ipv4_is() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else { return };
    let port = listener.local_addr().unwrap().port().to_string();
    let open = seen(&[("kind", "tcp"), ("address", "::1"), ("port", &port)]).await;
    assert_eq!(open.outcome, Outcome::Ok, "{open:?}");
}

#[tokio::test]
async fn one_that_never_answers_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let silent = seen(&[("url", &url), ("timeout", "200ms")]).await;
    assert_eq!((silent.outcome, silent.detail.as_str()), (Outcome::Timeout, "no answer within 200ms"));
}

#[tokio::test]
async fn status_and_body_are_held_against_the_definition() {
    assert_eq!(http(OK, &[]).await.outcome, Outcome::Ok);
    assert_eq!(http(OK, &[("expect_body", "all ok")]).await.outcome, Outcome::Ok);
    assert_eq!(http(OK, &[("expect_body_regex", "^all .k\\s$")]).await.outcome, Outcome::Ok);
    let body = http(OK, &[("expect_body", "fine")]).await;
    assert_eq!((body.outcome, body.detail.as_str()), (Outcome::WrongBody, "the body does not hold \"fine\""));
    let status = http("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", &[]).await;
    assert_eq!((status.outcome, status.detail.as_str()), (Outcome::WrongStatus, "status 500 instead of 200-299"));
    assert!(status.response_us.is_some(), "it did answer");
    let moved = "HTTP/1.1 301 Moved\r\nLocation: http://10.0.0.1/secret\r\nContent-Length: 0\r\n\r\n";
    let redirect = http(moved, &[]).await;
    assert_eq!(redirect.outcome, Outcome::WrongStatus);
    assert!(
        redirect.detail.contains("redirects are not followed, this one leads to http://10.0.0.1/secret"),
        "{redirect:?}"
    );
    assert_eq!(http(moved, &[("expect_status", "301")]).await.outcome, Outcome::Ok);
}

#[tokio::test]
async fn only_the_beginning_of_a_body_is_looked_at() {
    for (before, wanted) in [(http::BODY_MAX_BYTES - 4, Outcome::Ok), (http::BODY_MAX_BYTES - 3, Outcome::WrongBody)] {
        let body = format!("{}here{}", "x".repeat(before), "x".repeat(100_000));
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(http(&answer, &[("expect_body", "here")]).await.outcome, wanted);
    }
}

#[tokio::test]
async fn what_is_no_http_is_broken() {
    for answer in ["", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\nContent-Le"] {
        let broken = http(answer, &[]).await;
        assert_eq!(broken.outcome, Outcome::Broken, "{answer:?}: {broken:?}");
    }
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nall";
    assert_eq!(http(cut, &[("expect_body", "x")]).await.outcome, Outcome::Broken);
    assert_eq!(
        http(&format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "y".repeat(40_000)), &[]).await.outcome,
        Outcome::Broken
    );
}

#[tokio::test]
async fn the_request_says_what_the_definition_says() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move { talk(listener.accept().await.unwrap().0, OK.as_bytes()).await });
    seen(&[("url", &format!("http://127.0.0.1:{port}/a?b=c")), ("host", "web.test")]).await;
    let head = server.await.unwrap();
    assert!(head.starts_with("GET /a?b=c HTTP/1.1\r\n") && head.contains("host: web.test\r\n"), "{head}");
    assert!(head.contains("user-agent: evenkeel-agent/"), "{head}");
}

/// A server with a certificate of its own for `web.test` that ends in `year`; its port and the certificate in PEM.
async fn tls_server(year: i32) -> (u16, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["web.test".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2000, 1, 1);
    params.not_after = rcgen::date_time_ymd(year, 1, 1);
    let cert = params.self_signed(&key).unwrap();
    let der: CertificateDer<'static> = cert.der().clone();
    let secret = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der], secret)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                talk(stream, OK.as_bytes()).await;
            }
        }
    });
    (port, cert.pem())
}

#[tokio::test]
async fn certificates_are_checked_unless_told_not_to_and_their_end_is_known() {
    let (port, pem) = tls_server(2090).await;
    let dir = tempfile::tempdir().unwrap();
    let ca_file = dir.path().join("ca.pem");
    std::fs::write(&ca_file, pem).unwrap();
    let other = dir.path().join("other.pem");
    std::fs::write(&other, tls_server(2090).await.1).unwrap();
    let url = format!("https://127.0.0.1:{port}/");
    let end = UnixMs::parse_rfc3339("2090-01-01T00:00:00Z").ok();
    let ask = async |ca_file: &PathBuf, more: &[(&'static str, &str)]| {
        let fields = [&[("url", url.as_str())], more].concat();
        make(&attempt(Source::Config, &fields), &tools(ca_file.clone())).await
    };
    let trusted = ask(&ca_file, &[("host", "web.test"), ("expect_body", "all ok")]).await;
    assert_eq!((trusted.outcome, trusted.certificate_end), (Outcome::Ok, end), "{trusted:?}");
    let stranger = ask(&other, &[("host", "web.test")]).await;
    assert_eq!((stranger.outcome, stranger.certificate_end), (Outcome::Tls, end), "the end is known all the same");
    assert!(stranger.detail.contains("nobody trusted signed the certificate"), "{stranger:?}");
    let name = ask(&ca_file, &[("host", "db.test")]).await;
    assert!(name.outcome == Outcome::Tls && name.detail.contains("another name"), "{name:?}");
    let unchecked = ask(&other, &[("verify", "false")]).await;
    assert_eq!((unchecked.outcome, unchecked.certificate_end), (Outcome::Ok, end), "{unchecked:?}");
    let no_file = ask(&dir.path().join("none.pem"), &[]).await;
    assert!(no_file.outcome == Outcome::NotPermitted && no_file.detail.contains("probe_ca_file"), "{no_file:?}");
}

#[tokio::test]
async fn an_expired_certificate_and_a_server_without_tls_are_told_apart() {
    let (port, pem) = tls_server(2001).await;
    let dir = tempfile::tempdir().unwrap();
    let ca_file = dir.path().join("ca.pem");
    std::fs::write(&ca_file, pem).unwrap();
    let fields = [("url", &*format!("https://127.0.0.1:{port}/")), ("host", "web.test")];
    let expired = make(&attempt(Source::Config, &fields), &tools(ca_file.clone())).await;
    assert_eq!((expired.outcome, expired.detail.as_str()), (Outcome::Tls, "the certificate has expired"));
    let port = server(OK).await;
    let fields = [("url", &*format!("https://127.0.0.1:{port}/")), ("timeout", "2s")];
    let plain = make(&attempt(Source::Config, &fields), &tools(ca_file)).await;
    assert!(matches!(plain.outcome, Outcome::Tls | Outcome::Timeout) && plain.certificate_end.is_none(), "{plain:?}");
}

#[tokio::test]
async fn a_name_without_an_address_is_said_to_be_one() {
    let nowhere = seen(&[("url", "http://no-such-host.invalid/"), ("timeout", "5s")]).await;
    assert_eq!(nowhere.outcome, Outcome::Resolve, "{nowhere:?}");
}

/// Whether this machine lets us send ICMP is its own affair; what is said must fit.
#[tokio::test]
async fn icmp_answers_or_says_what_is_missing() {
    for address in ["127.0.0.1", "::1"] {
        let echo = seen(&[("kind", "icmp"), ("address", address)]).await;
        match echo.outcome {
            Outcome::Ok => assert!(echo.response_us.is_some()),
            Outcome::NotPermitted => assert!(echo.detail.contains("ping_group_range"), "{echo:?}"),
            _ => assert_eq!((echo.outcome, address), (Outcome::Path, "::1"), "a machine without IPv6: {echo:?}"),
        }
    }
}

#[tokio::test]
async fn metadata_cannot_point_at_this_host() {
    let port = server(OK).await;
    let fields = [("url", &*format!("http://127.0.0.1:{port}/"))];
    let refused = make(&attempt(Source::Metadata, &fields), &tools(PathBuf::new())).await;
    assert_eq!(refused.outcome, Outcome::NotPermitted, "{refused:?}");
    let outside = [("url", "http://192.0.2.1/")];
    let refused = make(&attempt(Source::Metadata, &outside), &tools(PathBuf::new())).await;
    assert!(matches!(refused.outcome, Outcome::NotPermitted | Outcome::Path), "{refused:?}");
}
