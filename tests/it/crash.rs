//! kill -9 of a collector in mid-write, again and again: every acknowledged batch is there, exactly once.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use evenkeel_collector::store::Store;
use evenkeel_common::clock;
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
    let (wanted, wait_us) = (1 + random.next() % ACKS_MAX, random.next() % WAIT_MAX_US);
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
    drop(Store::open(dir)?);
    let db = Connection::open(dir.join(evenkeel_collector::store::JOURNAL_FILE))?;
    let sound: String = db.query_row("PRAGMA quick_check", [], |row| row.get(0))?;
    ensure!(sound == "ok", "{sound}");
    let mut stored = BTreeMap::new();
    for number in 1..=crash::AGENTS {
        let seq: Option<i64> =
            db.query_row("SELECT max(seq) FROM last_seq WHERE agent = ?", [crash::agent(number).to_bytes()], |row| {
                row.get(0)
            })?;
        let seq = seq.unwrap_or(0);
        let promised = acked.get(&number).copied().unwrap_or(0);
        ensure!(seq.unsigned_abs() >= promised, "agent {number}: {promised} was acknowledged, {seq} is on disk");
        if seq > 0 {
            stored.insert(number, seq.unsigned_abs());
        }
        for vm in 0..crash::VMS {
            each_once(&db, crash::vm(number, vm), seq)?;
        }
    }
    Ok(stored)
}

/// Batches 1 to `seq` are there, each with all its readings, one of each at its time, and a poll.
fn each_once(db: &Connection, vm: [u8; 16], seq: i64) -> Result<()> {
    let (rows, times, first, last, right): (i64, i64, Option<i64>, Option<i64>, Option<bool>) = db.query_row(
        "SELECT count(*), count(DISTINCT at), min(value), max(value),
                min(value = (at - 1800000000000) / 1000)
         FROM samples JOIN series ON series.id = samples.series WHERE entity = ?",
        [vm],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
    )?;
    let polls: i64 = db.query_row("SELECT count(*) FROM polls WHERE entity = ?", [vm], |row| row.get(0))?;
    let expected = (seq * i64::from(crash::METRICS), seq, seq);
    ensure!((rows, times, polls) == expected, "{:?} is not {expected:?}", (rows, times, polls));
    ensure!(seq == 0 || (first, last, right) == (Some(1), Some(seq), Some(true)), "{first:?} {last:?} {right:?}");
    Ok(())
}
