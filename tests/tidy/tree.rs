//! The source tree as (path, text) pairs, so that rules see data and never the disk.

use std::fs;
use std::path::{Path, PathBuf};

/// One text file.
#[derive(Clone, Debug)]
pub struct File {
    /// Path from the top of the tree, with `/`.
    pub path: String,
    /// Its content.
    pub text: String,
}

impl File {
    /// A file for a rule's own test.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether it is Rust source.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether cargo wrote it: a list of crates and where they came from.
    pub fn is_lock(&self) -> bool {
        self.path == "Cargo.lock" || self.path.ends_with("/Cargo.lock")
    }

    /// Whether it is code of the test crate, or a module that is compiled only for tests.
    pub fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        self.path.starts_with("tests/") || name == "tests.rs" || name.ends_with("_tests.rs")
    }

    /// Whether it is this path or lies below this folder.
    pub fn is_in(&self, place: &str) -> bool {
        self.path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Top of the source tree.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests crate is a folder of the workspace").to_owned()
}

/// Names at the top level of the tree.
pub fn top_level() -> Vec<String> {
    entries(&root()).iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect()
}

/// Every text file of the tree, in order of path. Build output and what tools keep in dot folders is left out.
pub fn files() -> Vec<File> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                if name != "target" && (!name.starts_with('.') || [".ci", ".config"].contains(&name)) {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(&path) {
                let inside = path.strip_prefix(&root).expect("it was found below the root");
                found.push(File { path: inside.to_string_lossy().into_owned(), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let list = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    list.map(|entry| entry.expect("a folder of the source tree can be listed").path()).collect()
}
