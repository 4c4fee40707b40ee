//! `/sys/kernel/mm/ksm`: memory that guests share without knowing.

use evenkeel_common::metric::known;

use super::out::Out;

/// The files, in the order of [`Ksm`]'s fields.
pub const FILES: [&str; 6] = ["run", "pages_shared", "pages_sharing", "pages_unshared", "pages_volatile", "full_scans"];

/// What the files of [`FILES`] say; `None` for one that is not there.
pub type Ksm = [Option<u64>; 6];

pub(super) fn read(out: &mut Out, ksm: Ksm, page_bytes: u64) {
    let [run, shared, saved, unshared, volatile, scans] = ksm;
    let bytes = |pages: Option<u64>| pages.map(|pages| pages.saturating_mul(page_bytes));
    out.maybe(const { known("host_ksm_run") }, run);
    out.maybe(const { known("host_ksm_shared_bytes") }, bytes(shared));
    out.maybe(const { known("host_ksm_saved_bytes") }, bytes(saved));
    out.maybe(const { known("host_ksm_unshared_bytes") }, bytes(unshared));
    out.maybe(const { known("host_ksm_volatile_bytes") }, bytes(volatile));
    out.maybe(const { known("host_ksm_full_scans_total") }, scans);
}
