//! TLS configurations of both sides: TLS 1.3 only, ring, no resumption (a resumed session would not look at the
//! certificate again, so an expired or revoked one would live on) and no 0-RTT (its data can be replayed).

mod pinned;

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::CertificateDer;

use pinned::PinnedCa;
pub use pinned::WRONG_CA;

use crate::limits::{ALPN_ENROL, ALPN_SESSION};
use crate::pki::{CaPin, Identity};

/// Why a TLS configuration cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Certificate and key do not fit, or the CA is not usable.
    #[error("the certificate, its key or the CA is not usable")]
    Rustls(#[from] rustls::Error),
    /// The CA is not usable for agents' certificates.
    #[error("the CA is not usable to check the agents' certificates")]
    Verifier(#[from] VerifierBuilderError),
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn only(ca: &CertificateDer<'static>) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    roots.add(ca.clone())?;
    Ok(Arc::new(roots))
}

/// The collector's endpoint. It offers both protocols; a client certificate is asked for and, when there is one,
/// checked here, but only the session protocol needs it: who accepts a connection looks at the ALPN and refuses a
/// session without a certificate. The CA is sent along so that an enrolling host can compare it with its pin.
///
/// # Errors
/// See [`TlsError`].
pub fn collector(identity: Identity, ca: &CertificateDer<'static>) -> Result<ServerConfig, TlsError> {
    let verifier =
        WebPkiClientVerifier::builder_with_provider(only(ca)?, provider()).allow_unauthenticated().build()?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![identity.cert, ca.clone()], identity.key)?;
    config.alpn_protocols = vec![ALPN_SESSION.to_vec(), ALPN_ENROL.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// An enrolled agent: it trusts only the CA that it got when it joined.
///
/// # Errors
/// See [`TlsError`].
pub fn agent_session(identity: Identity, ca: &CertificateDer<'static>) -> Result<ClientConfig, TlsError> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(only(ca)?)
        .with_client_auth_cert(vec![identity.cert], identity.key)?;
    config.alpn_protocols = vec![ALPN_SESSION.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// A host that joins: all it knows of the collector is the pin in its token.
///
/// # Errors
/// See [`TlsError`].
pub fn enrolment(pin: CaPin) -> Result<ClientConfig, TlsError> {
    let verifier: Arc<dyn ServerCertVerifier> = Arc::new(PinnedCa::new(pin, provider()));
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![ALPN_ENROL.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

#[cfg(test)]
mod tests;
