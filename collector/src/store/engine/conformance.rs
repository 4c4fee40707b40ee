//! The suite that every engine passes: whatever is appended, sealed, interrupted, damaged and forgotten, it answers as a
//! model in memory does that knows none of this.

mod compare;
mod import;

use std::collections::BTreeMap;
use std::path::Path;

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::metric::MetricId;
use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Missing, Reading, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::super::chunk::{ColumnKey, HourBuilder, PollCell, rolled};
use super::super::{EntityRows, PollRow};
use super::*;

const START: i64 = 1_800_000_000_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Hours that tests write into: two whole days and the parts around them.
const HOURS: i64 = 56;

/// What an engine is opened for.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Use {
    /// The first one of a process: it brings the schema up to date and appends.
    Append,
    /// It seals.
    Seal,
    /// It reads.
    Read,
}

/// Opens an engine on a directory.
pub(in super::super) type Open = dyn Fn(&Path, Use) -> Box<dyn Engine>;

#[derive(Clone, Debug)]
enum Step {
    Append { agent: u8, entity: u8, copy: bool, slot: i64, polled: bool, values: Vec<(u16, u8, i64)> },
    Withdraw { entity: u8, from: i64, hours: i64 },
    Import { entity: u8, slots: Vec<(i64, u16, u8, i64)> },
    Seal { before: i64 },
    SealAndDie { before: i64 },
    Reopen,
    Compact { before: i64 },
    Forget { before: i64 },
    Damage { pick: usize },
}

fn step() -> impl Strategy<Value = Step> {
    // Few slots, so that readings meet: two an hour.
    let values = prop::collection::vec((0_u16..3, 0_u8..2, any::<i64>()), 0..4);
    let slots = prop::collection::vec((0..HOURS * 2, 0_u16..3, 0_u8..2, 0_i64..8), 1..12);
    prop_oneof![
        12 => (1_u8..3, 0_u8..3, prop::bool::weighted(0.1), 0..HOURS * 2, any::<bool>(), values)
            .prop_map(|(agent, entity, copy, slot, polled, values)| Step::Append { agent, entity, copy, slot, polled, values }),
        1 => (0_u8..3, 0..HOURS, 1_i64..30).prop_map(|(entity, from, hours)| Step::Withdraw { entity, from, hours }),
        3 => (0_u8..3, slots).prop_map(|(entity, slots)| Step::Import { entity, slots }),
        4 => (0..HOURS + 1).prop_map(|before| Step::Seal { before }),
        2 => (0..HOURS + 1).prop_map(|before| Step::SealAndDie { before }),
        2 => Just(Step::Reopen),
        1 => (0..HOURS).prop_map(|before| Step::Compact { before }),
        1 => (0..HOURS).prop_map(|before| Step::Forget { before }),
        1 => any::<usize>().prop_map(|pick| Step::Damage { pick }),
    ]
}

/// What a chunk says of a time, and what waits beside it.
#[derive(Clone, Copy, Debug)]
struct Both<T> {
    sealed: Option<T>,
    waiting: Option<T>,
}

impl<T: Copy> Both<T> {
    /// What came first is in the chunk.
    fn visible(&self) -> Option<T> {
        self.sealed.or(self.waiting)
    }
}

type Kept<T> = BTreeMap<UnixMs, Both<T>>;

fn arrive<T>(kept: &mut Kept<T>, at: UnixMs, value: T) {
    kept.entry(at).or_insert(Both { sealed: None, waiting: None }).waiting.get_or_insert(value);
}

fn seal<T: Copy>(kept: &mut Kept<T>, before: UnixMs, forgets: bool) {
    for both in kept.iter_mut().filter(|(at, _)| hour(**at) < before.0).map(|(_, both)| both) {
        both.sealed = both.visible();
        if forgets {
            both.waiting = None;
        }
    }
}

#[derive(Debug, Default)]
struct Model {
    readings: BTreeMap<SeriesRow, Kept<Value>>,
    polls: BTreeMap<Entity, Kept<PollCell>>,
    seqs: BTreeMap<AgentId, u64>,
    forgets: bool,
    /// Hours whose rollups may differ: their chunk was damaged, or forgotten before something late came.
    blurred: std::collections::BTreeSet<(Entity, Option<AgentId>, i64)>,
    known: std::collections::BTreeSet<SeriesRow>,
}

fn hour(at: UnixMs) -> i64 {
    at.0.div_euclid(HOUR) * HOUR
}

fn agent(number: u8) -> AgentId {
    AgentId::from_bytes([number; 16])
}

fn entity(number: u8) -> Entity {
    DomainUuid::from_bytes([number + 100; 16]).into()
}

fn value(number: i64) -> Value {
    match number.rem_euclid(5) {
        0 => Value::Missing(Missing::from_code(u8::try_from(number.rem_euclid(11)).unwrap_or(0))),
        1 | 2 => {
            Value::Counter(Counter { epoch: CounterEpoch(number.unsigned_abs() % 2), value: number.unsigned_abs() })
        }
        _ => Value::Gauge(Gauge::Int(number)),
    }
}

/// Holds an engine against the model.
pub(in super::super) fn hold(open: &Open) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(48);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let steps = prop::collection::vec(step(), 1..40);
    runner.run(&steps, |steps| run(open, &steps)).unwrap();
}

fn run(open: &Open, steps: &[Step]) -> Result<(), TestCaseError> {
    // What a disk does with fsync is for the tests that kill.
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let open_all = || (open(dir.path(), Use::Append), open(dir.path(), Use::Seal), open(dir.path(), Use::Read));
    let mut engines = open_all();
    let mut model = Model::default();
    for step in steps {
        if matches!(step, Step::Reopen) {
            drop(engines);
            engines = open_all();
            continue;
        }
        model.take(step, &mut engines)?;
        model.compare_together(engines.2.as_mut())?;
    }
    model.compare(engines.2.as_mut())?;
    model.compare(engines.0.as_mut())
}

type Engines = (Box<dyn Engine>, Box<dyn Engine>, Box<dyn Engine>);

impl Model {
    fn take(&mut self, step: &Step, (writer, sealer, _): &mut Engines) -> Result<(), TestCaseError> {
        match step {
            Step::Append { .. } | Step::Withdraw { .. } => {
                let batch = self.batch(step);
                writer.append(&[batch]).unwrap();
            }
            Step::Import { entity: number, slots } => self.import(writer.as_mut(), entity(*number), slots)?,
            Step::Seal { before } => {
                let before = UnixMs(START + before * HOUR);
                while sealer.seal(Due::Before(before), 3).unwrap().more {}
                self.sealed(before, true);
            }
            Step::SealAndDie { before } => {
                let before = UnixMs(START + before * HOUR);
                sealer.seal_and_die(Due::Before(before)).unwrap();
                self.sealed(before, false);
            }
            Step::Compact { before } => while sealer.compact(UnixMs(START + before * HOUR), 2).unwrap() {},
            Step::Forget { before } => {
                let before = UnixMs(START + before * HOUR);
                self.forgets = true;
                assert!(Level::ALL.iter().all(|level| sealer.forget(*level, before).is_ok()));
                let day = before.0.div_euclid(DAY) * DAY;
                self.lose(|_, _, start| start < day);
            }
            Step::Damage { pick } => {
                if let Some((entity, placement, start)) = sealer.damage(*pick).unwrap() {
                    self.lose(|of, from, at| (of, from, at) == (entity, placement, start.0));
                }
            }
            Step::Reopen => {}
        }
        Ok(())
    }

    fn batch(&mut self, step: &Step) -> BatchRows {
        let number = if let Step::Append { agent, .. } = step { *agent } else { 1 };
        let by = agent(number);
        let seq = self.seqs.entry(by).or_insert(0);
        *seq += 1;
        let mut rows = BatchRows {
            agent: by,
            epoch: 1,
            seq: *seq,
            at: UnixMs(0),
            interval_ms: 10_000 * u32::from(number),
            corrected: false,
            withdrawn: Vec::new(),
            readings: Vec::new(),
            polls: Vec::new(),
            gap: None,
        };
        match step {
            Step::Append { entity: number, copy, slot, polled, values, .. } => {
                rows.at = UnixMs(START + slot * HOUR / 2 + 7);
                let placement = copy.then_some(by);
                self.append(&mut rows, entity(*number), placement, *polled && !copy, values);
            }
            Step::Withdraw { entity: number, from, hours } => {
                let (from, to) = (UnixMs(START + from * HOUR + HOUR / 4), UnixMs(START + (from + hours) * HOUR));
                rows.withdrawn.push((DomainUuid::from_bytes(entity(*number).0), from, to));
                rows.at = to;
                if let Some(polls) = self.polls.get_mut(&entity(*number)) {
                    polls.retain(|at, _| !(from <= *at && *at < to));
                }
                for start in (hour(from)..to.0).step_by(3_600_000) {
                    // Their ticks say less than before, once they are sealed again.
                    self.blurred.insert((entity(*number), None, start));
                }
            }
            _ => {}
        }
        rows
    }

    fn append(
        &mut self,
        rows: &mut BatchRows,
        entity: Entity,
        placement: Option<AgentId>,
        polled: bool,
        values: &[(u16, u8, i64)],
    ) {
        let mut readings: BTreeMap<(u16, u8), Value> = BTreeMap::new();
        for (metric, device, number) in values {
            readings.insert((*metric, *device), value(*number));
        }
        let mut all = Vec::new();
        for ((metric, device), value) in readings {
            let device = "vda"[..usize::from(device) * 3].to_owned();
            let series = SeriesRow { entity, metric: MetricId(metric + 3), device: device.clone(), placement };
            self.known.insert(series.clone());
            arrive(self.readings.entry(series).or_default(), rows.at, value);
            all.push(Reading { metric: MetricId(metric + 3), device, value });
        }
        rows.readings.push(EntityRows::new(entity, placement, &all));
        if polled {
            let missing = values
                .first()
                .and_then(|(_, _, number)| u8::try_from(number.rem_euclid(20)).ok())
                .filter(|code| *code < 3);
            rows.polls.push(PollRow { entity, state: Some(1), missing });
            let cell = PollCell {
                agent: rows.agent,
                interval_ms: rows.interval_ms,
                state: Some(1),
                missing,
                corrected: false,
            };
            arrive(self.polls.entry(entity).or_default(), rows.at, cell);
        }
    }

    fn sealed(&mut self, before: UnixMs, forgets: bool) {
        self.readings.values_mut().for_each(|kept| seal(kept, before, forgets));
        self.polls.values_mut().for_each(|kept| seal(kept, before, forgets));
    }

    /// The chunks of some hours are gone; what waits beside them is not.
    fn lose(&mut self, gone: impl Fn(Entity, Option<AgentId>, i64) -> bool) {
        for (series, kept) in &mut self.readings {
            for (at, both) in kept.iter_mut().filter(|(at, _)| gone(series.entity, series.placement, hour(**at))) {
                self.blurred.insert((series.entity, series.placement, hour(*at)));
                both.sealed = None;
            }
            kept.retain(|_, both| both.visible().is_some());
        }
        for (entity, kept) in &mut self.polls {
            for (at, both) in kept.iter_mut().filter(|(at, _)| gone(*entity, None, hour(**at))) {
                self.blurred.insert((*entity, None, hour(*at)));
                both.sealed = None;
            }
            kept.retain(|_, both| both.visible().is_some());
        }
    }

    fn compare(&self, engine: &mut dyn Engine) -> Result<(), TestCaseError> {
        for (agent, seq) in &self.seqs {
            let stored = engine.last_seq(*agent, 1).unwrap();
            prop_assert!(stored == *seq || (stored == 0 && self.forgets));
        }
        for series in &self.known {
            self.compare_readings(engine, series)?;
        }
        for number in 0..3 {
            self.compare_polls(engine, entity(number))?;
            self.compare_latest(engine, entity(number))?;
        }
        let (waiting, sealed) =
            engine.figures().map(|figures| (figures.journal_samples, figures.sealed_samples)).unwrap();
        let all: u64 = self.readings.values().map(|kept| u64::try_from(kept.len()).unwrap_or(0)).sum();
        // What waits twice, or was damaged and is not found yet, counts until it is sealed.
        prop_assert!(waiting + sealed >= all, "{waiting} + {sealed} < {all}");
        Ok(())
    }
}
