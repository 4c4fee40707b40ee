//! Configuration and directories.

use std::path::Path;

use super::Check;
use crate::config::{Config, SCHEMA};

/// The configuration has been loaded, so it is valid; what is left is where it came from and who else is there.
pub(super) fn check(config: &Config) -> Vec<Check> {
    let file = config.dirs.config.join(SCHEMA.file);
    let found = if file.is_file() {
        format!("{} is valid; this host is called {}", file.display(), config.name)
    } else {
        format!("there is no {}, so defaults hold; this host is called {}", file.display(), config.name)
    };
    vec![Check::ok("configuration", found), actor(&config.dirs.runtime)]
}

fn actor(runtime: &Path) -> Check {
    let socket = runtime.join("actor.sock");
    if socket.exists() {
        return Check::ok("actor", format!("its socket {} is there", socket.display()));
    }
    Check::warn(
        "actor",
        format!("there is no socket {}; this host is measured but not acted upon", socket.display()),
        "if actions are wanted: systemctl enable --now evenkeel-agent-actor.socket",
    )
}
