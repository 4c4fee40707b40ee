//! All probes of a host: when each is due, what its outcomes mean, and what goes out with the next tick.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};

use super::flaps::Flaps;
use super::outcome::Observation;
use super::plan::{Invalid, Key, Plan, Run, Spec};
use super::state::{Change, Next, State};

/// Attempts that are under way at once. Full: those that are due wait for their turn, and turns that pass meanwhile are
/// counted as skipped.
pub const UNDER_WAY_MAX: usize = 64;
/// A probe is made for the first time within this time, however long its interval.
const FIRST_WITHIN: DurationMs = DurationMs::from_s(10);
/// Between an attempt that failed and the one that confirms it: at most this, and a quarter of the interval.
const RETRY_AFTER: DurationMs = DurationMs::from_s(1);
/// Changes of one probe that wait for the next tick; more are not told.
const CHANGES_MAX: usize = 16;

/// A probe with all that is remembered of it.
#[derive(Debug)]
pub struct Entry {
    /// VM and name.
    pub key: Key,
    /// What it is.
    pub spec: Arc<Spec>,
    /// Whether its VM can answer.
    pub run: Run,
    /// What is known of its VM.
    pub state: State,
    /// What was known at the last tick.
    pub told: State,
    /// Attempts so far.
    pub attempts: u64,
    /// Those that failed.
    pub failures: u64,
    /// Since when they are counted.
    pub counted_since: UnixMs,
    /// The newest outcome since the last tick.
    pub fresh: Option<Fresh>,
    /// Changes since the last tick.
    pub changes: Vec<Change>,
    /// Changes that were told.
    pub flaps: Flaps,
    due: MonoMs,
    /// Number of the attempt that is under way.
    under_way: Option<u64>,
}

/// What a turn of a probe gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// An attempt was made.
    Observed(Observation),
    /// The VM is paused: there was no attempt.
    Paused,
}

/// An attempt to be made.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The probe.
    pub id: u64,
    /// Number of the attempt; no two have the same.
    pub number: u64,
    /// What to do.
    pub spec: Arc<Spec>,
}

/// The probes.
#[derive(Debug, Default)]
pub struct Machine {
    entries: BTreeMap<u64, Entry>,
    ids: BTreeMap<Key, u64>,
    /// Entries that wait, by when they are due.
    queue: BTreeSet<(MonoMs, u64)>,
    under_way: usize,
    next_id: u64,
    next_number: u64,
    skipped: u64,
    invalid: BTreeSet<Invalid>,
}

impl Machine {
    /// Takes over a new plan. Probes that are in both keep what is known of them; of one that changed only its counts.
    /// Answers what is newly invalid.
    pub fn replan(&mut self, plan: Plan, now: MonoMs, wall: UnixMs) -> Vec<Invalid> {
        let gone: Vec<u64> =
            self.entries.iter().filter(|(_, entry)| !plan.specs.contains_key(&entry.key)).map(|(id, _)| *id).collect();
        for id in gone {
            self.remove(id);
        }
        for (key, spec) in plan.specs {
            match self.ids.get(&key).copied() {
                Some(id) => self.change(id, spec, now),
                None => self.add(key, spec, now, wall),
            }
        }
        let invalid: BTreeSet<Invalid> = plan.invalid.into_iter().collect();
        let new = invalid.difference(&self.invalid).cloned().collect();
        self.invalid = invalid;
        new
    }

    fn remove(&mut self, id: u64) {
        if let Some(entry) = self.entries.remove(&id) {
            self.ids.remove(&entry.key);
            self.queue.remove(&(entry.due, id));
            self.under_way -= usize::from(entry.under_way.is_some());
        }
    }

    fn add(&mut self, key: Key, spec: Spec, now: MonoMs, wall: UnixMs) {
        let id = self.next_id;
        self.next_id += 1;
        let due = now.plus(DurationMs(phase(&key, spec.definition.interval.0.min(FIRST_WITHIN.0))));
        let entry = Entry {
            key: key.clone(),
            spec: Arc::new(spec),
            run: Run::Running,
            state: State::default(),
            told: State::default(),
            attempts: 0,
            failures: 0,
            counted_since: wall,
            fresh: None,
            changes: Vec::new(),
            flaps: Flaps::default(),
            due,
            under_way: None,
        };
        self.ids.insert(key, id);
        self.entries.insert(id, entry);
        self.queue.insert((due, id));
    }

    fn change(&mut self, id: u64, spec: Spec, now: MonoMs) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if *entry.spec == spec {
            return;
        }
        let same = entry.spec.definition == spec.definition && entry.spec.target == spec.target;
        if same {
            // Only the VM's interfaces or its name changed.
            entry.spec = Arc::new(spec);
            return;
        }
        self.queue.remove(&(entry.due, id));
        self.under_way -= usize::from(entry.under_way.take().is_some());
        entry.due = now.plus(DurationMs(phase(&entry.key, spec.definition.interval.0.min(FIRST_WITHIN.0))));
        entry.spec = Arc::new(spec);
        entry.state = State::default();
        entry.told = State::default();
        entry.fresh = None;
        entry.changes.clear();
        self.queue.insert((entry.due, id));
    }

    /// Attempts that are due, as far as there is room for them. A VM that is paused is not asked.
    pub fn starts(&mut self, now: MonoMs) -> Vec<Attempt> {
        let mut starts = Vec::new();
        while self.under_way < UNDER_WAY_MAX {
            let Some((due, id)) = self.queue.first().copied().filter(|(due, _)| *due <= now) else { break };
            self.queue.remove(&(due, id));
            let Some(entry) = self.entries.get_mut(&id) else { continue };
            if entry.run == Run::Running && entry.spec.target.is_ok() {
                let number = self.next_number;
                self.next_number += 1;
                entry.under_way = Some(number);
                entry.attempts += 1;
                self.under_way += 1;
                starts.push(Attempt { id, number, spec: Arc::clone(&entry.spec) });
            } else {
                if entry.run == Run::Paused {
                    entry.fresh = Some(Fresh::Paused);
                }
                self.next_turn(id, now);
            }
        }
        starts
    }

    /// An attempt ended. One that was given up meanwhile changes nothing.
    pub fn finished(&mut self, id: u64, number: u64, observation: Observation, now: MonoMs) {
        let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.under_way == Some(number)) else { return };
        entry.under_way = None;
        self.under_way -= 1;
        if entry.run == Run::Running {
            entry.failures += u64::from(observation.outcome.is_failure());
            let definition = &entry.spec.definition;
            let (next, change) = entry.state.finished(&observation, definition.retries);
            if entry.changes.len() < CHANGES_MAX {
                entry.changes.extend(change);
            }
            entry.fresh = Some(Fresh::Observed(observation));
            if next == Next::Retry {
                entry.due = now.plus(DurationMs(RETRY_AFTER.0.min(definition.interval.0 / 4)));
                self.queue.insert((entry.due, id));
                return;
            }
        }
        self.next_turn(id, now);
    }

    /// Turns lie on multiples of the interval, shifted for each probe. Those that have passed are left out.
    fn next_turn(&mut self, id: u64, now: MonoMs) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let interval = entry.spec.definition.interval.0.max(1);
        let shift = phase(&entry.key, interval);
        let turn = |at: MonoMs| i64::try_from(at.0).unwrap_or(i64::MAX).saturating_sub(shift).div_euclid(interval);
        let passed = turn(now) - turn(entry.due);
        self.skipped = self.skipped.saturating_add(u64::try_from(passed).unwrap_or(0));
        let next = (turn(now) + 1).saturating_mul(interval).saturating_add(shift);
        entry.due = MonoMs(u64::try_from(next).unwrap_or(u64::MAX));
        self.queue.insert((entry.due, id));
    }

    /// When there is something to start next; `None` while all places are taken or nothing waits.
    #[must_use]
    pub fn next_due(&self) -> Option<MonoMs> {
        if self.under_way >= UNDER_WAY_MAX {
            return None;
        }
        self.queue.first().map(|(due, _)| *due)
    }

    /// A tick said how a VM is. One that cannot answer any more takes back what was found since the tick before: it
    /// may have been on its way out already.
    pub fn observe(&mut self, uuid: [u8; 16], run: Run) {
        for id in self.ids_of(uuid) {
            let Some(entry) = self.entries.get_mut(&id) else { continue };
            entry.run = run;
            if run != Run::Running {
                match run {
                    Run::Off => entry.state = State::default(),
                    _ => entry.state.clone_from(&entry.told),
                }
                entry.changes.clear();
                entry.fresh = entry.fresh.take().map(|_| Fresh::Paused).filter(|_| run == Run::Paused);
            }
        }
    }

    /// The probes of a VM, by name.
    #[must_use]
    pub fn ids_of(&self, uuid: [u8; 16]) -> Vec<u64> {
        let from = self.ids.range((uuid, String::new())..);
        from.take_while(|((of, _), _)| *of == uuid).map(|(_, id)| *id).collect()
    }

    /// One of them.
    pub fn entry_mut(&mut self, id: u64) -> Option<&mut Entry> {
        self.entries.get_mut(&id)
    }

    /// How many probes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Turns left out so far, because all places were taken or an attempt took longer than the interval.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}

/// A shift below `interval` that spreads probes evenly and stays the same for each (FNV-1a).
fn phase(key: &Key, interval: i64) -> i64 {
    let bytes = key.0.iter().chain(key.1.as_bytes());
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    // The low bits of this hash mix least.
    i64::try_from(hash >> 16).unwrap_or(0).rem_euclid(interval.max(1))
}

#[cfg(test)]
mod tests;
