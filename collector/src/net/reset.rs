//! Stateless resets that outlive the process. A collector that was killed knows none of its connections after its
//! restart; with a reset key that is the same as before it can tell an agent so at its next packet (RFC 9000, 10.3),
//! instead of leaving it to find out by 30 s of silence.

use std::sync::Arc;
use std::time::Duration;

use evenkeel_common::pki::CertificateAuthority;
use quinn::crypto::{CryptoError, HmacKey};
use quinn::{ConnectionId, ConnectionIdGenerator, EndpointConfig};

/// What the key is derived for; part of the key.
const CONTEXT: &str = "evenkeel collector: stateless reset of QUIC connections";
/// Bytes of a connection id: enough that nobody guesses one.
const ID_BYTES: usize = 8;
/// Shortest time between two resets: a thousand agents of a killed collector hear of it within a second.
const INTERVAL: Duration = Duration::from_millis(1);

/// Settings of the endpoint: resets by a key that only the holder of the CA's key can make.
pub(super) fn endpoint_config(authority: &CertificateAuthority) -> EndpointConfig {
    let key = blake3::derive_key(CONTEXT, authority.key().secret_der());
    let mut config = EndpointConfig::new(Arc::new(ResetKey(key)));
    // The default generator marks its ids with a key of this process and drops packets with others without a reset.
    config.cid_generator(|| Box::new(RandomIds)).min_reset_interval(INTERVAL);
    config
}

struct ResetKey([u8; 32]);

impl HmacKey for ResetKey {
    fn sign(&self, data: &[u8], signature_out: &mut [u8]) {
        let hash = blake3::keyed_hash(&self.0, data);
        for (out, byte) in signature_out.iter_mut().zip(hash.as_bytes()) {
            *out = *byte;
        }
    }

    fn signature_len(&self) -> usize {
        blake3::OUT_LEN
    }

    fn verify(&self, data: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        // The comparison of hashes takes the same time whatever the answer.
        let given: [u8; blake3::OUT_LEN] = signature.try_into().map_err(|_| CryptoError)?;
        if blake3::keyed_hash(&self.0, data) == given { Ok(()) } else { Err(CryptoError) }
    }
}

struct RandomIds;

impl ConnectionIdGenerator for RandomIds {
    fn generate_cid(&mut self) -> ConnectionId {
        ConnectionId::new(&rand::random::<[u8; ID_BYTES]>())
    }

    fn cid_len(&self) -> usize {
        ID_BYTES
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}
