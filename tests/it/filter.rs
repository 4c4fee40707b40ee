//! What the operator filters out is neither measured nor told, comes back as it was, and is never taken for stopped.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use evenkeel_common::clock;
use evenkeel_tests::cluster::Cluster;
use evenkeel_tests::lab::{GuestSpec, Lab, LabOptions};
use serde_json::Value;

const SOON: Duration = Duration::from_secs(20);
const LONG: Duration = Duration::from_secs(90);

const METADATA: &str = "<evenkeel:domain xmlns:evenkeel='urn:evenkeel:domain:1'>\
    <evenkeel:owner>alice</evenkeel:owner><evenkeel:label name='role'>test</evenkeel:label></evenkeel:domain>";

#[test]
fn a_filter_hides_domains_and_opens_again() -> Result<()> {
    let labelled = GuestSpec { metadata: METADATA.to_owned(), paused: true, ..GuestSpec::new("g2", "hosta") };
    let by_name = GuestSpec { paused: true, ..GuestSpec::new("g1", "hosta") };
    let guests = [by_name, labelled, GuestSpec::new("g3", "hosta")];
    let options = guests.into_iter().fold(LabOptions::for_test("filter", 1)?, LabOptions::guest);
    let lab = Lab::up(&options)?;
    let mut cluster = Cluster::start(&lab, "1s")?;
    cluster.wait_json("all guests measured", &["vm", "list"], LONG, |vms| {
        let vms = vms.as_array()?;
        (vms.len() == 3 && vms.iter().all(|vm| vm["missing"].is_null())).then_some(())
    })?;
    let started = cluster.json(&["vm", "show", "g2"])?["started_at"].clone();
    configure(&cluster, "[filter]\ndeny = ['g1', 'label:role=test']\n", "filter.deny")?;
    hidden(&lab, &cluster)?;
    let since = clock::wall().to_string();
    an_agent_that_starts_again_lets_nothing_out(&mut cluster)?;
    configure(&cluster, "[filter]\nallow = ['g2', 'g3']\n", "filter.allow")?;
    open_again(&cluster, &started, &since)
}

/// The agent runs already: it reads its configuration again.
fn configure(cluster: &Cluster<'_>, text: &str, key: &str) -> Result<()> {
    let drop_in = cluster.dir("hosta").join("config/agent.conf.d");
    fs::create_dir_all(&drop_in)?;
    fs::write(drop_in.join("filter.toml"), text)?;
    let agent = cluster.hosts.first().and_then(|host| host.agent.as_ref()).context("running")?;
    let status = Command::new("kill").args(["-HUP", &agent.pid().to_string()]).status()?;
    ensure!(status.success(), "kill -HUP: {status}");
    cluster.wait_json("the reload", &["activity", "list"], SOON, |events| {
        let is_it = |event: &&Value| {
            event["kind"] == "host_config_reloaded" && event["message"].as_str().is_some_and(|text| text.contains(key))
        };
        events.as_array()?.iter().find(is_it).map(|_| ())
    })
}

fn wait_missing(cluster: &Cluster<'_>, vm: &str, why: Option<&str>) -> Result<Value> {
    cluster.wait_json(&format!("{vm}: {why:?}"), &["vm", "show", vm], SOON, |seen| {
        (seen["missing"].as_str() == why).then(|| seen.clone())
    })
}

fn hidden(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    for vm in ["g1", "g2"] {
        let seen = wait_missing(cluster, vm, Some("filtered"))?;
        ensure!(seen["state"] == "paused", "as it was last known: {seen}");
        let why = &seen["missing_readings"][0];
        ensure!(why["what"] == "all readings" && why["words"].as_str().is_some_and(|words| words.contains("[filter]")));
    }
    ensure!(wait_missing(cluster, "g3", None)?["state"] == "running");
    cluster.wait_json(
        "the count",
        &["query", "--host", "hosta", "--metric", "host_agent_domains_filtered"],
        SOON,
        |q| {
            let points = q["series"][0]["points"].as_array()?;
            (points.last()?[1] == 2).then_some(())
        },
    )?;
    // What happens to it is not told. The event of the other one comes after, through the same way.
    for (vm, verb) in [("g1", "resume"), ("g1", "suspend"), ("g3", "suspend"), ("g3", "resume")] {
        lab.virsh("hosta", &[verb, vm])?;
    }
    let told = |vm| ["activity", "list", "--vm", vm];
    cluster.wait_json("the pause of g3", &told("g3"), SOON, |events| {
        events.as_array()?.iter().find(|event| event["kind"] == "vm_resumed").map(|_| ())
    })?;
    let events = cluster.json(&told("g1"))?;
    ensure!(!events.to_string().contains("vm_resumed"), "{events}");
    Ok(())
}

/// Its labels are not known to an agent that has just started.
fn an_agent_that_starts_again_lets_nothing_out(cluster: &mut Cluster<'_>) -> Result<()> {
    let before = cluster.json(&["vm", "show", "g2"])?["last_seen"].clone();
    let agent = cluster.hosts[0].agent.take().context("running")?;
    agent.stop()?;
    cluster.hosts[0].agent = Some(cluster.start_agent("hosta")?);
    let of_before = cluster.json(&["vm", "show", "g3"])?["last_seen"].clone();
    cluster.wait_json("readings of the new run", &["vm", "show", "g3"], LONG, |vm| {
        (vm["missing"].is_null() && vm["last_seen"] != of_before).then_some(())
    })?;
    let seen = wait_missing(cluster, "g2", Some("filtered"))?;
    ensure!(seen["last_seen"] == before, "{before} and then {seen}");
    Ok(())
}

fn open_again(cluster: &Cluster<'_>, started: &Value, since: &str) -> Result<()> {
    let seen = wait_missing(cluster, "g2", None)?;
    ensure!(seen["started_at"] == *started && seen["owner"] == "alice", "the same run, known at once: {seen}");
    wait_missing(cluster, "g1", Some("filtered"))?;
    let review = ["review", "--vm", "g1", "--from", since];
    let vm = &cluster.wait_json("some seconds that are unknown", &review, LONG, |review| {
        (review[0]["unknown_s"].as_f64() > Some(1.0)).then(|| review[0].clone())
    })?;
    ensure!(vm["down_s"] == 0, "unknown is not down: {vm}");
    Ok(())
}
