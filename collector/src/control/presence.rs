//! [P] Whether a host and its VMs are heard.

use std::fmt;

use evenkeel_common::limits::CLOCK_OFFSET_CORRECT;
use evenkeel_common::sample::{DomainState, Missing};
use evenkeel_common::time::{DurationMs, UnixMs};

use crate::store::AgentState;

/// A host is silent after so many intervals without a tick.
const SILENT_INTERVALS: i64 = 3;
/// What a tick may take on its way, on top of the intervals.
const GRACE: DurationMs = DurationMs::from_s(2);

/// A host's state in the contract's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Connected, and heard within three intervals.
    Connected,
    /// Not connected, or not heard for three intervals.
    Silent,
    /// Waits for approval.
    Pending,
    /// Taken out of service.
    Retired,
}

impl Presence {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Silent => "silent",
            Self::Pending => "pending",
            Self::Retired => "retired",
        }
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was last heard of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Time of its last tick, by the agent's clock unless that was corrected.
    pub last_seen: UnixMs,
    /// Agent's clock − collector's clock.
    pub clock_offset: DurationMs,
    /// Time between ticks.
    pub interval: DurationMs,
}

impl Heard {
    /// Whether the last tick is recent enough.
    #[must_use]
    pub fn is_fresh(&self, now: UnixMs) -> bool {
        self.covers(self.last_seen, now)
    }

    /// Whether a time of record is recent enough for a host of this interval and clock.
    #[must_use]
    pub fn covers(&self, at: UnixMs, now: UnixMs) -> bool {
        let corrected = self.clock_offset.0.abs() > CLOCK_OFFSET_CORRECT.0;
        let here = if corrected { at } else { at.minus(self.clock_offset) };
        now.since(here).0 <= self.interval.0.saturating_mul(SILENT_INTERVALS).saturating_add(GRACE.0)
    }
}

/// The state of a host whose agent is in `agent_state`.
#[must_use]
pub fn of_host(agent_state: AgentState, connected: bool, heard: Option<Heard>, now: UnixMs) -> Presence {
    match agent_state {
        AgentState::Pending => Presence::Pending,
        AgentState::Approved if connected && heard.is_some_and(|heard| heard.is_fresh(now)) => Presence::Connected,
        AgentState::Approved => Presence::Silent,
        AgentState::Revoked | AgentState::Retired => Presence::Retired,
    }
}

/// Why nothing is known of a VM now; `None` when its readings are up to date. `silence` is why its host could not tell
/// anything when it was last asked, `newest` why the newest reading holds no value.
#[must_use]
pub fn why_missing(
    state: DomainState,
    host: Presence,
    heard: Option<Heard>,
    last_seen: UnixMs,
    silence: Option<Missing>,
    newest: Option<Missing>,
    now: UnixMs,
) -> Option<&'static str> {
    if state == DomainState::NoState {
        return Some(Missing::NoData.as_str());
    }
    if host != Presence::Connected {
        return Some(Missing::HostUnreachable.as_str());
    }
    if let Some(why) = silence {
        // The state is the last one known; nobody can tell whether it still is.
        return Some(why.as_str());
    }
    if !state.is_active() {
        // A definition has no readings; that is not a gap.
        return Some("not_running");
    }
    if !heard.is_some_and(|heard| heard.covers(last_seen, now)) {
        return Some(newest.unwrap_or(Missing::NoData).as_str());
    }
    newest.map(Missing::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(last_seen: i64, offset: i64) -> Heard {
        Heard { last_seen: UnixMs(last_seen), clock_offset: DurationMs(offset), interval: DurationMs(10_000) }
    }

    #[test]
    fn a_host_is_silent_after_three_intervals_by_the_collectors_clock() {
        let now = UnixMs(100_000);
        for (agent, connected, heard, expected) in [
            (AgentState::Approved, true, Some(heard(70_000, 0)), Presence::Connected),
            (AgentState::Approved, true, Some(heard(67_000, 0)), Presence::Silent),
            (AgentState::Approved, true, Some(heard(67_000, -5_000)), Presence::Connected),
            (AgentState::Approved, true, Some(heard(99_000, -90_000)), Presence::Connected),
            (AgentState::Approved, false, Some(heard(99_000, 0)), Presence::Silent),
            (AgentState::Approved, true, None, Presence::Silent),
            (AgentState::Pending, true, None, Presence::Pending),
            (AgentState::Retired, true, Some(heard(99_000, 0)), Presence::Retired),
            (AgentState::Revoked, false, None, Presence::Retired),
        ] {
            assert_eq!(of_host(agent, connected, heard, now), expected, "{agent:?} {connected} {heard:?}");
        }
    }

    #[test]
    fn says_why_nothing_is_known_of_a_vm() {
        let after = |silence, state, host, last_seen, newest| {
            why_missing(state, host, Some(heard(99_000, 0)), UnixMs(last_seen), silence, newest, UnixMs(100_000))
        };
        let why = |state, host, last_seen, newest| after(None, state, host, last_seen, newest);
        let (run, up) = (DomainState::Running, Presence::Connected);
        assert_eq!(why(run, up, 99_000, None), None);
        assert_eq!(why(run, up, 99_000, Some(Missing::Hung)), Some("hung"));
        assert_eq!(why(run, up, 10_000, None), Some("no_data"));
        assert_eq!(why(run, Presence::Silent, 99_000, None), Some("host_unreachable"));
        assert_eq!(why(DomainState::Shutoff, up, 99_000, None), Some("not_running"));
        assert_eq!(why(DomainState::NoState, up, 99_000, None), Some("no_data"));
        let filtered = Some(Missing::Filtered);
        assert_eq!(after(filtered, run, up, 10_000, None), Some("filtered"));
        assert_eq!(after(filtered, DomainState::Shutoff, up, 10_000, None), Some("filtered"));
        assert_eq!(after(filtered, run, Presence::Silent, 10_000, None), Some("host_unreachable"));
        assert_eq!(after(filtered, DomainState::NoState, up, 10_000, None), Some("no_data"));
    }
}
