//! The first question of a tick: what libvirt knows by itself, of all domains. It waits for a domain that libvirt holds,
//! as it does while it destroys one whose QEMU does not end; then the others are asked one by one.

use std::collections::HashSet;

use evenkeel_common::clock;
use evenkeel_common::time::{DurationMs, MonoMs};

use super::health::Change;
use super::isolation::{Call, DomainId, Effect, Event, Isolation, Outcome, Tick, Whom};
use super::monitors::deadline;
use super::protocol::{Look, Param, RawDomain, Reply, Request, Scraped};
use super::{ScrapeError, Scraper};
use crate::groups::Groups;

/// How a first question is asked.
#[derive(Clone, Copy, Debug)]
pub struct Plain {
    /// Groups that do not ask QEMU.
    pub groups: Groups,
    /// Domains described at most.
    pub describe_max: u32,
    /// Time between ticks.
    pub interval: DurationMs,
}

impl Scraper {
    /// One look at all domains. A domain that libvirt holds comes out of it without parameters, as it was named last. A
    /// change between answering and not answering is logged once.
    ///
    /// # Errors
    /// See [`ScrapeError`]: nobody was answered for. The next call tries again.
    pub async fn scrape(&mut self, plain: Plain) -> Result<Scraped, ScrapeError> {
        let result = self.plain(plain).await;
        match self.health.observe(result.is_ok()) {
            Some(Change::Down) => {
                if let Err(error) = &result {
                    tracing::warn!(uri = self.uri, "libvirt does not answer: {error}");
                }
            }
            Some(Change::UpAgain) => tracing::info!(uri = self.uri, "libvirt answers again"),
            None => {}
        }
        match &result {
            Ok(scraped) => {
                self.known = scraped.domains.iter().map(|domain| (domain.uuid, named(domain))).collect();
                self.last = lasting(scraped);
            }
            // What was known of whom libvirt holds says nothing of the libvirt that answers next.
            Err(_) => {
                self.plain = Isolation::of_libvirt();
                self.known.clear();
                self.last = None;
            }
        }
        result
    }

    async fn plain(&mut self, plain: Plain) -> Result<Scraped, ScrapeError> {
        if self.known.is_empty() {
            let request = self.question(&Call { whom: Whom::All, groups: plain.groups }, plain.describe_max);
            return scraped(self.ask(&request, self.deadline).await);
        }
        let begun = clock::mono();
        let until = begun.plus(DurationMs((plain.interval.0 * 9 / 10).max(self.deadline.0)));
        let active: Vec<DomainId> = self.known.keys().copied().collect();
        let nobody = HashSet::new();
        let tick =
            Tick { is_all: true, active: &active, stopped: &nobody, stuck: &nobody, wanted: plain.groups, until };
        let mut effect = self.plain.begin(tick, begun);
        let mut found: Option<Scraped> = None;
        let mut late = None;
        while let Effect::Call(call) = effect {
            let count = if let Whom::Only(domains) = &call.whom { domains.len() } else { active.len() };
            let most = deadline(plain.interval, count, self.deadline);
            let describe = if call.whom == Whom::All { plain.describe_max } else { 0 };
            let request = self.question(&call, describe);
            let (reply, worker) = self.try_ask(&request, most).await;
            let now = clock::mono();
            match scraped(reply) {
                Ok(answer) => effect = self.take(answer, &mut found, now),
                Err(error @ ScrapeError::Late { .. }) => {
                    // Killing takes a moment: nobody waits for that.
                    worker.map(|worker| tokio::spawn(worker.end()));
                    late = Some(error);
                    effect = self.plain.handle(Event::Late, now);
                }
                Err(error) => {
                    if let Some(worker) = worker {
                        self.backoff.failed(now);
                        return Err(ScrapeError::Ended(worker.end().await));
                    }
                    return Err(error);
                }
            }
        }
        // Which domains libvirt holds is told by libvirt's own events; here it would only pile up.
        drop(self.plain.take_happened());
        match (found, late) {
            (Some(scraped), _) => {
                self.backoff.succeeded();
                Ok(self.with_those_held(scraped, &active))
            }
            (None, late) => {
                self.backoff.failed(clock::mono());
                Err(late.unwrap_or(ScrapeError::Late { deadline: self.deadline }))
            }
        }
    }

    fn question(&mut self, call: &Call, describe_max: u32) -> Request {
        let (only, refresh) = match &call.whom {
            // A scrape that fails costs the connection or the worker, and the next one describes every domain anew.
            Whom::All => (None, std::mem::take(&mut self.refresh)),
            Whom::Only(domains) => (Some(domains.clone()), Vec::new()),
        };
        Request::Scrape { nowait: true, groups: call.groups, only, describe_max, refresh }
    }

    fn take(&mut self, answer: Scraped, found: &mut Option<Scraped>, now: MonoMs) -> Effect {
        let answers: Vec<(DomainId, bool)> = answer.domains.iter().map(|domain| (domain.uuid, true)).collect();
        match found {
            Some(found) => {
                found.domains.extend(answer.domains);
                found.described.extend(answer.described);
            }
            None => *found = Some(answer),
        }
        self.plain.handle(Event::Answered(&answers), now)
    }

    /// Adds the domains that libvirt holds, or that there was no time for.
    fn with_those_held(&self, mut scraped: Scraped, active: &[DomainId]) -> Scraped {
        for domain in active {
            let outcome = self.plain.outcome(domain);
            let is_held = matches!(outcome, Outcome::Hung | Outcome::NotAsked);
            if let Some(known) = self.known.get(domain).filter(|_| is_held) {
                let look = Look { asked: Groups::ALL, outcome: Some(outcome) };
                scraped.domains.push(RawDomain { look, ..known.clone() });
            }
        }
        scraped
    }
}

/// What is kept of a domain from one look to the next.
fn named(domain: &RawDomain) -> RawDomain {
    let RawDomain { uuid, name, id, params: _, look } = domain;
    RawDomain { uuid: *uuid, name: name.clone(), id: *id, params: Vec::new(), look: *look }
}

/// What of an answer holds until an event says otherwise: the states. `None` when libvirt held somebody.
fn lasting(scraped: &Scraped) -> Option<Scraped> {
    let stated = |domain: &RawDomain| {
        let is_state = |(name, _): &&(String, Param)| name.starts_with("state.");
        let params = domain.params.iter().filter(is_state).cloned().collect();
        domain.look.outcome.is_none().then(|| RawDomain { params, ..named(domain) })
    };
    let domains = scraped.domains.iter().map(stated).collect::<Option<Vec<_>>>()?;
    let (libvirt_version, qemu_version) = (scraped.libvirt_version.clone(), scraped.qemu_version.clone());
    Some(Scraped { libvirt_version, qemu_version, domains, described: Vec::new() })
}

fn scraped(reply: Result<Reply, ScrapeError>) -> Result<Scraped, ScrapeError> {
    match reply {
        Ok(Reply::Scraped(scraped)) => Ok(scraped),
        Ok(Reply::Failed { reason }) => Err(ScrapeError::Libvirt(reason)),
        Ok(Reply::Host(_)) => Err(ScrapeError::Ended("it answered another question".to_owned())),
        Err(error) => Err(error),
    }
}
