//! The calls that read domains.

use std::collections::HashMap;

use evenkeel_agent::scrape::groups::Groups;
use evenkeel_agent::scrape::protocol::RawDomain;
use uuid::Uuid;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::{Error, ErrorNumber};

use crate::ffi;

/// Domains that are kept although fewer were asked for.
const HANDLES_KEPT: usize = 64;

/// Every domain, active and inactive, with one call.
///
/// # Errors
/// libvirt's.
pub fn read(connect: &Connect, groups: Groups, nowait: bool) -> Result<Vec<RawDomain>, Error> {
    let all = virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE;
    ffi::all_domain_stats(connect, groups.flags(), all | flag(nowait))
}

/// Domains by UUID, looked up once per connection. A list of all domains would wait for each one that libvirt holds.
#[derive(Default)]
pub struct Handles(HashMap<[u8; 16], Domain>);

impl Handles {
    /// Some domains, with one call; those that have gone are left out.
    ///
    /// # Errors
    /// libvirt's.
    pub fn read(
        &mut self,
        connect: &Connect,
        only: &[[u8; 16]],
        groups: Groups,
        nowait: bool,
    ) -> Result<Vec<RawDomain>, Error> {
        if self.0.len() > only.len().saturating_mul(2).max(HANDLES_KEPT) {
            self.0.clear();
        }
        let mut domains = Vec::with_capacity(only.len());
        for uuid in only {
            let known = match self.0.get(uuid) {
                Some(domain) => domain.clone(),
                None => match connect.lookup_domain_by_uuid(Uuid::from_bytes(*uuid)) {
                    Ok(domain) => self.0.entry(*uuid).or_insert(domain).clone(),
                    Err(error) if error.code() == ErrorNumber::NoDomain.into() => continue,
                    Err(error) => return Err(error),
                },
            };
            domains.push(known);
        }
        if domains.is_empty() {
            return Ok(Vec::new());
        }
        let stats = ffi::some_domain_stats(&domains, groups.flags(), flag(nowait));
        if stats.is_err() {
            // One of them may have gone, which fails the whole call.
            self.0.clear();
        }
        stats
    }
}

fn flag(nowait: bool) -> u32 {
    if nowait { virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT } else { 0 }
}
