//! Actions from the command line to libvirt and back, while the parts in between come and go.

use std::process::Output;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use evenkeel_tests::cluster::Cluster;
use evenkeel_tests::lab::{GuestSpec, Lab, LabOptions, wait_for};
use serde_json::Value;

const LONG: Duration = Duration::from_secs(90);
const NOVA: &str = "<nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'/>";

#[test]
fn an_action_ends_in_one_state_whoever_goes_away() -> Result<()> {
    let options = LabOptions::for_test("action", 2)?
        .guest(GuestSpec::new("g1", "hosta"))
        .guest(GuestSpec { acpi: false, ..GuestSpec::new("g2", "hosta") })
        .guest(GuestSpec { paused: true, metadata: NOVA.to_owned(), ..GuestSpec::new("g4", "hosta") });
    let lab = Lab::up(&options)?;
    let mut cluster = Cluster::start(&lab, "1s")?;
    for guest in ["g1", "g2", "g4"] {
        cluster.wait_json("every guest is known", &["vm", "list"], LONG, |vms| {
            vms.as_array()?.iter().any(|vm| vm["name"] == guest).then_some(())
        })?;
    }
    what_cannot_be_has_its_exit_code(&cluster)?;
    an_action_is_followed_to_its_end(&cluster)?;
    a_collector_that_is_killed_takes_the_action_up_again(&lab, &mut cluster)?;
    an_agent_that_is_killed_asks_again_and_nothing_runs_twice(&lab, &mut cluster)?;
    an_actor_that_is_killed_leaves_an_unknown_end(&lab, &mut cluster)?;
    a_migration_moves_the_vm(&cluster)
}

fn what_cannot_be_has_its_exit_code(cluster: &Cluster<'_>) -> Result<()> {
    let code = |args: &[&str], code| expect(&cluster.evenkeel(args)?, code).with_context(|| format!("{args:?}"));
    code(&["action", "snapshot", "nobody"], 4)?;
    code(&["action", "migrate", "g1", "--to", "nowhere"], 4)?;
    code(&["action", "show", "ffffffff"], 4)?;
    code(&["action", "snapshot"], 2)?;
    code(&["action", "snapshot", "g1", "--dry-run"], 0)?;
    code(&["action", "snapshot", "g4", "--dry-run"], 5)?;
    ensure!(
        cluster.json(&["action", "list"])?.as_array().is_some_and(Vec::is_empty),
        "nothing of that is in the ledger"
    );
    for (args, guard) in [
        (["action", "snapshot", "g4", "--output", "json"].as_slice(), "hands_off"),
        (["action", "migrate", "g1", "--to", "hosta", "--output", "json"].as_slice(), "same_host"),
    ] {
        let output = cluster.evenkeel(args)?;
        expect(&output, 5)?;
        let action: Value = serde_json::from_slice(&output.stdout)?;
        ensure!(action["state"] == "refused" && action["refusal"]["guard"] == guard, "{action}");
        let error: Value = serde_json::from_slice(&output.stderr)?;
        ensure!(error["error"]["kind"] == "refused", "{error}");
    }
    Ok(())
}

fn an_action_is_followed_to_its_end(cluster: &Cluster<'_>) -> Result<()> {
    let action = cluster.json(&["action", "snapshot", "g1"])?;
    let id = action["id"].as_str().context("an id")?;
    let ended = cluster.json(&["action", "wait", id, "90s"])?;
    ensure!(ended["state"] == "succeeded" && ended["requested_by"] == "root", "{ended}");
    ensure!(ended["target"]["name"] == "g1" && ended["target"]["host"] == "hosta", "{ended}");
    ensure!(ended["result"]["bytes"].is_u64() && ended["result"]["disks"][0] == "vda", "{ended}");
    ensure!(ended["finished_at"].is_string() && ended["refusal"].is_null() && ended["verdict"].is_null(), "{ended}");
    let again = cluster.json(&["action", "snapshot", "g1", "--id", id])?;
    ensure!(again == ended, "the same id is the same action: {again}");
    cluster.wait_json("the activity log says it", &["activity", "list", "--vm", "g1"], LONG, |log| {
        log.as_array()?.iter().any(|entry| entry["kind"] == "action_succeeded").then_some(())
    })
}

/// g2 does not heed the power button, so its restart takes as long as the graceful deadline.
fn a_collector_that_is_killed_takes_the_action_up_again(lab: &Lab, cluster: &mut Cluster<'_>) -> Result<()> {
    let before = lab.guest_boot_id("g2")?;
    let output = cluster.evenkeel(&["action", "restart", "g2", "--wait", "1s", "--output", "json"])?;
    expect(&output, 7)?;
    let id = id_of(&output)?;
    let busy = cluster.evenkeel(&["action", "snapshot", "g2", "--output", "json"])?;
    expect(&busy, 5)?;
    ensure!(serde_json::from_slice::<Value>(&busy.stdout)?["refusal"]["guard"] == "busy", "one action a VM");
    cluster.collector.take().context("running")?.kill()?;
    cluster.start_collector()?;
    let ended = cluster.json(&["action", "wait", &id, "90s"])?;
    ensure!(ended["state"] == "succeeded" && ended["result"]["method"] == "reset", "{ended}");
    lab.wait_guest("g2", LONG)?;
    ensure!(lab.guest_boot_id("g2")? != before, "g2 booted again");
    Ok(())
}

fn an_agent_that_is_killed_asks_again_and_nothing_runs_twice(lab: &Lab, cluster: &mut Cluster<'_>) -> Result<()> {
    let id = begin_restart(cluster)?;
    cluster.hosts[0].agent.take().context("running")?.kill()?;
    cluster.hosts[0].agent = Some(cluster.start_agent("hosta")?);
    let ended = cluster.json(&["action", "wait", &id, "90s"])?;
    ensure!(ended["state"] == "succeeded" && ended["result"]["method"] == "reset", "{ended}");
    lab.wait_guest("g2", LONG)?;
    let boot = lab.guest_boot_id("g2")?;
    // Another action on the VM comes after anything that might have been left of this one.
    cluster.json(&["action", "snapshot", "g2", "--wait", "90s"])?;
    ensure!(lab.guest_boot_id("g2")? == boot, "the restart was carried out twice");
    Ok(())
}

fn an_actor_that_is_killed_leaves_an_unknown_end(lab: &Lab, cluster: &mut Cluster<'_>) -> Result<()> {
    let boot = lab.guest_boot_id("g2")?;
    let id = begin_restart(cluster)?;
    cluster.hosts[0].actor.take().context("running")?.kill()?;
    cluster.hosts[0].actor = Some(cluster.start_actor("hosta")?);
    let output = cluster.evenkeel(&["action", "wait", &id, "90s", "--output", "json"])?;
    expect(&output, 6)?;
    let ended: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(ended["state"] == "unknown", "{ended}");
    ensure!(
        ended["result"]["evidence"].as_str().is_some_and(|text| text.contains("g2 is running on hosta")),
        "{ended}"
    );
    ensure!(lab.guest_boot_id("g2")? == boot, "what has an unknown end is not run again");
    Ok(())
}

fn a_migration_moves_the_vm(cluster: &Cluster<'_>) -> Result<()> {
    let action = cluster.json(&["action", "migrate", "g1", "--to", "hostb", "--wait", "90s"])?;
    ensure!(action["state"] == "succeeded" && action["result"]["duration_ms"].is_u64(), "{action}");
    cluster.wait_json("host show has it", &["host", "show", "hostb"], LONG, |host| {
        host["vms"].as_array()?.iter().any(|vm| vm["name"] == "g1").then_some(())
    })?;
    let refused = cluster.evenkeel(&["action", "migrate", "g1", "--to", "hostb"])?;
    expect(&refused, 5)
}

/// Begins a restart of g2 and waits until its actor is at it.
fn begin_restart(cluster: &Cluster<'_>) -> Result<String> {
    let action = cluster.json(&["action", "restart", "g2"])?;
    let id = action["id"].as_str().context("an id")?.to_owned();
    wait_for("the actor to be at it", LONG, || {
        let action = cluster.json(&["action", "show", &id])?;
        Ok(action["step"].as_str().is_some_and(|step| step.contains("asking")).then_some(()))
    })?;
    Ok(id)
}

fn id_of(output: &Output) -> Result<String> {
    let action: Value = serde_json::from_slice(&output.stdout)?;
    action["id"].as_str().map(str::to_owned).context("an id")
}

fn expect(output: &Output, code: i32) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(code), "exit {:?} instead of {code}: {said}", output.status.code());
    Ok(())
}
