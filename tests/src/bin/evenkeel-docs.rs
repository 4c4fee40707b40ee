//! Writes the files that are made from the programs' source into the tree: `cargo run -p evenkeel-tests --bin evenkeel-docs`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use evenkeel_tests::docs::{GENERATED, shipped};

fn main() -> Result<()> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the tests crate is a folder of the workspace")?;
    for folder in GENERATED.iter().map(|folder| top.join(folder)) {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    for file in shipped() {
        let path = top.join(&file.path);
        fs::write(&path, file.content).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
