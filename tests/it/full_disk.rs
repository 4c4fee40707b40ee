//! Real full disks, under the collector and under an agent's spool: nothing acknowledged is lost, what must go on goes on,
//! and everything recovers by itself when there is space again.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use evenkeel_agent::uplink::join::{Join, join};
use evenkeel_common::clock;
use evenkeel_tests::lab::wait_for;
use evenkeel_tests::load::collector::Collector;
use evenkeel_tests::load::fleet::{Wish, connect, name};
use evenkeel_tests::load::{one, verify};
use evenkeel_tests::small_disk::{clear, fill, seen_by, with};

/// More than the collector says a warning about.
const DISK_BYTES: u64 = 128 << 20;
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_collector_on_a_full_disk_keeps_what_it_acknowledged_and_stays_in_control() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let began = clock::wall().to_string();
    let mut collector = Collector::start_on_small_disk(&dir.path().join("collector"), DISK_BYTES)?;
    let wish = Wish {
        agents: 3,
        vms: 10,
        ticks: 80,
        interval: Duration::from_millis(100),
        with_disabled: false,
        churn: 0,
        seed: 1,
    };
    let tokens = collector.tokens(&(0..wish.agents).map(name).collect::<Vec<_>>())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let hosts = runtime.block_on(connect(&dir.path().join("agents"), wish, tokens))?;
    let working: Vec<_> = hosts
        .into_iter()
        .map(|mut host| {
            runtime.spawn(async move {
                let measured = host.work(Duration::ZERO, &mut Vec::new()).await?;
                anyhow::Ok((host, measured.samples))
            })
        })
        .collect();
    let log = dir.path().join("collector/log");
    let said = |words: &str| std::fs::read_to_string(&log).is_ok_and(|text| text.contains(words));
    wait_for("the first readings", LIMIT, || {
        Ok((collector.json(&["vm", "list"])?.to_string().len() > 200).then_some(()))
    })?;
    fill(&collector.data_dir())?;
    wait_for("the collector to say that its disk is full", LIMIT, || Ok(said("the disk is full").then_some(())))?;
    // What the operator does still works, on the reserve, more than once.
    let vms = collector.json(&["vm", "list"])?;
    ensure!(vms.as_array().is_some_and(|vms| vms.len() == 30), "{vms}");
    let vm = vms[0]["uuid"].as_str().context("a VM has a uuid")?.to_owned();
    for number in 0..20 {
        collector.tokens(&[format!("spare{number}")])?;
    }
    // Nobody answers for the actor here; that the action was taken down is what counts.
    let asked = collector.run(&["action", "snapshot", &vm, "--output", "json"]);
    let actions = collector.json(&["action", "list"])?;
    ensure!(actions.as_array().is_some_and(|all| !all.is_empty()), "{actions}, asked: {asked:?}");
    wait_for("batches being put off", LIMIT, || Ok(said("batches could not be written").then_some(())))?;
    clear(&collector.data_dir())?;
    let mut acknowledged = 0;
    let mut hosts = Vec::new();
    for host in working {
        let (host, samples) = runtime.block_on(host)??;
        runtime.block_on(host.delivered())?;
        acknowledged += samples;
        hosts.push(host);
    }
    let found = verify::count_all(&collector, hosts.iter().flat_map(|host| &host.guests.vms), &began)?;
    ensure!(found == acknowledged, "{found} samples are stored, {acknowledged} were acknowledged");
    let damage = collector.run(&["store", "check"])?;
    println!("{acknowledged} samples, all stored once; check: {}", damage.trim());
    for host in hosts {
        runtime.block_on(host.stop());
    }
    collector.stop()
}

/// An agent that counts, on a disk of its own.
struct Counting {
    child: Child,
    numbers: BufReader<std::process::ChildStdout>,
    told: BTreeSet<i64>,
}

impl Counting {
    /// On a disk that is full before it starts: it has space neither for bytes nor for files.
    fn start_on_full_disk(data_dir: &Path, collector: &str) -> Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_evenkeel-load"));
        command.arg("one").arg(data_dir).args([collector, "hosta", "machine-a", "1"]);
        let full =
            "n=0; while touch full.$n; do n=$((n+1)); done 2>/dev/null; cat /dev/zero > full.0 2>/dev/null || true";
        let mut command = with(&command, data_dir, "size=1m,nr_inodes=40", full);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let numbers = BufReader::new(child.stdout.take().context("piped")?);
        Ok(Self { child, numbers, told: BTreeSet::new() })
    }

    /// Its data directory, as it sees it.
    fn disk(&self, data_dir: &Path) -> PathBuf {
        seen_by(self.child.id(), data_dir)
    }

    /// Reads so many more numbers that it took.
    fn count(&mut self, more: usize) -> Result<()> {
        for _ in 0..more {
            let mut line = String::new();
            ensure!(self.numbers.read_line(&mut line)? > 0, "the agent ended: {:?}", self.child.wait());
            self.told.insert(line.trim().parse()?);
        }
        Ok(())
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn an_agent_starts_on_a_full_disk_keeps_in_memory_and_uses_the_disk_once_there_is_space() -> Result<()> {
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
        drop_in_dir: dir.path().join("agent.conf.d"),
        data_dir: data_dir.clone(),
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(join(&wish, |_| {}))?;
    let mut agent = Counting::start_on_full_disk(&data_dir, &address)?;
    agent.count(20)?;
    let disk = agent.disk(&data_dir);
    ensure!(!disk.join("spool").exists(), "the disk was full");
    collector.stop()?;
    agent.count(100)?;
    collector.resume()?;
    all_stored(&collector, &began, &agent.told)?;
    for entry in std::fs::read_dir(&disk)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("full.")) {
            std::fs::remove_file(path)?;
        }
    }
    agent.count(20)?;
    let segments = || -> Result<u64> {
        let mut bytes = 0;
        for entry in std::fs::read_dir(disk.join("spool")).into_iter().flatten() {
            bytes += entry?.metadata()?.len();
        }
        Ok(bytes)
    };
    wait_for("the spool being on disk", LIMIT, || Ok((segments()? > 500).then_some(())))?;
    // Full again, while the collector is away.
    collector.stop()?;
    fill(&disk)?;
    agent.count(100)?;
    clear(&disk)?;
    let before = segments()?;
    agent.count(20)?;
    wait_for("the spool going on", LIMIT, || Ok((segments()? > before).then_some(())))?;
    collector.resume()?;
    all_stored(&collector, &began, &agent.told)?;
    println!("{} ticks, all stored once", agent.told.len());
    drop(agent);
    collector.stop()
}

/// Waits until every number is stored; none is there twice.
fn all_stored(collector: &Collector, from: &str, told: &BTreeSet<i64>) -> Result<()> {
    let vm = one::VM.to_string();
    let args = ["query", "--vm", &vm, "--metric", one::METRIC, "--fn", "raw", "--from", from, "--to", "now+1m"];
    wait_for("everything being stored", LIMIT, || {
        let Ok(answer) = collector.json(&args) else { return Ok(None) };
        let series = answer["series"].as_array().into_iter().flatten();
        let points = series.flat_map(|series| series["points"].as_array().into_iter().flatten());
        let found: Vec<i64> = points.filter_map(|point| point[1].as_i64()).collect();
        let once: BTreeSet<i64> = found.iter().copied().collect();
        ensure!(once.len() == found.len(), "a number is stored twice");
        Ok(told.is_subset(&once).then_some(()))
    })
}
