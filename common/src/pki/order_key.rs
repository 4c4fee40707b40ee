//! The key with which a collector signs its orders (Ed25519), and how a host knows it.
//!
//! It has nothing to do with the CA: who takes over the connection, or the network half of an agent, has no key to sign
//! with. A host pins the public half once; later keys are trusted only through a signature of the one before.

use std::fmt;
use std::str::FromStr;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use rustls_pki_types::PrivateKeyDer;

use super::PkiError;
use crate::wire::v3::{AuditHead, Rotation};

/// Goes before the bytes of an order when they are signed, so that a signature of one kind is none of another.
pub const ORDER_CONTEXT: &[u8] = b"evenkeel order v3\0";
/// Goes before a new public key.
pub const ROTATION_CONTEXT: &[u8] = b"evenkeel rotation v3\0";
/// Goes before the head of an audit chain.
pub const HEAD_CONTEXT: &[u8] = b"evenkeel audit head v3\0";
/// Keys that a collector can have had; a host that is further behind has to be told the key by a person.
pub const ROTATIONS_MAX: usize = 64;

/// The private half.
pub struct OrderKey {
    pair: Ed25519KeyPair,
    pkcs8: Vec<u8>,
}

impl fmt::Debug for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrderKey({})", self.public())
    }
}

/// The public half: what a host pins.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrderPublicKey(pub [u8; 32]);

/// Not a public key in text.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an order key is 64 hexadecimal digits, as `evenkeel order-key show` prints it")]
pub struct OrderKeyError;

impl OrderKey {
    /// A new key.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn generate() -> Result<Self, PkiError> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| PkiError::Random)?;
        Self::of(pkcs8.as_ref())
    }

    /// A key that was made before.
    ///
    /// # Errors
    /// When it is of another kind.
    pub fn load(key: &PrivateKeyDer<'_>) -> Result<Self, PkiError> {
        Self::of(key.secret_der())
    }

    fn of(pkcs8: &[u8]) -> Result<Self, PkiError> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(|_| PkiError::NotEd25519)?;
        Ok(Self { pair, pkcs8: pkcs8.to_vec() })
    }

    /// To be written to disk.
    #[must_use]
    pub fn der(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(self.pkcs8.clone().into())
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> OrderPublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.pair.public_key().as_ref());
        OrderPublicKey(bytes)
    }

    /// Signs the bytes of an order.
    #[must_use]
    pub fn sign_order(&self, order: &[u8]) -> [u8; 64] {
        self.sign(ORDER_CONTEXT, order)
    }

    /// Says that `next` is this key's successor.
    #[must_use]
    pub fn rotate_to(&self, next: OrderPublicKey) -> Rotation {
        Rotation { key: next.0, signature: self.sign(ROTATION_CONTEXT, &next.0) }
    }

    /// Signs the head of an audit chain.
    #[must_use]
    pub fn sign_head(&self, head: AuditHead) -> AuditHead {
        let signature = self.sign(HEAD_CONTEXT, &head.signed_bytes());
        AuditHead { signature, ..head }
    }

    /// Signs a document of another kind.
    #[must_use]
    pub fn sign(&self, context: &[u8], message: &[u8]) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(self.pair.sign(&[context, message].concat()).as_ref());
        bytes
    }
}

impl OrderPublicKey {
    /// Whether the signature is of this key's owner, over this message in this context.
    #[must_use]
    pub fn verify(&self, context: &[u8], message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(&[context, message].concat(), signature).is_ok()
    }

    /// The key that this one has become: each rotation after the one to this key is followed, if its signature holds.
    /// `None` when one does not. A chain in which this key does not occur starts with it.
    #[must_use]
    pub fn follow(&self, rotations: &[Rotation]) -> Option<Self> {
        if rotations.len() > ROTATIONS_MAX {
            return None;
        }
        let from = rotations.iter().rposition(|rotation| rotation.key == self.0).map_or(0, |at| at + 1);
        rotations[from..].iter().try_fold(*self, |key, rotation| {
            key.verify(ROTATION_CONTEXT, &rotation.key, &rotation.signature).then_some(Self(rotation.key))
        })
    }
}

impl fmt::Display for OrderPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        blake3::Hash::from_bytes(self.0).to_hex().fmt(f)
    }
}

impl fmt::Debug for OrderPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for OrderPublicKey {
    type Err = OrderKeyError;
    fn from_str(text: &str) -> Result<Self, OrderKeyError> {
        blake3::Hash::from_hex(text.trim()).map(|hash| Self(*hash.as_bytes())).map_err(|_| OrderKeyError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_key_message_and_context_only() {
        let (key, other) = (OrderKey::generate().unwrap(), OrderKey::generate().unwrap());
        let signature = key.sign_order(b"order");
        assert!(key.public().verify(ORDER_CONTEXT, b"order", &signature));
        assert!(!key.public().verify(ORDER_CONTEXT, b"Order", &signature));
        assert!(!key.public().verify(HEAD_CONTEXT, b"order", &signature));
        assert!(!other.public().verify(ORDER_CONTEXT, b"order", &signature));
        let loaded = OrderKey::load(&key.der()).unwrap();
        assert_eq!(loaded.public(), key.public());
        assert_eq!(key.public().to_string().parse(), Ok(key.public()));
        assert_eq!("x".parse::<OrderPublicKey>(), Err(OrderKeyError));
    }

    #[test]
    fn keys_are_followed_from_the_pinned_one_and_forged_ones_are_not() {
        let keys: Vec<OrderKey> = (0..4).map(|_| OrderKey::generate().unwrap()).collect();
        let chain: Vec<Rotation> = keys.windows(2).map(|pair| pair[0].rotate_to(pair[1].public())).collect();
        for key in &keys {
            assert_eq!(key.public().follow(&chain), Some(keys[3].public()), "each key leads to the newest");
        }
        assert_eq!(keys[0].public().follow(&[]), Some(keys[0].public()));
        let stranger = OrderKey::generate().unwrap();
        assert_eq!(stranger.public().follow(&chain), None);
        let forged = [chain[0].clone(), stranger.rotate_to(stranger.public())];
        assert_eq!(keys[0].public().follow(&forged), None);
        let many = vec![chain[0].clone(); ROTATIONS_MAX + 1];
        assert_eq!(keys[0].public().follow(&many), None);
    }
}
