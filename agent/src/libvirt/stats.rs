//! The calls that read domains.

use std::collections::HashSet;

use evenkeel_agent::scrape::groups::Groups;
use evenkeel_agent::scrape::protocol::RawDomain;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::Error;

use crate::ffi;

/// Every domain, active and inactive, with one call.
///
/// # Errors
/// libvirt's.
pub fn read(connect: &Connect, groups: Groups, nowait: bool) -> Result<Vec<RawDomain>, Error> {
    let all = virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE;
    ffi::all_domain_stats(connect, groups.flags(), all | flag(nowait))
}

/// Some active domains, with one call after one that names all; those that have gone are left out.
///
/// # Errors
/// libvirt's.
pub fn read_some(connect: &Connect, only: &[[u8; 16]], groups: Groups, nowait: bool) -> Result<Vec<RawDomain>, Error> {
    let only: HashSet<&[u8; 16]> = only.iter().collect();
    let mut domains = connect.list_all_domains(virt_sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE)?;
    domains.retain(|domain: &Domain| domain.uuid().is_ok_and(|uuid| only.contains(uuid.as_bytes())));
    if domains.is_empty() {
        return Ok(Vec::new());
    }
    ffi::some_domain_stats(&domains, groups.flags(), flag(nowait))
}

fn flag(nowait: bool) -> u32 {
    if nowait { virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT } else { 0 }
}
