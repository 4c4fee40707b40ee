//! Files, pins and signing requests.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::id::AgentId;
use crate::time::UnixMs;

const NOW: UnixMs = UnixMs(1_700_000_000_000);

#[test]
fn a_ca_comes_back_from_its_files() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = (dir.path().join("ca.crt"), dir.path().join("ca.key"));
    let made = CertificateAuthority::generate(NOW).unwrap();
    write_cert(&cert, made.cert()).unwrap();
    write_key(&key, &made.key()).unwrap();
    write_key(&key, &made.key()).unwrap();
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let loaded =
        CertificateAuthority::load(Identity { cert: read_cert(&cert).unwrap(), key: read_key(&key).unwrap() }).unwrap();
    assert_eq!(loaded.pin(), made.pin());
    assert_eq!(made.pin().to_string().parse(), Ok(made.pin()));
    assert!(read_key(&dir.path().join("none")).unwrap_err().is_missing());
}

#[test]
fn a_renewed_certificate_differs_only_in_time_and_serial() {
    let ca = CertificateAuthority::generate(NOW).unwrap();
    let csr = AgentKey::generate().unwrap().signing_request().unwrap();
    let agent = AgentId::from_bytes([1; 16]);
    let first = ca.issue_agent(&csr, agent, NOW).unwrap();
    let second = ca.issue_agent(&csr, agent, UnixMs(NOW.0 + 1000)).unwrap();
    assert_ne!(first.cert, second.cert);
    assert_eq!(facts(&first.cert).unwrap().not_after, first.not_after);
    assert_eq!(facts(&second.cert).unwrap().agent, Some(agent));
    assert_eq!(facts(&second.cert).unwrap().key_hash, key_hash(&csr).unwrap());
}

#[test]
fn a_damaged_signing_request_is_refused() {
    let ca = CertificateAuthority::generate(NOW).unwrap();
    let key = AgentKey::load(&AgentKey::generate().unwrap().der()).unwrap();
    let mut csr = key.signing_request().unwrap();
    assert_eq!(key_hash(&csr).unwrap(), key_hash(&key.signing_request().unwrap()).unwrap());
    let last = csr.len() - 1;
    csr[last] ^= 1;
    assert!(key_hash(&csr).is_err());
    assert!(ca.issue_agent(&csr, AgentId::from_bytes([1; 16]), NOW).is_err());
    assert!(facts(b"no certificate").is_err());
}
