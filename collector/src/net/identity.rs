//! The collector's CA and certificate on disk: `DATA_DIR/pki/`.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use evenkeel_common::pki::{
    CertificateAuthority, FileError, Identity, PkiError, facts, read_cert, read_key, renew_at, write_cert, write_key,
};
use evenkeel_common::time::UnixMs;

const DIR: &str = "pki";
const CA_CERT: &str = "ca.crt";
const CA_KEY: &str = "ca.key";
const SERVER_CERT: &str = "collector.crt";
const SERVER_KEY: &str = "collector.key";

/// CA, and the certificate of the endpoint.
#[derive(Debug)]
pub struct CollectorIdentity {
    /// The CA.
    pub authority: Arc<CertificateAuthority>,
    /// The endpoint's own certificate.
    pub server: Identity,
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// There is one already, and a new CA would lock every agent out.
    #[error("{} exists already; a new CA would lock out every agent that has joined", path.display())]
    Exists {
        /// The CA's key.
        path: PathBuf,
    },
    /// Not made yet.
    #[error("there is no CA in {}; run `evenkeel init` first", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The directory cannot be made.
    #[error("the directory {} cannot be made", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file.
    #[error("the collector's keys are not usable")]
    File(#[from] FileError),
    /// A key or certificate.
    #[error("the collector's keys are not usable")]
    Pki(#[from] PkiError),
}

impl CollectorIdentity {
    /// Makes CA and endpoint certificate below `data_dir`.
    ///
    /// # Errors
    /// When there is a CA already or the files cannot be written.
    pub fn init(data_dir: &Path, now: UnixMs) -> Result<Self, IdentityError> {
        let dir = data_dir.join(DIR);
        let ca_key = dir.join(CA_KEY);
        if ca_key.exists() {
            return Err(IdentityError::Exists { path: ca_key });
        }
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&dir)
            .map_err(|source| IdentityError::Directory { path: dir.clone(), source })?;
        let authority = CertificateAuthority::generate(now)?;
        write_cert(&dir.join(CA_CERT), authority.cert())?;
        write_key(&ca_key, &authority.key())?;
        let server = new_server(&dir, &authority, now)?;
        Ok(Self { authority: Arc::new(authority), server })
    }

    /// Opens what [`Self::init`] made; the endpoint's certificate is replaced when two thirds of its life are over.
    ///
    /// # Errors
    /// When it was not made or is damaged.
    pub fn open(data_dir: &Path, now: UnixMs) -> Result<Self, IdentityError> {
        let dir = data_dir.join(DIR);
        let cert = match read_cert(&dir.join(CA_CERT)) {
            Err(error) if error.is_missing() => return Err(IdentityError::Missing { path: dir }),
            other => other?,
        };
        let authority = CertificateAuthority::load(Identity { cert, key: read_key(&dir.join(CA_KEY))? })?;
        let server = match stored_server(&dir, now) {
            Some(server) => server,
            None => new_server(&dir, &authority, now)?,
        };
        Ok(Self { authority: Arc::new(authority), server })
    }
}

/// The endpoint's certificate on disk, unless it is missing, damaged, or due to be replaced: it can be made again at any
/// time, since agents know only the CA.
fn stored_server(dir: &Path, now: UnixMs) -> Option<Identity> {
    let identity =
        Identity { cert: read_cert(&dir.join(SERVER_CERT)).ok()?, key: read_key(&dir.join(SERVER_KEY)).ok()? };
    let facts = facts(&identity.cert).ok()?;
    (now >= facts.not_before && now < renew_at(&facts)).then_some(identity)
}

fn new_server(dir: &Path, authority: &CertificateAuthority, now: UnixMs) -> Result<Identity, IdentityError> {
    let server = authority.issue_server(now)?;
    write_key(&dir.join(SERVER_KEY), &server.key)?;
    write_cert(&dir.join(SERVER_CERT), &server.cert)?;
    Ok(server)
}

#[cfg(test)]
mod tests {
    use evenkeel_common::limits::SERVER_CERT_LIFE;
    use evenkeel_common::time::DurationMs;

    use super::*;

    const NOW: UnixMs = UnixMs(1_700_000_000_000);

    #[test]
    fn init_makes_once_and_open_renews_the_server_certificate_only() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(CollectorIdentity::open(dir.path(), NOW), Err(IdentityError::Missing { .. })));
        let made = CollectorIdentity::init(dir.path(), NOW).unwrap();
        assert!(matches!(CollectorIdentity::init(dir.path(), NOW), Err(IdentityError::Exists { .. })));
        let soon = CollectorIdentity::open(dir.path(), NOW).unwrap();
        assert_eq!((soon.authority.pin(), &soon.server.cert), (made.authority.pin(), &made.server.cert));
        let late = NOW.plus(DurationMs(SERVER_CERT_LIFE.0 / 4 * 3));
        let renewed = CollectorIdentity::open(dir.path(), late).unwrap();
        assert_eq!(renewed.authority.pin(), made.authority.pin());
        assert_ne!(renewed.server.cert, made.server.cert);
    }
}
