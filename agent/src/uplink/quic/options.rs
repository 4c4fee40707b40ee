//! What an uplink is started with, and why it is not.

use std::path::PathBuf;

use evenkeel_common::clock;
use evenkeel_common::limits::SPOOL_MAX_BYTES;
use evenkeel_common::wire::VERSION_MAX;

use crate::uplink::identity::IdentityError;

/// What an uplink needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the collector is, `HOST:PORT`.
    pub collector: String,
    /// Name of this host.
    pub name: String,
    /// Its machine id.
    pub machine_id: String,
    /// Run of the agent.
    pub run: u64,
    /// Where the identity is.
    pub data_dir: PathBuf,
    /// Where the spool is; without it below `data_dir`.
    pub spool_dir: Option<PathBuf>,
    /// Bytes of the spool.
    pub spool_max_bytes: u64,
    /// The newest message version to speak; only tests speak older ones.
    pub version_max: u8,
}

impl Options {
    /// An agent with its spool below its data directory.
    #[must_use]
    pub fn new(collector: String, name: String, machine_id: String, data_dir: PathBuf) -> Self {
        Self {
            collector,
            name,
            machine_id,
            run: clock::wall().0.cast_unsigned(),
            data_dir,
            spool_dir: None,
            spool_max_bytes: SPOOL_MAX_BYTES,
            version_max: VERSION_MAX,
        }
    }
}

/// Why there is no uplink.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The host has not joined, or its identity is damaged.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The spool's directory.
    #[error("the spool in {} cannot be used; is another evenkeel-agent running with this data directory?", dir.display())]
    Spool {
        /// Which.
        dir: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}
