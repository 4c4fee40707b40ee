//! The agent's identity on disk: `DATA_DIR/{agent.key,agent.crt,ca.crt}`.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use evenkeel_common::id::AgentId;
use evenkeel_common::pki::{
    AgentKey, FileError, Identity, PkiError, facts, key_hash, read_cert, read_key, renew_at, write_cert, write_key,
};
use rustls::pki_types::CertificateDer;

use super::session::CertLife;

const KEY: &str = "agent.key";
/// The key of a join that is not through: asking again with it costs no second use of the token.
const NEW_KEY: &str = "agent.key.joining";
const CERT: &str = "agent.crt";
const CA: &str = "ca.crt";

/// Who the agent is, and whom it trusts.
#[derive(Clone, Debug)]
pub struct AgentIdentity {
    /// The identity in the certificate.
    pub agent: AgentId,
    /// Certificate and key.
    pub tls: Identity,
    /// The collector's CA.
    pub ca: CertificateDer<'static>,
    /// Life of the certificate.
    pub life: CertLife,
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Not joined.
    #[error("this host has not joined a collector: {} does not exist; run `evenkeel-agent join ADDR TOKEN`", .0.display())]
    NotJoined(PathBuf),
    /// A file.
    #[error("the agent's identity is not usable")]
    File(#[from] FileError),
    /// A key or certificate.
    #[error("the agent's identity is not usable")]
    Pki(#[from] PkiError),
    /// The certificate is of something else.
    #[error("the certificate is not of this agent and key")]
    Foreign,
    /// The directory.
    #[error("the directory {} cannot be made", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl AgentIdentity {
    /// Reads it.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub fn load(data_dir: &Path) -> Result<Self, IdentityError> {
        let path = data_dir.join(CERT);
        let cert = match read_cert(&path) {
            Err(error) if error.is_missing() => return Err(IdentityError::NotJoined(path)),
            other => other?,
        };
        Self::of(cert, AgentKey::load(&read_key(&data_dir.join(KEY))?)?, read_cert(&data_dir.join(CA))?)
    }

    fn of(cert: CertificateDer<'static>, key: AgentKey, ca: CertificateDer<'static>) -> Result<Self, IdentityError> {
        let facts = facts(&cert)?;
        let agent = facts.agent.ok_or(IdentityError::Foreign)?;
        if facts.key_hash != key_hash(&key.signing_request()?)? {
            return Err(IdentityError::Foreign);
        }
        let life = CertLife { renew_at: renew_at(&facts), not_after: facts.not_after };
        Ok(Self { agent, tls: Identity { cert, key: key.der() }, ca, life })
    }

    /// A signing request of its key.
    ///
    /// # Errors
    /// When the key is not usable.
    pub fn signing_request(&self) -> Result<Vec<u8>, IdentityError> {
        Ok(AgentKey::load(&self.tls.key)?.signing_request()?)
    }

    /// The same with a renewed certificate, which replaces the old one on disk.
    ///
    /// # Errors
    /// When it is not of this agent and key, or cannot be written.
    pub fn renewed(&self, data_dir: &Path, cert_der: Vec<u8>) -> Result<Self, IdentityError> {
        let cert = CertificateDer::from(cert_der);
        let renewed = Self::of(cert, AgentKey::load(&self.tls.key)?, self.ca.clone())?;
        if renewed.agent != self.agent {
            return Err(IdentityError::Foreign);
        }
        write_cert(&data_dir.join(CERT), &renewed.tls.cert)?;
        Ok(renewed)
    }
}

/// The key to join with: the one of a join that is not through, else a new one.
pub(super) fn joining_key(data_dir: &Path) -> Result<AgentKey, IdentityError> {
    let path = data_dir.join(NEW_KEY);
    match read_key(&path) {
        Ok(der) => return Ok(AgentKey::load(&der)?),
        Err(error) if error.is_missing() => {}
        Err(error) => return Err(error.into()),
    }
    if !data_dir.is_dir() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(data_dir)
            .map_err(|source| IdentityError::Directory { path: data_dir.to_owned(), source })?;
    }
    let key = AgentKey::generate()?;
    write_key(&path, &key.der())?;
    Ok(key)
}

/// Puts the identity that a join gave into its files. The certificate comes last: with it the host has joined.
pub(super) fn joined(
    data_dir: &Path,
    key: AgentKey,
    cert: CertificateDer<'static>,
    ca: CertificateDer<'static>,
) -> Result<AgentIdentity, IdentityError> {
    let identity = AgentIdentity::of(cert, key, ca)?;
    // Until the certificate is there again a crash leaves a host that has to join again, never a key that does not fit.
    match fs::remove_file(data_dir.join(CERT)) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            return Err(FileError::Write { path: data_dir.join(CERT), source }.into());
        }
        _ => {}
    }
    write_key(&data_dir.join(KEY), &identity.tls.key)?;
    write_cert(&data_dir.join(CA), &identity.ca)?;
    write_cert(&data_dir.join(CERT), &identity.tls.cert)?;
    // A key that stays behind would only be used for the next join.
    drop(fs::remove_file(data_dir.join(NEW_KEY)));
    Ok(identity)
}

/// The content of `/etc/machine-id`, without its end of line.
///
/// # Errors
/// When it cannot be read.
pub fn machine_id() -> Result<String, io::Error> {
    fs::read_to_string("/etc/machine-id").map(|text| text.trim().to_owned())
}
