//! The key with which a host signs its recovery points, and whose signatures it believes.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::manifest::{Manifest, Signed};

/// Name of the private key in the actor's data directory.
const FILE: &str = "recovery-point.key";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The system refuses.
    #[error("the key {} cannot be used; check space and owner of the directory", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Not a key.
    #[error("{} holds no Ed25519 key; put it back from a copy, or remove it and trust the old points by `backup.trusted_keys`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

/// This host's key and the keys of others whose points it may restore.
#[derive(Debug)]
pub struct PointKey {
    pair: Ed25519KeyPair,
    trusted: Vec<String>,
}

impl PointKey {
    /// Reads the key in `dir`, making one at first use. `trusted` are public keys of other hosts.
    ///
    /// # Errors
    /// When there is none and none can be made.
    pub fn open(dir: &Path, trusted: &[String]) -> Result<Self, KeyError> {
        let path = dir.join(FILE);
        let error = |source| KeyError::Io { path: path.clone(), source };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) if source.kind() == io::ErrorKind::NotFound => make(dir, &path).map_err(error)?,
            Err(source) => return Err(error(source)),
        };
        let pair = Ed25519KeyPair::from_pkcs8(&bytes).map_err(|_| KeyError::Damaged { path: path.clone() })?;
        Ok(Self { pair, trusted: trusted.iter().map(|key| key.to_lowercase()).collect() })
    }

    /// The public half, 64 hexadecimal digits.
    #[must_use]
    pub fn public(&self) -> String {
        hex(self.pair.public_key().as_ref())
    }

    /// Signs.
    #[must_use]
    pub fn sign(&self, manifest: Manifest) -> Signed {
        let body = manifest.body();
        let signature = hex(self.pair.sign(body.as_bytes()).as_ref());
        Signed { manifest, key: self.public(), signature, body }
    }

    /// Why a manifest is not to be believed; `None` when it is.
    #[must_use]
    pub fn doubt(&self, signed: &Signed) -> Option<String> {
        let known = signed.key == self.public() || self.trusted.contains(&signed.key);
        let genuine = || {
            let (key, signature) = (unhex(&signed.key)?, unhex(&signed.signature)?);
            UnparsedPublicKey::new(&ED25519, key).verify(signed.body.as_bytes(), &signature).ok()
        };
        if genuine().is_none() {
            return Some("the manifest's signature is wrong: it was changed after it was made".to_owned());
        }
        (!known).then(|| {
            format!(
                "signed by the key {} of host {}, which this host does not trust; name it in backup.trusted_keys of actions.toml",
                signed.key, signed.manifest.host
            )
        })
    }
}

fn make(dir: &Path, path: &Path) -> io::Result<Vec<u8>> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| io::Error::other("the system gives no randomness"))?;
    fs::create_dir_all(dir)?;
    let fresh = dir.join(format!("{FILE}.new"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(document.as_ref())?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    fs::File::open(dir)?.sync_all()?;
    Ok(document.as_ref().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::manifest;
    use super::*;

    #[test]
    fn the_own_key_is_believed_another_only_when_named_and_a_change_never() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let other = PointKey::open(there.path(), &[]).unwrap();
        let own = PointKey::open(here.path(), &[]).unwrap();
        let signed = own.sign(manifest(1, None));
        assert_eq!(own.doubt(&signed), None);
        assert_eq!(PointKey::open(here.path(), &[]).unwrap().doubt(&signed), None, "the key is kept");
        let foreign = other.sign(manifest(1, None));
        assert!(own.doubt(&foreign).is_some_and(|text| text.contains("trusted_keys")));
        let trusting = PointKey::open(here.path(), &[other.public()]).unwrap();
        assert_eq!(trusting.doubt(&foreign), None);
        let changed = Signed { body: foreign.body.replace("hosta", "hostb"), ..foreign };
        assert!(trusting.doubt(&changed).is_some_and(|text| text.contains("changed")));
    }

    #[test]
    fn a_damaged_key_is_said_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "x").unwrap();
        assert!(matches!(PointKey::open(dir.path(), &[]), Err(KeyError::Damaged { .. })));
    }
}
