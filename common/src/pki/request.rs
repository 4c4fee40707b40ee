//! The agent's key and its signing request.

use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls_pki_types::{CertificateSigningRequestDer, PrivateKeyDer};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

use super::PkiError;

/// The private key of an agent.
#[derive(Debug)]
pub struct AgentKey(KeyPair);

impl AgentKey {
    /// A new one.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> Result<Self, PkiError> {
        Ok(Self(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?))
    }

    /// One that was made before.
    ///
    /// # Errors
    /// When it is not a key.
    pub fn load(der: &PrivateKeyDer<'_>) -> Result<Self, PkiError> {
        Ok(Self(KeyPair::try_from(der)?))
    }

    /// The key itself, for TLS and for the file.
    #[must_use]
    pub fn der(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(self.0.serialize_der().into())
    }

    /// A signing request (DER). It names nobody: the collector decides on the identity.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn signing_request(&self) -> Result<Vec<u8>, PkiError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        Ok(params.serialize_request(&self.0)?.der().to_vec())
    }
}

/// Hash of the public key in a signing request whose signature proves that the asker has the private one: by it a
/// pending or repeated enrolment is recognised.
///
/// # Errors
/// When the request is malformed or its signature is wrong.
pub fn key_hash(csr_der: &[u8]) -> Result<[u8; 32], PkiError> {
    let csr = CertificateSigningRequestDer::from(csr_der);
    rcgen::CertificateSigningRequestParams::from_der(&csr)
        .map_err(|_| PkiError::Request("it is malformed or its signature is wrong"))?;
    let (_, csr) = X509CertificationRequest::from_der(csr_der).map_err(|_| PkiError::Request("it is malformed"))?;
    Ok(*blake3::hash(csr.certification_request_info.subject_pki.raw).as_bytes())
}
