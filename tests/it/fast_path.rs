//! The kernel's numbers against `virsh domstats`: an agent's readings of a busy guest lie between what libvirt says
//! before and after them.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use evenkeel_common::clock;
use evenkeel_common::time::UnixMs;
use evenkeel_tests::cluster::Cluster;
use evenkeel_tests::lab::{GuestSpec, Lab, LabOptions, wait_for};
use serde_json::Value;

const LONG: Duration = Duration::from_secs(60);
const NS: f64 = 1e-9;
const KIB: f64 = 1024.0;
/// Compared after traffic and CPU use have begun.
const ROUNDS: usize = 3;

/// libvirt's parameter, our metric and device, factor to the metric's unit.
const COUNTERS: &[(&str, &str, &str, f64)] = &[
    ("cpu.time", "vm_cpu_seconds_total", "", NS),
    ("cpu.user", "vm_cpu_user_seconds_total", "", NS),
    ("cpu.system", "vm_cpu_system_seconds_total", "", NS),
    ("vcpu.0.time", "vm_vcpu_seconds_total", "vcpu0", NS),
    ("vcpu.1.time", "vm_vcpu_seconds_total", "vcpu1", NS),
    ("vcpu.0.delay", "vm_vcpu_delay_seconds_total", "vcpu0", NS),
    ("net.0.rx.bytes", "vm_network_receive_bytes_total", "NET", 1.0),
    ("net.0.rx.pkts", "vm_network_receive_packets_total", "NET", 1.0),
    ("net.0.tx.bytes", "vm_network_transmit_bytes_total", "NET", 1.0),
    ("net.0.tx.pkts", "vm_network_transmit_packets_total", "NET", 1.0),
];

#[test]
fn the_kernel_says_what_libvirt_says_of_a_busy_guest() -> Result<()> {
    let lab = Lab::up(&busy(LabOptions::for_test("fastpath", 1)?))?;
    ensure!(!own_cgroup(&lab)?, "this lab's guests have no cgroups");
    compare(&lab)
}

#[test]
fn with_cgroups_both_read_the_same_group() -> Result<()> {
    let lab = Lab::up(&busy(LabOptions::for_test("fastcg", 1)?.with_cgroups()))?;
    ensure!(own_cgroup(&lab)?, "libvirt gave the guest no cgroup of its own");
    compare(&lab)
}

fn busy(options: LabOptions) -> LabOptions {
    options.guest(GuestSpec { vcpus: 2, ..GuestSpec::new("g1", "hosta") })
}

fn compare(lab: &Lab) -> Result<()> {
    let cluster = Cluster::start(lab, "1s")?;
    wait_for("the kernel to be read for every group", LONG, || {
        let all = "CPU time, vCPU times, resident memory, network traffic is read from the kernel";
        Ok(cluster.log_of("hosta-agent").contains(all).then_some(()))
    })
    .with_context(|| cluster.log_of("hosta-agent"))?;
    lab.guest_http("g1", "/cgi-bin/burn?s=30")?;
    for round in 0..ROUNDS {
        let before = domstats(lab)?;
        let asked = clock::wall();
        lab.guest_http("g1", "/")?;
        let points = points_after(&cluster, asked, &before)?;
        let after = domstats(lab)?;
        for ((param, metric, device, factor), value) in COUNTERS.iter().zip(&points) {
            let (low, high) = (number(&before, param)? * factor, number(&after, param)? * factor);
            // As many digits as are shown; libvirt rounds a vCPU's user and system time down to a tick each, the agent the
            // sum of both.
            let tick = if *metric == "vm_vcpu_seconds_total" { 0.01 } else { 0.0 };
            ensure!(
                (low - 1e-6..=high + tick + 1e-6).contains(value),
                "round {round}: {metric} {device}: {value} is not between libvirt's {low} and {high}"
            );
        }
        let (low, high) = (number(&before, "balloon.rss")? * KIB, number(&after, "balloon.rss")? * KIB);
        let rss = points[COUNTERS.len()];
        ensure!(rss >= low.min(high) * 0.95 && rss <= low.max(high) * 1.05, "rss {rss}, libvirt {low} and {high}");
    }
    let log = cluster.log_of("hosta-agent");
    ensure!(!log.contains("host_fast_path_off"), "they differed:\n{log}");
    Ok(())
}

/// The first reading of each metric after `asked`: the counters in their order, then the resident memory.
fn points_after(cluster: &Cluster<'_>, asked: UnixMs, stats: &BTreeMap<String, String>) -> Result<Vec<f64>> {
    let tap = stats.get("net.0.name").context("the guest has an interface")?;
    let wanted = COUNTERS.iter().map(|(_, metric, device, _)| (*metric, *device));
    wanted
        .chain([("vm_memory_rss_bytes", "")])
        .map(|(metric, device)| {
            let device = if device == "NET" { tap.as_str() } else { device };
            let query = ["query", "--vm", "g1", "--metric", metric, "--from", "now-2m"];
            cluster.wait_json(&format!("a reading of {metric}"), &query, LONG, |answer| first(answer, device, asked))
        })
        .collect()
}

fn first(answer: &Value, device: &str, asked: UnixMs) -> Option<f64> {
    let series =
        answer["series"].as_array()?.iter().find(|series| series["device"].as_str().unwrap_or("") == device)?;
    let point = |point: &Value| Some((UnixMs::parse_rfc3339(point[0].as_str()?).ok()?, point[1].as_f64()?));
    let mut points = series["points"].as_array()?.iter().filter_map(point);
    points.find_map(|(time, value)| (time >= asked).then_some(value))
}

/// Whether QEMU is in a group that libvirt made for it.
fn own_cgroup(lab: &Lab) -> Result<bool> {
    let pid = std::fs::read_to_string(lab.host_dir("hosta").join("run/libvirt/qemu/g1.pid"))?;
    let pid = pid.trim();
    Ok(std::fs::read_to_string(format!("/proc/{pid}/cgroup"))?.lines().any(|line| line.ends_with("/emulator")))
}

fn domstats(lab: &Lab) -> Result<BTreeMap<String, String>> {
    let text = lab.virsh("hosta", &["domstats", "--raw", "g1"])?;
    Ok(text.lines().filter_map(|line| line.trim().split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect())
}

fn number(stats: &BTreeMap<String, String>, param: &str) -> Result<f64> {
    stats.get(param).and_then(|text| text.parse().ok()).with_context(|| format!("virsh says no {param}"))
}
