//! What is on record about a lab, so that another process can use or end it.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::cache::is_own;
use super::process::ProcessId;
use super::run::wait_for;

/// One network namespace with a name: a host or `ctl`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeState {
    /// `hosta`, `hostb` or `ctl`.
    pub name: String,
    /// Address on the lab's segment.
    pub address: String,
    /// The process that keeps the namespaces alive.
    pub holder: ProcessId,
}

/// A guest as it was started.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GuestState {
    /// libvirt name.
    pub name: String,
    /// libvirt UUID.
    pub uuid: String,
    /// Where it was started; it may have moved since.
    pub host: String,
    /// Address on the lab's segment.
    pub address: String,
    /// Whether it was left paused and so cannot answer.
    pub paused: bool,
}

/// The record, `state.json` in the lab's folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    /// Name of the lab.
    pub name: String,
    /// False until `up` has come to its end.
    pub complete: bool,
    /// The process that ends the lab when it ends; none if the lab is to outlive its maker.
    pub owner: Option<ProcessId>,
    /// `kvm` or `qemu`, libvirt's names of the domain type.
    pub domain_type: String,
    /// The hosts in order, then `ctl`.
    pub nodes: Vec<NodeState>,
    /// The guests in order of their addresses.
    pub guests: Vec<GuestState>,
}

impl State {
    /// The record in `dir`, if there is one.
    pub fn load(dir: &Path) -> Result<Option<Self>> {
        let path = dir.join("state.json");
        match fs::read(&path) {
            Ok(bytes) => {
                let state = serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged", path.display()))?;
                Ok(Some(state))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Writes the record so that a reader sees the old or the new one, never half of it.
    pub fn save(&self, dir: &Path) -> Result<()> {
        let path = dir.join("state.json");
        let fresh = dir.join("state.json.new");
        fs::write(&fresh, serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("cannot write {}", fresh.display()))?;
        fs::rename(&fresh, &path).with_context(|| format!("cannot replace {}", path.display()))
    }

    /// Whether the lab was made to its end and its namespaces still exist.
    pub fn usable(&self) -> bool {
        self.complete && !self.nodes.is_empty() && self.nodes.iter().all(|node| node.holder.alive())
    }
}

/// The right to change a lab. One process at a time has it.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] fs::File);

impl Lock {
    /// Makes the lab's folder if need be and locks it.
    pub fn take(dir: &Path) -> Result<Self> {
        let path: PathBuf = dir.join("lock");
        let attempt = || {
            fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
            ensure!(is_own(dir), "{} belongs to somebody else", dir.display());
            let file = match fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path) {
                // The folder went away in between: its last owner has just removed it.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                other => other.with_context(|| format!("cannot open {}", path.display()))?,
            };
            if file.try_lock().is_err() {
                return Ok(None);
            }
            let here = fs::metadata(&path).ok().map(|meta| meta.ino());
            Ok((here == Some(file.metadata()?.ino())).then_some(Self(file)))
        };
        let what = format!("lock of {}, which another process is making or removing,", dir.display());
        wait_for(&what, Duration::from_secs(30), attempt)
    }
}
