//! [P] Why readings of a VM are missing, in words, and what to do about it.

use std::collections::BTreeMap;

use evenkeel_common::metric::{by_id, by_name};
use evenkeel_common::sample::{Gauge, Missing, Value};

use crate::store::Latest;
use crate::view::vm::MissingView;

/// What belongs together: the beginning of the metrics' names, what it is called, and how it is switched on. The first
/// beginning that fits counts.
const GROUPS: &[(&str, &str, Option<&str>)] = &[
    ("vm_state", "state", None),
    ("vm_cpu_", "CPU time", None),
    ("vm_memory_bandwidth_", "memory bandwidth", None),
    ("vm_memory_rss_bytes", "resident memory", None),
    ("vm_memory_", "balloon statistics", Some("set a period: virsh dommemstat NAME --period 10 --live --config")),
    ("vm_vcpu_dirtyrate_", "dirty rate", Some("measure it: virsh domdirtyrate-calc NAME")),
    ("vm_dirtyrate_", "dirty rate", Some("measure it: virsh domdirtyrate-calc NAME")),
    ("vm_vcpu", "vCPUs", None),
    ("vm_network_", "interfaces", None),
    ("vm_block_threshold_", "write threshold", Some("set one: virsh domblkthreshold NAME DEVICE BYTES")),
    ("vm_block_", "disks", None),
    ("vm_perf_", "perf events", Some("enable those you want: virsh perf NAME --enable cpu_cycles,instructions --live")),
    ("vm_iothread", "I/O threads", None),
    ("vm_kvm_", "KVM's own statistics", None),
];

/// Metrics of probes.
const PROBES: &str = "vm_probe_";
/// How long libvirt took at the last tick.
const SCRAPE: &str = "host_agent_scrape_seconds";
/// Domains that the filter left out of it.
const FILTERED: &str = "host_agent_domains_filtered";

/// What is missing now, by group and reason. `whole` is why nothing at all is heard of the VM.
pub fn reasons(name: &str, whole: Option<&str>, series: &[Latest]) -> Vec<MissingView> {
    let mut found: BTreeMap<(usize, u8), MissingView> = BTreeMap::new();
    for latest in series {
        let (Some(metric), Some((_, Value::Missing(why)))) = (by_id(latest.metric), latest.points.first()) else {
            continue;
        };
        if metric.name.starts_with(PROBES) {
            // Each probe says by itself why it has no answer.
            continue;
        }
        let group = GROUPS.iter().position(|(start, ..)| metric.name.starts_with(start)).unwrap_or(GROUPS.len());
        let (_, what, how) = GROUPS.get(group).copied().unwrap_or(("", "other readings", None));
        let view = found.entry((group, why.code())).or_insert_with(|| MissingView {
            what: what.to_owned(),
            reason: why.as_str().to_owned(),
            words: words(*why, how.filter(|_| *why == Missing::NotEnabled), name),
            metrics: Vec::new(),
            devices: Vec::new(),
        });
        if !view.metrics.iter().any(|known| known == metric.name) {
            view.metrics.push(metric.name.to_owned());
        }
        if !latest.device.is_empty() && !view.devices.contains(&latest.device) {
            view.devices.push(latest.device.clone());
        }
    }
    let reason = |word: &str| Missing::ALL.into_iter().find(|why| why.as_str() == word);
    let all = whole.map(|word| MissingView {
        what: "all readings".to_owned(),
        reason: word.to_owned(),
        words: reason(word).map_or_else(|| word.replace('_', " "), |why| words(why, None, name)),
        metrics: Vec::new(),
        devices: Vec::new(),
    });
    all.into_iter().chain(found.into_values()).collect()
}

/// Why readings of a host or of its VMs are missing. `whole` is why nothing at all is heard of it.
pub fn of_host(whole: Option<Missing>, series: &[Latest]) -> Vec<MissingView> {
    let view = |what: String, why: Missing, words: &str, metric: &str| MissingView {
        what,
        reason: why.as_str().to_owned(),
        words: words.to_owned(),
        metrics: Some(metric.to_owned()).filter(|metric| !metric.is_empty()).into_iter().collect(),
        devices: Vec::new(),
    };
    if let Some(why) = whole {
        let words = match why {
            Missing::AgentDown => "its agent was stopped; start it there: systemctl start evenkeel-agent",
            Missing::NoData => "nothing was heard of it yet; does its agent run?",
            _ => {
                "nothing is heard of it: is it up, does its agent run (systemctl status evenkeel-agent), does UDP pass?"
            }
        };
        return vec![view("all readings".to_owned(), why, words, "")];
    }
    let newest = |name: &str| {
        let id = by_name(name)?.id;
        Some(series.iter().find(|latest| latest.metric == id && latest.device.is_empty())?.points.first()?.1)
    };
    let mut found = Vec::new();
    if let Some(Value::Missing(why)) = newest(SCRAPE) {
        let words = "libvirtd does not answer; `evenkeel-agent check` on the host says why";
        found.push(view("libvirt and its VMs".to_owned(), why, words, SCRAPE));
    }
    if let Some(Value::Gauge(Gauge::Int(count @ 1..))) = newest(FILTERED) {
        let what = if count == 1 { "1 VM".to_owned() } else { format!("{count} VMs") };
        found.push(view(what, Missing::Filtered, "left out by [filter] in agent.toml on the host", FILTERED));
    }
    found
}

/// The reason in words; for what is switched on by a command, the command.
fn words(why: Missing, how: Option<&str>, name: &str) -> String {
    let text = match why {
        Missing::NotEnabled => how.unwrap_or("it is not switched on, or this guest does not have it"),
        Missing::Hung => "QEMU's monitor does not answer: the guest's process or its storage hangs",
        Missing::Paused => "the guest is paused",
        Missing::LibvirtDown => "libvirtd on its host does not answer",
        Missing::AgentDown => "the agent on its host was stopped",
        Missing::HostUnreachable => "nothing is heard from its host",
        Missing::QueueFull => "the agent could not send for so long that its queue was full",
        Missing::CounterReset => "the counter started again; there is a rate after the next reading",
        Missing::PathDown => "what lies between the prober and the guest does not answer",
        Missing::NotPermitted => "the agent lacks a right that reading it takes; its journal says which",
        Missing::NotAsked => {
            "it was left out of the last reading, because other guests of its host hang or the reading took too long"
        }
        Missing::Filtered => "the filter of its host keeps it from being measured: [filter] in agent.toml there",
        Missing::NoData => "no reading came, and nothing more is known",
    };
    text.replace("NAME", name)
}

#[cfg(test)]
mod tests {
    use evenkeel_common::id::DomainUuid;
    use evenkeel_common::metric::{CATALOGUE, by_name};
    use evenkeel_common::time::UnixMs;

    use super::*;

    fn latest(metric: &str, device: &str, value: Value) -> Latest {
        let entity = DomainUuid::from_bytes([1; 16]).into();
        let points = vec![(UnixMs(1), value)];
        Latest { entity, metric: by_name(metric).unwrap().id, device: device.to_owned(), points }
    }

    #[test]
    fn what_is_not_switched_on_says_how() {
        let off = Value::Missing(Missing::NotEnabled);
        let series = [
            latest("vm_memory_usable_bytes", "", off),
            latest("vm_memory_unused_bytes", "", off),
            latest("vm_block_threshold_bytes", "vda", off),
            latest("vm_state", "", Value::Gauge(Gauge::Int(1))),
        ];
        let found = reasons("g1", None, &series);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].what.as_str(), found[0].reason.as_str()), ("balloon statistics", "not_enabled"));
        assert_eq!(found[0].words, "set a period: virsh dommemstat g1 --period 10 --live --config");
        assert_eq!(found[0].metrics, ["vm_memory_usable_bytes", "vm_memory_unused_bytes"]);
        assert_eq!((found[1].what.as_str(), found[1].devices[0].as_str()), ("write threshold", "vda"));
    }

    #[test]
    fn a_group_with_two_reasons_is_two_lines_and_silence_comes_first() {
        let series = [
            latest("vm_block_reads_total", "vda", Value::Missing(Missing::Hung)),
            latest("vm_block_reads_total", "vdb", Value::Missing(Missing::NotPermitted)),
        ];
        let found = reasons("g1", Some("host_unreachable"), &series);
        let lines: Vec<_> = found.iter().map(|view| (view.what.as_str(), view.reason.as_str())).collect();
        assert_eq!(lines, [("all readings", "host_unreachable"), ("disks", "hung"), ("disks", "not_permitted")]);
    }

    #[test]
    fn a_host_says_why_it_or_its_vms_are_missing() {
        let lines = |whole, series: &[Latest]| {
            of_host(whole, series).iter().map(|view| format!("{}: {}", view.what, view.reason)).collect::<Vec<_>>()
        };
        assert_eq!(lines(Some(Missing::AgentDown), &[]), ["all readings: agent_down"]);
        let series = [
            latest(SCRAPE, "", Value::Missing(Missing::LibvirtDown)),
            latest(FILTERED, "", Value::Gauge(Gauge::Int(2))),
        ];
        assert_eq!(lines(None, &series), ["libvirt and its VMs: libvirt_down", "2 VMs: filtered"]);
        assert!(lines(None, &[latest(FILTERED, "", Value::Gauge(Gauge::Int(0)))]).is_empty());
    }

    #[test]
    fn every_metric_of_a_vm_has_a_group_of_its_own_words() {
        let of_vms =
            CATALOGUE.iter().filter(|metric| metric.name.starts_with("vm_") && !metric.name.starts_with(PROBES));
        for metric in of_vms {
            assert!(GROUPS.iter().any(|(start, ..)| metric.name.starts_with(start)), "{}", metric.name);
        }
    }
}
