//! What goes wrong on a host: the agent keeps going, says so once, and recovers by itself.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use evenkeel_tests::cluster::Cluster;
use evenkeel_tests::lab::{GuestSpec, Lab, LabOptions, wait_for};
use serde_json::Value;

const LONG: Duration = Duration::from_secs(60);

#[test]
fn an_agent_survives_libvirtd_the_collector_and_vanishing_domains() -> Result<()> {
    let options = LabOptions::for_test("faults", 1)?.guest(GuestSpec::new("g1", "hosta"));
    let lab = Lab::up(&options)?;
    lab.stop_libvirtd("hosta")?;
    let mut cluster = Cluster::start(&lab, "1s")?;
    libvirtd_absent_at_start(&lab, &cluster)?;
    libvirtd_restarted_under_the_agent(&lab, &cluster)?;
    domains_that_come_and_go(&lab, &cluster)?;
    the_collector_away(&mut cluster)
}

fn libvirtd_absent_at_start(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    wait_for("the agent to say that libvirt does not answer", LONG, || {
        Ok((said(cluster, "does not answer") > 0).then_some(()))
    })?;
    lab.start_libvirtd("hosta")?;
    wait_up(cluster)?;
    ensure!(said(cluster, "does not answer") == 1, "said once:\n{}", cluster.log_of("hosta-agent"));
    ensure!(said(cluster, "answers again") == 1, "said once:\n{}", cluster.log_of("hosta-agent"));
    Ok(())
}

fn libvirtd_restarted_under_the_agent(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let before = said(cluster, "does not answer");
    lab.stop_libvirtd("hosta")?;
    wait_for("the loss to be said", LONG, || Ok((said(cluster, "does not answer") == before + 1).then_some(())))?;
    cluster.wait_json("readings that are missing with their reason", &state_query("now-10s"), LONG, |answer| {
        reasons(answer).contains("libvirt_down").then_some(())
    })?;
    lab.start_libvirtd("hosta")?;
    wait_up(cluster)?;
    ensure!(said(cluster, "does not answer") == before + 1, "said once:\n{}", cluster.log_of("hosta-agent"));
    Ok(())
}

/// A paused domain is made and destroyed again and again while it is being read.
fn domains_that_come_and_go(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let xml = lab.shared_dir().join("brief.xml");
    std::fs::write(
        &xml,
        "<domain type='qemu'><name>brief</name><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>",
    )?;
    let xml = xml.to_str().context("a plain path")?;
    let from = evenkeel_common::clock::wall().to_string();
    for _ in 0..12 {
        lab.virsh("hosta", &["create", "--paused", xml])?;
        lab.virsh("hosta", &["destroy", "brief"])?;
    }
    let answer = cluster.wait_json("readings of g1 since then", &state_query(&from), LONG, |answer| {
        (values(answer) >= 3).then(|| answer.clone())
    })?;
    ensure!(reasons(&answer).is_empty(), "g1 was read all the time: {answer}");
    Ok(())
}

/// What was read while the collector was away arrives when it is back.
fn the_collector_away(cluster: &mut Cluster<'_>) -> Result<()> {
    let ticks = |log: &str| log.matches("collector").count();
    let said_before = ticks(&cluster.log_of("hosta-agent"));
    cluster.collector.take().context("running")?.kill()?;
    wait_for("the agent to say that the collector is away", LONG, || {
        Ok((ticks(&cluster.log_of("hosta-agent")) > said_before).then_some(()))
    })?;
    let away = evenkeel_common::clock::wall();
    wait_for("six seconds without a collector", LONG, || {
        Ok((evenkeel_common::clock::wall().since(away).0 > 6_000).then_some(()))
    })?;
    cluster.start_collector()?;
    let from = away.to_string();
    cluster.wait_json("the readings of the time away", &state_query(&from), LONG, |answer| {
        let until = evenkeel_common::time::UnixMs(away.0 + 6_000).to_string();
        let times: BTreeSet<String> = times(answer).into_iter().filter(|time| *time < until).collect();
        (times.len() >= 5).then_some(())
    })
}

fn state_query(from: &str) -> [&str; 7] {
    ["query", "--vm", "g1", "--metric", "vm_state", "--from", from]
}

fn wait_up(cluster: &Cluster<'_>) -> Result<()> {
    cluster.wait_json("g1 read as running", &["vm", "list"], LONG, |vms| {
        vms.as_array()?
            .iter()
            .any(|vm| vm["name"] == "g1" && vm["state"] == "running" && vm["missing"].is_null())
            .then_some(())
    })
}

fn said(cluster: &Cluster<'_>, words: &str) -> usize {
    cluster.log_of("hosta-agent").lines().filter(|line| line.contains(words)).count()
}

fn points(answer: &Value) -> Vec<Value> {
    answer["series"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|series| series["points"].as_array().cloned().unwrap_or_default())
        .collect()
}

fn values(answer: &Value) -> usize {
    points(answer).iter().filter(|point| point[1].is_number()).count()
}

fn times(answer: &Value) -> Vec<String> {
    points(answer).iter().filter_map(|point| point[0].as_str().map(str::to_owned)).collect()
}

fn reasons(answer: &Value) -> BTreeSet<String> {
    points(answer).iter().filter_map(|point| point[2].as_str().map(str::to_owned)).collect()
}
