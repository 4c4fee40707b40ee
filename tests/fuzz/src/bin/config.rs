//! `agent.toml` as somebody may leave it behind: an answer in words, never a panic.
//!
//! Seeds: packaging/config/*.toml

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use evenkeel_agent::config::{Dirs, config};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

/// One folder for the whole run: the loader reads files.
fn folder() -> &'static TempDir {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| TempDir::new().expect("there is room for a folder"))
}

fuzz_target!(|text: &[u8]| {
    let dir = folder().path();
    fs::write(dir.join("agent.toml"), text).expect("there is room for a file");
    let dirs = Dirs { config: dir.to_owned(), data: PathBuf::new(), runtime: PathBuf::new() };
    if let Err(problems) = config(&dirs) {
        assert!(!problems.to_string().is_empty(), "refused without a word");
    }
});
