//! Reading back what a certificate says.

use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{AGENT_URI, PkiError};
use crate::id::AgentId;
use crate::time::{DurationMs, UnixMs};

/// What a certificate of ours says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertFacts {
    /// The agent it belongs to; `None` in the collector's and the CA's.
    pub agent: Option<AgentId>,
    /// Hash of its public key, the same as of the signing request's ([`super::key_hash`]).
    pub key_hash: [u8; 32],
    /// Start of its life.
    pub not_before: UnixMs,
    /// End of its life.
    pub not_after: UnixMs,
}

/// Parses a certificate. It says nothing about who signed it: the handshake does.
///
/// # Errors
/// [`PkiError::NotACertificate`].
pub fn facts(der: &[u8]) -> Result<CertFacts, PkiError> {
    let (_, cert) = X509Certificate::from_der(der).map_err(|_| PkiError::NotACertificate)?;
    let names = cert.subject_alternative_name().map_err(|_| PkiError::NotACertificate)?;
    let agent = names.iter().flat_map(|extension| extension.value.general_names.iter()).find_map(|name| match name {
        GeneralName::URI(uri) => uri.strip_prefix(AGENT_URI)?.parse().ok(),
        _ => None,
    });
    let validity = cert.validity();
    Ok(CertFacts {
        agent,
        key_hash: *blake3::hash(cert.public_key().raw).as_bytes(),
        not_before: UnixMs(validity.not_before.timestamp().saturating_mul(1000)),
        not_after: UnixMs(validity.not_after.timestamp().saturating_mul(1000)),
    })
}

/// When a certificate with this life should be replaced: after two thirds.
#[must_use]
pub fn renew_at(facts: &CertFacts) -> UnixMs {
    let life = facts.not_after.since(facts.not_before);
    facts.not_before.plus(DurationMs(life.0 / 3 * 2))
}
