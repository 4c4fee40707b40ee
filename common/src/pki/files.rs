//! Keys and certificates as PEM files, replaced atomically.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use pem::{EncodeConfig, LineEnding, Pem};
use rustls_pki_types::pem::{self as pki_pem, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Why a key or certificate file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Reading failed.
    #[error("{} cannot be read", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system or the PEM reader says.
        #[source]
        source: pki_pem::Error,
    },
    /// Writing failed.
    #[error("{} cannot be written", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl FileError {
    /// Whether the file is just not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Read { source: pki_pem::Error::Io(error), .. } if error.kind() == io::ErrorKind::NotFound)
    }
}

/// Reads the first certificate of a PEM file.
///
/// # Errors
/// When it cannot be read or has none.
pub fn read_cert(path: &Path) -> Result<CertificateDer<'static>, FileError> {
    CertificateDer::from_pem_file(path).map_err(|source| FileError::Read { path: path.to_owned(), source })
}

/// Reads the private key of a PEM file.
///
/// # Errors
/// When it cannot be read or has none.
pub fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, FileError> {
    PrivateKeyDer::from_pem_file(path).map_err(|source| FileError::Read { path: path.to_owned(), source })
}

/// Writes a certificate, readable by all.
///
/// # Errors
/// When the directory does not let it.
pub fn write_cert(path: &Path, cert: &CertificateDer<'_>) -> Result<(), FileError> {
    write_atomic(path, armour("CERTIFICATE", cert).as_bytes(), 0o644)
}

/// Writes a private key, mode 0600.
///
/// # Errors
/// When the directory does not let it.
pub fn write_key(path: &Path, key: &PrivateKeyDer<'_>) -> Result<(), FileError> {
    write_atomic(path, armour("PRIVATE KEY", key.secret_der()).as_bytes(), 0o600)
}

/// Replaces a file as a whole: after a crash there is the old content or the new, never a part.
///
/// # Errors
/// When the directory does not let it.
pub fn write_atomic(path: &Path, content: &[u8], mode: u32) -> Result<(), FileError> {
    replace(path, content, mode).map_err(|source| FileError::Write { path: path.to_owned(), source })
}

fn replace(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(".new");
    let new = dir.join(name);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
    own_like_directory(&file, dir)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    File::open(dir)?.sync_all()
}

/// What root writes into the directory of a service's user belongs to that user: `join` and `init` are often run by
/// root, and the service has to read what they made.
fn own_like_directory(file: &File, dir: &Path) -> io::Result<()> {
    let (of_file, of_dir) = (file.metadata()?, fs::metadata(dir)?);
    if of_file.uid() == 0 && of_dir.uid() != 0 {
        fchown(file, Some(of_dir.uid()), Some(of_dir.gid()))?;
    }
    Ok(())
}

fn armour(label: &str, der: &[u8]) -> String {
    pem::encode_config(&Pem::new(label, der), EncodeConfig::new().set_line_ending(LineEnding::LF))
}
