//! Real processes under load, killed again and again: what was acknowledged or put into a spool is stored, each once.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use evenkeel_agent::uplink::join::{Join, join};
use evenkeel_common::clock;
use evenkeel_tests::lab::wait_for;
use evenkeel_tests::load::collector::Collector;
use evenkeel_tests::load::one;
use evenkeel_tests::random::SplitMix;

/// Kills of the agent and of the collector together in `tests/run`, and in `tests/run --long`.
const KILLS: (u32, u32) = (12, 240);

fn kills() -> u32 {
    let seeds = std::env::var("EVENKEEL_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    if seeds.is_some_and(|seeds: u32| seeds >= 1_000) { KILLS.1 } else { KILLS.0 }
}

/// An agent that counts, in a process of its own.
struct Counting {
    child: Child,
    last: i64,
}

impl Counting {
    fn start(data_dir: &Path, collector: &str, from: i64) -> Result<Self> {
        let child = Command::new(env!("CARGO_BIN_EXE_evenkeel-load"))
            .args(["one", &data_dir.display().to_string(), collector, "hosta", "machine-a", &from.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self { child, last: from - 1 })
    }

    /// Lets it count for a while, kills it, and says what it had in its spool for certain.
    fn kill_after(mut self, ticks: u64, wait: Duration) -> Result<i64> {
        let lines = BufReader::new(self.child.stdout.take().context("piped")?).lines();
        let mut left = ticks;
        for line in lines {
            let Ok(line) = line else { break };
            self.last = line.trim().parse()?;
            left = left.saturating_sub(1);
            if left == 0 {
                std::thread::park_timeout(wait);
                // What it prints before it is gone counts too.
                self.child.kill().ok();
            }
        }
        self.child.wait()?;
        Ok(self.last)
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Every number that is stored, and how often.
fn stored(collector: &Collector, from: &str) -> Result<BTreeMap<i64, u32>> {
    let vm = one::VM.to_string();
    let args = ["query", "--vm", &vm, "--metric", one::METRIC, "--fn", "raw", "--from", from, "--to", "now+1m"];
    let Ok(answer) = collector.json(&args) else { return Ok(BTreeMap::new()) };
    let mut all = BTreeMap::new();
    for series in answer["series"].as_array().into_iter().flatten() {
        for point in series["points"].as_array().into_iter().flatten() {
            if let Some(number) = point[1].as_i64() {
                *all.entry(number).or_default() += 1;
            }
        }
    }
    Ok(all)
}

/// Waits for all numbers, for as long as more of them come: after hundreds of kills a slow machine catches up for minutes.
fn all_of(certain: &[i64], stored: impl Fn() -> Result<BTreeMap<i64, u32>>) -> Result<BTreeMap<i64, u32>> {
    let mut missing = usize::MAX;
    loop {
        wait_for("more of what is missing being stored", Duration::from_secs(60), || {
            let found = stored()?;
            let left = certain.iter().filter(|number| !found.contains_key(number)).count();
            Ok((left < missing).then(|| missing = left))
        })
        .with_context(|| format!("{missing} of {} are missing", certain.len()))?;
        if missing == 0 {
            return stored();
        }
    }
}

#[test]
fn what_was_in_the_spool_or_acknowledged_survives_kill_9_of_agent_and_collector() -> Result<()> {
    let seed = std::env::var("EVENKEEL_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let mut random = SplitMix(seed.unwrap_or_else(|| clock::wall().0.unsigned_abs()));
    println!("EVENKEEL_TEST_SEED={}, {} kills", random.0, kills());
    let began = clock::wall().to_string();
    let dir = tempfile::tempdir()?;
    let mut collector = Collector::start(&dir.path().join("collector"))?;
    let token = collector.tokens(&["hosta".to_owned()])?.remove(0);
    let (address, data_dir) = (token.address.clone(), dir.path().join("hosta"));
    let wish = Join {
        token,
        address: Some(address.clone()),
        name: "hosta".to_owned(),
        machine_id: "machine-a".to_owned(),
        drop_in_dir: data_dir.join("agent.conf.d"),
        config_dir: data_dir.clone(),
        data_dir: data_dir.clone(),
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(join(&wish, |_| {}))?;
    let mut certain = Vec::new();
    let mut next = 1;
    for kill in 0..kills() {
        let agent = Counting::start(&data_dir, &address, next)?;
        if kill % 3 == 2 {
            std::thread::park_timeout(Duration::from_millis(random.below(300)));
            collector.kill()?;
            collector.resume()?;
        }
        let last = agent.kill_after(1 + random.below(60), Duration::from_micros(random.below(9_000)))?;
        certain.extend(next..=last);
        // A tick that was on its way may be stored as well: its number is not given again.
        next = last + 3;
    }
    let agent = Counting::start(&data_dir, &address, next)?;
    let found = all_of(&certain, || stored(&collector, &began))?;
    drop(agent);
    let twice: Vec<(&i64, &u32)> = found.iter().filter(|(_, count)| **count > 1).collect();
    ensure!(twice.is_empty(), "stored twice: {twice:?}");
    println!("{} ticks certain, {} stored", certain.len(), found.len());
    collector.stop()
}

/// The load generator as people run it, with kills in between.
#[test]
fn the_load_generator_reads_back_what_it_sent() -> Result<()> {
    evenkeel_tests::programs::program("evenkeel")?;
    let output = Command::new(env!("CARGO_BIN_EXE_evenkeel-load"))
        .args(["run", "--agents", "3", "--vms", "3", "--ticks", "12", "--interval", "300ms", "--kills", "2"])
        .args(["--with-disabled"])
        .stdin(Stdio::null())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{text}{stderr}");
    ensure!(text.contains("read back by query                 3240: all of them, each once"), "{text}");
    Ok(())
}
