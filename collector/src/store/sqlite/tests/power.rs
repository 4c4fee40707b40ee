//! The power goes while the journal is written: what was acknowledged is there, what was not is there whole or not at all.
//!
//! SQLite's own file layer cannot be replaced without `unsafe`, so its files are what is simulated: after each commit they
//! are copied, and between two copies each state is made that a disk may be in. It has synced what the former commit
//! synced; of what came since each sector of 512 bytes may be there or not, cut anywhere, in the log of the journal and, as
//! pages go there only when the log is on disk, in the journal itself.

use std::path::Path;

use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::{Gauge, Reading, Value};

use super::super::super::{BatchRows, EntityRows, JOURNAL_FILE, PollRow};
use super::*;

const START: i64 = 1_800_000_000_000;
const SECTOR: usize = 512;
/// Pages after which the log is copied into the journal: often, so that this is interrupted too.
const CHECKPOINT: u32 = 24;
const LOG_HEADER: usize = 32;
const FRAME: usize = 24 + 4_096;

/// Journal and log.
#[derive(Clone, Default, PartialEq)]
struct Disk {
    journal: Vec<u8>,
    log: Vec<u8>,
}

impl Disk {
    fn of(dir: &Path) -> Self {
        let read = |name: String| std::fs::read(dir.join(name)).unwrap_or_default();
        Self { journal: read(JOURNAL_FILE.to_owned()), log: read(format!("{JOURNAL_FILE}-wal")) }
    }

    fn write(&self, dir: &Path) {
        let _ = std::fs::remove_file(dir.join(format!("{JOURNAL_FILE}-shm")));
        std::fs::write(dir.join(JOURNAL_FILE), &self.journal).unwrap();
        std::fs::write(dir.join(format!("{JOURNAL_FILE}-wal")), &self.log).unwrap();
    }
}

/// Numbers that a seed gives.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

fn batch(number: u64) -> BatchRows {
    let at = UnixMs(START + i64::try_from(number).unwrap() * 10_000);
    let value = |metric: u16| Value::Gauge(Gauge::Int(i64::try_from(number).unwrap() * 1_000 + i64::from(metric)));
    let reading = |metric: u16| Reading { metric: MetricId(metric), device: String::new(), value: value(metric) };
    let entities = 2..=(2 + u8::try_from(number % 7).unwrap());
    let rows = |entity| EntityRows::new(Entity([entity; 16]), None, &(3..40).map(reading).collect::<Vec<_>>());
    BatchRows {
        agent: AgentId::from_bytes([1; 16]),
        epoch: 1,
        seq: number,
        at,
        interval_ms: 10_000,
        corrected: false,
        withdrawn: Vec::new(),
        readings: entities.clone().map(rows).collect(),
        polls: entities.map(|entity| PollRow { entity: Entity([entity; 16]), state: Some(1), missing: None }).collect(),
        gap: None,
    }
}

/// Bytes of which the disk had synced `old` and was asked to write `new`.
fn between(old: &[u8], new: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut torn = new.to_vec();
    // The end that is not there yet.
    if new.len() > old.len() && dice.below(3) > 0 {
        torn.truncate(old.len() + dice.below(new.len() - old.len() + 1));
    }
    let lost = dice.below(4);
    for (place, sector) in torn.chunks_mut(SECTOR).enumerate() {
        let at = place * SECTOR;
        let before = old.get(at..).unwrap_or_default();
        let is_old = before.get(..sector.len()).is_some_and(|before| before == sector);
        if !is_old && lost > 0 && dice.below(4) < lost {
            let known = before.len().min(sector.len());
            sector[..known].copy_from_slice(&before[..known]);
            sector[known..].fill(0);
        }
    }
    torn
}

/// A cut of the log at a frame's border, in its head or in its page.
fn cut(old: &[u8], new: &[u8], dice: &mut Dice) -> Vec<u8> {
    let frames = new.len().saturating_sub(LOG_HEADER) / FRAME;
    let border = LOG_HEADER + FRAME * dice.below(frames + 1);
    let end = (border + [0, 1, 23, 24, 25, 24 + 4_095][dice.below(6)]).clamp(old.len().min(new.len()), new.len());
    new[..end].to_vec()
}

/// A state between two commits. The log is synced before a page of it goes into the journal, and the journal before the log
/// begins anew.
fn crash(former: &Disk, latter: &Disk, dice: &mut Dice) -> Disk {
    let (old, new) = (&former.log, &latter.log);
    if former.journal != latter.journal && dice.below(2) == 0 {
        return Disk { journal: between(&former.journal, &latter.journal, dice), log: new.clone() };
    }
    let grew = new.len() > old.len() && new.starts_with(old);
    let log = if grew && dice.below(2) == 0 { cut(old, new, dice) } else { between(old, new, dice) };
    Disk { journal: former.journal.clone(), log }
}

/// How many batches are there; each of them whole, and nothing else.
fn stored(dir: &Path) -> u64 {
    let mut engine = SqliteEngine::open(dir, Role::Append).unwrap();
    let last = engine.last_seq(AgentId::from_bytes([1; 16]), 1).unwrap();
    for entity in 2..9 {
        let entity = Entity([entity; 16]);
        let wanted: Vec<BatchRows> =
            (1..=last).map(batch).filter(|batch| batch.readings.iter().any(|rows| rows.entity == entity)).collect();
        let polls = engine.polls(entity, UnixMs(0), UnixMs(i64::MAX), 10_000).unwrap();
        assert!(polls.iter().map(|poll| poll.at).eq(wanted.iter().map(|batch| batch.at)), "{last} batches");
        for series in engine.series(entity, &[]).unwrap() {
            let one = std::slice::from_ref(&series);
            let found = engine.samples(one, UnixMs(0), UnixMs(i64::MAX)).unwrap().readings.remove(0);
            let index = usize::from(series.metric.0) - 3;
            assert!(found.iter().copied().eq(wanted.iter().map(|batch| (batch.at, batch.readings[0].values[index]))));
        }
    }
    let figures = engine.figures().unwrap();
    assert_eq!(figures.journal_rows, last, "the count of rows is of the same commit");
    last
}

#[test]
fn whatever_a_disk_forgets_or_tears_the_journal_has_what_was_acknowledged_and_nothing_in_part() {
    let seeds = std::env::var("EVENKEEL_SEEDS").ok().and_then(|text| text.parse::<u32>().ok());
    let points = if seeds.is_some_and(|seeds| seeds >= 1_000) { 10_000 } else { 300 };
    let mut dice = Dice(7);
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let torn = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let mut engine = SqliteEngine::open(dir.path(), Role::Append).unwrap();
    engine.journal.pragma_update(None, "wal_autocheckpoint", CHECKPOINT).unwrap();
    let mut disks = vec![Disk::of(dir.path())];
    for number in 1..=40 {
        engine.append(&[batch(number)]).unwrap();
        disks.push(Disk::of(dir.path()));
    }
    let copied = disks.windows(2).filter(|pair| pair[0].journal != pair[1].journal).count();
    let anew = disks.windows(2).filter(|pair| !pair[1].log.starts_with(&pair[0].log)).count();
    assert!(copied > 3 && anew > 3, "{copied} times copied, {anew} times begun anew");
    let (mut lost, mut kept) = (0, 0);
    for _ in 0..points {
        let number = dice.below(disks.len() - 1);
        crash(&disks[number], &disks[number + 1], &mut dice).write(torn.path());
        let (found, acknowledged) = (stored(torn.path()), number as u64);
        assert!(found == acknowledged || found == acknowledged + 1, "{found} of {acknowledged} acknowledged are there");
        if found == acknowledged { lost += 1 } else { kept += 1 }
    }
    assert!(lost > points / 10 && kept > points / 10, "{lost} without the last one, {kept} with it");
}
