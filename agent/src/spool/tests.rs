//! The spool against a naive model, on a file system that fills, rots and forgets what was not synced.

mod crash;
mod sim;

use std::collections::{BTreeMap, BTreeSet};

use evenkeel_common::time::{DurationMs, UnixMs};
use evenkeel_common::wire::v1::Batch;

use super::*;
use crate::uplink::testing::batch;
use sim::{SimFs, SplitMix};

/// A spool small enough to be full all the time.
const SMALL: Settings = Settings { max_bytes: 40 << 10, keep: DurationMs::from_s(86_400) };
/// One in which everything fits.
const ROOMY: Settings = Settings { max_bytes: 8 << 20, ..SMALL };

/// A collector that never forgets, and what it has to have in the end.
#[derive(Clone, Default)]
struct Model {
    tick: i64,
    epoch: u64,
    /// Numbers that were given out, by tick.
    pushed: BTreeMap<i64, (u64, u64)>,
    /// On disk for good.
    synced: BTreeSet<i64>,
    stored: BTreeMap<(u64, u64), i64>,
    ends: BTreeMap<u64, u64>,
    told: u64,
    gaps: Vec<(i64, i64)>,
}

fn content(tick: i64) -> Batch {
    batch(tick, usize::try_from(tick % 7).unwrap() * 120)
}

impl Model {
    fn take(&mut self, taken: &Batch) {
        let end = self.ends.entry(taken.epoch).or_default();
        if taken.seq <= *end {
            return;
        }
        *end = taken.seq;
        let tick = taken.tick_wall_ms;
        let wanted = Batch { epoch: taken.epoch, seq: taken.seq, gap: taken.gap, ..content(tick) };
        assert_eq!(*taken, wanted, "what was pushed comes out");
        assert_eq!(self.pushed.get(&tick), Some(&(taken.epoch, taken.seq)), "with its number");
        assert_eq!(self.stored.insert((taken.epoch, taken.seq), tick), None);
        if let Some(gap) = taken.gap {
            self.told += gap.batches;
            self.gaps.push((gap.from_ms, gap.to_ms));
        }
    }

    fn check(&self, exact: bool) {
        let ticks: BTreeSet<i64> = self.stored.values().copied().collect();
        assert_eq!(ticks.len(), self.stored.len(), "nothing is there twice");
        let missing: Vec<i64> = self.synced.iter().copied().filter(|tick| !ticks.contains(tick)).collect();
        for tick in &missing {
            assert!(self.gaps.iter().any(|(from, to)| from <= tick && tick <= to), "{tick} is in no gap");
        }
        let missing = u64::try_from(missing.len()).unwrap();
        assert!(missing <= self.told, "{missing} are missing, {} were told", self.told);
        if exact {
            assert_eq!(missing, self.told);
        }
    }
}

/// A spool at work, until the power goes.
struct Life<'m> {
    spool: Spool<SimFs>,
    disk: SimFs,
    model: &'m mut Model,
    /// Pushed in this life.
    fresh: Vec<i64>,
}

impl<'m> Life<'m> {
    fn begin(disk: &SimFs, settings: Settings, model: &'m mut Model) -> Option<Self> {
        let mut spool = Spool::open(disk.clone(), settings).ok()?;
        model.epoch = spool.begin(model.epoch + 1);
        Some(Self { spool, disk: disk.clone(), model, fresh: Vec::new() })
    }

    fn push(&mut self) -> Batch {
        self.model.tick += 1;
        let tick = self.model.tick;
        let pushed = self.spool.push(content(tick)).unwrap();
        self.fresh.push(tick);
        self.model.pushed.insert(tick, (pushed.batch.epoch, pushed.batch.seq));
        pushed.batch
    }

    fn sync(&mut self) {
        self.spool.sync();
        if self.spool.failure().is_none() {
            self.model.synced.extend(self.fresh.drain(..));
        }
    }

    /// Sends a part of what waits, from the place that the collector is at.
    fn deliver(&mut self, which: u64, max: usize) {
        let streams = self.spool.streams();
        let stream = streams[usize::try_from(which).unwrap() % streams.len()];
        let end = self.model.ends.get(&stream.epoch).copied().unwrap_or(0);
        let mut cursor = Cursor::new(stream.epoch, end);
        for (batch, _) in self.spool.read(&mut cursor, max, 1 << 20).unwrap_or_default() {
            self.model.take(&batch);
        }
    }

    fn acknowledge(&mut self) {
        for (epoch, end) in &self.model.ends {
            self.spool.acknowledge(*epoch, *end);
        }
    }

    /// A session begins, and everything is sent.
    fn deliver_all(&mut self) {
        for stream in self.spool.streams() {
            self.spool.resume(stream.epoch, self.model.ends.get(&stream.epoch).copied().unwrap_or(0));
        }
        for index in 0..self.spool.streams().len() {
            self.deliver(u64::try_from(index).unwrap(), usize::MAX);
        }
        self.acknowledge();
    }

    fn random_step(&mut self, random: &mut SplitMix) {
        match random.below(10) {
            0..=4 => {
                let batch = self.push();
                // Sent at once, perhaps before it is on disk.
                if random.below(3) == 0 && batch.seq == self.model.ends.get(&batch.epoch).copied().unwrap_or(0) + 1 {
                    self.model.take(&batch);
                }
            }
            5 | 6 => self.sync(),
            7 => self.deliver(random.next(), 1 + usize::try_from(random.below(9)).unwrap()),
            8 => self.acknowledge(),
            _ => {
                self.spool.begin_if_behind(self.model.epoch + 1);
                self.model.epoch = self.spool.streams().last().unwrap().epoch;
            }
        }
    }
}

fn seeds() -> u64 {
    let seeds = std::env::var("EVENKEEL_SEEDS").ok().and_then(|text| text.parse().ok());
    seeds.unwrap_or(64)
}

#[test]
fn without_a_crash_every_batch_is_stored_or_told_exactly_once() {
    for seed in 0..seeds().min(300) {
        let mut random = SplitMix(seed);
        let (disk, mut model) = (SimFs::default(), Model::default());
        for _ in 0..3 {
            let mut life = Life::begin(&disk, SMALL, &mut model).unwrap();
            for _ in 0..150 {
                life.random_step(&mut random);
                life.acknowledge();
            }
            // The agent ends in order.
            life.push();
            life.sync();
        }
        let mut life = Life::begin(&disk, SMALL, &mut model).unwrap();
        life.push();
        life.sync();
        life.deliver_all();
        model.check(true);
    }
}

#[test]
fn a_full_disk_is_survived_in_memory_and_everything_gets_to_disk_afterwards() {
    let (disk, mut model) = (SimFs::default(), Model::default());
    let mut life = Life::begin(&disk, ROOMY, &mut model).unwrap();
    life.push();
    life.sync();
    disk.fill(true);
    for _ in 0..20 {
        life.push();
        life.sync();
        assert!(life.spool.failure().is_some());
    }
    life.deliver(0, 5);
    life.acknowledge();
    assert_eq!(life.spool.waiting().0, 16, "what is in memory is sent as well");
    disk.fill(false);
    life.push();
    life.sync();
    assert_eq!(life.spool.failure(), None);
    drop(life);
    let mut life = Life::begin(&disk, ROOMY, &mut model).unwrap();
    life.deliver_all();
    model.check(true);
    assert_eq!((model.stored.len(), model.told), (22, 0));
}

#[test]
fn memory_is_bounded_too_and_what_goes_is_told() {
    let (disk, mut model) = (SimFs::default(), Model::default());
    let mut life = Life::begin(&disk, ROOMY, &mut model).unwrap();
    disk.fill(true);
    for _ in 0..evenkeel_common::limits::QUEUE_MAX_BATCHES + 30 {
        life.push();
    }
    disk.fill(false);
    life.push();
    life.sync();
    drop(life);
    let mut life = Life::begin(&disk, ROOMY, &mut model).unwrap();
    life.push();
    life.sync();
    life.deliver_all();
    model.check(true);
    assert!(model.told >= 30, "{}", model.told);
}

#[test]
fn what_rots_on_disk_is_told() {
    for seed in 0..seeds().min(300) {
        let mut random = SplitMix(seed);
        let (disk, mut model) = (SimFs::default(), Model::default());
        let mut life = Life::begin(&disk, ROOMY, &mut model).unwrap();
        for _ in 0..300 {
            life.push();
        }
        life.sync();
        disk.rot(&mut random);
        if seed % 2 == 0 {
            // Found at a start, or only when it is read.
            drop(life);
            life = Life::begin(&disk, ROOMY, &mut model).unwrap();
        }
        life.push();
        life.sync();
        life.deliver_all();
        life.push();
        life.sync();
        life.deliver_all();
        assert_eq!(life.spool.waiting().0, 0);
        let missing = model.pushed.len() - model.stored.len();
        let last = model.stored.keys().next_back().map_or(0, |(_, seq)| *seq);
        let tail = seed % 2 == 0 && last < 302;
        assert!(u64::try_from(missing).unwrap() <= model.told || tail, "seed {seed}: {missing} of {}", model.told);
    }
}

#[test]
fn what_is_acknowledged_stays_for_a_day_and_is_there_for_a_restored_collector() {
    let (disk, mut model) = (SimFs::default(), Model::default());
    let mut life = Life::begin(&disk, Settings { max_bytes: 1 << 20, ..SMALL }, &mut model).unwrap();
    for _ in 0..400 {
        life.push();
    }
    life.sync();
    life.deliver_all();
    assert_eq!(life.spool.waiting().0, 0);
    let (epoch, day) = (life.model.epoch, 86_400_000);
    life.spool.retire(UnixMs(day - 1));
    life.spool.resume(epoch, 100);
    assert_eq!(life.spool.waiting().0, 300, "a collector of yesterday asks for it again");
    let mut cursor = Cursor::new(epoch, 100);
    let again = life.spool.read(&mut cursor, 1_000, 1 << 20).unwrap();
    assert_eq!(again.len(), 300);
    life.acknowledge();
    let before = life.spool.bytes();
    life.spool.retire(UnixMs(2 * day));
    assert!(life.spool.bytes() < before / 2, "only the newest segment stays");
}

#[test]
fn one_process_at_a_time_uses_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let held = RealFs::open(&dir.path().join("spool")).unwrap();
    assert_eq!(RealFs::open(&dir.path().join("spool")).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(held);
    let mut spool = Spool::open(RealFs::open(&dir.path().join("spool")).unwrap(), ROOMY).unwrap();
    spool.begin(7);
    spool.push(batch(1, 0)).unwrap();
    spool.sync();
    drop(spool);
    let spool = Spool::open(RealFs::open(&dir.path().join("spool")).unwrap(), ROOMY).unwrap();
    assert_eq!(spool.streams(), [StreamState { epoch: 7, acked: 0, newest: 1 }]);
}
