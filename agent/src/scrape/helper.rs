//! Where `evenkeel-agent-libvirt` is.

use std::path::{Path, PathBuf};

const NAME: &str = "evenkeel-agent-libvirt";
const LIBEXEC: &str = "/usr/libexec/evenkeel";

/// It is nowhere.
#[derive(Debug, thiserror::Error)]
#[error("{NAME} was not found in {tried}; install it or set libvirt_helper in agent.toml")]
pub struct NotFound {
    tried: String,
}

/// The helper: as configured, else beside this program, in /usr/libexec/evenkeel, in PATH.
///
/// # Errors
/// When there is none; the error says where it was looked for.
pub fn find(configured: Option<&Path>) -> Result<PathBuf, NotFound> {
    let tried = match configured {
        Some(path) => vec![path.to_owned()],
        None => candidates(),
    };
    if let Some(path) = tried.iter().find(|path| path.is_file()) {
        return Ok(path.clone());
    }
    let tried: Vec<String> = tried.iter().map(|path| path.display().to_string()).collect();
    Err(NotFound { tried: tried.join(", ") })
}

fn candidates() -> Vec<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|path| Some(path.parent()?.join(NAME)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|dir| dir.join(NAME));
    beside.into_iter().chain([Path::new(LIBEXEC).join(NAME)]).chain(in_path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_path_is_the_only_one_tried() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("helper");
        assert!(find(Some(&path)).unwrap_err().to_string().contains("set libvirt_helper"));
        std::fs::write(&path, "").unwrap();
        assert_eq!(find(Some(&path)).unwrap(), path);
    }
}
