//! The second question of a tick: what libvirt asks QEMU for. It may hang at a guest, so each call has a deadline that
//! leaves room for another one before the next tick, and a late call costs its worker.

use std::collections::{HashMap, HashSet};

use evenkeel_common::clock;
use evenkeel_common::time::{DurationMs, MonoMs};

use super::groups::Groups;
use super::isolation::{Call, DomainId, Effect, Event, Happened, Outcome, Tick, Whom};
use super::protocol::{Param, RawDomain, Reply, Request};
use super::{ScrapeError, Scraper};
use crate::gather::has_answered;
use crate::selfstats::Indicator;

/// The shortest deadline of a call: a busy host needs some time for a fresh worker to connect …
const DEADLINE_LEAST: DurationMs = DurationMs(500);
/// … and libvirtd some for each domain.
const PER_DOMAIN: DurationMs = DurationMs(5);

/// What to ask for, of whom.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Groups that ask QEMU.
    pub groups: Groups,
    /// Whether no other domain is on the host.
    pub is_all: bool,
    /// The active domains.
    pub active: &'a [DomainId],
    /// Those whose process the kernel says is stopped.
    pub stopped: &'a HashSet<DomainId>,
    /// Those whose process waits for a device, now and at the tick before.
    pub stuck: &'a HashSet<DomainId>,
    /// Time between ticks.
    pub interval: DurationMs,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Monitors {
    /// What libvirt said of each domain, and for which groups it was asked.
    pub said: HashMap<DomainId, (Groups, Vec<(String, Param)>)>,
    /// How each active domain came out of it.
    pub outcomes: HashMap<DomainId, Outcome>,
    /// What somebody should hear of.
    pub happened: Vec<Happened>,
}

/// How long one call may take: a third of the interval, so that two late ones leave time for a third, but no less than
/// a busy host needs.
pub(super) fn deadline(interval: DurationMs, domains: usize, most: DurationMs) -> DurationMs {
    let domains = i64::try_from(domains).unwrap_or(i64::MAX);
    let needed = DEADLINE_LEAST.0.saturating_add(PER_DOMAIN.0.saturating_mul(domains));
    DurationMs((interval.0 / 3).max(needed).min(most.0))
}

impl Scraper {
    /// Asks for what QEMU has to be asked for, without waiting longer than about an interval for those that hang.
    pub async fn scrape_monitors(&mut self, asked: Asked<'_>) -> Monitors {
        let mut monitors = Monitors::default();
        let begun = clock::mono();
        let one = deadline(asked.interval, asked.active.len(), self.deadline);
        let until = begun.plus(DurationMs((asked.interval.0 * 9 / 10).max(one.0.saturating_mul(2))));
        let Asked { is_all, active, stopped, stuck, groups: wanted, .. } = asked;
        let mut effect = self.monitors.begin(Tick { is_all, active, stopped, stuck, wanted, until }, begun);
        while let Effect::Call(call) = effect {
            effect = self.call(call, asked, &mut monitors).await;
        }
        monitors.outcomes = active.iter().map(|domain| (*domain, self.monitors.outcome(domain))).collect();
        monitors.happened = self.monitors.take_happened();
        let suspects = u64::try_from(self.monitors.suspects()).unwrap_or(u64::MAX);
        self.tally.set(Indicator::DomainsQuarantined, "", suspects);
        monitors
    }

    async fn call(&mut self, call: Call, asked: Asked<'_>, monitors: &mut Monitors) -> Effect {
        let (only, count) = match call.whom {
            Whom::All => (None, asked.active.len()),
            Whom::Only(domains) => (Some(domains.clone()), domains.len()),
        };
        let groups = call.groups;
        let request = Request::Scrape { nowait: true, groups, only, describe_max: 0, refresh: Vec::new() };
        let (reply, worker) = self.try_ask(&request, deadline(asked.interval, count, self.deadline)).await;
        let now = clock::mono();
        // Killing takes a moment, and longer where the kernel holds the process: nobody waits for that.
        if let Some(worker) = worker {
            tokio::spawn(worker.end());
        }
        match reply {
            Ok(Reply::Scraped(scraped)) => {
                let answers: Vec<(DomainId, bool)> =
                    scraped.domains.iter().map(|domain| (domain.uuid, has_answered(domain, groups))).collect();
                for RawDomain { uuid, params, .. } in scraped.domains {
                    monitors.said.insert(uuid, (groups, params));
                }
                self.monitors.handle(Event::Answered(&answers), now)
            }
            Err(ScrapeError::Late { .. }) => self.monitors.handle(Event::Late, now),
            Ok(reply) => self.failed(&format!("{reply:?}"), now),
            Err(error) => self.failed(&error.to_string(), now),
        }
    }

    fn failed(&mut self, why: &str, now: MonoMs) -> Effect {
        tracing::debug!(why, "QEMU's readings of this tick are missing");
        self.monitors.handle(Event::Failed, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_leaves_room_for_another_call_and_grows_with_the_host() {
        let of = |interval, domains| deadline(DurationMs(interval), domains, DurationMs(5_000)).0;
        assert_eq!([of(10_000, 40), of(1_000, 3), of(1_000, 500), of(60_000, 1)], [3_333, 515, 3_000, 5_000]);
    }
}
