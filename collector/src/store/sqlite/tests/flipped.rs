//! Bytes that flip on disk, in each kind of file: what is read is what was written or nothing, a check says that there is
//! damage, and the rest goes on.

use std::path::{Path, PathBuf};

use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::{Counter, CounterEpoch, Reading, Value};

use super::super::super::engine::{BucketRange, Buckets};
use super::super::super::{BatchRows, EntityRows, JOURNAL_FILE, OpenError, PollRow, SeriesRow};
use super::super::days::Days;
use super::*;

const START: i64 = 1_800_000_000_000;
const TICK: i64 = 240_000;
/// Ticks that are sealed, and those that are in the journal besides.
const SEALED: i64 = 60;
const TICKS: i64 = 90;

/// What is read of two entities; nothing of what cannot be read.
#[derive(Debug, Default, PartialEq)]
struct Read {
    readings: Vec<(SeriesRow, UnixMs, Value)>,
    buckets: Vec<(SeriesRow, Level, Buckets)>,
    /// Something was answered with an error.
    refused: bool,
}

fn batch(tick: i64) -> BatchRows {
    let readings = |entity: u8| {
        let reading = |number: u16| Reading {
            metric: MetricId(number + 3),
            device: String::new(),
            value: Value::Counter(Counter {
                epoch: CounterEpoch(1),
                value: tick.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_mul(number.into())
                    >> (entity * 8),
            }),
        };
        // Not all have the same series, so that a row may be taken for one of another list.
        let first = if tick % 9 == 0 { 3 } else { 0 };
        EntityRows::new(Entity([entity; 16]), None, &(first..first + 3).map(reading).collect::<Vec<_>>())
    };
    let poll = |entity: u8| PollRow { entity: Entity([entity; 16]), state: Some(1), missing: None };
    BatchRows {
        agent: AgentId::from_bytes([1; 16]),
        epoch: 1,
        seq: tick.unsigned_abs() + 1,
        at: UnixMs(START + tick * TICK),
        interval_ms: 240_000,
        corrected: false,
        withdrawn: Vec::new(),
        readings: vec![readings(2), readings(3)],
        polls: vec![poll(2), poll(3)],
        gap: None,
    }
}

/// A day that is sealed in part.
fn day(dir: &Path) -> Read {
    let mut engine = SqliteEngine::open(dir, Role::Append).unwrap();
    for tick in 0..SEALED {
        engine.append(&[batch(tick)]).unwrap();
    }
    while engine.seal(Due::Before(UnixMs(i64::MAX)), 64).unwrap().more {}
    for tick in SEALED..TICKS {
        engine.append(&[batch(tick)]).unwrap();
    }
    read(&mut engine)
}

fn read(engine: &mut SqliteEngine) -> Read {
    let mut all = Read::default();
    for entity in [Entity([2; 16]), Entity([3; 16])] {
        let Ok(series) = engine.series(entity, &[]) else {
            all.refused = true;
            continue;
        };
        for row in series {
            let mut next = Some(UnixMs(0));
            while let Some(from) = next {
                let slice = engine.samples(std::slice::from_ref(&row), from, UnixMs(i64::MAX));
                all.refused |= slice.is_err();
                next = slice.as_ref().ok().and_then(|slice| slice.next);
                let readings = slice.map(|slice| slice.readings).unwrap_or_default();
                all.readings.extend(readings.into_iter().flatten().map(|(at, value)| (row.clone(), at, value)));
            }
            for level in [Level::Short, Level::Long] {
                let (from, to) = (UnixMs(START), UnixMs(START + TICKS * TICK));
                let range = BucketRange { level, from, to, sketches: true };
                match engine.buckets(std::slice::from_ref(&row), range) {
                    Ok(found) => all.buckets.extend(found.into_iter().map(|buckets| (row.clone(), level, buckets))),
                    Err(_) => all.refused = true,
                }
            }
        }
    }
    all
}

impl Read {
    /// Everything here is there as well.
    fn is_part_of(&self, truth: &Self) -> Result<(), String> {
        for reading in &self.readings {
            if !truth.readings.contains(reading) {
                return Err(format!("{reading:?}"));
            }
        }
        for (row, level, found) in &self.buckets {
            let same = truth.buckets.iter().find(|(known, at, _)| known == row && at == level);
            let Some((.., expected)) = same else { return Err(format!("{row:?}")) };
            for bucket in &found.buckets {
                if !expected.buckets.contains(bucket) {
                    return Err(format!("{row:?} {level:?} {bucket:?}"));
                }
            }
        }
        Ok(())
    }
}

/// What a thousand flips of a file came to.
#[derive(Debug, Default)]
struct Flips {
    /// Nothing was missing.
    harmless: u32,
    /// Something was, or the file was refused.
    noticed: u32,
    refused: u32,
}

/// All files of a directory, to be put back.
struct Kept(Vec<(PathBuf, Vec<u8>)>);

impl Kept {
    fn of(dir: &Path) -> Self {
        let paths = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        Self(paths.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect())
    }

    fn put_back(&self, dir: &Path) {
        for entry in std::fs::read_dir(dir).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
        for (path, bytes) in &self.0 {
            std::fs::write(path, bytes).unwrap();
        }
    }
}

fn flip(dir: &Path, file: &Path, truth: &Read, times: u32) -> Flips {
    let (kept, whole) = (Kept::of(dir), std::fs::read(file).unwrap());
    let (mut random, mut flips) = (7_u64, Flips::default());
    for number in 0..times {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = usize::try_from(random >> 20).unwrap() % whole.len();
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (random >> 8 & 7);
        std::fs::write(file, &bytes).unwrap();
        let what = format!("flip {number} at {place} of {}", file.display());
        let opened: Result<SqliteEngine, OpenError> = SqliteEngine::open(dir, Role::Read);
        let Ok(mut engine) = opened else {
            flips.refused += 1;
            continue;
        };
        let found = read(&mut engine);
        if let Err(wrong) = found.is_part_of(truth) {
            panic!("{what}: a wrong value: {wrong}");
        }
        if found == *truth {
            flips.harmless += 1;
            continue;
        }
        flips.noticed += 1;
        drop(engine);
        // A check puts damaged chunks aside, so it is one of a collector that writes.
        let damage = SqliteEngine::open(dir, Role::Seal).map(|mut engine| engine.check());
        let lost = truth.readings.len() - found.readings.len();
        match damage {
            Ok(Ok(damage)) => assert!(!damage.is_empty(), "{what}: nobody says it; {lost} readings less"),
            Ok(Err(error)) => panic!("{what}: {error}"),
            Err(_) => flips.refused += 1,
        }
        kept.put_back(dir);
    }
    kept.put_back(dir);
    flips
}

fn memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// A thousand in `tests/run --long`.
fn times() -> u32 {
    let seeds = std::env::var("EVENKEEL_SEEDS").ok().and_then(|text| text.parse().ok());
    if seeds.is_some_and(|seeds: u32| seeds >= 1_000) { 1_000 } else { 60 }
}

/// Bytes of chunks, of rollups, of the journal's rows, of pages of the B-trees, of heads.
#[test]
fn a_thousand_flipped_bytes_never_give_a_wrong_value() {
    let dir = memory();
    let truth = day(dir.path());
    assert_eq!(truth.readings.len(), usize::try_from(TICKS).unwrap() * 6);
    assert!(!truth.refused);
    let days = Days::new(dir.path(), false);
    let of = |level: Level| -> PathBuf { days.path(level, *days.list(level).unwrap().first().unwrap()) };
    for file in [of(Level::Raw), of(Level::Short), of(Level::Long), dir.path().join(JOURNAL_FILE)] {
        let flips = flip(dir.path(), &file, &truth, times());
        println!("{}: {flips:?}", file.file_name().unwrap().display());
        // A good part of the bytes mean something, and damage to these is always noticed. Batches of two entities are a
        // small part of a journal that has been larger.
        let part = if file.ends_with(JOURNAL_FILE) { 60 } else { 20 };
        assert!(flips.noticed + flips.refused > times() / part, "{flips:?}");
    }
}
