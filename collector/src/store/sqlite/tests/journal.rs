//! What the journal says of itself, and journals of older steps.

use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::{Gauge, Reading, Value};

use super::super::super::chunk::{ColumnKey, EntryBody, PollCell, encode_entry, encode_layout};
use super::super::super::{BatchRows, EntityRows, JOURNAL_FILE, schema};
use super::super::append::{entry_name, row_name};
use super::*;

const START: i64 = 1_800_000_000_000;
const TICK: i64 = 600_000;
const VM: Entity = Entity([7; 16]);
const DAY_MS: i64 = 86_400_000;

fn agent(number: u8) -> AgentId {
    AgentId::from_bytes([number; 16])
}

fn batch(by: u8, epoch: u64, seq: u64, tick: i64) -> BatchRows {
    let reading = Reading { metric: MetricId(9), device: String::new(), value: Value::Gauge(Gauge::Int(tick)) };
    BatchRows {
        agent: agent(by),
        epoch,
        seq,
        at: UnixMs(START + tick * TICK),
        interval_ms: 600_000,
        corrected: false,
        withdrawn: Vec::new(),
        readings: vec![EntityRows::new(Entity([by; 16]), None, &[reading])],
        polls: Vec::new(),
        gap: None,
    }
}

#[test]
fn the_rows_that_wait_are_counted_as_they_come_and_go() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = SqliteEngine::open(dir.path(), Role::Append).unwrap();
    assert_eq!(engine.figures().unwrap().journal_rows, 0);
    for tick in 0..20 {
        engine.append(&[batch(1, 1, tick + 1, i64::try_from(tick).unwrap())]).unwrap();
    }
    let figures = engine.figures().unwrap();
    assert_eq!((figures.journal_rows, figures.oldest), (20, Some(UnixMs(START))));
    assert_eq!(figures.newest, Some(UnixMs(START + 19 * TICK)));
    while engine.seal(Due::Before(UnixMs(START + 12 * TICK)), 64).unwrap().more {}
    assert_eq!(engine.figures().unwrap().journal_rows, 8);
    while engine.seal(Due::Before(UnixMs(i64::MAX)), 64).unwrap().more {}
    assert_eq!(engine.figures().unwrap().journal_rows, 0);
}

#[test]
fn how_far_a_stream_is_stays_as_long_as_anything_of_it_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = SqliteEngine::open(dir.path(), Role::Append).unwrap();
    // An old run and the one of now, and an agent that was revoked long ago.
    engine.append(&[batch(1, 1, 5, 0), batch(1, 2, 9, 0), batch(2, 7, 3, 0)]).unwrap();
    engine.append(&[batch(1, 2, 10, 1_000)]).unwrap();
    while engine.seal(Due::Before(UnixMs(i64::MAX)), 64).unwrap().more {}
    let streams = [(1, 1), (1, 2), (2, 7)];
    let ends = |engine: &mut SqliteEngine| streams.map(|(by, epoch)| engine.last_seq(agent(by), epoch).unwrap());
    engine.forget(Level::Raw, UnixMs(START)).unwrap();
    assert_eq!(ends(&mut engine), [5, 10, 3]);
    engine.forget(Level::Short, UnixMs(START + 5 * DAY_MS)).unwrap();
    assert_eq!(ends(&mut engine), [5, 10, 3], "readings are what is sent again");
    engine.forget(Level::Raw, UnixMs(START + 5 * DAY_MS)).unwrap();
    assert_eq!(ends(&mut engine), [0, 10, 0]);
}

/// A journal of the second step: a row for each entity and tick, and polls that were taken back.
fn second_step(dir: &std::path::Path) {
    let db = rusqlite::Connection::open(dir.join(JOURNAL_FILE)).unwrap();
    db.execute_batch("PRAGMA journal_mode=WAL").unwrap();
    schema::JOURNAL[..2].iter().for_each(|step| db.execute_batch(step).unwrap());
    db.pragma_update(None, "user_version", 2).unwrap();
    let keys = [ColumnKey { metric: MetricId(9), device: String::new() }];
    db.execute("INSERT INTO entities VALUES (4, ?, x'')", [VM.0]).unwrap();
    db.execute("INSERT INTO layouts VALUES (6, ?)", [encode_layout(&keys)]).unwrap();
    db.execute("INSERT INTO entity_layouts VALUES (4, 6, 0)", []).unwrap();
    db.execute("INSERT INTO last_seq VALUES (?, 3, 44)", [agent(1).to_bytes()]).unwrap();
    let placed = (VM, None);
    for tick in 0..30_i64 {
        let at = UnixMs(START + tick * TICK);
        let poll = PollCell { agent: agent(1), interval_ms: 600_000, state: Some(1), missing: None, corrected: false };
        let body = EntryBody::Tick { poll: Some(poll), values: vec![Value::Gauge(Gauge::Int(tick))] };
        let body = encode_entry(&entry_name(placed, at, 6), &body);
        db.execute("INSERT INTO entries (entity, at, layout, body) VALUES (4, ?, 6, ?)", (at.0, body)).unwrap();
    }
    let from = UnixMs(START + 10 * TICK);
    let body = encode_entry(&row_name(placed, from), &EntryBody::Withdraw { to: UnixMs(START + 12 * TICK) });
    db.execute("INSERT INTO entries (entity, at, layout, body) VALUES (4, ?, -1, ?)", (from.0, body)).unwrap();
    db.execute("UPDATE totals SET samples = 30", []).unwrap();
}

#[test]
fn a_journal_of_the_second_step_is_read_written_and_sealed_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    second_step(dir.path());
    let ticks = |engine: &mut SqliteEngine| {
        let series = engine.series(VM, &[]).unwrap();
        let readings = engine.samples(&series[..1], UnixMs(0), UnixMs(i64::MAX)).unwrap().readings.remove(0);
        let polls = engine.polls(VM, UnixMs(0), UnixMs(i64::MAX), 999).unwrap();
        (series.len(), readings, polls.len())
    };
    let mut engine = SqliteEngine::open(dir.path(), Role::Append).unwrap();
    let reading = |tick: i64| (UnixMs(START + tick * TICK), Value::Gauge(Gauge::Int(tick)));
    assert_eq!(ticks(&mut engine), (1, (0..30).map(reading).collect(), 28), "two polls were taken back");
    assert_eq!(engine.last_seq(agent(1), 3).unwrap(), 44);
    let figures = engine.figures().unwrap();
    assert_eq!((figures.journal_rows, figures.journal_samples), (31, 30));
    // Batches of now go on behind them, under numbers of their own.
    for tick in 30..33_i64 {
        let mut batch = batch(7, 4, tick.unsigned_abs(), tick);
        batch.agent = agent(1);
        engine.append(&[batch]).unwrap();
    }
    assert_eq!(engine.figures().unwrap().journal_rows, 34);
    let expected: Vec<_> = (0..33).map(reading).collect();
    assert_eq!(ticks(&mut engine), (1, expected.clone(), 28));
    while engine.seal(Due::Before(UnixMs(i64::MAX)), 8).unwrap().more {}
    assert_eq!(ticks(&mut engine), (1, expected.clone(), 28));
    drop(engine);
    let mut engine = SqliteEngine::open(dir.path(), Role::Append).unwrap();
    assert_eq!(ticks(&mut engine), (1, expected, 28));
    assert_eq!((engine.figures().unwrap().journal_rows, engine.figures().unwrap().sealed_samples), (0, 33));
}
