//! Guests whose QEMU does not answer, on a real libvirt: each costs its own readings and nobody else's.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use evenkeel_common::clock;
use evenkeel_common::time::UnixMs;
use evenkeel_tests::bench::cpu::family;
use evenkeel_tests::cluster::Cluster;
use evenkeel_tests::lab::{GuestSpec, Lab, LabOptions, ProcessId, wait_for};
use serde_json::Value;

const LONG: Duration = Duration::from_secs(90);
const INTERVAL: Duration = Duration::from_secs(2);
const GUESTS: [&str; 6] = ["g1", "g2", "g3", "g4", "g5", "g6"];
/// Only QEMU knows this, and it is asked for at every tick here.
const OF_QEMU: &str = "vm_block_reads_total";
/// The kernel knows this as well.
const OF_KERNEL: &str = "vm_cpu_seconds_total";

/// How long guests are left hanging: two minutes in the long run.
fn hanging() -> Duration {
    let seeds: u64 = std::env::var("EVENKEEL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(64);
    let length = if seeds > 1_000 { Duration::from_secs(120) } else { Duration::from_secs(10) };
    say(&format!("guests hang for {} s", length.as_secs()));
    length
}

/// Shown when the test fails, and with `--nocapture`.
fn say(what: &str) {
    // Nothing is left to do if stdout is closed.
    let _ = writeln!(std::io::stdout(), "{what}");
}

#[test]
fn a_guest_that_hangs_costs_its_own_readings_only() -> Result<()> {
    let mut options = LabOptions::for_test("isolation", 2)?;
    for name in GUESTS {
        let mut guest = GuestSpec::new(name, "hosta");
        (guest.paused, guest.memory_mib) = (name != "g1", if name == "g1" { 96 } else { 64 });
        options = options.guest(guest);
    }
    let lab = Lab::up(&options)?;
    let mut cluster = Cluster::start(&lab, "2s")?;
    // Without the kernel's word whose process is stopped: every hang has to be found by a call that is late.
    configure(&cluster, "fast_path = false\n")?;
    restart_agent(&mut cluster)?;
    hang(&lab, &cluster, &["g2"])?;
    hang(&lab, &cluster, &["g2", "g4"])?;
    configure(&cluster, "")?;
    restart_agent(&mut cluster)?;
    hang(&lab, &cluster, &["g1"])?;
    hang(&lab, &cluster, &["g1", "g3", "g5"])?;
    hang(&lab, &cluster, &GUESTS)?;
    a_migration_that_hangs(&lab, &cluster)?;
    a_shutdown_that_hangs(&lab, &cluster)?;
    a_stopped_libvirtd(&lab, &cluster)?;
    a_libvirtd_that_dies_again_and_again(&lab, &cluster)
}

/// Disks at every tick, so that a gap of one tick shows.
fn configure(cluster: &Cluster<'_>, more: &str) -> Result<()> {
    let dir = cluster.dir("hosta").join("config/agent.conf.d");
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("test.toml"), format!("{more}scrape_deadline = '4s'\n[intervals]\nblock = '1s'\n"))?;
    Ok(())
}

fn restart_agent(cluster: &mut Cluster<'_>) -> Result<()> {
    cluster.hosts[0].agent.take().context("the agent runs")?.stop()?;
    let from = clock::wall();
    cluster.hosts[0].agent = Some(cluster.start_agent("hosta")?);
    wait_for("every guest read again", LONG, || {
        let whole = GUESTS.iter().all(|name| {
            points(cluster, name, OF_QEMU, from).is_ok_and(|points| points.iter().filter(|p| p.is_value).count() >= 3)
        });
        Ok(whole.then_some(()))
    })
}

#[derive(Clone, Debug)]
struct Point {
    at: UnixMs,
    is_value: bool,
    missing: String,
}

fn points(cluster: &Cluster<'_>, vm: &str, metric: &str, from: UnixMs) -> Result<Vec<Point>> {
    let from = from.to_string();
    let args = ["query", "--vm", vm, "--metric", metric, "--fn", "raw", "--from", &from];
    let answer = cluster.json(&args)?;
    let points = answer["series"][0]["points"].as_array().cloned().unwrap_or_default();
    points
        .iter()
        .map(|point| {
            let at = UnixMs::parse_rfc3339(point[0].as_str().context("a time")?)?;
            Ok(Point { at, is_value: point[1].is_number(), missing: point[2].as_str().unwrap_or_default().to_owned() })
        })
        .collect()
}

fn qemu(lab: &Lab, guest: &str) -> Result<ProcessId> {
    let pid = lab.exec("hosta", "cat", &[&format!("/run/libvirt/qemu/{guest}.pid")])?;
    ProcessId::of(pid.trim().parse()?).with_context(|| format!("{guest} runs"))
}

fn in_ticks(ticks: i64) -> i64 {
    ticks * i64::try_from(INTERVAL.as_millis()).unwrap_or(i64::MAX) + 900
}

/// Stops the QEMUs of `who` for a while.
fn hang(lab: &Lab, cluster: &Cluster<'_>, who: &[&str]) -> Result<()> {
    say(&format!("{who:?} hang"));
    let stopped: Vec<ProcessId> = who.iter().map(|name| qemu(lab, name)).collect::<Result<_>>()?;
    let begun = clock::wall();
    stopped.iter().try_for_each(|qemu| qemu.signal("STOP"))?;
    let bounded = while_hanging(cluster).and_then(|()| listed_as_hung(cluster, who));
    let ended = clock::wall();
    stopped.iter().try_for_each(|qemu| qemu.signal("CONT"))?;
    bounded?;
    after(ended, in_ticks(4))?;
    listed_as_hung(cluster, &[])?;
    for name in GUESTS {
        let of_qemu = points(cluster, name, OF_QEMU, begun)?;
        let of_kernel = points(cluster, name, OF_KERNEL, begun)?;
        let gap = longest_gap(&of_kernel, begun);
        ensure!(gap <= in_ticks(2), "{name}: {gap} ms without {OF_KERNEL}: {of_kernel:?}");
        if who.contains(&name) {
            let hung = of_qemu.iter().find(|point| point.missing == "hung").with_context(|| format!("{name} hung"))?;
            let after = hung.at.since(begun).0;
            ensure!(after <= in_ticks(3), "{name} reads hung after {after} ms: {of_qemu:?}");
            let back = of_qemu.iter().find(|point| point.at > ended && point.is_value);
            let after = back.with_context(|| format!("{name} is back: {of_qemu:?}"))?.at.since(ended).0;
            ensure!(after <= in_ticks(2), "{name} is back after {after} ms: {of_qemu:?}");
        } else {
            let gap = longest_gap(&of_qemu, begun);
            ensure!(gap <= in_ticks(2), "{name}: {gap} ms without {OF_QEMU} while {who:?} hang: {of_qemu:?}");
        }
    }
    told(cluster, who, begun)
}

/// Lets them hang, and looks that the agent's processes stay few.
fn while_hanging(cluster: &Cluster<'_>) -> Result<()> {
    let agent = cluster.hosts[0].agent.as_ref().context("the agent runs")?.pid();
    let begun = clock::wall();
    let length = i64::try_from(hanging().as_millis())?;
    wait_for("the hang to last", 2 * hanging(), || {
        // The agent, the worker that reads, the one that hears events, and one that is being killed.
        let processes = family(agent).len();
        ensure!(processes <= 4, "{processes} processes of the agent");
        Ok((clock::wall().since(begun).0 > length).then_some(()))
    })
}

/// `vm list` says of these that they hang and of no other, and has the CPU of all.
fn listed_as_hung(cluster: &Cluster<'_>, who: &[&str]) -> Result<()> {
    cluster.wait_json("the list of who hangs", &["vm", "list"], LONG, |vms| {
        let is_right = |vm: &Value| {
            let hangs = vm["name"].as_str().is_some_and(|name| who.contains(&name));
            vm["missing"].as_str() == hangs.then_some("hung") && vm["cpu_ratio"].is_number()
        };
        vms.as_array()?.iter().all(is_right).then_some(())
    })
}

fn longest_gap(points: &[Point], begun: UnixMs) -> i64 {
    let mut last = begun;
    let mut longest = 0;
    for point in points.iter().filter(|point| point.is_value) {
        longest = longest.max(point.at.since(last).0);
        last = point.at;
    }
    longest.max(clock::wall().since(last).0 - in_ticks(1))
}

/// `vm show` tells that it hung and that it answers again.
fn told(cluster: &Cluster<'_>, who: &[&str], begun: UnixMs) -> Result<()> {
    for name in who {
        cluster.wait_json("the events of a hang", &["vm", "show", name], LONG, |vm| {
            let events = vm["events"].as_array()?;
            let since = |event: &&Value| {
                let at = event["time"].as_str().and_then(|text| UnixMs::parse_rfc3339(text).ok());
                // An event has the time of its tick, in the middle of which they may have been stopped.
                at.is_some_and(|at| at.0 >= begun.0 - in_ticks(1))
            };
            let kinds: BTreeSet<&str> =
                events.iter().filter(since).filter_map(|event| event["kind"].as_str()).collect();
            (kinds.contains("vm_hung") && kinds.contains("vm_answers")).then_some(())
        })?;
    }
    Ok(())
}

/// A QEMU that hangs in the middle of its migration: the others go on.
fn a_migration_that_hangs(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    say("g1 hangs while it migrates");
    let source = qemu(lab, "g1")?;
    let to = lab.migrate_dest_uri_template().replace("{host}", "hostb");
    let data = lab.migrate_uri_template().replace("{host}", "hostb");
    let uri = lab.uri("hosta");
    let mut virsh = lab.command("hosta", "virsh")?;
    virsh.args(["-c", &uri, "migrate", "--live", "--p2p", "--unsafe", "--bandwidth", "1", "g1", &to]);
    let mut virsh = virsh.args(["--migrateuri", &data]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let going = wait_for("the migration to go on", LONG, || {
        Ok(lab.virsh("hosta", &["domjobinfo", "g1"])?.contains("Data remaining").then_some(()))
    });
    let begun = clock::wall();
    source.signal("STOP")?;
    let waited = going.and_then(|()| after(begun, in_ticks(4)));
    source.signal("CONT")?;
    lab.virsh("hosta", &["domjobabort", "g1"])?;
    virsh.wait()?;
    waited?;
    others_went_on(cluster, &["g2", "g3", "g4", "g5", "g6"], begun)
}

fn after(begun: UnixMs, ms: i64) -> Result<()> {
    wait_for("some ticks", LONG, || Ok((clock::wall().since(begun).0 > ms).then_some(())))
}

fn others_went_on(cluster: &Cluster<'_>, others: &[&str], begun: UnixMs) -> Result<()> {
    for name in others {
        let of_qemu = points(cluster, name, OF_QEMU, begun)?;
        let gap = longest_gap(&of_qemu, begun);
        ensure!(gap <= in_ticks(2), "{name}: {gap} ms without {OF_QEMU}: {of_qemu:?}");
    }
    Ok(())
}

/// A QEMU that hangs while libvirt waits for its end, which makes libvirt hold that domain: the others go on.
fn a_shutdown_that_hangs(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    say("g6 hangs while it is destroyed");
    let stopped = qemu(lab, "g6")?;
    let begun = clock::wall();
    stopped.signal("STOP")?;
    let mut virsh = lab.command("hosta", "virsh")?;
    let uri = lab.uri("hosta");
    let mut virsh = virsh.args(["-c", &uri, "destroy", "g6", "--graceful"]).spawn()?;
    let waited = after(begun, in_ticks(4));
    stopped.signal("CONT")?;
    virsh.wait()?;
    waited?;
    others_went_on(cluster, &["g1", "g2", "g3", "g4", "g5"], begun)
}

/// Nothing can be read, which has a reason; it is back soon after.
fn a_stopped_libvirtd(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    say("libvirtd is stopped");
    let libvirtd = lab.libvirtd("hosta").context("libvirtd runs")?;
    let begun = clock::wall();
    libvirtd.signal("STOP")?;
    let seen = wait_for("the reason", LONG, || {
        let points = points(cluster, "g1", OF_QEMU, begun)?;
        Ok(points.iter().any(|point| point.missing == "libvirt_down").then_some(()))
    });
    libvirtd.signal("CONT")?;
    seen?;
    is_read_again(cluster, clock::wall())
}

fn is_read_again(cluster: &Cluster<'_>, from: UnixMs) -> Result<()> {
    wait_for("g1 read again", LONG, || {
        Ok(points(cluster, "g1", OF_QEMU, from)?.iter().any(|point| point.is_value).then_some(()))
    })
}

/// libvirtd is killed and started under load: fifty times in the long run.
fn a_libvirtd_that_dies_again_and_again(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    let kills: i64 = if hanging() > Duration::from_secs(60) { 50 } else { 4 };
    say(&format!("libvirtd is killed {kills} times"));
    let agent = cluster.hosts[0].agent.as_ref().context("the agent runs")?.pid();
    for round in 0..kills {
        let libvirtd = lab.libvirtd("hosta").context("libvirtd runs")?;
        libvirtd.signal("KILL")?;
        wait_for("libvirtd to be gone", LONG, || Ok((!libvirtd.alive()).then_some(())))?;
        lab.start_libvirtd("hosta")?;
        // At another moment of a tick each time.
        after(clock::wall(), round * 370 % 2_000)?;
    }
    is_read_again(cluster, clock::wall())?;
    let processes = family(agent).len();
    ensure!(processes <= 4, "{processes} processes of the agent");
    Ok(())
}
