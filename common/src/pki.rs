//! Certificates: the collector's own small CA, its server certificate, and the agents' client certificates; and the key
//! that signs the collector's orders.
//!
//! Keys of certificates are ECDSA P-256. An agent's key is made on its host and never leaves it: the collector sees only a signing
//! request, takes nothing from it but the public key, and writes the identity it has decided on into the certificate.
//! Times are arguments, so that a test can make a certificate of last year.

mod authority;
mod facts;
mod files;
mod order_key;
mod pin;
mod request;

pub use authority::{CertificateAuthority, Issued};
pub use facts::{CertFacts, facts, renew_at};
pub use files::{FileError, read_cert, read_key, write_atomic, write_cert, write_key};
pub use order_key::{
    HEAD_CONTEXT, ORDER_CONTEXT, OrderKey, OrderKeyError, OrderPublicKey, ROTATION_CONTEXT, ROTATIONS_MAX,
};
pub use pin::{CaPin, PinError};
pub use request::{AgentKey, key_hash};

use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// DNS name in the collector's certificate; an agent checks it whatever address it dials.
pub const SERVER_NAME: &str = "evenkeel-collector";
/// What an agent's identity starts with in its certificate (a URI among the subject's alternative names).
pub const AGENT_URI: &str = "evenkeel:agent:";

/// A certificate with its private key.
#[derive(Debug)]
pub struct Identity {
    /// The certificate.
    pub cert: CertificateDer<'static>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Self { cert: self.cert.clone(), key: self.key.clone_key() }
    }
}

/// Why a key or certificate cannot be made or understood.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// The certificate library refuses.
    #[error("the key or certificate cannot be made")]
    Make(#[from] rcgen::Error),
    /// Not a certificate.
    #[error("the bytes are not an X.509 certificate")]
    NotACertificate,
    /// A signing request that we do not sign.
    #[error("the signing request is refused: {0}")]
    Request(&'static str),
    /// The system has no random numbers.
    #[error("the system gives no random numbers for a key")]
    Random,
    /// A key of another kind.
    #[error("the key is not an Ed25519 key in PKCS#8")]
    NotEd25519,
    /// Outside the years that a certificate can hold.
    #[error("{ms} ms since 1970 is not a time that a certificate can hold; check this machine's clock")]
    Time {
        /// The time.
        ms: i64,
    },
}

#[cfg(test)]
mod tests;
