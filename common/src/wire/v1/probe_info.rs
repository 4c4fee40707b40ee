//! What is known of a probe of a domain, besides its readings.

use bincode::{Decode, Encode};

/// A probe of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct ProbeInfo {
    /// Its name, which is the device of its readings.
    pub name: String,
    /// How the VM is asked: `tcp`, `http`, `https`, `icmp`.
    pub kind: String,
    /// Whom it asks; empty when that is not known.
    pub target: String,
    /// Who asked for it.
    pub from_metadata: bool,
    /// What is known of the VM.
    pub state: ProbeState,
    /// Why, in words; empty while it answers.
    pub reason: String,
    /// Time between probes.
    pub interval_ms: u32,
}

/// What a probe says of its VM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum ProbeState {
    /// Nothing yet.
    #[default]
    Unknown,
    /// It answers.
    Up,
    /// It does not, and retries confirmed that.
    Down,
    /// What lies between the prober and the VM is broken.
    Path,
    /// The prober may not ask.
    NotPermitted,
    /// The VM is paused: it is not asked.
    Paused,
    /// The VM does not run: it is not asked.
    NotRunning,
}

impl ProbeState {
    /// The word used in JSON and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
            Self::Path => "path",
            Self::NotPermitted => "not_permitted",
            Self::Paused => "paused",
            Self::NotRunning => "not_running",
        }
    }
}
