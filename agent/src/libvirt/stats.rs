//! The one call that reads all domains.

use evenkeel_agent::scrape::protocol::RawDomain;
use virt::connect::Connect;
use virt::error::Error;

use crate::ffi;

/// 0 asks for every group that the libvirt at the other end knows.
const ALL_GROUPS: u32 = 0;

/// Every domain, active and inactive.
///
/// # Errors
/// libvirt's.
pub fn read(connect: &Connect, nowait: bool) -> Result<Vec<RawDomain>, Error> {
    let mut flags =
        virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_INACTIVE;
    if nowait {
        flags |= virt_sys::VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
    }
    ffi::all_domain_stats(connect, ALL_GROUPS, flags)
}
