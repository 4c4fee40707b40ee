//! The machine behind [`super`]: the tenures of one VM and what a report does to them.

mod restore;

use evenkeel_common::id::AgentId;
use evenkeel_common::limits::CLOCK_OFFSET_FLAG;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::Decision::{self, JustLeft, NotLater};
use super::{Effect, Heard, Report, Verdict};

/// Tenures remembered of a VM. Full: two of one host that follow each other become one, and what another host says later
/// still of the time between them is dropped; without such two the oldest goes, and what is from before it is dropped.
const TENURES_MAX: usize = 64;
/// More than so many are kept only of the time that agents' spools reach back.
const TENURES_OLD_MAX: usize = 16;
/// See [`TENURES_OLD_MAX`]; a spool is made for a day.
const RECENT: DurationMs = DurationMs::from_s(2 * 86_400);

/// A time in which a host owned the VM; it lasts until the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tenure {
    agent: AgentId,
    from: UnixMs,
    last_active: Option<UnixMs>,
    ended: Option<Ended>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ended {
    at: UnixMs,
    gone: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rival {
    agent: AgentId,
    since: UnixMs,
    last_active: UnixMs,
    conflict: bool,
}

/// What the collector remembers of one VM's owners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    tenures: Vec<Tenure>,
    floor: UnixMs,
    rival: Option<Rival>,
}

const FAR: UnixMs = UnixMs(i64::MAX);

impl Default for Owner {
    fn default() -> Self {
        Self { tenures: Vec::new(), floor: UnixMs(i64::MIN), rival: None }
    }
}

impl Owner {
    /// The host that owns the VM now.
    #[must_use]
    pub fn current(&self) -> Option<AgentId> {
        self.tenures.last().map(|tenure| tenure.agent)
    }

    /// Every host that is or was its owner, and the one that it was active on beside; one may come more than once.
    pub fn hosts(&self) -> impl Iterator<Item = AgentId> {
        self.tenures.iter().map(|tenure| tenure.agent).chain(self.rival.map(|rival| rival.agent))
    }

    /// The other host of a conflict.
    #[must_use]
    pub fn rival(&self) -> Option<AgentId> {
        self.rival.filter(|rival| rival.conflict).map(|rival| rival.agent)
    }

    /// Whether nobody knows it any more, so that nothing is expected of it.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let ended = self.tenures.last().map(|tenure| tenure.ended);
        self.rival.is_none() && ended.is_none_or(|ended| ended.is_some_and(|ended| ended.gone))
    }

    /// Whether a poll at `at` that could not tell anything is about this VM, asked on `agent`.
    #[must_use]
    pub fn awaited(&self, agent: AgentId, at: UnixMs) -> bool {
        self.window(at).map(|index| self.tenures[index]).is_some_and(|tenure| {
            tenure.agent == agent && at > tenure.from && tenure.ended.is_none_or(|ended| !ended.gone)
        })
    }

    /// Whether the host's silence about the VM would say something.
    #[must_use]
    pub fn expects(&self, agent: AgentId) -> bool {
        let owner = self.tenures.last().filter(|tenure| tenure.agent == agent);
        owner.is_some_and(|tenure| tenure.ended.is_none_or(|ended| !ended.gone))
            || self.rival.is_some_and(|rival| rival.agent == agent)
    }

    /// Takes one report.
    pub fn handle(&mut self, report: &Report) -> Verdict {
        let mut effects = Vec::new();
        let decision = if report.at < self.floor {
            Decision::TooOld
        } else {
            match report.heard {
                Heard::Active => self.active(report, &mut effects),
                Heard::Incoming | Heard::Inactive | Heard::Absent => self.not_active(report, &mut effects),
            }
        };
        let current =
            self.tenures.last().is_some_and(|tenure| tenure.agent == report.agent && report.at >= tenure.from);
        Verdict { decision, effects, current }
    }

    fn active(&mut self, report: &Report, effects: &mut Vec<Effect>) -> Decision {
        let (agent, at) = (report.agent, report.at);
        let Some(index) = self.window(at) else {
            return self.before_all(report, effects);
        };
        if self.tenures[index].agent == agent {
            return self.own(index, report, effects);
        }
        let is_last = index + 1 == self.tenures.len();
        if is_last && self.contested(report) {
            let since = self.tenures[index].from;
            return self.contest(report, since, JustLeft, effects);
        }
        if self.tenures[index].last_active.is_some_and(|last| at <= last) {
            // Perhaps it has just arrived there; when the owner goes on too, they are two.
            return if is_last { self.contest(report, at, NotLater, effects) } else { NotLater };
        }
        self.take_over(index, report, effects)
    }

    /// Active where it is the owner at that time.
    fn own(&mut self, index: usize, report: &Report, effects: &mut Vec<Effect>) -> Decision {
        let is_last = index + 1 == self.tenures.len();
        let tenure = &mut self.tenures[index];
        let was_down = tenure.ended.is_some_and(|ended| ended.at < report.at);
        // Of the time in between the host may tell later: fresh reports do not wait for those of an outage.
        let was_silent = tenure.last_active.is_some_and(|last| report.at.since(last) > silence(report.interval));
        if tenure.last_active.is_some() && (was_down || was_silent) {
            // It was down in between, or nobody knows: what another host says of that time must find room.
            self.insert(index + 1, report);
            return if is_last { Decision::Owner } else { Decision::FormerOwner };
        }
        if tenure.last_active.is_none() {
            effects.push(Effect::Placed(report.agent, report.at));
            tenure.ended = None;
        }
        tenure.last_active = tenure.last_active.max(Some(report.at));
        if !is_last {
            self.close_up(index, report);
            return Decision::FormerOwner;
        }
        self.judge(report.interval, effects);
        Decision::Owner
    }

    /// What was silence has been told by now: two stays on one host were one.
    fn close_up(&mut self, index: usize, report: &Report) {
        let (tenure, next) = (self.tenures[index], self.tenures[index + 1]);
        let whole = tenure.last_active == Some(report.at) && tenure.ended.is_none();
        if whole && next.agent == report.agent && next.from.since(report.at) <= gap(report.interval) {
            self.join(index);
        }
    }

    /// Earlier than anything known: the VM was there before.
    fn before_all(&mut self, report: &Report, effects: &mut Vec<Effect>) -> Decision {
        let first = self.tenures.is_empty();
        self.insert(0, report);
        effects.push(Effect::Placed(report.agent, report.at));
        if first { Decision::TookOver } else { Decision::FormerOwner }
    }

    fn take_over(&mut self, index: usize, report: &Report, effects: &mut Vec<Effect>) -> Decision {
        let (agent, at) = (report.agent, report.at);
        let left = self.tenures[index];
        let next = self.tenures.get(index + 1).copied();
        effects.push(Effect::Placed(agent, at));
        effects.push(Effect::Withdraw(at, next.map_or(FAR, |next| next.from)));
        effects.extend(next.map(|next| Effect::Placed(next.agent, next.from)));
        self.insert(index + 1, report);
        if next.is_some() {
            return Decision::FormerOwner;
        }
        if let Some(rival) = self.rival.filter(|rival| rival.agent == agent) {
            self.rival = None;
            if rival.conflict && left.ended.is_none() {
                // The owner fell silent without a word: it may well be active there still.
                let last_active = left.last_active.unwrap_or(left.from);
                self.rival = Some(Rival { agent: left.agent, since: left.from, last_active, conflict: true });
                effects.push(Effect::Conflict(left.agent));
            } else if rival.conflict {
                effects.push(Effect::ConflictOver(left.agent));
            }
        }
        Decision::TookOver
    }

    /// Whether a host that does not own the VM goes on running it beside an owner that does too.
    fn contested(&self, report: &Report) -> bool {
        let Some(owner) = self.tenures.last().filter(|owner| owner.ended.is_none()) else {
            return false;
        };
        let owner_heard = owner.last_active.unwrap_or(owner.from);
        if report.at.since(owner_heard) > silence(report.interval) {
            return false;
        }
        let rival = self.rival.filter(|rival| rival.agent == report.agent);
        if rival.is_some_and(|rival| rival.conflict) {
            return true;
        }
        let former = self.tenures.iter().rev().find(|tenure| tenure.agent == report.agent);
        former.filter(|former| former.ended.is_none()).is_some_and(|former| {
            let heard = former.last_active.max(rival.map(|rival| rival.last_active));
            heard.is_some_and(|heard| report.at.since(heard) <= gap(report.interval))
        })
    }

    /// Counts how long both are active; `meanwhile` is what becomes of the readings within the tolerance.
    fn contest(&mut self, report: &Report, since: UnixMs, meanwhile: Decision, effects: &mut Vec<Effect>) -> Decision {
        let (agent, at) = (report.agent, report.at);
        match self.rival.as_mut() {
            Some(rival) if rival.agent != agent => return meanwhile,
            Some(rival) => {
                if !rival.conflict && at.since(rival.last_active) > gap(report.interval) {
                    rival.since = since;
                }
                rival.last_active = rival.last_active.max(at);
            }
            None => self.rival = Some(Rival { agent, since, last_active: at, conflict: false }),
        }
        self.judge(report.interval, effects);
        let conflict = self.rival.is_some_and(|rival| rival.conflict);
        let since = self.rival.map_or(at, |rival| rival.since);
        if conflict || (meanwhile == JustLeft && at.since(since) > tolerance(report.interval)) {
            Decision::Tagged
        } else {
            meanwhile
        }
    }

    /// Says a conflict once both were active for longer than clocks and ticks can be apart.
    fn judge(&mut self, interval: DurationMs, effects: &mut Vec<Effect>) {
        let (Some(owner), Some(rival)) = (self.tenures.last(), self.rival.as_mut()) else {
            return;
        };
        let both_until = owner.last_active.unwrap_or(owner.from).min(rival.last_active);
        if !rival.conflict && both_until.since(owner.from.max(rival.since)) > tolerance(interval) {
            rival.conflict = true;
            effects.push(Effect::Conflict(rival.agent));
        }
    }

    fn not_active(&mut self, report: &Report, effects: &mut Vec<Effect>) -> Decision {
        let (agent, at) = (report.agent, report.at);
        let ended = Ended { at, gone: report.heard == Heard::Absent };
        if let Some(rival) = self.rival.filter(|rival| rival.agent == agent && at > rival.last_active) {
            self.rival = None;
            if rival.conflict {
                effects.push(Effect::ConflictOver(agent));
            }
        }
        if let Some(tenure) = self.tenures.iter_mut().rev().find(|tenure| tenure.agent == agent && tenure.from <= at)
            && tenure.last_active.is_none_or(|last| at > last)
            && (tenure.ended.is_none() || ended.gone)
        {
            tenure.ended = Some(ended);
        }
        match report.heard {
            Heard::Inactive => self.inactive(agent, at),
            Heard::Absent => Decision::Gone,
            _ => Decision::Incoming,
        }
    }

    fn inactive(&mut self, agent: AgentId, at: UnixMs) -> Decision {
        let home = Tenure { agent, from: at, last_active: None, ended: Some(Ended { at, gone: false }) };
        let Some(index) = self.window(at) else {
            if self.tenures.first().is_none_or(|first| first.agent == agent) {
                self.tenures.insert(0, home);
                self.trim();
                return Decision::Down;
            }
            return Decision::InactiveElsewhere;
        };
        let is_last = index + 1 == self.tenures.len();
        let tenure = &mut self.tenures[index];
        if tenure.agent == agent {
            if tenure.last_active.is_some_and(|last| at <= last) {
                // Told late by the host itself: it was down for a while.
                return if tenure.last_active == Some(at) || tenure.from == at { NotLater } else { Decision::Down };
            }
            if let Some(ended) = tenure.ended.as_mut() {
                ended.gone = false;
            }
            return Decision::Down;
        }
        if is_last && tenure.ended.is_some_and(|ended| ended.gone && at > ended.at) {
            // Moved while it was down: the host that had it does not know it any more.
            self.push(home);
            return Decision::Down;
        }
        Decision::InactiveElsewhere
    }

    /// The tenure that a time falls into.
    fn window(&self, at: UnixMs) -> Option<usize> {
        self.tenures.partition_point(|tenure| tenure.from <= at).checked_sub(1)
    }

    fn insert(&mut self, index: usize, report: &Report) {
        let tenure = Tenure { agent: report.agent, from: report.at, last_active: Some(report.at), ended: None };
        self.tenures.insert(index, tenure);
        self.trim();
    }

    fn push(&mut self, tenure: Tenure) {
        self.tenures.push(tenure);
        self.trim();
    }

    fn trim(&mut self) {
        // Stays of one host that follow each other make room first: what another host said in between would be lost.
        while self.tenures.len() > TENURES_OLD_MAX
            && let Some(index) =
                self.tenures[..self.tenures.len() - 1].windows(2).position(|pair| pair[0].agent == pair[1].agent)
            && (self.tenures.len() > TENURES_MAX || self.is_old(index + 1))
        {
            self.join(index);
        }
        while self.tenures.len() > TENURES_MAX || (self.tenures.len() > TENURES_OLD_MAX && self.is_old(1)) {
            self.tenures.remove(0);
            self.floor = self.tenures[0].from;
        }
    }

    fn is_old(&self, index: usize) -> bool {
        self.tenures.last().is_some_and(|last| last.from.since(self.tenures[index].from) > RECENT)
    }

    /// Makes a tenure and the next one, which is of the same host, one.
    fn join(&mut self, index: usize) {
        let later = self.tenures.remove(index + 1);
        let former = &mut self.tenures[index];
        former.last_active = former.last_active.max(later.last_active);
        former.ended = later.ended;
    }
}

/// How far the ticks of two hosts can be apart and still be the same moment.
fn tolerance(interval: DurationMs) -> DurationMs {
    DurationMs(CLOCK_OFFSET_FLAG.0.saturating_add(interval.0))
}

/// Longest time between two reports of one run of a VM on a host: a tick may be lost.
fn gap(interval: DurationMs) -> DurationMs {
    DurationMs(interval.0.saturating_mul(5) / 2)
}

/// After this the owner is taken to have fallen silent.
fn silence(interval: DurationMs) -> DurationMs {
    DurationMs(gap(interval).0.saturating_add(tolerance(interval).0))
}
