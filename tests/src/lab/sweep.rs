//! Labs of test runs: each run has its own, and the next one removes what a killed run left.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::options::{LabOptions, default_dir};
use super::process::ProcessId;
use super::{Lab, State};

impl LabOptions {
    /// A lab for the test `name` of this very run, so that two checkouts can be tested at the same time. Labs that
    /// killed runs of the same test left behind are removed.
    pub fn for_test(name: &str, hosts: usize) -> Result<Self> {
        let prefix = format!("{name}-");
        let parent = default_dir(name).parent().map(ToOwned::to_owned).unwrap_or_default();
        let folder_prefix = format!("evenkeel-lab-{prefix}");
        for entry in fs::read_dir(parent)?.flatten() {
            let is_ours = entry.file_name().to_str().is_some_and(|folder| {
                folder.strip_prefix(&folder_prefix).is_some_and(|pid| pid.parse::<u32>().is_ok())
            });
            if is_ours && owner_is_gone(&entry.path())? {
                Lab::remove(&entry.path())?;
            }
        }
        Ok(Self::new(&format!("{prefix}{}", std::process::id()), hosts))
    }
}

/// A lab without a readable state is being made or removed by somebody: it is left alone.
fn owner_is_gone(dir: &Path) -> Result<bool> {
    let owner = State::load(dir)?.and_then(|state| state.owner);
    Ok(owner.is_some_and(|owner: ProcessId| !owner.alive()))
}
