//! What `agent.toml` says of probes, ready to use.

use std::path::PathBuf;

use super::definition::Definition;
use super::network::Network;
use crate::filter::select::Selector;

/// What a probe's name may be, for errors.
pub const NAME_ALLOWED: &str = "1 to 64 letters, digits, '-', '_' or '.'";
/// Probes that `agent.toml` may define.
pub const DEFINITIONS_MAX: usize = 256;
/// Selectors of one probe.
pub const SELECTORS_MAX: usize = 64;
/// Networks that metadata may name.
pub const NETWORKS_MAX: usize = 64;

/// A probe of `agent.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Configured {
    /// The probe.
    pub definition: Definition,
    /// Its VMs.
    pub vms: Vec<Selector>,
}

/// All that is set about probes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProbeSettings {
    /// Probes by configuration.
    pub probes: Vec<Configured>,
    /// Whether metadata may ask for probes.
    pub from_metadata: bool,
    /// Where those may go; empty: only to the networks of the VM's own bridges.
    pub networks: Vec<Network>,
    /// Certificates that are trusted for HTTPS.
    pub ca_file: PathBuf,
}

/// Whether a text can be a probe's name.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}
