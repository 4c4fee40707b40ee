//! A host with many domains that nobody has to run: the agent's worker is replaced by one that makes the readings up.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result};
use evenkeel_common::clock;

use super::agent::{HOST, say};
use super::cpu::{Meter, family};
use super::memory::{by_process, mib, pss_bytes};
use super::query;
use super::table::Table;
use crate::cluster::Cluster;
use crate::programs::program;

/// Domains of the scripted host.
pub const DOMAINS: usize = 500;
/// Time between ticks: a tick costs the same whenever it comes, and more of them fit into the run.
const INTERVAL: &str = "2s";
/// How long the agent runs before it is measured: every domain is described by then.
const WARM_UP: Duration = Duration::from_secs(40);
const MEASURED: Duration = Duration::from_secs(24);

/// Puts the scripted host in the place of the real one and measures.
pub fn measure(cluster: &mut Cluster<'_>, table: &mut Table) -> Result<()> {
    let host = cluster.hosts.first_mut().context("the lab has a host")?;
    if let Some(agent) = host.agent.take() {
        agent.stop()?;
    }
    let helper = program("evenkeel-scripted-host")?;
    let text =
        format!("name = {HOST:?}\ninterval = {INTERVAL:?}\nlibvirt_helper = {:?}\n", helper.display().to_string());
    fs::write(cluster.dir(HOST).join("config/agent.toml"), text)?;
    let agent = cluster.start_agent(HOST)?;
    let pid = agent.pid();
    cluster.hosts[0].agent = Some(agent);
    sleep(WARM_UP);
    let mut meter = Meter::default();
    let from = clock::wall();
    let before = meter.look(&family(pid));
    sleep(MEASURED);
    let used = meter.look(&family(pid)) - before;
    let to = clock::wall();
    let pids = family(pid);
    let pss = mib(pss_bytes(&pids)?);
    say(&by_process(&pids)?);
    let ticks = query::ticks(cluster, from, to)?.len();
    report(used, ticks, pss, table);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn report(used_ns: u64, ticks: usize, pss: f64, table: &mut Table) {
    let tick = used_ns as f64 / 1e6 / ticks.max(1) as f64;
    let met = ticks > 0 && tick < 50.0;
    table.target(
        &format!("one tick of {DOMAINS} scripted domains"),
        format!("{tick:.1} ms"),
        String::new(),
        "< 50 ms".into(),
        met,
    );
    table.target(
        &format!("PSS with {DOMAINS} scripted domains"),
        format!("{pss:.1} MiB"),
        String::new(),
        "≤ 56 MiB".into(),
        pss <= 56.0,
    );
}
