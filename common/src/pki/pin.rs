//! The pin: a hash by which a host recognises the collector's CA at its first contact.

use std::fmt;
use std::str::FromStr;

/// BLAKE3 of the CA certificate's DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CaPin(pub [u8; 32]);

/// Not a pin.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a CA pin is 64 hexadecimal digits")]
pub struct PinError;

impl CaPin {
    /// The pin of this certificate.
    #[must_use]
    pub fn of(ca_der: &[u8]) -> Self {
        Self(*blake3::hash(ca_der).as_bytes())
    }
}

impl fmt::Display for CaPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        blake3::Hash::from_bytes(self.0).to_hex().fmt(f)
    }
}

impl FromStr for CaPin {
    type Err = PinError;
    fn from_str(text: &str) -> Result<Self, PinError> {
        blake3::Hash::from_hex(text).map(|hash| Self(*hash.as_bytes())).map_err(|_| PinError)
    }
}
