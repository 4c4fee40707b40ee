//! Heads of audit chains: each side keeps the other's, so that neither can rewrite its own past unnoticed.

use bincode::{Decode, Encode};

/// How far a chain is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AuditHead {
    /// Number of its newest row.
    pub seq: u64,
    /// BLAKE3 hash of that row, which holds the hash of the one before it.
    pub hash: [u8; 32],
    /// When it was signed, ms since 1970.
    pub at_ms: i64,
    /// Ed25519 over [`crate::pki::HEAD_CONTEXT`] and the three above, big-endian; zeros where the sender has no key.
    pub signature: [u8; 64],
}

impl AuditHead {
    /// What the signature is over, without its context.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        [self.seq.to_be_bytes().as_slice(), &self.hash, &self.at_ms.to_be_bytes()].concat()
    }
}
