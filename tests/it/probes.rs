//! Probes of real guests from their host: who is at fault when there is no answer.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use evenkeel_common::clock;
use evenkeel_tests::cluster::Cluster;
use evenkeel_tests::lab::{GuestSpec, Lab, LabOptions};
use serde_json::Value;

const LONG: Duration = Duration::from_secs(90);

/// Two that are fine, one that points at the host itself, and one that cannot be used.
const METADATA: &str = "<evenkeel:domain xmlns:evenkeel='urn:evenkeel:domain:1'>\
    <evenkeel:probe kind='http' url='http://10.9.0.11/' interval='1s' timeout='900ms' retries='2' \
        expect-status='200-299' expect-body='g1 ok'/>\
    <evenkeel:probe name='host' kind='icmp' address='10.9.0.1' interval='1s'/>\
    <evenkeel:probe name='rare' kind='icmp' address='10.9.0.11' interval='2h'/>\
    </evenkeel:domain>";

/// By address and by what the host sees on its links.
const CONFIG: &str = "[probes.ping]\nkind = 'icmp'\nvms = ['g?']\ninterval = '1s'\ntimeout = '900ms'\n\
    [probes.port]\nkind = 'tcp'\naddress = '10.9.0.11'\nport = 80\nvms = ['g1']\ninterval = '1s'\ntimeout = '900ms'\n\
    [probes.closed]\nkind = 'tcp'\naddress = '10.9.0.12'\nport = 81\nvms = ['g2']\ninterval = '1s'\nretries = 0\n";

#[test]
fn probes_tell_the_vm_from_the_path() -> Result<()> {
    let with_metadata = GuestSpec { metadata: METADATA.to_owned(), ..GuestSpec::new("g1", "hosta") };
    let options = LabOptions::for_test("probes", 1)?.guest(with_metadata).guest(GuestSpec::new("g2", "hosta"));
    let lab = Lab::up(&options)?;
    let cluster = Cluster::start(&lab, "1s")?;
    configure(&cluster)?;
    guests_that_answer(&cluster)?;
    what_may_not_be_asked_and_what_cannot_be_used(&cluster)?;
    a_service_that_hangs_is_the_vm(&lab, &cluster)?;
    a_paused_guest_is_not_blamed(&lab, &cluster)?;
    a_port_that_is_down_is_the_path(&lab, &cluster)?;
    a_bridge_that_is_down_is_the_path(&lab, &cluster)
}

/// The agent runs already: it reads its configuration again.
fn configure(cluster: &Cluster<'_>) -> Result<()> {
    let drop_in = cluster.dir("hosta").join("config/agent.conf.d");
    fs::create_dir_all(&drop_in)?;
    fs::write(drop_in.join("probes.toml"), CONFIG)?;
    let agent = cluster.hosts.first().and_then(|host| host.agent.as_ref()).context("running")?;
    let status = Command::new("kill").args(["-HUP", &agent.pid().to_string()]).status()?;
    ensure!(status.success(), "kill -HUP: {status}");
    wait_event_of(cluster, &["activity", "list"], "host_config_reloaded", "probes.ping.kind")
}

fn guests_that_answer(cluster: &Cluster<'_>) -> Result<()> {
    for probe in ["http", "ping", "port"] {
        let seen = wait_state(cluster, "g1", probe, "up")?;
        let response = seen["response_s"].as_f64().with_context(|| format!("a response time in {seen}"))?;
        ensure!(response > 0.0 && response < 0.9, "{seen}");
        ensure!(seen["reason"].is_null() && seen["last_time"].is_string(), "{seen}");
    }
    let vm = cluster.json(&["vm", "show", "g1"])?;
    let http = probe(&vm, "http").context("listed")?;
    ensure!(http["kind"] == "http" && http["target"] == "http://10.9.0.11/" && http["source"] == "metadata", "{http}");
    ensure!(probe(&vm, "ping").context("listed")?["target"] == "icmp://10.9.0.11", "the address was found by its MAC");
    wait_state(cluster, "g2", "ping", "up")?;
    let closed = wait_state(cluster, "g2", "closed", "down")?;
    ensure!(closed["reason"].as_str().is_some_and(|why| why.contains("refused")), "{closed}");
    let table = cluster.succeed(&["vm", "show", "g1"])?;
    ensure!(table.contains("Probes") && table.contains("http://10.9.0.11/"), "{table}");
    Ok(())
}

fn what_may_not_be_asked_and_what_cannot_be_used(cluster: &Cluster<'_>) -> Result<()> {
    let host = wait_state(cluster, "g1", "host", "not_permitted")?;
    ensure!(host["reason"].as_str().is_some_and(|why| why.contains("10.9.0.1")), "{host}");
    wait_event(cluster, "g1", "vm_probe_invalid", "\"rare\"")
}

/// The web server says nothing for a while; the guest's kernel goes on answering.
fn a_service_that_hangs_is_the_vm(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    lab.guest_http("g1", "/cgi-bin/hang?s=15")?;
    let down = wait_state(cluster, "g1", "http", "down")?;
    ensure!(down["reason"].as_str().is_some_and(|why| why.contains("timeout")), "{down}");
    wait_state(cluster, "g1", "ping", "up")?;
    wait_event(cluster, "g1", "vm_probe_failed", "timeout")?;
    wait_state(cluster, "g1", "http", "up")?;
    wait_event(cluster, "g1", "vm_probe_recovered", "http")
}

fn a_paused_guest_is_not_blamed(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let from = clock::wall().to_string();
    lab.virsh("hosta", &["suspend", "g1"])?;
    wait_state(cluster, "g1", "http", "paused")?;
    wait_missing(cluster, "g1", &from, "paused")?;
    lab.virsh("hosta", &["resume", "g1"])?;
    wait_state(cluster, "g1", "http", "up")?;
    nobody_failed(cluster, "g1", &from)
}

fn a_port_that_is_down_is_the_path(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let interfaces = lab.virsh("hosta", &["domiflist", "g1"])?;
    let tap = interfaces.split_whitespace().find(|word| word.starts_with("vnet")).context("g1's port")?.to_owned();
    let from = clock::wall().to_string();
    lab.exec("hosta", "ip", &["link", "set", &tap, "down"])?;
    for probe in ["http", "ping", "port"] {
        let path = wait_state(cluster, "g1", probe, "path")?;
        ensure!(path["reason"].as_str().is_some_and(|why| why.contains(&tap)), "{path}");
        ensure!(path["response_s"].is_null(), "{path}");
    }
    wait_missing(cluster, "g1", &from, "path_down")?;
    wait_event(cluster, "g1", "vm_probe_path_down", &tap)?;
    wait_state(cluster, "g2", "ping", "up")?;
    lab.exec("hosta", "ip", &["link", "set", &tap, "up"])?;
    wait_state(cluster, "g1", "http", "up")?;
    nobody_failed(cluster, "g1", &from)
}

/// The collector is behind the same bridge: what was seen meanwhile arrives when it is back.
fn a_bridge_that_is_down_is_the_path(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let from = clock::wall().to_string();
    lab.exec("hosta", "sh", &["-c", "ip link set br0 down; sleep 6; ip link set br0 up"])?;
    wait_missing(cluster, "g2", &from, "path_down")?;
    wait_event(cluster, "g2", "vm_probe_path_down", "bridge br0 is down")?;
    wait_state(cluster, "g2", "ping", "up")?;
    nobody_failed(cluster, "g2", &from)
}

fn probe<'a>(vm: &'a Value, name: &str) -> Option<&'a Value> {
    vm["probes"].as_array()?.iter().find(|probe| probe["name"] == name)
}

fn wait_state(cluster: &Cluster<'_>, vm: &str, name: &str, state: &str) -> Result<Value> {
    cluster.wait_json(&format!("probe {name} of {vm} to be {state}"), &["vm", "show", vm], LONG, |seen| {
        let found = probe(seen, name)?;
        // A state and its readings come with the same tick; a response time is there as soon as it is up.
        (found["state"] == state && (state != "up" || found["response_s"].is_number())).then(|| found.clone())
    })
}

fn wait_missing(cluster: &Cluster<'_>, vm: &str, from: &str, reason: &str) -> Result<()> {
    let query = ["query", "--vm", vm, "--metric", "vm_probe_up", "--device", "ping", "--from", from];
    cluster.wait_json(&format!("vm_probe_up of {vm} to be missing as {reason}"), &query, LONG, |answer| {
        let series = answer["series"].as_array()?;
        let points = series.iter().filter_map(|series| series["points"].as_array()).flatten();
        points.into_iter().any(|point| point[1].is_null() && point[2] == reason).then_some(())
    })
}

fn wait_event(cluster: &Cluster<'_>, vm: &str, kind: &str, words: &str) -> Result<()> {
    wait_event_of(cluster, &["vm", "show", vm], kind, words)
}

fn wait_event_of(cluster: &Cluster<'_>, verb: &[&str], kind: &str, words: &str) -> Result<()> {
    cluster.wait_json(&format!("{kind} that says {words}"), verb, LONG, |answer| {
        let events = answer["events"].as_array().or_else(|| answer.as_array())?;
        let says = |event: &&Value| event["message"].as_str().is_some_and(|message| message.contains(words));
        events.iter().filter(|event| event["kind"] == kind).find(says).map(drop)
    })
}

/// Failures that were told of a VM since `from`.
fn failures(cluster: &Cluster<'_>, vm: &str, from: &str) -> Result<Vec<String>> {
    let all = cluster.json(&["activity", "list", "--vm", vm, "--since", from, "--limit", "1000"])?;
    // g2's closed port fails again once the path to it is back, and rightly.
    let failed = all.as_array().into_iter().flatten().filter(|event| {
        event["kind"] == "vm_probe_failed"
            && !event["message"].as_str().is_some_and(|text| text.contains("probe closed"))
    });
    Ok(failed.map(|event| format!("{} {}", event["time"], event["message"])).collect())
}

fn nobody_failed(cluster: &Cluster<'_>, vm: &str, from: &str) -> Result<()> {
    let failures = failures(cluster, vm, from)?;
    ensure!(
        failures.is_empty(),
        "{vm} was not at fault since {from}: {failures:#?}\n{}",
        cluster.log_of("hosta-agent")
    );
    Ok(())
}
