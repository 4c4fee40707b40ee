//! Handshakes in memory, without a network.

use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};
use rustls_pki_types::ServerName;

use super::*;
use crate::clock;
use crate::id::AgentId;
use crate::limits::{AGENT_CERT_LIFE, SERVER_CERT_LIFE};
use crate::pki::{AgentKey, CertificateAuthority, SERVER_NAME, facts, renew_at};
use crate::time::{DurationMs, UnixMs};

const AGENT: AgentId = AgentId::from_bytes([7; 16]);

fn ca() -> CertificateAuthority {
    CertificateAuthority::generate(clock::wall()).unwrap()
}

fn server(ca: &CertificateAuthority, now: UnixMs) -> ServerConfig {
    collector(ca.issue_server(now).unwrap(), ca.cert()).unwrap()
}

fn agent(ca: &CertificateAuthority, now: UnixMs) -> Identity {
    let key = AgentKey::generate().unwrap();
    let issued = ca.issue_agent(&key.signing_request().unwrap(), AGENT, now).unwrap();
    Identity { cert: issued.cert, key: key.der() }
}

/// Runs a handshake; the certificate that the server saw, or the first error of either side.
fn handshake(client: ClientConfig, server: ServerConfig) -> Result<Option<CertificateDer<'static>>, String> {
    let name = ServerName::try_from(SERVER_NAME).unwrap();
    let mut client = ClientConnection::new(Arc::new(client), name).unwrap();
    let mut server = ServerConnection::new(Arc::new(server)).unwrap();
    while client.is_handshaking() || server.is_handshaking() || client.wants_write() || server.wants_write() {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        let mut wire = wire.as_slice();
        while !wire.is_empty() {
            server.read_tls(&mut wire).unwrap();
            server.process_new_packets().map_err(|error| format!("server: {error}"))?;
        }
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut wire = wire.as_slice();
        while !wire.is_empty() {
            client.read_tls(&mut wire).unwrap();
            client.process_new_packets().map_err(|error| format!("client: {error}"))?;
        }
    }
    Ok(server.peer_certificates().and_then(|certs| certs.first().cloned()))
}

#[test]
fn an_enrolled_agent_is_recognised() {
    let (ca, now) = (ca(), clock::wall());
    let seen = handshake(agent_session(agent(&ca, now), ca.cert()).unwrap(), server(&ca, now)).unwrap().unwrap();
    let facts = facts(&seen).unwrap();
    assert_eq!(facts.agent, Some(AGENT));
    assert!((facts.not_after.since(now).0 - AGENT_CERT_LIFE.0).abs() <= 1000, "{facts:?}");
    assert!(renew_at(&facts) > now && renew_at(&facts) < facts.not_after);
}

#[test]
fn enrolment_needs_no_certificate_but_the_right_ca() {
    let (right, wrong, now) = (ca(), ca(), clock::wall());
    assert_eq!(handshake(enrolment(right.pin()).unwrap(), server(&right, now)), Ok(None));
    let error = handshake(enrolment(right.pin()).unwrap(), server(&wrong, now)).unwrap_err();
    assert!(error.contains(WRONG_CA), "{error}");
}

#[test]
fn a_ca_sent_along_by_another_server_does_not_help_it() {
    let (right, wrong, now) = (ca(), ca(), clock::wall());
    // Its own certificate, the right CA's in the chain.
    let impostor = collector(wrong.issue_server(now).unwrap(), right.cert()).unwrap();
    let error = handshake(enrolment(right.pin()).unwrap(), impostor).unwrap_err();
    assert!(error.contains("invalid peer certificate"), "{error}");
}

#[test]
fn refuses_other_cas_expired_certificates_and_swapped_roles() {
    let (right, wrong, now) = (ca(), ca(), clock::wall());
    let past = now.minus(AGENT_CERT_LIFE).minus(DurationMs::from_s(60));
    let cases = [
        ("client", agent(&right, now), right.cert(), server(&wrong, now)),
        ("server", agent(&wrong, now), right.cert(), server(&right, now)),
        ("server", agent(&right, past), right.cert(), server(&right, now)),
        (
            "client",
            agent(&right, now),
            right.cert(),
            server(&right, now.minus(SERVER_CERT_LIFE).minus(DurationMs::from_s(60))),
        ),
        ("client", agent(&right, now), right.cert(), collector(agent(&right, now), right.cert()).unwrap()),
        ("server", right.issue_server(now).unwrap(), right.cert(), server(&right, now)),
    ];
    for (index, (who, identity, trusted, server)) in cases.into_iter().enumerate() {
        let error = handshake(agent_session(identity, trusted).unwrap(), server).unwrap_err();
        assert!(error.starts_with(who), "case {index}: {error}");
    }
}
