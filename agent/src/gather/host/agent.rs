//! What the agent says of itself.

use evenkeel_common::sample::{Counter, CounterEpoch, Missing, Value};

use super::out::Out;
use crate::selfstats::Indicator;

/// What came of asking libvirt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scrape {
    /// It did not answer.
    #[default]
    Down,
    /// It was not asked: nothing was due, and its events told of nothing.
    NotAsked,
    /// It answered after so many ns.
    Took(u64),
}

/// What the agent says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct AgentFacts {
    /// The agent's start: its counters live no longer than it.
    pub since: CounterEpoch,
    /// What came of asking libvirt.
    pub scrape: Scrape,
    /// Ticks left out since the agent's start.
    pub ticks_skipped: u64,
    /// Parameters without a metric at this tick.
    pub unmapped: u64,
    /// Domains that the filter keeps from being measured.
    pub filtered: u64,
}

pub(super) fn read(out: &mut Out, agent: AgentFacts) {
    match agent.scrape {
        Scrape::Took(ns) => out.whole(Indicator::ScrapeTime.metric(), "", ns),
        Scrape::NotAsked => {}
        Scrape::Down => out.missing(Indicator::ScrapeTime.metric(), "", Missing::LibvirtDown),
    }
    let skipped = Counter { epoch: agent.since, value: agent.ticks_skipped };
    out.push(Indicator::TicksSkipped.metric(), "", Value::Counter(skipped));
    out.whole(Indicator::Unmapped.metric(), "", agent.unmapped);
    out.whole(Indicator::DomainsFiltered.metric(), "", agent.filtered);
}
