//! The CA and what it signs.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType,
    SerialNumber,
};
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer};
use time::OffsetDateTime;

use super::{AGENT_URI, CaPin, Identity, PkiError, SERVER_NAME};
use crate::id::AgentId;
use crate::limits::{AGENT_CERT_LIFE, CA_CERT_LIFE, SERVER_CERT_LIFE};
use crate::time::{DurationMs, UnixMs};

/// Certificates are valid from a day before they are made, so that a host whose clock is behind can still join: the
/// offset of its clock is then measured and shown rather than being a handshake failure.
const BACKDATE: DurationMs = DurationMs::from_s(86_400);

/// A certificate that was just signed.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate.
    pub cert: CertificateDer<'static>,
    /// The end of its life.
    pub not_after: UnixMs,
}

/// The collector's CA: its certificate and its key.
#[derive(Debug)]
pub struct CertificateAuthority {
    cert: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl CertificateAuthority {
    /// A new CA that lives 20 years from `now`.
    ///
    /// # Errors
    /// When the key cannot be made or `now` does not fit a certificate.
    pub fn generate(now: UnixMs) -> Result<Self, PkiError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = params("evenkeel CA", now, CA_CERT_LIFE, key.der_bytes())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let cert = params.self_signed(&key)?.der().clone();
        Ok(Self { cert, issuer: Issuer::new(params, key) })
    }

    /// A CA that was made before.
    ///
    /// # Errors
    /// When certificate or key is not what it should be.
    pub fn load(identity: Identity) -> Result<Self, PkiError> {
        let key = KeyPair::try_from(&identity.key)?;
        let issuer = Issuer::from_ca_cert_der(&identity.cert, key)?;
        Ok(Self { cert: identity.cert, issuer })
    }

    /// Its certificate.
    #[must_use]
    pub const fn cert(&self) -> &CertificateDer<'static> {
        &self.cert
    }

    /// Its private key, to be written to disk.
    #[must_use]
    pub fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(self.issuer.key().serialize_der().into())
    }

    /// What a join token carries of it.
    #[must_use]
    pub fn pin(&self) -> CaPin {
        CaPin::of(&self.cert)
    }

    /// A new key and certificate for the collector's endpoint.
    ///
    /// # Errors
    /// When the key cannot be made or `now` does not fit a certificate.
    pub fn issue_server(&self, now: UnixMs) -> Result<Identity, PkiError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = params("evenkeel collector", now, SERVER_CERT_LIFE, key.der_bytes())?;
        params.subject_alt_names = vec![SanType::DnsName(SERVER_NAME.try_into()?)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let cert = params.signed_by(&key, &self.issuer)?.der().clone();
        Ok(Identity { cert, key: PrivateKeyDer::Pkcs8(key.serialize_der().into()) })
    }

    /// A client certificate for `agent` with the public key of its signing request. Everything else that the request
    /// asks for is ignored.
    ///
    /// # Errors
    /// When the request is malformed, its signature is wrong, or its key is of another kind than agents make.
    pub fn issue_agent(&self, csr_der: &[u8], agent: AgentId, now: UnixMs) -> Result<Issued, PkiError> {
        let csr = CertificateSigningRequestDer::from(csr_der);
        let mut request = CertificateSigningRequestParams::from_der(&csr)
            .map_err(|_| PkiError::Request("it is malformed or its signature is wrong"))?;
        if request.public_key.algorithm() != &PKCS_ECDSA_P256_SHA256 {
            return Err(PkiError::Request("its key is not ECDSA P-256"));
        }
        let mut params = params("evenkeel agent", now, AGENT_CERT_LIFE, request.public_key.der_bytes())?;
        params.subject_alt_names = vec![SanType::URI(format!("{AGENT_URI}{agent}").try_into()?)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        request.params = params;
        let cert = request.signed_by(&self.issuer)?.der().clone();
        Ok(Issued { cert, not_after: now.plus(AGENT_CERT_LIFE) })
    }
}

/// What all our certificates have in common. The serial number is a hash of the key and the time: a renewed
/// certificate of the same key gets another one.
fn params(name: &str, now: UnixMs, life: DurationMs, public_key: &[u8]) -> Result<CertificateParams, PkiError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date(now.minus(BACKDATE))?;
    params.not_after = date(now.plus(life))?;
    let mut serial = blake3::Hasher::new();
    serial.update(public_key).update(&now.0.to_be_bytes());
    let mut serial: [u8; 16] = first_half(serial.finalize());
    // Positive and without leading zeros, as RFC 5280 wants it.
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn first_half(hash: blake3::Hash) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_bytes()[..16]);
    half
}

fn date(at: UnixMs) -> Result<OffsetDateTime, PkiError> {
    OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).map_err(|_| PkiError::Time { ms: at.0 })
}
