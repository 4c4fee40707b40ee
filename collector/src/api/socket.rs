//! The UNIX socket: one server at a path, readable by its group, gone when the server goes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody answers there.
    #[error("another evenkeel serve runs here: it answers at {}", path.display())]
    Live {
        /// The socket.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("the socket {} cannot be made; check that its directory exists and belongs to this user", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}

/// The path of a bound socket; removes it when dropped.
#[derive(Debug)]
pub struct Socket(PathBuf);

impl Socket {
    /// Binds `path`. A socket that a dead process left is replaced. The socket appears under its name only when it
    /// can be connected to and has its mode (0660).
    ///
    /// # Errors
    /// See [`BindError`].
    pub fn bind(path: &Path) -> Result<(Self, UnixListener), BindError> {
        let io = |source| BindError::Io { path: path.to_owned(), source };
        if UnixStream::connect(path).is_ok() {
            return Err(BindError::Live { path: path.to_owned() });
        }
        let fresh = path.with_extension("sock.new");
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        let listener = UnixListener::bind(&fresh).map_err(io)?;
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o660)).map_err(io)?;
        fs::rename(&fresh, path).map_err(io)?;
        Ok((Self(path.to_owned()), listener))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Somebody may have removed it already; a stale one is replaced at the next start.
        let _ = fs::remove_file(&self.0);
    }
}
