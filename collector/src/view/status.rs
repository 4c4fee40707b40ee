//! `evenkeel status`.

use serde::{Deserialize, Serialize};

use super::Time;

/// How the collector is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusView {
    /// Whether nothing is wrong with the collector itself.
    pub healthy: bool,
    /// What is wrong with it.
    pub problems: Vec<String>,
    /// Version of the program.
    pub version: String,
    /// When it was started.
    pub started_at: Time,
    /// Since then.
    pub uptime_s: i64,
    /// The UDP address it listens at.
    pub listen: String,
    /// The enrolled hosts.
    pub agents: AgentCounts,
    /// VMs known.
    pub vms: u64,
    /// Readings in the store.
    pub samples: u64,
    /// Size of the database of readings with its write-ahead log.
    pub journal_bytes: u64,
    /// Space left in the data directory's file system.
    pub disk_free_bytes: u64,
    /// The data directory.
    pub data_dir: String,
}

/// Agents by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentCounts {
    /// Connected and heard.
    pub connected: u64,
    /// Waiting for `agent approve`.
    pub pending: u64,
    /// Enrolled but not heard.
    pub silent: u64,
}
