//! Services, the calendar, outages and service levels with a real collector and a simulated agent.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use evenkeel_agent::uplink::join::{Join, join};
use evenkeel_agent::uplink::{Options, Uplink};
use evenkeel_common::clock;
use evenkeel_common::metric::known;
use evenkeel_common::token::JoinToken;
use evenkeel_common::wire::v1::{
    Activity, Batch, DomainInfo, DomainSample, Goodbye, HostInfo, HostSample, WireReading, WireValue,
};
use evenkeel_tests::lab::wait_for;
use evenkeel_tests::load::collector::Collector;
use evenkeel_tests::programs::program;
use serde_json::Value;
use tokio::sync::mpsc;

const SHOP: &str = "title = 'Shop'\nimpact_weight = 3\n[members]\nowners = ['shop']\n[factors.f]\ngoal = 'g'\n\
    [kpis.a]\nfactor = 'f'\nkind = 'availability'\nmetrics = ['down']\n[metrics.down]\nsource = 'probe:http'\nsampling = '1s'\n\
    [objectives.monthly]\nkpi = 'a'\ntarget = '99.9%'\n";

/// The contract's keys.
const KEYS: [&str; 13] = [
    "service",
    "objective",
    "target",
    "from",
    "to",
    "good_s",
    "bad_s",
    "unknown_s",
    "excluded_s",
    "availability",
    "ci_low",
    "ci_high",
    "budget_left_s",
];

fn site(dir: &Path, service: &str) -> Result<()> {
    fs::create_dir_all(dir.join("config/services"))?;
    Ok(fs::write(dir.join("config/services/shop.toml"), service)?)
}

/// A command that has to end with this code; what it says.
fn said(dir: &Path, code: i32, args: &[&str]) -> Result<String> {
    let mut command = Command::new(program("evenkeel")?);
    for kind in ["config", "data", "runtime"] {
        command.env(format!("EVENKEEL_{}_DIR", kind.to_uppercase()), dir.join(kind));
    }
    let output = command.args(args).stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.code() == Some(code), "{args:?}: {:?}, not {code}: {said}", output.status);
    Ok(said)
}

fn hang_up(collector: &Collector) -> Result<()> {
    let status = Command::new("kill").args(["-HUP", &collector.pid().to_string()]).status()?;
    ensure!(status.success(), "kill -HUP: {status}");
    Ok(())
}

fn wait_event(collector: &Collector, kind: &str, words: &str) -> Result<()> {
    wait_for(kind, Duration::from_secs(30), || {
        let log = collector.json(&["activity", "list"])?;
        let entries = log.as_array().into_iter().flatten();
        let mut found = entries.filter(|entry| entry["kind"] == kind);
        Ok(found.any(|entry| entry["message"].as_str().is_some_and(|text| text.contains(words))).then_some(()))
    })
}

#[test]
fn a_broken_service_file_keeps_the_old_set_and_check_config_says_all() -> Result<()> {
    let dir = tempfile::tempdir()?;
    site(dir.path(), SHOP)?;
    let collector = Collector::start(dir.path())?;
    let list = collector.json(&["service", "list"])?;
    ensure!(list[0]["name"] == "shop" && list[0]["objectives"][0] == "monthly 99.9% month", "{list}");
    ensure!(collector.run(&["service", "list", "--output", "csv"])?.starts_with("name,title,members,needed"), "csv");
    site(dir.path(), "titel = 'x'\n[kpis.a]\nfactor = 'f'\nkind = 'availability'\nmetrics = ['m']\n")?;
    hang_up(&collector)?;
    wait_event(&collector, "services_not_reloaded", "titel: is not a known key; did you mean 'title'?")?;
    ensure!(collector.json(&["service", "show", "shop"])?["title"] == "Shop", "the old set stays");
    let wrong = said(dir.path(), 2, &["check-config"])?;
    ensure!(wrong.contains("services/shop.toml: titel:"), "{wrong}");
    site(dir.path(), &SHOP.replace("'Shop'", "'Web shop'"))?;
    hang_up(&collector)?;
    wait_event(&collector, "services_reloaded", "1 services are in force")?;
    ensure!(collector.json(&["service", "show", "shop"])?["title"] == "Web shop", "the new set");
    said(dir.path(), 0, &["check-config"])?;
    said(dir.path(), 4, &["service", "show", "nosuch"])?;
    Ok(())
}

#[test]
fn windows_are_added_listed_removed_and_logged() -> Result<()> {
    let dir = tempfile::tempdir()?;
    site(dir.path(), &format!("{SHOP}[maintenance.own]\nrule = 'daily 02:00-03:00'\n"))?;
    let collector = Collector::start(dir.path())?;
    let add = [
        "calendar",
        "add",
        "patches",
        "--rule",
        "weekly Sun 02:00-04:00",
        "--tz",
        "Europe/Berlin",
        "--reason",
        "kernel",
    ];
    let added = collector.json(&add)?;
    ensure!(added["when"] == "weekly Sun 02:00-04:00 Europe/Berlin" && added["id"].is_i64(), "{added}");
    let id = added["id"].to_string();
    let once = [
        "calendar",
        "add",
        "move",
        "--service",
        "shop",
        "--from",
        "2026-12-01T22:00:00Z",
        "--to",
        "2026-12-02T04:00:00Z",
    ];
    ensure!(collector.json(&once)?["from"] == "2026-12-01T22:00:00Z", "once");
    let list = collector.json(&["calendar", "list"])?;
    let names: Vec<&str> = list.as_array().into_iter().flatten().filter_map(|row| row["name"].as_str()).collect();
    ensure!(names == ["patches", "move", "own"], "{list}");
    ensure!(collector.json(&["calendar", "remove", &id])?["removed_at"].is_string(), "removed");
    ensure!(collector.json(&["calendar", "list"])?.as_array().is_some_and(|rows| rows.len() == 2), "out of force");
    ensure!(
        collector.json(&["calendar", "list", "--all"])?.as_array().is_some_and(|rows| rows.len() == 3),
        "on record"
    );
    wait_event(&collector, "calendar_added", "kernel")?;
    wait_event(&collector, "calendar_removed", "patches")?;
    for (code, args) in [
        (2, vec!["calendar", "add", "x", "--rule", "always"]),
        (2, vec!["calendar", "add", "x"]),
        (2, vec!["calendar", "add", "x", "--from", "now", "--to", "now-1h"]),
        (4, vec!["calendar", "add", "x", "--rule", "daily 01:00-02:00", "--tz", "UTC", "--service", "nosuch"]),
        (4, vec!["calendar", "remove", "99"]),
        (4, vec!["outage", "show", "99"]),
        (4, vec!["outage", "correct", "99", "--void", "--reason", "r"]),
        (4, vec!["sla", "status", "--service", "nosuch"]),
    ] {
        said(dir.path(), code, &args)?;
    }
    Ok(())
}

/// A tick of a simulated host with one VM of the shop, and the second after it.
async fn tick(uplink: &Uplink, pace: &mut tokio::time::Interval, outcome: i64) -> Result<()> {
    let reading = WireReading { metric: known("vm_probe_outcome").id.0, device: 1, value: WireValue::Int(outcome) };
    let batch = Batch {
        tick_wall_ms: clock::wall().0,
        tick_mono_ms: clock::mono().0,
        interval_ms: 1_000,
        boot_id: [1; 16],
        host: Some(HostSample { info: HostInfo::default(), counter_epoch: 1, readings: Vec::new() }),
        domains: vec![DomainSample {
            uuid: [7; 16],
            name: "web-1".to_owned(),
            state: 1,
            activity: Activity::Active,
            counter_epoch: 1,
            info: DomainInfo { vcpus: 1, owner: "shop".into(), ..DomainInfo::default() }.into(),
            readings: vec![reading],
        }],
        devices: vec![String::new(), "http".to_owned()],
        ..Batch::default()
    };
    uplink.offer(batch).await;
    pace.tick().await;
    Ok(())
}

/// The first outage of the shop, once it is over.
fn wait_outage(collector: &Collector) -> Result<Value> {
    wait_for("the outage", Duration::from_secs(30), || {
        let list = collector.json(&["outage", "list", "--service", "shop"])?;
        Ok(list.as_array().and_then(|all| all.first()).filter(|one| one["end"].is_string()).cloned())
    })
    .with_context(|| {
        let of = |args: &[&str]| collector.run(args).unwrap_or_else(|error| error.to_string());
        format!("{}{}{}", of(&["outage", "list"]), of(&["activity", "list"]), of(&["sla", "status"]))
    })
}

fn wish(token: JoinToken, data_dir: &Path) -> Join {
    Join {
        token,
        address: None,
        name: "hosta".to_owned(),
        machine_id: "machine-a".to_owned(),
        drop_in_dir: data_dir.join("agent.conf.d"),
        config_dir: data_dir.to_owned(),
        data_dir: data_dir.to_owned(),
    }
}

#[test]
fn an_outage_is_found_counted_and_corrected() -> Result<()> {
    let dir = tempfile::tempdir()?;
    site(dir.path(), SHOP)?;
    let collector = Collector::start(dir.path())?;
    let token = collector.tokens(&["hosta".to_owned()])?.remove(0);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let data_dir = dir.path().join("hosta");
    let (began, ended) = runtime.block_on(async {
        let address = token.address.clone();
        join(&wish(token, &data_dir), |_| {}).await?;
        let (commands, _none) = mpsc::channel(1);
        let options = Options::new(address, "hosta".to_owned(), "machine-a".to_owned(), data_dir);
        let uplink = Uplink::start(options, commands)?;
        let mut pace = tokio::time::interval(Duration::from_secs(1));
        pace.tick().await;
        let mut times = Vec::new();
        for (count, outcome) in [(4, 0), (5, 2), (4, 0)] {
            times.push(clock::wall().0);
            for _ in 0..count {
                tick(&uplink, &mut pace, outcome).await?;
            }
        }
        let mut status = uplink.status();
        status.wait_for(|status| status.backlog == 0).await?;
        uplink.stop(Goodbye { reason: "stop".to_owned(), expected_s: 0 }).await;
        anyhow::Ok((times[1], times[2]))
    })?;
    let found = wait_outage(&collector)?;
    let near = |key: &str, expected: i64| -> Result<()> {
        let text = found[key].as_str().with_context(|| format!("{key} in {found}"))?;
        let off = evenkeel_common::time::UnixMs::parse_rfc3339(text)?.0 - expected;
        ensure!(off.abs() <= 1_000, "{key} is {off} ms off, an interval is 1000: {found}");
        Ok(())
    };
    near("start", began)?;
    near("end", ended)?;
    ensure!(found["target"] == "web-1" && found["check"] == "probe:http" && found["cause"] == "timeout", "{found}");
    ensure!(found["impact"] == 3 && found["services"][0] == "shop" && found["unknown_s"] == 0, "{found}");
    wait_event(&collector, "outage_ended", "timeout")?;
    let sla = |collector: &Collector| -> Result<Value> {
        Ok(collector.json(&["sla", "status", "--service", "shop"])?[0].clone())
    };
    // The last answers are taken with the next round.
    let before = wait_for("the last answers", Duration::from_secs(30), || {
        Ok(Some(sla(&collector)?).filter(|row| row["good_s"].as_i64().is_some_and(|good| good >= 7)))
    })?;
    for key in KEYS.iter().chain(&["burn_rate"]) {
        ensure!(before.get(*key).is_some(), "sla status has no {key}: {before}");
    }
    ensure!(before["bad_s"] == found["down_s"], "{before}");
    let number = |key: &str| before[key].as_i64().context("seconds");
    let at = |key: &str| -> Result<i64> {
        Ok(evenkeel_common::time::UnixMs::parse_rfc3339(before[key].as_str().context("a time")?)?.0 / 1_000)
    };
    let sum = number("good_s")? + number("bad_s")? + number("unknown_s")? + number("excluded_s")?;
    ensure!(sum == at("to")? - at("from")?, "they sum to the period: {before}");
    let id = found["id"].to_string();
    let corrected = collector.json(&["outage", "correct", &id, "--void", "--reason", "the probe was wrong"])?;
    ensure!(corrected["void"] == true && corrected["measured_start"] == found["start"], "{corrected}");
    ensure!(sla(&collector)?["bad_s"] == 0, "what a person says counts");
    wait_event(&collector, "outage_corrected", "the probe was wrong")?;
    let summary = collector.json(&["outage", "list", "--summary"])?;
    ensure!(summary["outages"] == 0 && summary["mttr_s"].is_null(), "{summary}");
    Ok(())
}
