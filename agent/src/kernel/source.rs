//! The fast path at a tick: a look before libvirt is asked, another one after it when something has to be checked, and
//! the kernel's numbers in the place of libvirt's.

use std::collections::{HashMap, HashSet};

use evenkeel_common::time::{MonoMs, UnixMs};
use evenkeel_common::wire::v1::EventSample;

use super::KernelReader;
use crate::gather::kernel::fast_path::{FastPath, Looks, Now};
use crate::gather::kernel::group::GroupSet;
use crate::gather::kernel::{KernelLook, KernelRecord, ProcessState};
use crate::gather::roster::{DomainReadings, Process};

/// The reader and what is decided about its numbers.
#[derive(Debug)]
pub struct KernelSource {
    reader: KernelReader,
    path: FastPath,
    /// The active runs, as libvirt named them last.
    runs: Vec<Process>,
    is_check: bool,
    covered: GroupSet,
    before: KernelLook,
    after: Option<KernelLook>,
}

impl KernelSource {
    /// `enabled` as in `fast_path`.
    #[must_use]
    pub fn new(enabled: bool) -> Self {
        Self {
            reader: KernelReader::new(),
            path: FastPath::new(enabled),
            runs: Vec::new(),
            is_check: false,
            covered: GroupSet::NONE,
            before: KernelLook::default(),
            after: None,
        }
    }

    /// Begins a tick: looks at the processes of the runs that are known. To be called before libvirt is asked.
    pub async fn begin(&mut self, now: MonoMs) -> &KernelLook {
        self.is_check = self.path.begin(now);
        self.after = None;
        self.before = self.reader.read(&self.runs).await;
        &self.before
    }

    /// Whether libvirt has to be asked for everything at this tick, because something of it is to be checked.
    #[must_use]
    pub fn is_check(&self) -> bool {
        self.is_check
    }

    /// Domains whose process is stopped, and those whose process waits for a device; of runs that are known.
    #[must_use]
    pub fn halted(&self) -> (HashSet<[u8; 16]>, HashSet<[u8; 16]>) {
        let all = |is: fn(ProcessState) -> bool| {
            let domains = self.before.domains.iter().filter(|(_, record)| is(record.process_state));
            domains.map(|(uuid, _)| *uuid).collect()
        };
        (
            all(|state| matches!(state, ProcessState::Stopped | ProcessState::Traced)),
            all(|state| state == ProcessState::DiskSleep),
        )
    }

    /// `/proc/net/dev` as it was read at this tick; empty when it was not.
    #[must_use]
    pub fn net_dev(&self) -> &[u8] {
        &self.before.net_dev
    }

    /// Whether each active run that libvirt named last has a process, and that one is neither stopped nor stuck.
    #[must_use]
    pub fn sees_all(&self) -> bool {
        let is_well = |record: &KernelRecord| {
            !record.process_state.cannot_answer() && record.process_state != ProcessState::DiskSleep
        };
        let record = |run: &Process| self.before.domains.get(&run.uuid).filter(|record| record.id == run.id);
        self.runs.iter().all(|run| record(run).is_some_and(is_well))
    }

    /// What libvirt need not be asked for at this tick.
    #[must_use]
    pub fn covered(&self) -> GroupSet {
        self.path.covered()
    }

    /// libvirt has answered and named the active runs. Gives the starts of their processes; one that cannot be found,
    /// or not told from another, is left out.
    pub async fn named(&mut self, runs: Vec<Process>) -> HashMap<Process, UnixMs> {
        self.runs = runs;
        if self.is_check || self.runs.iter().any(|run| self.path.is_new(run)) {
            self.after = Some(self.reader.read(&self.runs).await);
        }
        let look = self.after.as_ref().unwrap_or(&self.before);
        let start = |run: &Process| {
            let record = look.domains.get(&run.uuid).filter(|record| record.id == run.id);
            record.map(|record| (*run, record.start))
        };
        self.runs.iter().filter_map(start).collect()
    }

    /// Puts the kernel's numbers in the place of libvirt's. `asked` is what libvirt was asked for. Gives the events to
    /// send; all that is to be said is in the log already.
    pub fn apply(&mut self, asked: GroupSet, domains: &mut [DomainReadings], now: Now) -> Vec<EventSample> {
        let looks = Looks { before: &self.before, after: self.after.as_ref(), asked };
        let heard = self.path.apply(looks, &self.runs, domains, now);
        for warning in &heard.warnings {
            tracing::warn!("{warning}");
        }
        for event in &heard.events {
            tracing::warn!(event = event.kind, "{}", event.message);
        }
        let covered = self.path.covered();
        // A check under way covers nothing for a moment: that is no news.
        if covered != self.covered && covered != GroupSet::NONE {
            self.covered = covered;
            tracing::info!("every guest's {covered} is read from the kernel, which agrees with libvirt");
        }
        heard.events
    }
}
