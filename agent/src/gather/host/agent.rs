//! What the agent says of itself.

use evenkeel_common::metric::known;
use evenkeel_common::sample::Missing;

use super::out::Out;

/// What the agent says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct AgentFacts {
    /// How long libvirt took; `None` when it did not answer.
    pub scrape_ns: Option<u64>,
    /// Ticks left out since the agent's start.
    pub ticks_skipped: u64,
    /// Parameters without a metric at this tick.
    pub unmapped: u64,
}

pub(super) fn read(out: &mut Out, agent: AgentFacts) {
    match agent.scrape_ns {
        Some(ns) => out.whole(const { known("host_agent_scrape_seconds") }, "", ns),
        None => out.missing(const { known("host_agent_scrape_seconds") }, "", Missing::LibvirtDown),
    }
    out.whole(const { known("host_agent_ticks_skipped_total") }, "", agent.ticks_skipped);
    out.whole(const { known("host_agent_unmapped_parameters") }, "", agent.unmapped);
}
