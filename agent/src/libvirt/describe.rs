//! Descriptions of domains: asked for one by one, so only when there is a reason, and a few at a time.

use std::collections::{HashMap, HashSet};

use evenkeel_agent::scrape::protocol::{Description, RawDomain};
use evenkeel_common::time::{DurationMs, MonoMs};
use uuid::Uuid;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::domain_snapshot::DomainSnapshot;
use virt::error::Error;

use crate::ffi;

/// A definition may be edited at any time and a read-only scrape has no events, so it is read again after this time.
const REFRESH: DurationMs = DurationMs::from_s(300);
/// Snapshots and checkpoints named of one domain, each; the agent lists fewer still.
const NAMES_MAX: usize = 256;

#[derive(Clone, Copy, Debug)]
struct Known {
    id: Option<u32>,
    at: MonoMs,
}

/// Which domains were described, and when.
#[derive(Debug, Default)]
pub struct Describer {
    known: HashMap<[u8; 16], Known>,
}

impl Describer {
    /// Describes at most `max` of the domains that are due. One that fails or has gone is left for the next time.
    pub fn describe(&mut self, connect: &Connect, domains: &[RawDomain], now: MonoMs, max: usize) -> Vec<Description> {
        let present: HashSet<[u8; 16]> = domains.iter().map(|domain| domain.uuid).collect();
        self.known.retain(|uuid, _| present.contains(uuid));
        let mut described = Vec::new();
        for domain in due(&self.known, domains, now).into_iter().take(max) {
            match read(connect, domain.uuid) {
                Ok(description) => {
                    self.known.insert(domain.uuid, Known { id: domain.id, at: now });
                    described.push(description);
                }
                Err(error) => tracing::debug!(domain = domain.name, %error, "cannot be described now"),
            }
        }
        described
    }

    /// Describes this domain again at the next opportunity: something of it changed.
    pub fn refresh(&mut self, uuid: [u8; 16]) {
        self.known.remove(&uuid);
    }

    /// Forgets everything: the agent on the other side has nothing yet, or another libvirt answers.
    pub fn forget(&mut self) {
        self.known.clear();
    }
}

/// The domains to describe: new ones, then those with another id, then those described longest ago.
fn due<'a>(known: &HashMap<[u8; 16], Known>, domains: &'a [RawDomain], now: MonoMs) -> Vec<&'a RawDomain> {
    let mut due: Vec<((u8, MonoMs), &RawDomain)> = domains
        .iter()
        .filter_map(|domain| match known.get(&domain.uuid) {
            None => Some(((0, MonoMs(0)), domain)),
            Some(was) if was.id != domain.id => Some(((1, was.at), domain)),
            Some(was) if now.since(was.at) >= REFRESH => Some(((2, was.at), domain)),
            Some(_) => None,
        })
        .collect();
    due.sort_by_key(|(order, _)| *order);
    due.into_iter().map(|(_, domain)| domain).collect()
}

fn read(connect: &Connect, uuid: [u8; 16]) -> Result<Description, Error> {
    let domain = connect.lookup_domain_by_uuid(Uuid::from_bytes(uuid))?;
    Ok(Description {
        uuid,
        xml: domain.xml_desc(0)?,
        persistent: domain.is_persistent()?,
        autostart: domain.autostart()?,
        snapshots: names(snapshots(&domain), "snapshots"),
        checkpoints: names(ffi::checkpoint_names(&domain), "checkpoints"),
    })
}

fn snapshots(domain: &Domain) -> Result<Vec<String>, Error> {
    domain.list_all_snapshots(0)?.iter().take(NAMES_MAX).map(DomainSnapshot::name).collect()
}

/// A driver without snapshots (test, LXC) still has the rest to say.
fn names(names: Result<Vec<String>, Error>, what: &str) -> Vec<String> {
    names.unwrap_or_else(|error| {
        tracing::debug!(%error, what, "cannot be listed");
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(n: u8, id: Option<u32>) -> RawDomain {
        RawDomain { uuid: [n; 16], id, ..RawDomain::default() }
    }

    #[test]
    fn new_ones_come_first_then_restarted_ones_then_the_oldest() {
        let at = |ms| Known { id: Some(1), at: MonoMs(ms) };
        let known = HashMap::from([([1; 16], at(400_000)), ([2; 16], at(1)), ([3; 16], at(0)), ([4; 16], at(400_000))]);
        let domains = [1, 2, 3, 4, 5].map(|n| domain(n, Some(if n == 4 { 9 } else { 1 })));
        let order: Vec<u8> = due(&known, &domains, MonoMs(400_001)).iter().map(|domain| domain.uuid[0]).collect();
        assert_eq!(order, [5, 4, 3, 2]);
    }
}
