//! One owner at a time: a reading belongs to a VM only from the host where it is active and not incoming.
//!
//! The life of a VM is a list of tenures: host a from t₀, host b from t₁ … A report belongs to the tenure that its time
//! falls into. Reports of one host arrive in order, those of different hosts in any order, minutes or hours late, so a
//! tenure may be found to have been another host's: it is split where the host that had it was last active, and so
//! never at a time that already has a reading.
//!
//! Two hosts on which the VM is active at once are a conflict. The host that came last is the owner (after a partition
//! that is the copy started elsewhere), the other one's readings are kept beside, tagged with the host.

mod machine;
#[cfg(test)]
mod tests;

use evenkeel_common::id::AgentId;
use evenkeel_common::time::{DurationMs, UnixMs};

pub use machine::Owner;

/// What a host says of a VM at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It runs or is paused there.
    Active,
    /// It is arriving by migration.
    Incoming,
    /// It is only defined there.
    Inactive,
    /// The host was heard and did not name it.
    Absent,
}

/// One report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// From which host.
    pub agent: AgentId,
    /// Time of record.
    pub at: UnixMs,
    /// Time between the host's ticks.
    pub interval: DurationMs,
    /// What it says.
    pub heard: Heard,
}

/// What becomes of a report's readings, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Stored: the host is the owner.
    Owner,
    /// Stored: the host becomes the owner with this report.
    TookOver,
    /// Stored: the host was the owner at that time.
    FormerOwner,
    /// Stored beside the owner's, tagged with the host: active there too.
    Tagged,
    /// Only the poll is stored: its owner says that it is down.
    Down,
    /// Dropped: it is arriving, the source still owns it.
    Incoming,
    /// Dropped: a definition elsewhere says nothing of the VM.
    InactiveElsewhere,
    /// Dropped: the owner has a reading of that time or a later one.
    NotLater,
    /// Dropped: within the clocks' tolerance after another host took over.
    JustLeft,
    /// Dropped: from before anything that is remembered.
    TooOld,
    /// Nothing to store: the host does not know it any more.
    Gone,
}

/// What else has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The VM ran there from then on.
    Placed(AgentId, UnixMs),
    /// Polls of `from <= at < to` were another host's.
    Withdraw(UnixMs, UnixMs),
    /// It is active on this host too.
    Conflict(AgentId),
    /// It is active on one host only again.
    ConflictOver(AgentId),
}

/// Decision and effects of one report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What becomes of the readings.
    pub decision: Decision,
    /// What else has to be done.
    pub effects: Vec<Effect>,
    /// The report is from the host that owns the VM now, so its state is the VM's.
    pub current: bool,
}

/// What the store knows of a VM's owner at start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Where it ran, from when, oldest first.
    pub placements: Vec<(AgentId, UnixMs)>,
    /// Its latest polls, oldest first. They say more than placements: until when a stay lasted, and what it was silent about.
    pub heard: Vec<HeardPoll>,
    /// Host, time and activity of the last poll.
    pub last_poll: Option<(AgentId, UnixMs, bool)>,
    /// Last poll in which it was active.
    pub last_active: Option<UnixMs>,
    /// The other host of a conflict.
    pub rival: Option<AgentId>,
    /// Since when the host of the last poll does not know it any more.
    pub gone: Option<UnixMs>,
}

/// A poll that is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeardPoll {
    /// From which host.
    pub agent: AgentId,
    /// Time of record.
    pub at: UnixMs,
    /// Time to the next one.
    pub interval: DurationMs,
    /// It was active, or nobody could tell.
    pub active: bool,
}
