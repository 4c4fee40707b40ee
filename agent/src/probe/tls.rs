//! TLS of https probes: what the server's certificate says is kept even when it is not trusted.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use evenkeel_common::pki;
use evenkeel_common::time::UnixMs;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::outcome::{Observation, Outcome};

/// Certificates that are read from one file.
const ROOTS_MAX: usize = 2_000;

/// The certificates that this host trusts, read when the first probe needs them.
#[derive(Debug)]
pub struct Trust {
    file: PathBuf,
    roots: OnceCell<Arc<RootCertStore>>,
}

impl Trust {
    /// Trusts what `file` holds.
    pub fn new(file: &Path) -> Self {
        Self { file: file.to_owned(), roots: OnceCell::new() }
    }

    async fn roots(&self) -> Result<Arc<RootCertStore>, String> {
        let read = || async {
            let file = self.file.clone();
            let read = tokio::task::spawn_blocking(move || read_roots(&file)).await;
            read.unwrap_or_else(|_| Err("the trusted certificates cannot be read".to_owned()))
        };
        self.roots.get_or_try_init(read).await.cloned()
    }
}

fn read_roots(file: &Path) -> Result<Arc<RootCertStore>, String> {
    let failed = |why: String| format!("probe_ca_file {} cannot be used: {why}", file.display());
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| failed(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates.take(ROOTS_MAX).flatten() {
        // A root that this library does not understand is one that nothing here is checked against.
        let _ = roots.add(certificate);
    }
    if roots.is_empty() { Err(failed("it holds no certificate".to_owned())) } else { Ok(Arc::new(roots)) }
}

/// The handshake; the end of the certificate's life, if one was shown, also when it fails.
pub async fn handshake(
    stream: TcpStream,
    name: &str,
    verify: bool,
    trust: &Trust,
) -> (Result<TlsStream<TcpStream>, Observation>, Option<UnixMs>) {
    let failed = |words: String| Observation::without_answer(Outcome::Tls, words);
    let provider = Arc::new(ring::default_provider());
    let check = if verify {
        let roots = match trust.roots().await {
            Ok(roots) => roots,
            Err(why) => return (Err(Observation::without_answer(Outcome::NotPermitted, why)), None),
        };
        match WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build() {
            Ok(check) => Some(check),
            Err(error) => return (Err(failed(error.to_string())), None),
        }
    } else {
        None
    };
    let witness = Arc::new(Witness { check, provider: Arc::clone(&provider), seen: Mutex::new(None) });
    let verifier: Arc<dyn ServerCertVerifier> = Arc::clone(&witness) as _;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|builder| builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth());
    let (mut config, server) = match (config, ServerName::try_from(name.to_owned())) {
        (Ok(config), Ok(server)) => (config, server),
        (Err(error), _) => return (Err(failed(error.to_string())), None),
        (_, Err(_)) => return (Err(failed(format!("{name:?} is no name for a certificate"))), None),
    };
    // A resumed session would not show its certificate again.
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let result = TlsConnector::from(Arc::new(config)).connect(server, stream).await;
    let seen = *witness.seen.lock().unwrap_or_else(PoisonError::into_inner);
    (result.map_err(|error| failed(words(&error))), seen)
}

fn words(error: &std::io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidCertificate(why)) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the certificate has expired".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the certificate is not valid yet".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is for another name; set `host` to the name that it is for".to_owned()
            }
            // The latter when a trusted issuer only has the same name.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "nobody trusted signed the certificate; add its issuer to probe_ca_file, or set verify = false"
                    .to_owned()
            }
            CertificateError::Other(why) if why.to_string() == "CaUsedAsEndEntity" => {
                "the certificate is a CA's own, as self-signed ones mostly are; give the server one of its own, or set \
                 verify = false"
                    .to_owned()
            }
            CertificateError::Other(why) => format!("the certificate is not valid: {why}"),
            other => format!("the certificate is not valid: {other:?}"),
        },
        Some(other) => format!("the handshake failed: {other}"),
        None => format!("the handshake failed: {}", super::tcp::words(error)),
    }
}

/// Writes down the end of the certificate's life before it is checked, if it is to be checked at all.
#[derive(Debug)]
struct Witness {
    check: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    seen: Mutex<Option<UnixMs>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let end = pki::facts(end_entity).ok().map(|facts| facts.not_after);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = end;
        match &self.check {
            Some(check) => check.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now),
            None => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
