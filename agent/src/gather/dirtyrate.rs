//! The last measurement of the memory dirty rate that somebody asked libvirt for.

use evenkeel_common::metric::{MetricId, known};
use evenkeel_common::sample::Missing;

use super::Params;
use super::row::{Device, Row, row};

const MIB: u64 = 1 << 20;

pub(super) const ROWS: &[Row] = &[
    row("dirtyrate.calc_status", "vm_dirtyrate_calc_status"),
    row("dirtyrate.calc_start_time", "vm_dirtyrate_calc_start_seconds"),
    row("dirtyrate.calc_period", "vm_dirtyrate_calc_period_seconds"),
    row("dirtyrate.calc_mode", "vm_dirtyrate_calc_mode").words(&["page-sampling", "dirty-bitmap", "dirty-ring"]),
    row("dirtyrate.megabytes_per_second", "vm_dirtyrate_bytes_per_second").times(MIB),
    row("dirtyrate.vcpu.#.megabytes_per_second", "vm_vcpu_dirtyrate_bytes_per_second")
        .times(MIB)
        .of(Device::Numbered("vcpu")),
];

/// There is no rate until somebody measures one (`virsh domdirtyrate-calc NAME`).
pub(super) fn absent(params: &Params<'_>, silent: Option<Missing>) -> Vec<(MetricId, String, Missing)> {
    if silent.is_none() && !params.has("dirtyrate.calc_status") {
        return Vec::new();
    }
    let why = silent.unwrap_or(Missing::NotEnabled);
    vec![(known("vm_dirtyrate_bytes_per_second").id, String::new(), why)]
}
