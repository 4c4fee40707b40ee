//! kill -9 of a collector in mid-write and mid-seal, again and again: every acknowledged batch is there, exactly once.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use evenkeel_collector::store::Store;
use evenkeel_common::clock;
use evenkeel_common::id::DomainUuid;
use evenkeel_common::sample::Value;
use evenkeel_common::time::UnixMs;
use evenkeel_tests::crash;
use evenkeel_tests::random::SplitMix;
use rusqlite::Connection;

/// How often the writer is killed in `tests/run`, and in `tests/run --long`.
const KILLS: (u32, u32) = (25, 400);
/// Acknowledgements after which it is killed, at most.
const ACKS_MAX: u64 = 60;
/// Wait after the last one, at most, so that the kill falls anywhere within a commit.
const WAIT_MAX_US: u64 = 20_000;

#[test]
fn every_acknowledged_batch_survives_kill_9_exactly_once() -> Result<()> {
    let seed = std::env::var("EVENKEEL_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let mut random = SplitMix(seed.unwrap_or_else(|| clock::wall().0.unsigned_abs()));
    let kills = if long() { KILLS.1 } else { KILLS.0 };
    println!("EVENKEEL_TEST_SEED={}, {kills} kills", random.0);
    let dir = tempfile::tempdir()?;
    drop(Store::open(dir.path())?);
    enrol(dir.path())?;
    let mut before = BTreeMap::new();
    for kill in 0..kills {
        let acked = run_and_kill(dir.path(), &mut random)?;
        let stored = verify(dir.path(), &acked).with_context(|| format!("after kill {kill}"))?;
        ensure!(before.iter().all(|(agent, seq)| stored.get(agent) >= Some(seq)), "{before:?} became {stored:?}");
        before = stored;
    }
    ensure!(before.len() == usize::from(crash::AGENTS), "every agent got through: {before:?}");
    Ok(())
}

/// Makes the agents known: a check asks for the host of each placement.
fn enrol(dir: &Path) -> Result<()> {
    let db = Connection::open(dir.join(evenkeel_collector::store::CONTROL_FILE))?;
    for number in 1..=crash::AGENTS {
        let values = (crash::agent(number).to_bytes(), format!("host{number}"));
        db.execute("INSERT INTO agents VALUES (?, ?, '', x'', 'approved', '', '', 0, NULL)", values)?;
    }
    Ok(())
}

/// Whether this is a long run: `tests/run --long` asks for thousands of seeds.
fn long() -> bool {
    std::env::var("EVENKEEL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).is_some_and(|seeds: u32| seeds >= 1_000)
}

/// Runs the writer until it has acknowledged some batches, kills it, and answers with the highest number of each agent.
fn run_and_kill(dir: &Path, random: &mut SplitMix) -> Result<BTreeMap<u8, u64>> {
    let mut writer = Command::new(env!("CARGO_BIN_EXE_evenkeel-crash"))
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(writer.stdout.take().context("piped")?).lines();
    let (wanted, wait_us) = (1 + random.draw() % ACKS_MAX, random.draw() % WAIT_MAX_US);
    let mut acked = BTreeMap::new();
    let mut count = 0;
    for line in lines {
        // What it printed before it died counts too.
        let Ok(line) = line else { break };
        let Some((agent, seq)) = line.split_once(' ').and_then(|(a, s)| Some((a.parse().ok()?, s.parse().ok()?)))
        else {
            continue;
        };
        acked.insert(agent, seq);
        count += 1;
        if count == wanted {
            busy(wait_us);
            writer.kill()?;
        }
    }
    let status = writer.wait()?;
    ensure!(count >= wanted, "the writer ended by itself: {status}");
    Ok(acked)
}

/// A wait that is shorter than what a scheduler grants to sleepers.
fn busy(us: u64) {
    let until = clock::mono().0 + us / 1_000;
    while clock::mono().0 < until {
        std::hint::spin_loop();
    }
}

/// Opens what is left and answers with how far each agent is on disk.
fn verify(dir: &Path, acked: &BTreeMap<u8, u64>) -> Result<BTreeMap<u8, u64>> {
    let store = Store::open(dir)?;
    let db = Connection::open(dir.join(evenkeel_collector::store::JOURNAL_FILE))?;
    let sound: String = db.query_row("PRAGMA quick_check", [], |row| row.get(0))?;
    ensure!(sound == "ok", "{sound}");
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut stored = BTreeMap::new();
    for number in 1..=crash::AGENTS {
        let seq = runtime.block_on(store.last_seq(crash::agent(number), crash::EPOCH))?;
        let promised = acked.get(&number).copied().unwrap_or(0);
        ensure!(seq >= promised, "agent {number}: {promised} was acknowledged, {seq} is on disk");
        if seq > 0 {
            stored.insert(number, seq);
        }
        for vm in 0..crash::VMS {
            runtime.block_on(each_once(&store, crash::vm(number, vm), seq))?;
        }
    }
    let damage = runtime.block_on(store.check())?;
    ensure!(damage.is_empty(), "{damage:?}");
    Ok(stored)
}

/// Batches 1 to `seq` are there, each with all its readings, one of each at its time, and a poll.
async fn each_once(store: &Store, vm: [u8; 16], seq: u64) -> Result<()> {
    let entity = DomainUuid::from_bytes(vm).into();
    let (first, end) = (crash::time(1), crash::time(seq + 1));
    let series = store.series(vec![entity], Vec::new(), true).await?;
    let expected = if seq == 0 { 0 } else { usize::from(crash::METRICS) };
    ensure!(series.len() == expected, "{} series, not {expected}", series.len());
    let times: Vec<UnixMs> = (1..=seq).map(crash::time).collect();
    for row in series {
        let mut found = Vec::new();
        let mut next = Some(UnixMs(i64::MIN));
        while let Some(from) = next {
            let slice = store.samples(row.clone(), from, UnixMs(i64::MAX)).await?;
            found.extend(slice.readings);
            next = slice.next;
        }
        ensure!(found.iter().map(|(at, _)| *at).eq(times.iter().copied()), "{row:?}: readings are lost or there twice");
        let right = found
            .iter()
            .zip(1..)
            .all(|((_, value), seq)| matches!(value, Value::Counter(counter) if counter.value == seq));
        ensure!(right, "{row:?}: a reading has a wrong value");
    }
    let polls = store.polls(entity, UnixMs(i64::MIN), UnixMs(i64::MAX), usize::MAX).await?;
    ensure!(polls.iter().map(|poll| poll.at).eq(times), "polls from {first} to {end} are lost or there twice");
    Ok(())
}
