//! What libvirt tells arrives at once: between two ticks that are half a minute apart.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use evenkeel_tests::cluster::Cluster;
use evenkeel_tests::lab::{GuestSpec, Lab, LabOptions, ProcessId, wait_for};
use serde_json::Value;

/// Well within the interval.
const SOON: Duration = Duration::from_secs(15);
const LONG: Duration = Duration::from_secs(90);
/// Room for some writes of the guest and no more.
const SMALL_MIB: u32 = 6;

#[test]
fn what_libvirt_tells_arrives_between_the_ticks() -> Result<()> {
    let options =
        LabOptions::for_test("events", 2)?.guest(GuestSpec::new("g1", "hosta")).guest(GuestSpec::new("g2", "hosta"));
    let lab = Lab::up(&options)?;
    let cluster = Cluster::start(&lab, "30s")?;
    cluster.wait_json("both guests in the first tick", &["vm", "list"], LONG, |vms| {
        (vms.as_array()?.len() == 2).then_some(())
    })?;
    the_check_says_that_events_are_heard(&cluster)?;
    a_pause_is_seen_before_the_next_tick(&lab, &cluster)?;
    a_definition_and_a_start_are_seen(&lab, &cluster)?;
    a_threshold_a_watchdog_and_a_full_disk_are_told_with_device_and_reason(&lab, &cluster)?;
    a_changed_description_is_read_at_the_next_tick(&lab, &cluster)?;
    both_sides_of_a_migration_are_told(&lab, &cluster)?;
    a_stopped_libvirtd_costs_nothing_and_a_new_one_is_heard_again(&lab, &cluster)?;
    a_killed_worker_is_replaced(&lab, &cluster)
}

fn the_check_says_that_events_are_heard(cluster: &Cluster<'_>) -> Result<()> {
    let output = cluster.agent("hosta", &["check"])?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.contains("libvirt events")).with_context(|| text.clone().into_owned())?;
    ensure!(line.contains("ok"), "{line}");
    Ok(())
}

/// The VM's newest reading is as old as before, and yet the event is there.
fn a_pause_is_seen_before_the_next_tick(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let mut before_a_tick = 0;
    for (verb, kind) in [("suspend", "vm_suspended"), ("resume", "vm_resumed"), ("reset", "vm_rebooted")].repeat(2) {
        let (known, last_seen) =
            (told(cluster, "g1", kind)?.len(), cluster.json(&["vm", "show", "g1"])?["last_seen"].clone());
        lab.virsh("hosta", &[verb, "g1"])?;
        let vm = cluster.wait_json(kind, &["vm", "show", "g1"], SOON, |vm| {
            let of_kind = vm["events"].as_array()?.iter().filter(|event| event["kind"] == kind).count();
            (of_kind > known).then(|| vm.clone())
        })?;
        before_a_tick += usize::from(vm["last_seen"] == last_seen);
    }
    ensure!(before_a_tick >= 4, "only {before_a_tick} of 6 events came before the next tick");
    Ok(())
}

/// From here on the disk of g1 lies on a small file system, and it has a watchdog.
fn a_definition_and_a_start_are_seen(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let small = lab.dir().join("small");
    std::fs::create_dir_all(&small)?;
    let small = small.to_str().context("a plain path")?;
    let size = format!("size={SMALL_MIB}m");
    lab.exec("hosta", "mount", &["-t", "tmpfs", "-o", &size, "tmpfs", small])?;
    let disk = format!("{small}/g1.qcow2");
    lab.exec("hosta", "qemu-img", &["create", "-q", "-f", "qcow2", &disk, "64M"])?;
    lab.virsh("hosta", &["destroy", "g1"])?;
    let xml = lab.virsh("hosta", &["dumpxml", "--inactive", "g1"])?;
    let shared = lab.shared_dir().join("g1.qcow2");
    let xml = xml
        .replace(shared.to_str().context("a plain path")?, &disk)
        .replace("</devices>", "<watchdog model='ib700' action='pause'/></devices>");
    let path = lab.shared_dir().join("g1-small.xml");
    std::fs::write(&path, xml)?;
    lab.virsh("hosta", &["define", path.to_str().context("a plain path")?])?;
    lab.virsh("hosta", &["start", "g1"])?;
    wait_told(cluster, "g1", "vm_stopped", "by force")?;
    wait_told(cluster, "g1", "vm_defined", "definition was changed")?;
    wait_told(cluster, "g1", "vm_started", "booted")?;
    lab.wait_guest("g1", LONG)
}

fn a_threshold_a_watchdog_and_a_full_disk_are_told_with_device_and_reason(
    lab: &Lab,
    cluster: &Cluster<'_>,
) -> Result<()> {
    lab.virsh("hosta", &["domblkthreshold", "g1", "vda", "1048576"])?;
    lab.guest_http("g1", "/cgi-bin/disk?mb=2")?;
    let threshold = wait_told(cluster, "g1", "vm_block_threshold", "disk vda")?;
    ensure!(threshold["category"] == "warning", "{threshold}");
    // Started with its shortest time, two seconds, in place of a driver, which the guest's kernel has not got.
    lab.virsh("hosta", &["qemu-monitor-command", "--hmp", "g1", "o /b 0x443 0xe"])?;
    let watchdog = wait_told(cluster, "g1", "vm_watchdog", "paused")?;
    ensure!(watchdog["category"] == "warning", "{watchdog}");
    wait_told(cluster, "g1", "vm_suspended", "by its watchdog")?;
    lab.virsh("hosta", &["resume", "g1"])?;
    // The guest stops in the middle of its answer.
    drop(lab.guest_http("g1", "/cgi-bin/disk?mb=32"));
    let error = wait_told(cluster, "g1", "vm_io_error", "enospc")?;
    ensure!(error["category"] == "exception", "{error}");
    ensure!(error["message"].as_str().is_some_and(|words| words.contains("g1.qcow2")), "{error}");
    wait_told(cluster, "g1", "vm_suspended", "could not be read or written")?;
    lab.virsh("hosta", &["destroy", "g1"]).map(drop)
}

/// Without the event it would take the five minutes of the regular refresh.
fn a_changed_description_is_read_at_the_next_tick(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let (space, owner) = ("urn:evenkeel:domain:1", "<vm><owner>told</owner></vm>");
    lab.virsh("hosta", &["metadata", "g2", "--live", "--uri", space, "--key", "e", "--set", owner])?;
    wait_told(cluster, "g2", "vm_metadata_changed", space)?;
    cluster.wait_json("the new owner", &["vm", "show", "g2"], LONG, |vm| (vm["owner"] == "told").then_some(()))
}

fn both_sides_of_a_migration_are_told(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let to = lab.migrate_dest_uri_template().replace("{host}", "hostb");
    let data = lab.migrate_uri_template().replace("{host}", "hostb");
    let verb = ["migrate", "--live", "--p2p", "--unsafe", "--persistent", "--undefinesource", "g2", &to];
    lab.virsh("hosta", &[&verb[..], &["--migrateuri", &data]].concat())?;
    for (host, kind, words) in [
        ("hosta", "vm_stopped", "migrated to another host (outgoing side)"),
        ("hosta", "vm_migration_done", "outgoing migration ended"),
        ("hostb", "vm_started", "incoming side"),
        ("hostb", "vm_resumed", "end of its migration"),
    ] {
        let event = wait_told(cluster, "g2", kind, words)?;
        ensure!(event["host"] == host, "{event}");
    }
    Ok(())
}

fn a_stopped_libvirtd_costs_nothing_and_a_new_one_is_heard_again(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let libvirtd = lab.libvirtd("hostb").context("it runs")?;
    let rebooted = told(cluster, "g2", "vm_rebooted")?.len();
    let boot = lab.guest_boot_id("g2")?;
    libvirtd.signal("STOP")?;
    // QEMU tells libvirtd of the reset, which cannot listen.
    lab.guest_http("g2", "/cgi-bin/reset")?;
    lab.wait_new_boot("g2", &boot, LONG)?;
    ensure!(told(cluster, "g2", "vm_rebooted")?.len() == rebooted, "libvirtd is stopped");
    libvirtd.signal("CONT")?;
    cluster.wait_json("the reboot that libvirtd slept through", &["vm", "show", "g2"], SOON, |vm| {
        let events = vm["events"].as_array()?;
        (events.iter().filter(|event| event["kind"] == "vm_rebooted").count() > rebooted).then_some(())
    })?;
    ensure!(resumed(cluster, "hostb")? == 0, "the connection outlived the pause");
    lab.stop_libvirtd("hostb")?;
    lab.start_libvirtd("hostb")?;
    wait_for("events to be heard again", SOON, || Ok((resumed(cluster, "hostb")? == 1).then_some(())))?;
    pause_is_told(lab, cluster)
}

fn a_killed_worker_is_replaced(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let agent = cluster.hosts.iter().find(|host| host.name == "hostb").and_then(|host| host.agent.as_ref());
    let agent = agent.context("it runs")?.pid();
    let worker = || -> Result<Option<u32>> {
        let output = Command::new("pgrep").args(["-P", &agent.to_string(), "-f", "event-worker"]).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).lines().next().and_then(|line| line.parse().ok()))
    };
    let first = worker()?.context("an event worker")?;
    ProcessId::of(first).context("it runs")?.signal("KILL")?;
    wait_for("another event worker", SOON, || Ok(worker()?.filter(|pid| *pid != first)))?;
    wait_for("events to be heard again", SOON, || Ok((resumed(cluster, "hostb")? == 2).then_some(())))?;
    pause_is_told(lab, cluster)
}

fn pause_is_told(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let known = told(cluster, "g2", "vm_suspended")?.len();
    lab.virsh("hostb", &["suspend", "g2"])?;
    lab.virsh("hostb", &["resume", "g2"])?;
    cluster.wait_json("the pause", &["vm", "show", "g2"], SOON, |vm| {
        let events = vm["events"].as_array()?;
        (events.iter().filter(|event| event["kind"] == "vm_suspended").count() > known).then_some(())
    })
}

/// Events of a kind, oldest first.
fn told(cluster: &Cluster<'_>, vm: &str, kind: &str) -> Result<Vec<Value>> {
    let list = cluster.json(&["activity", "list", "--vm", vm, "--limit", "1000"])?;
    Ok(list.as_array().into_iter().flatten().filter(|event| event["kind"] == kind).cloned().collect())
}

/// Waits for an event of a kind whose message holds some words.
fn wait_told(cluster: &Cluster<'_>, vm: &str, kind: &str, words: &str) -> Result<Value> {
    cluster.wait_json(&format!("{kind}: {words}"), &["activity", "list", "--vm", vm], SOON, |list| {
        let fits = |event: &&Value| {
            event["kind"] == kind && event["message"].as_str().is_some_and(|message| message.contains(words))
        };
        list.as_array()?.iter().find(fits).cloned()
    })
}

fn resumed(cluster: &Cluster<'_>, host: &str) -> Result<usize> {
    let list = cluster.json(&["activity", "list", "--host", host, "--limit", "1000"])?;
    Ok(list.as_array().into_iter().flatten().filter(|event| event["kind"] == "host_events_resumed").count())
}
