//! The main job on two real hosts with three real guests, from reading to action.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use evenkeel_common::time::UnixMs;
use evenkeel_tests::cluster::Cluster;
use evenkeel_tests::lab::{GuestSpec, Lab, LabOptions};
use serde_json::Value;

const LONG: Duration = Duration::from_secs(60);

#[test]
fn measures_judges_and_acts_on_two_hosts_and_three_guests() -> Result<()> {
    let options = LabOptions::for_test("mainjob", 2)?
        .guest(GuestSpec::new("g1", "hosta"))
        .guest(GuestSpec::new("g2", "hosta"))
        .guest(GuestSpec { acpi: false, ..GuestSpec::new("g3", "hostb") });
    let lab = Lab::up(&options)?;
    let cluster = Cluster::start(&lab, "1s")?;
    every_guest_is_read(&cluster)?;
    a_new_guest_is_read_within_two_intervals(&lab, &cluster)?;
    burned_cpu_shows(&lab, &cluster)?;
    driven_disk_and_network_move(&lab, &cluster)?;
    migration_keeps_the_series(&lab, &cluster)?;
    a_snapshot_opens_and_leaves_the_chain_alone(&lab, &cluster)?;
    a_restart_changes_the_boot(&lab, &cluster)?;
    a_review_sums_to_its_period(&cluster)?;
    a_collector_killed_comes_back_with_all(cluster)
}

fn every_guest_is_read(cluster: &Cluster<'_>) -> Result<()> {
    for (vm, host) in [("g1", "hosta"), ("g2", "hosta"), ("g3", "hostb")] {
        cluster.wait_json("a reading of every guest", &["vm", "list"], LONG, |vms| {
            let vm = by_name(vms, vm)?;
            (vm["state"] == "running" && vm["host"] == host && vm["cpu_ratio"].is_number()).then_some(())
        })?;
    }
    Ok(())
}

/// Time of the first reading of a domain against the time when it was there. Three tries, because a machine that is busy
/// with something else may miss a tick.
fn a_new_guest_is_read_within_two_intervals(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let mut waited_ms = Vec::new();
    for name in ["new1", "new2", "new3"] {
        let xml = lab.shared_dir().join(format!("{name}.xml"));
        std::fs::write(
            &xml,
            format!(
                "<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>"
            ),
        )?;
        lab.virsh("hosta", &["create", "--paused", xml.to_str().context("a plain path")?])?;
        let there = evenkeel_common::clock::wall();
        cluster.wait_json("the new guest in the list", &["vm", "list"], LONG, |vms| by_name(vms, name).map(|_| ()))?;
        let query = ["query", "--vm", name, "--metric", "vm_state", "--from", "now-5m"];
        let first = cluster.wait_json("its first reading", &query, LONG, |answer| {
            points(answer, "").into_iter().next().map(|(time, _)| time)
        })?;
        lab.virsh("hosta", &["destroy", name])?;
        waited_ms.push(first.since(there).0);
        if first.since(there).0 <= 2_000 {
            return Ok(());
        }
    }
    anyhow::bail!("a new guest was not read within two intervals of 1 s: {waited_ms:?} ms")
}

/// An idle guest uses about a hundredth of a CPU; a busy one a whole one, or what this machine has left for it.
fn burned_cpu_shows(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let from = evenkeel_common::clock::wall().to_string();
    lab.guest_http("g2", "/cgi-bin/burn?s=15")?;
    let query =
        ["query", "--vm", "g2", "--metric", "vm_cpu_seconds_total", "--fn", "rate", "--from", &from, "--step", "2s"];
    cluster.wait_json("the burned CPU in a query", &query, LONG, |answer| {
        points(answer, "").into_iter().any(|(_, rate)| rate.is_some_and(|rate| rate > 0.1)).then_some(())
    })
}

fn driven_disk_and_network_move(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let written = |at: &str| last(cluster, "g1", "vm_block_written_bytes_total", "vda", at);
    let sent = |at: &str| last(cluster, "g1", "vm_network_transmit_bytes_total", "", at);
    let (disk_before, net_before) = (written("now-10s")?, sent("now-10s")?);
    lab.guest_http("g1", "/cgi-bin/disk?mb=8")?;
    lab.guest_http("g1", "/cgi-bin/net?kb=512")?;
    evenkeel_tests::lab::wait_for("the driven counters in a query", LONG, || {
        let disk = written("now-10s")? - disk_before;
        let net = sent("now-10s")? - net_before;
        Ok((disk >= 8e6 && net >= 5e5).then_some(()))
    })
}

/// g1 moves from a to b while it answers; its series goes on and the definition that stays on a changes nothing.
fn migration_keeps_the_series(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let uuid = vm(cluster, "g1")?["uuid"].clone();
    let boot = lab.guest_boot_id("g1")?;
    let action = cluster.json(&["action", "migrate", "g1", "--to", "hostb", "--wait", "60s"])?;
    ensure!(action["state"] == "succeeded", "{action}");
    ensure!(lab.guest_boot_id("g1")? == boot, "the guest is the same one, and it answers");
    cluster.wait_json("host show moved the guest", &["vm", "show", "g1"], LONG, |vm| {
        (vm["host"] == "hostb" && vm["state"] == "running" && vm["uuid"] == uuid).then_some(())
    })?;
    ensure!(lab.virsh("hosta", &["domstate", "g1"])?.contains("shut off"), "the definition stays on a");
    cluster.wait_json("host show lists it on b", &["host", "show", "hostb"], LONG, |host| {
        host["vms"].as_array()?.iter().any(|vm| vm["name"] == "g1").then_some(())
    })?;
    let query = ["query", "--vm", "g1", "--metric", "vm_cpu_seconds_total", "--from", "now-5m"];
    let after = cluster.wait_json("readings after the move", &query, LONG, |answer| {
        let moved = UnixMs::parse_rfc3339(action["finished_at"].as_str()?).ok()?;
        (points(answer, "").iter().filter(|(time, _)| *time > moved).count() >= 3).then_some(answer.clone())
    })?;
    let series = after["series"].as_array().context("series")?;
    ensure!(series.len() == 1, "one series before and after: {series:?}");
    let times: Vec<UnixMs> = points(&after, "").into_iter().map(|(time, _)| time).collect();
    ensure!(times.is_sorted_by(|before, after| before < after), "times ascend and none stands twice: {after}");
    ensure!(vm(cluster, "g1")?["host"] == "hostb", "the shut-off definition on a does not take the guest back");
    Ok(())
}

fn a_snapshot_opens_and_leaves_the_chain_alone(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let chain = lab.virsh("hosta", &["domblklist", "g2"])?;
    let action = cluster.json(&["action", "snapshot", "g2", "--wait", "60s"])?;
    ensure!(action["state"] == "succeeded", "{action}");
    let path = action["result"]["path"].as_str().context("the result names the path")?;
    let image = std::fs::read_dir(path)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "qcow2"))
        .context("the recovery point holds an image")?;
    let check = std::process::Command::new("qemu-img").arg("check").arg(&image).output()?;
    ensure!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    ensure!(lab.virsh("hosta", &["domblklist", "g2"])? == chain, "the chain is untouched");
    Ok(())
}

fn a_restart_changes_the_boot(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    for (guest, method) in [("g2", "graceful"), ("g3", "reset")] {
        let before = lab.guest_boot_id(guest)?;
        let action = cluster.json(&["action", "restart", guest, "--wait", "90s"])?;
        ensure!(action["state"] == "succeeded" && action["result"]["method"] == method, "{action}");
        lab.wait_guest(guest, LONG)?;
        ensure!(lab.guest_boot_id(guest)? != before, "{guest} did not boot again");
    }
    Ok(())
}

fn a_review_sums_to_its_period(cluster: &Cluster<'_>) -> Result<()> {
    let review =
        cluster.json(&["review", "--vm", "g2", "--from", "now-20s", "--to", "now", "--against", "now-40s..now-20s"])?;
    let review = review.as_array().and_then(|all| all.first()).unwrap_or(&review).clone();
    let seconds = |key: &str| review[key].as_f64().with_context(|| format!("{key} in {review}"));
    let sum = seconds("up_s")? + seconds("down_s")? + seconds("unknown_s")?;
    ensure!((sum - seconds("period_s")?).abs() < 1e-6, "{review}");
    ensure!(seconds("up_s")? > 10.0, "{review}");
    ensure!(
        review["comparisons"].as_array().is_some_and(|all| all.iter().any(|one| one["welch"]["p"].is_number())),
        "{review}"
    );
    let before = cluster.json(&["review", "--vm", "g2", "--from", "now-3d", "--to", "now-2d"])?;
    let before = before.as_array().and_then(|all| all.first()).unwrap_or(&before).clone();
    ensure!(before["unknown_s"].as_f64() == Some(86_400.0), "no polls is unknown: {before}");
    Ok(())
}

/// kill -9 of the collector while readings arrive: what it had is there, and the agents go on by themselves.
fn a_collector_killed_comes_back_with_all(mut cluster: Cluster<'_>) -> Result<()> {
    let query = ["query", "--vm", "g2", "--metric", "vm_state", "--from", "now-60s"];
    let before: BTreeSet<UnixMs> = points(&cluster.json(&query)?, "").into_iter().map(|(time, _)| time).collect();
    cluster.collector.take().context("running")?.kill()?;
    let down = cluster.evenkeel(&["status"])?;
    ensure!(down.status.code() == Some(3), "no collector is exit 3, not {}", down.status);
    cluster.start_collector()?;
    let newest = before.last().context("readings before")?;
    let oldest_kept: BTreeSet<UnixMs> = cluster.wait_json("readings after the restart", &query, LONG, |answer| {
        let times: BTreeSet<UnixMs> = points(answer, "").into_iter().map(|(time, _)| time).collect();
        (times.iter().filter(|time| *time > newest).count() >= 5).then_some(times)
    })?;
    let first = oldest_kept.first().context("readings")?;
    let lost: Vec<&UnixMs> = before.iter().filter(|time| *time >= first && !oldest_kept.contains(*time)).collect();
    ensure!(lost.is_empty(), "readings that were shown before are gone: {lost:?}");
    let code = cluster.collector.take().context("running")?.stop()?;
    ensure!(code == Some(0), "serve ends with 0 on SIGTERM, not {code:?}");
    Ok(())
}

fn by_name<'a>(list: &'a Value, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|entry| entry["name"] == name)
}

fn vm(cluster: &Cluster<'_>, name: &str) -> Result<Value> {
    by_name(&cluster.json(&["vm", "list"])?, name).cloned().with_context(|| format!("{name} in vm list"))
}

/// Time and value of the points of the first series, or of the one of `device`.
fn points(answer: &Value, device: &str) -> Vec<(UnixMs, Option<f64>)> {
    let all = answer["series"].as_array().map(Vec::as_slice).unwrap_or_default();
    let series = all.iter().find(|series| device.is_empty() || series["device"] == device);
    let points = series.and_then(|series| series["points"].as_array()).map(Vec::as_slice).unwrap_or_default();
    let time = |point: &Value| UnixMs::parse_rfc3339(point[0].as_str().unwrap_or_default()).ok();
    points.iter().filter_map(|point| Some((time(point)?, point[1].as_f64()))).collect()
}

/// The newest value of a counter since `from`.
fn last(cluster: &Cluster<'_>, vm: &str, metric: &str, device: &str, from: &str) -> Result<f64> {
    let answer = cluster.json(&["query", "--vm", vm, "--metric", metric, "--from", from])?;
    let newest = points(&answer, device).into_iter().filter_map(|(_, value)| value).next_back();
    newest.with_context(|| format!("no value of {metric} in {answer}"))
}
