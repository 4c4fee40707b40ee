//! Whose orders this host obeys: `trust.toml` in the configuration directory, which only root may write. It names this
//! host's identity and pins the public half of the collector's order key.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use evenkeel_common::id::AgentId;
use evenkeel_common::pki::{FileError, OrderPublicKey, write_atomic};
use serde::Deserialize;

/// Name of the file.
pub const TRUST_FILE: &str = "trust.toml";
/// Write permission of group and others.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// What is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trust {
    /// Who this host is: orders for another one are refused.
    pub agent: AgentId,
    /// The collector's order key, or one that it had before.
    pub key: OrderPublicKey,
}

/// Why nobody is obeyed.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// Nobody has said whom to obey.
    #[error(
        "this host has pinned no order key, so it obeys nobody: run `evenkeel-agent trust KEY` here as root, with the key \
         that `evenkeel order-key show` prints at the collector"
    )]
    NotPinned,
    /// It cannot be read.
    #[error("{} cannot be read", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Somebody else than root could have written it.
    #[error("{} may be written by others than root, so it proves nothing: `chown root` and `chmod 0644` it after a look", .0.display())]
    Loose(PathBuf),
    /// Not what it should be.
    #[error("{} says neither which host this is nor which key it obeys ({why}); write it anew with `evenkeel-agent trust KEY`", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    agent: String,
    order_key: String,
}

impl Trust {
    /// Reads `dir/trust.toml`, each time anew: a key that root pins is in force at once.
    ///
    /// # Errors
    /// See [`TrustError`].
    pub fn load(dir: &Path) -> Result<Self, TrustError> {
        let path = dir.join(TRUST_FILE);
        let io = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => TrustError::NotPinned,
            _ => TrustError::Io { path: path.clone(), source },
        };
        let meta = fs::metadata(&path).map_err(io)?;
        let text = fs::read_to_string(&path).map_err(io)?;
        let own = fs::metadata("/proc/self").map_err(io)?.uid();
        if (meta.uid() != 0 && meta.uid() != own) || meta.mode() & WRITABLE_BY_OTHERS != 0 {
            return Err(TrustError::Loose(path));
        }
        let damaged = |why: String| TrustError::Damaged { path: path.clone(), why };
        let file: File = toml::from_str(&text).map_err(|error| damaged(error.message().to_owned()))?;
        Ok(Self {
            agent: file.agent.parse().map_err(|_| damaged("agent is not a UUID".to_owned()))?,
            key: file.order_key.parse().map_err(|error| damaged(format!("{error}")))?,
        })
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the directory does not let this user.
    pub fn write(&self, dir: &Path) -> Result<(), FileError> {
        let text = format!(
            "# Whose orders this host obeys. Written by `evenkeel-agent join` or `evenkeel-agent trust`; only root may \
             change it.\nagent = \"{}\"\norder_key = \"{}\"\n",
            self.agent, self.key
        );
        write_atomic(&dir.join(TRUST_FILE), text.as_bytes(), 0o644)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn comes_back_and_is_worth_nothing_when_others_may_write_it() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Trust::load(dir.path()), Err(TrustError::NotPinned)));
        let trust = Trust { agent: AgentId::from_bytes([1; 16]), key: OrderPublicKey([2; 32]) };
        trust.write(dir.path()).unwrap();
        assert_eq!(Trust::load(dir.path()).unwrap(), trust);
        let path = dir.path().join(TRUST_FILE);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        assert!(matches!(Trust::load(dir.path()), Err(TrustError::Loose(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(&path, "agent = 'x'\norder_key = 'y'\n").unwrap();
        assert!(matches!(Trust::load(dir.path()), Err(TrustError::Damaged { .. })));
    }
}
