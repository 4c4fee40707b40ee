//! `evenkeel-agent once` against `virsh domstats --raw` of the same moment: asked before and after, every parameter of
//! every group, by a table that is written down here a second time on purpose.

mod rich;

use std::collections::BTreeMap;
use std::process::{Output, Stdio};

use anyhow::{Context, Result, ensure};
use evenkeel_tests::lab::{GuestSpec, Lab, LabOptions, ProcessId};
use evenkeel_tests::programs::program;
use serde_json::Value;

/// How a parameter has to compare.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    /// Set by configuration: the same before, within and after.
    Fixed,
    /// Only grows: before ≤ once ≤ after.
    Grows,
    /// Moves both ways: near what was seen before or after.
    Moves,
}
use How::{Fixed, Grows, Moves};

const KIB: f64 = 1024.0;
const NS: f64 = 1e-9;

/// Parameter with `#` for the number of a device, metric, factor to the metric's unit, how it compares.
const TABLE: &[(&str, &str, f64, How)] = &[
    ("state.state", "vm_state", 1.0, Fixed),
    ("state.reason", "vm_state_reason", 1.0, Fixed),
    ("cpu.time", "vm_cpu_seconds_total", NS, Grows),
    ("cpu.user", "vm_cpu_user_seconds_total", NS, Grows),
    ("cpu.system", "vm_cpu_system_seconds_total", NS, Grows),
    ("cpu.haltpoll.success.time", "vm_cpu_haltpoll_success_seconds_total", NS, Grows),
    ("cpu.haltpoll.fail.time", "vm_cpu_haltpoll_fail_seconds_total", NS, Grows),
    ("cpu.cache.monitor.count", "vm_cpu_cache_monitors", 1.0, Fixed),
    ("balloon.current", "vm_memory_current_bytes", KIB, Fixed),
    ("balloon.maximum", "vm_memory_maximum_bytes", KIB, Fixed),
    ("balloon.swap_in", "vm_memory_swap_in_bytes_total", KIB, Grows),
    ("balloon.swap_out", "vm_memory_swap_out_bytes_total", KIB, Grows),
    ("balloon.major_fault", "vm_memory_major_faults_total", 1.0, Grows),
    ("balloon.minor_fault", "vm_memory_minor_faults_total", 1.0, Grows),
    ("balloon.unused", "vm_memory_unused_bytes", KIB, Moves),
    ("balloon.available", "vm_memory_available_bytes", KIB, Moves),
    ("balloon.usable", "vm_memory_usable_bytes", KIB, Moves),
    ("balloon.last-update", "vm_memory_stats_timestamp_seconds", 1.0, Grows),
    ("balloon.disk_caches", "vm_memory_disk_caches_bytes", KIB, Moves),
    ("balloon.hugetlb_pgalloc", "vm_memory_hugetlb_allocations_total", 1.0, Grows),
    ("balloon.hugetlb_pgfail", "vm_memory_hugetlb_failures_total", 1.0, Grows),
    ("balloon.rss", "vm_memory_rss_bytes", KIB, Moves),
    ("vcpu.current", "vm_vcpus", 1.0, Fixed),
    ("vcpu.maximum", "vm_vcpus_maximum", 1.0, Fixed),
    ("vcpu.#.state", "vm_vcpu_state", 1.0, Fixed),
    ("vcpu.#.time", "vm_vcpu_seconds_total", NS, Grows),
    ("vcpu.#.wait", "vm_vcpu_wait_seconds_total", NS, Grows),
    ("vcpu.#.delay", "vm_vcpu_delay_seconds_total", NS, Grows),
    ("net.count", "vm_network_interfaces", 1.0, Fixed),
    ("net.#.rx.bytes", "vm_network_receive_bytes_total", 1.0, Grows),
    ("net.#.rx.pkts", "vm_network_receive_packets_total", 1.0, Grows),
    ("net.#.rx.errs", "vm_network_receive_errors_total", 1.0, Grows),
    ("net.#.rx.drop", "vm_network_receive_drops_total", 1.0, Grows),
    ("net.#.tx.bytes", "vm_network_transmit_bytes_total", 1.0, Grows),
    ("net.#.tx.pkts", "vm_network_transmit_packets_total", 1.0, Grows),
    ("net.#.tx.errs", "vm_network_transmit_errors_total", 1.0, Grows),
    ("net.#.tx.drop", "vm_network_transmit_drops_total", 1.0, Grows),
    ("block.count", "vm_block_devices", 1.0, Fixed),
    ("block.#.rd.reqs", "vm_block_reads_total", 1.0, Grows),
    ("block.#.rd.bytes", "vm_block_read_bytes_total", 1.0, Grows),
    ("block.#.rd.times", "vm_block_read_seconds_total", NS, Grows),
    ("block.#.wr.reqs", "vm_block_writes_total", 1.0, Grows),
    ("block.#.wr.bytes", "vm_block_written_bytes_total", 1.0, Grows),
    ("block.#.wr.times", "vm_block_write_seconds_total", NS, Grows),
    ("block.#.fl.reqs", "vm_block_flushes_total", 1.0, Grows),
    ("block.#.fl.times", "vm_block_flush_seconds_total", NS, Grows),
    ("block.#.allocation", "vm_block_allocation_bytes", 1.0, Moves),
    ("block.#.capacity", "vm_block_capacity_bytes", 1.0, Fixed),
    ("block.#.physical", "vm_block_physical_bytes", 1.0, Moves),
    ("block.#.threshold", "vm_block_threshold_bytes", 1.0, Fixed),
    ("perf.page_faults", "vm_perf_page_faults_total", 1.0, Grows),
    ("perf.context_switches", "vm_perf_context_switches_total", 1.0, Grows),
    ("perf.task_clock", "vm_perf_task_clock_seconds_total", NS, Grows),
    ("iothread.count", "vm_iothreads", 1.0, Fixed),
    ("iothread.#.poll-max-ns", "vm_iothread_poll_max_seconds", NS, Fixed),
    ("iothread.#.poll-grow", "vm_iothread_poll_grow", 1.0, Fixed),
    ("iothread.#.poll-shrink", "vm_iothread_poll_shrink", 1.0, Fixed),
    ("memory.bandwidth.monitor.count", "vm_memory_bandwidth_monitors", 1.0, Fixed),
    ("dirtyrate.calc_status", "vm_dirtyrate_calc_status", 1.0, Fixed),
    ("dirtyrate.calc_start_time", "vm_dirtyrate_calc_start_seconds", 1.0, Fixed),
    ("dirtyrate.calc_period", "vm_dirtyrate_calc_period_seconds", 1.0, Fixed),
    ("dirtyrate.megabytes_per_second", "vm_dirtyrate_bytes_per_second", 1_048_576.0, Fixed),
];

/// Name a device, or are a word (`dirtyrate.calc_mode` is looked at by itself).
const WORDS: &[&str] = &["block.#.name", "block.#.path", "block.#.backingIndex", "net.#.name", "dirtyrate.calc_mode"];

/// Groups that the lab's guests must show, so that a virsh that prints nothing does not pass for agreement.
const GROUPS: &[&str] = &["state.", "cpu.", "balloon.", "vcpu.", "net.", "block.", "iothread.", "dirtyrate."];

type Stats = BTreeMap<String, String>;

#[test]
fn once_is_what_virsh_says_field_by_field() -> Result<()> {
    let lab = Lab::up(&LabOptions::for_test("once", 1)?.guest(GuestSpec::new("g1", "hosta")))?;
    let perf = make_second_guest(&lab)?;
    rich::make(&lab)?;
    lab.virsh("hosta", &["domblkthreshold", "g1", "vda", "60000000"])?;
    let before = domstats(&lab)?;
    let once = once(&lab)?;
    let after = domstats(&lab)?;
    let mut compared: Vec<String> = Vec::new();
    for name in ["g1", "fx", "rich"] {
        let domain = by_name(&once, name)?;
        let (before, after) = (of(&before, name)?, of(&after, name)?);
        for (param, value) in before {
            let pattern = pattern(param);
            if WORDS.contains(&pattern.as_str()) {
                continue;
            }
            let later = after.get(param).with_context(|| format!("{name} {param} is gone after `once`"))?;
            compare(domain, before, param, value, later).with_context(|| format!("{name} {param}"))?;
            compared.push(pattern);
        }
        ensure!(reading(domain, "vm_dirtyrate_calc_mode", "")?["value"] == 0, "page-sampling is mode 0");
    }
    for group in GROUPS {
        ensure!(compared.iter().any(|param| param.starts_with(group)), "no parameter of {group} was compared");
    }
    what_is_not_switched_on_says_so(&once, perf)?;
    rich::facts_are_those_of_virsh(&lab, by_name(&once, "rich")?)?;
    one_hung_guest_costs_one_guest(&lab)
}

/// A guest whose QEMU is stopped is found by a call that is late, and the others are whole at the first look already.
fn one_hung_guest_costs_one_guest(lab: &Lab) -> Result<()> {
    let qemu = lab.exec("hosta", "cat", &["/run/libvirt/qemu/g1.pid"])?;
    let qemu = ProcessId::of(qemu.trim().parse()?).context("g1 runs")?;
    qemu.signal("STOP")?;
    let looks = (once(lab), once(lab));
    qemu.signal("CONT")?;
    hung_and_whole(&looks.0?)?;
    hung_and_whole(&looks.1?)
}

fn hung_and_whole(once: &Value) -> Result<()> {
    let (hung, whole) = (by_name(once, "g1")?, by_name(once, "rich")?);
    for (metric, device) in [("vm_block_reads_total", "vda"), ("vm_memory_usable_bytes", "")] {
        ensure!(reading(hung, metric, device)?["missing"] == "hung", "{metric} of g1");
        ensure!(reading(whole, metric, device)?["value"].is_number(), "{metric} of rich");
    }
    for metric in ["vm_cpu_seconds_total", "vm_memory_rss_bytes"] {
        ensure!(reading(hung, metric, "")?["value"].is_number(), "the kernel still knows {metric} of g1");
    }
    Ok(())
}

/// A paused guest with what g1 has not: I/O threads, an empty drive, a second vCPU that is offline, perf events (where
/// the kernel lets libvirt have them), no balloon period.
fn make_second_guest(lab: &Lab) -> Result<bool> {
    let disk = lab.shared_dir().join("fx.raw");
    std::fs::File::create(&disk)?.set_len(8 << 20)?;
    let kind = if lab.is_kvm() { "kvm" } else { "qemu" };
    let xml = lab.shared_dir().join("fx.xml");
    let text = format!(
        "<domain type='{kind}'><name>fx</name><memory unit='MiB'>64</memory><vcpu current='1'>2</vcpu>\
         <iothreads>2</iothreads><os><type arch='x86_64' machine='q35'>hvm</type></os><devices>\
         <disk type='file' device='disk'><driver name='qemu' type='raw' iothread='1'/><source file='{}'/>\
         <target dev='vda' bus='virtio'/></disk>\
         <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>\
         <memballoon model='virtio'/></devices></domain>",
        disk.display()
    );
    std::fs::write(&xml, text)?;
    lab.virsh("hosta", &["create", "--paused", xml.to_str().context("a plain path")?])?;
    let perf = ["page_faults", "context_switches", "task_clock"]
        .map(|event| lab.virsh("hosta", &["perf", "fx", "--enable", event]).is_ok());
    Ok(perf.iter().all(|enabled| *enabled))
}

fn domstats(lab: &Lab) -> Result<BTreeMap<String, Stats>> {
    let text = lab.virsh("hosta", &["domstats", "--raw"])?;
    let mut domains: BTreeMap<String, Stats> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("Domain: '").and_then(|rest| rest.strip_suffix('\'')) {
            current = name.to_owned();
        } else if let Some((param, value)) = line.trim().split_once('=') {
            domains.entry(current.clone()).or_default().insert(param.to_owned(), value.to_owned());
        }
    }
    Ok(domains)
}

fn once(lab: &Lab) -> Result<Value> {
    let output = once_output(lab)?;
    ensure!(output.status.success(), "once: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn once_output(lab: &Lab) -> Result<Output> {
    let dir = tempfile::tempdir()?;
    let uri = lab.uri_read_only("hosta");
    let config = format!("name = 'hosta'\nlibvirt_uri = '{uri}'\nscrape_deadline = '2s'\n");
    std::fs::write(dir.path().join("agent.toml"), config)?;
    let mut command = lab.command("hosta", program("evenkeel-agent")?)?;
    command.env("EVENKEEL_CONFIG_DIR", dir.path()).args(["once", "--output", "json"]).stdin(Stdio::null());
    Ok(command.output()?)
}

fn of<'a>(stats: &'a BTreeMap<String, Stats>, name: &str) -> Result<&'a Stats> {
    stats.get(name).with_context(|| format!("virsh does not list {name}"))
}

fn by_name<'a>(once: &'a Value, name: &str) -> Result<&'a Value> {
    let domains = once["domains"].as_array().context("domains")?;
    domains.iter().find(|domain| domain["name"] == name).with_context(|| format!("{name} in {domains:?}"))
}

fn pattern(param: &str) -> String {
    let part = |part: &str| if part.parse::<u32>().is_ok() { "#".to_owned() } else { part.to_owned() };
    param.split('.').map(part).collect::<Vec<_>>().join(".")
}

fn compare(domain: &Value, stats: &Stats, param: &str, before: &str, after: &str) -> Result<()> {
    let (metric, factor, how) = expected(param)?;
    let (before, after) = (before.parse::<f64>()? * factor, after.parse::<f64>()? * factor);
    let reading = reading(domain, &metric, &device(param, stats))?;
    let value = reading["value"].as_f64().with_context(|| format!("no value: {reading}"))?;
    let slack = 1e-9 * after.abs();
    let (low, high) = match how {
        Fixed | Grows => (before - slack, after + slack),
        Moves => (before.min(after) * 0.8, before.max(after) * 1.25),
    };
    ensure!(how != Fixed || (before - after).abs() <= slack, "was to stay as it is: {before}, then {after}");
    ensure!((low..=high).contains(&value), "virsh says {before}, then {after}; once says {value} ({how:?})");
    Ok(())
}

/// The row; KVM's own statistics, which only a guest under KVM has, go by a rule.
fn expected(param: &str) -> Result<(String, f64, How)> {
    let pattern = pattern(param);
    if let Some((_, metric, factor, how)) = TABLE.iter().find(|(known, ..)| *known == pattern) {
        return Ok(((*metric).to_owned(), *factor, *how));
    }
    let (rest, kind) = pattern.rsplit_once('.').context("unknown parameter")?;
    let (prefix, name) = match rest.strip_prefix("vcpu.#.") {
        Some(name) => ("vm_vcpu_kvm_", name),
        None => ("vm_kvm_", rest.strip_prefix("vm.").context("unknown parameter")?),
    };
    Ok(match (kind, name.strip_suffix("_ns")) {
        ("sum", Some(name)) => (format!("{prefix}{name}_seconds_total"), NS, Grows),
        ("sum", None) => (format!("{prefix}{name}_total"), 1.0, Grows),
        _ => (format!("{prefix}{name}"), 1.0, Moves),
    })
}

fn device(param: &str, stats: &Stats) -> String {
    let mut parts = param.split('.');
    let (Some(group), Some(number)) = (parts.next(), parts.next().filter(|part| part.parse::<u32>().is_ok())) else {
        return String::new();
    };
    match stats.get(&format!("{group}.{number}.name")) {
        Some(name) => name.clone(),
        None => format!("{group}{number}"),
    }
}

fn reading<'a>(domain: &'a Value, metric: &str, device: &str) -> Result<&'a Value> {
    let readings = domain["readings"].as_array().context("readings")?;
    let mut found = readings.iter().filter(|reading| reading["metric"] == metric && reading["device"] == device);
    let one = found.next().with_context(|| format!("once has no {metric} of '{device}'"))?;
    ensure!(found.next().is_none(), "{metric} of '{device}' stands twice");
    Ok(one)
}

fn what_is_not_switched_on_says_so(once: &Value, perf: bool) -> Result<()> {
    let fx = by_name(once, "fx")?;
    let missing = |metric| Ok::<_, anyhow::Error>(reading(fx, metric, "")?["missing"] == "not_enabled");
    ensure!(missing("vm_memory_usable_bytes")?, "fx has no balloon period");
    ensure!(missing("vm_dirtyrate_bytes_per_second")?, "nobody measured fx");
    ensure!(missing("vm_perf_page_faults_total")? != perf, "perf events of fx: {perf}");
    Ok(())
}

/// The half of the agent that talks to the network has no libvirt in it.
#[test]
fn the_agent_links_no_libvirt_and_its_helper_does() -> Result<()> {
    let links = |name: &str| -> Result<bool> {
        let output = std::process::Command::new("ldd").arg(program(name)?).output()?;
        ensure!(output.status.success(), "ldd {name}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).contains("libvirt"))
    };
    ensure!(!links("evenkeel-agent")?, "evenkeel-agent links libvirt");
    ensure!(links("evenkeel-agent-libvirt")?, "evenkeel-agent-libvirt does not link libvirt");
    Ok(())
}
