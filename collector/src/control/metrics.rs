//! `/metrics`: the collector's own figures, and the newest reading of every VM under the names that libvirt exporters use,
//! where there is one, else under its own.

use evenkeel_common::metric::{Kind, by_id};
use evenkeel_common::sample::{DomainState, Value};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::presence::Presence;
use super::{Control, ControlError};
use crate::series::Scale;
use crate::store::{Latest, VmRow};
use crate::view::metrics::Exposition;

/// VMs whose readings are exposed: an answer of some 50 MB. Beyond it there are the collector's own figures only.
const VMS_MAX: usize = 10_000;
/// VMs whose readings are read at once.
const SLICE: usize = 100;
/// A reading older than this is not exposed: Prometheus would take it for one of now.
const STALE: DurationMs = DurationMs::from_s(300);

/// Our metric, and the name and the device's label that dashboards for libvirt exporters look for.
const EXPORTED: [(&str, &str, &str); 34] = [
    ("vm_state", "libvirt_domain_info_vstate", ""),
    ("vm_cpu_seconds_total", "libvirt_domain_info_cpu_time_seconds_total", ""),
    ("vm_vcpus", "libvirt_domain_info_virtual_cpus", ""),
    ("vm_memory_maximum_bytes", "libvirt_domain_info_maximum_memory_bytes", ""),
    ("vm_memory_current_bytes", "libvirt_domain_info_memory_usage_bytes", ""),
    ("vm_memory_rss_bytes", "libvirt_domain_memory_stats_rss_bytes", ""),
    ("vm_memory_unused_bytes", "libvirt_domain_memory_stats_unused_bytes", ""),
    ("vm_memory_available_bytes", "libvirt_domain_memory_stats_available_bytes", ""),
    ("vm_memory_usable_bytes", "libvirt_domain_memory_stats_usable_bytes", ""),
    ("vm_memory_disk_caches_bytes", "libvirt_domain_memory_stats_disk_caches_bytes", ""),
    ("vm_memory_major_faults_total", "libvirt_domain_memory_stats_major_fault_total", ""),
    ("vm_memory_minor_faults_total", "libvirt_domain_memory_stats_minor_fault_total", ""),
    ("vm_memory_swap_in_bytes_total", "libvirt_domain_memory_stats_swap_in_bytes", ""),
    ("vm_memory_swap_out_bytes_total", "libvirt_domain_memory_stats_swap_out_bytes", ""),
    ("vm_vcpu_state", "libvirt_domain_vcpu_state", "vcpu"),
    ("vm_vcpu_seconds_total", "libvirt_domain_vcpu_time_seconds_total", "vcpu"),
    ("vm_vcpu_wait_seconds_total", "libvirt_domain_vcpu_wait_seconds_total", "vcpu"),
    ("vm_vcpu_delay_seconds_total", "libvirt_domain_vcpu_delay_seconds_total", "vcpu"),
    ("vm_block_read_bytes_total", "libvirt_domain_block_stats_read_bytes_total", "target_device"),
    ("vm_block_reads_total", "libvirt_domain_block_stats_read_requests_total", "target_device"),
    ("vm_block_read_seconds_total", "libvirt_domain_block_stats_read_time_seconds_total", "target_device"),
    ("vm_block_written_bytes_total", "libvirt_domain_block_stats_write_bytes_total", "target_device"),
    ("vm_block_writes_total", "libvirt_domain_block_stats_write_requests_total", "target_device"),
    ("vm_block_write_seconds_total", "libvirt_domain_block_stats_write_time_seconds_total", "target_device"),
    ("vm_block_flushes_total", "libvirt_domain_block_stats_flush_requests_total", "target_device"),
    ("vm_block_flush_seconds_total", "libvirt_domain_block_stats_flush_time_seconds_total", "target_device"),
    ("vm_network_receive_bytes_total", "libvirt_domain_interface_stats_receive_bytes_total", "target_device"),
    ("vm_network_receive_packets_total", "libvirt_domain_interface_stats_receive_packets_total", "target_device"),
    ("vm_network_receive_errors_total", "libvirt_domain_interface_stats_receive_errors_total", "target_device"),
    ("vm_network_receive_drops_total", "libvirt_domain_interface_stats_receive_drops_total", "target_device"),
    ("vm_network_transmit_bytes_total", "libvirt_domain_interface_stats_transmit_bytes_total", "target_device"),
    ("vm_network_transmit_packets_total", "libvirt_domain_interface_stats_transmit_packets_total", "target_device"),
    ("vm_network_transmit_errors_total", "libvirt_domain_interface_stats_transmit_errors_total", "target_device"),
    ("vm_network_transmit_drops_total", "libvirt_domain_interface_stats_transmit_drops_total", "target_device"),
];

impl Control {
    /// The text of `/metrics`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn metrics(&self, now: UnixMs) -> Result<String, ControlError> {
        let mut exposition = Exposition::default();
        self.own_figures(&mut exposition, now).await?;
        let vms: Vec<VmRow> =
            self.store().vms().await?.into_iter().filter(|vm| vm.state != DomainState::NoState).collect();
        if vms.len() <= VMS_MAX {
            for slice in vms.chunks(SLICE) {
                let entities = slice.iter().map(|vm| vm.uuid.into()).collect();
                for latest in self.store().latest(entities, Vec::new(), 1).await? {
                    if let Some(vm) = slice.iter().find(|vm| latest.entity == vm.uuid.into()) {
                        add(&mut exposition, vm, &latest, now);
                    }
                }
            }
        }
        Ok(exposition.text())
    }

    async fn own_figures(&self, exposition: &mut Exposition, now: UnixMs) -> Result<(), ControlError> {
        let status = self.status(now).await?;
        let store = self.store_status().await?;
        let mut gauge = |name: &str, help: &str, labels: &[(&str, &str)], value: u64| {
            exposition.add(&format!("evenkeel_collector_{name}"), "gauge", help, labels, float(value));
        };
        gauge("build_info", "Version of the collector.", &[("version", &status.version)], 1);
        let started = u64::try_from(status.started_at.0.0 / 1_000).unwrap_or(0);
        gauge("start_time_seconds", "When the collector was started.", &[], started);
        let agents = status.agents;
        for (presence, count) in [
            (Presence::Connected, agents.connected),
            (Presence::Silent, agents.silent),
            (Presence::Pending, agents.pending),
        ] {
            gauge("agents", "Enrolled agents by state.", &[("state", presence.as_str())], count);
        }
        gauge("vms", "VMs that are known.", &[], status.vms);
        gauge("samples", "Readings that are stored.", &[], store.samples);
        gauge("series_active", "Series that were read in the last two hours.", &[], store.series_active);
        gauge("series", "Series that are known.", &[], store.series_total);
        gauge("store_bytes", "Bytes of the journal and of all levels.", &[], store.bytes);
        gauge("journal_bytes", "Bytes of the journal.", &[], store.journal_bytes);
        gauge("journal_rows", "Rows that wait to be sealed.", &[], store.journal_batches);
        gauge("quarantined_chunks", "Chunks that were damaged and put aside.", &[], store.quarantined_chunks);
        gauge(
            "reserve_bytes",
            "Space kept for control and actions; 0 while the disk is full.",
            &[],
            store.reserve_bytes,
        );
        gauge("disk_free_bytes", "Free space of the data directory's file system.", &[], status.disk_free_bytes);
        Ok(())
    }
}

fn add(exposition: &mut Exposition, vm: &VmRow, latest: &Latest, now: UnixMs) {
    let Some(metric) = by_id(latest.metric) else { return };
    let Some((_, value)) = latest.points.first().filter(|(at, _)| now.since(*at) <= STALE) else { return };
    let Ok(number) = Scale::of(metric).number(*value) else { return };
    let known = EXPORTED.iter().find(|(ours, ..)| *ours == metric.name);
    let (name, label) = known.map_or((metric.name, "device"), |(_, name, label)| (*name, *label));
    let uuid = vm.uuid.to_string();
    let mut labels = vec![("domain", vm.name.as_str()), ("uuid", &uuid), ("host", vm.host.as_str())];
    let device = if label == "vcpu" { latest.device.trim_start_matches("vcpu") } else { &latest.device };
    if !latest.device.is_empty() {
        labels.push((if label.is_empty() { "device" } else { label }, device));
    }
    let kind = if metric.kind == Kind::Counter && matches!(value, Value::Counter(_)) { "counter" } else { "gauge" };
    exposition.add(name, kind, metric.help, &labels, number.as_f64());
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus has floats only")]
fn float(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use evenkeel_common::metric::by_name;

    use super::*;

    #[test]
    fn every_exported_metric_is_in_the_catalogue_and_no_name_is_there_twice() {
        let mut names = std::collections::BTreeSet::new();
        for (ours, name, _) in EXPORTED {
            assert!(by_name(ours).is_some(), "{ours}");
            assert!(names.insert(name), "{name}");
        }
    }
}
