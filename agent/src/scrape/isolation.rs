//! [P] Keeping a QEMU that does not answer from holding up anybody else.
//!
//! What libvirt does (measured): the first call that asks a hung QEMU hangs for as long as QEMU does, also when its
//! client has gone; while it hangs it holds the domain's job, and a further call with NOWAIT answers at once, with that
//! domain reduced to what needs no monitor. So a late call is given up and the same question is asked again: whoever is
//! reduced now is the one that hangs. It is a suspect from then on, and *watched*: asked at every tick in a call of its
//! own, which costs nothing while its job is held and shows at once when it answers again.
//!
//! When a second call is late in one tick the host is degraded (its storage hangs, mostly): each domain is asked alone,
//! those that the kernel sees stuck are not asked at all, and with [`HELD_MAX`] calls held by libvirtd only domains that
//! answered since are asked, and now and then one more.

mod question;
mod suspect;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};

use evenkeel_common::time::MonoMs;

use crate::groups::Groups;
pub use question::{Call, DomainId, Effect, Event, Happened, Outcome, Tick, Whom};
pub use suspect::Suspicion;
use suspect::{Evidence, Patience};

/// Calls that libvirtd may hold for us before only proven domains are asked. libvirtd has 20 workers for all clients.
pub const HELD_MAX: usize = 3;
/// With so many no other domain is tried, whatever time has passed.
pub const HELD_TRYING_MAX: usize = 6;
/// With so many, half of libvirtd's workers, nobody is asked any more: operators need the other half.
pub const HELD_LIMIT: usize = 10;
/// Ticks without a late call after which a host is not degraded any more.
const CLEAN_TICKS: u8 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// All that are no suspects; again after the first was late.
    Bulk { again: bool },
    /// One of them, on a degraded host.
    Single(DomainId),
    /// The suspects whose job is held.
    Watch,
    /// A suspect that was late when it was tried.
    Trial(DomainId),
}

/// The machine.
#[derive(Debug)]
pub struct Isolation {
    /// Whether a second call after a late one is answered, with the domain reduced at which the first hangs.
    is_of_qemu: bool,
    suspects: HashMap<DomainId, Evidence>,
    degraded: Option<Degraded>,
    tick: TickState,
    happened: Vec<Happened>,
}

#[derive(Debug)]
struct Degraded {
    /// Domains that answered since.
    proven: HashSet<DomainId>,
    clean_ticks: u8,
    /// When one more may be tried.
    canary: Patience,
}

#[derive(Debug)]
struct TickState {
    is_all: bool,
    healthy: Vec<DomainId>,
    stuck: HashSet<DomainId>,
    wanted: Groups,
    until: MonoMs,
    queue: VecDeque<Order>,
    under_way: Option<Order>,
    late: u8,
    outcomes: HashMap<DomainId, Outcome>,
}

impl Default for TickState {
    fn default() -> Self {
        Self {
            is_all: true,
            healthy: Vec::new(),
            stuck: HashSet::new(),
            wanted: Groups::NONE,
            until: MonoMs(0),
            queue: VecDeque::new(),
            under_way: None,
            late: 0,
            outcomes: HashMap::new(),
        }
    }
}

impl Isolation {
    /// For what libvirt asks QEMU.
    #[must_use]
    pub fn of_qemu() -> Self {
        Self {
            is_of_qemu: true,
            suspects: HashMap::new(),
            degraded: None,
            tick: TickState::default(),
            happened: Vec::new(),
        }
    }

    /// For what libvirt knows by itself: it waits only for a domain that it holds, as while it destroys one, and no
    /// further call gets past that one before it is over.
    #[must_use]
    pub fn of_libvirt() -> Self {
        Self { is_of_qemu: false, ..Self::of_qemu() }
    }

    /// Begins a tick.
    pub fn begin(&mut self, tick: Tick<'_>, now: MonoMs) -> Effect {
        let active: HashSet<DomainId> = tick.active.iter().copied().collect();
        self.suspects.retain(|domain, _| active.contains(domain));
        for (domain, evidence) in &mut self.suspects {
            evidence.look(tick.stopped.contains(domain) || tick.stuck.contains(domain));
        }
        for domain in tick.active.iter().filter(|domain| tick.stopped.contains(*domain)) {
            self.suspect(*domain, Evidence::kernel(now));
        }
        let healthy: Vec<DomainId> =
            tick.active.iter().copied().filter(|domain| !self.suspects.contains_key(domain)).collect();
        let outcomes = tick.active.iter().map(|domain| (*domain, Outcome::NotAsked)).collect();
        let mut queue = VecDeque::new();
        if !tick.wanted.is_empty() && !healthy.is_empty() {
            self.degrade_when_many_are_held(&healthy, now);
            match self.degraded {
                None => queue.push_back(Order::Bulk { again: false }),
                Some(_) => queue.extend(healthy.iter().copied().map(Order::Single)),
            }
        }
        if self.watched().next().is_some() {
            queue.push_back(Order::Watch);
        }
        let due = self.suspects.iter().filter_map(|(domain, evidence)| Some((evidence.next_trial()?, *domain)));
        let mut due: Vec<(MonoMs, DomainId)> = due.filter(|(at, _)| now >= *at).collect();
        due.sort_unstable();
        queue.extend(due.into_iter().map(|(_, domain)| Order::Trial(domain)));
        let stuck = tick.stuck.clone();
        let (wanted, until) = (tick.wanted, tick.until);
        let is_all = tick.is_all;
        self.tick = TickState { is_all, healthy, stuck, wanted, until, queue, under_way: None, late: 0, outcomes };
        self.next(now)
    }

    /// The call that was ordered last came to an end.
    pub fn handle(&mut self, event: Event<'_>, now: MonoMs) -> Effect {
        let Some(order) = self.tick.under_way.take() else { return Effect::Done };
        match event {
            Event::Answered(answers) => {
                self.miss(order, answers);
                answers.iter().for_each(|(domain, full)| self.answered(order, *domain, *full, now));
            }
            Event::Late => self.late(order, now),
            Event::Failed => self.tick.queue.clear(),
        }
        self.next(now)
    }

    /// How a domain came out of this tick.
    #[must_use]
    pub fn outcome(&self, domain: &DomainId) -> Outcome {
        match self.tick.outcomes.get(domain) {
            Some(outcome @ (Outcome::Answered | Outcome::Gone)) => *outcome,
            _ if self.suspects.contains_key(domain) => Outcome::Hung,
            outcome => outcome.copied().unwrap_or(Outcome::NotAsked),
        }
    }

    /// Suspects at the moment.
    #[must_use]
    pub fn suspects(&self) -> usize {
        self.suspects.len()
    }

    /// Whether nobody is suspected, and the host is not degraded.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        self.suspects.is_empty() && self.degraded.is_none()
    }

    /// Calls that libvirtd holds for us, as far as can be known: one per suspect at which a call of ours was late.
    #[must_use]
    pub fn held(&self) -> usize {
        self.suspects.values().filter(|evidence| evidence.is_ours()).count()
    }

    /// What happened since this was asked last.
    pub fn take_happened(&mut self) -> Vec<Happened> {
        std::mem::take(&mut self.happened)
    }

    fn watched(&self) -> impl Iterator<Item = DomainId> + '_ {
        self.suspects.iter().filter(|(_, evidence)| evidence.is_watched()).map(|(domain, _)| *domain)
    }

    /// The next call that may be made.
    fn next(&mut self, now: MonoMs) -> Effect {
        while let Some(order) = self.tick.queue.pop_front() {
            if now >= self.tick.until {
                break;
            }
            let (whom, groups) = match order {
                Order::Bulk { again: false } => (self.bulk(), self.tick.wanted),
                // All groups: the answer has to show who is reduced.
                Order::Bulk { again: true } => (self.bulk(), self.everything()),
                Order::Single(domain) if self.may_ask(domain, now) => (Whom::Only(vec![domain]), self.everything()),
                Order::Single(_) => continue,
                Order::Watch => (Whom::Only(self.watched().collect()), self.everything()),
                Order::Trial(domain) => (Whom::Only(vec![domain]), self.everything()),
            };
            self.tick.under_way = Some(order);
            return Effect::Call(Call { whom, groups });
        }
        self.end();
        Effect::Done
    }

    fn everything(&self) -> Groups {
        if self.is_of_qemu { Groups::asking_qemu(true) } else { self.tick.wanted }
    }

    fn bulk(&self) -> Whom {
        let is_all = self.tick.is_all && self.suspects.is_empty();
        if is_all { Whom::All } else { Whom::Only(self.tick.healthy.clone()) }
    }

    /// Whether a domain of a degraded host is asked. One that the kernel sees stuck becomes a suspect without a call.
    fn may_ask(&mut self, domain: DomainId, now: MonoMs) -> bool {
        if self.tick.stuck.contains(&domain) {
            self.suspect(domain, Evidence::kernel(now));
            return false;
        }
        let held = self.held();
        let Some(degraded) = &self.degraded else { return true };
        match held {
            0..HELD_MAX => true,
            HELD_MAX..HELD_TRYING_MAX => degraded.proven.contains(&domain) || degraded.canary.is_over(now),
            HELD_TRYING_MAX..HELD_LIMIT => degraded.proven.contains(&domain),
            HELD_LIMIT.. => false,
        }
    }

    /// Whoever was asked and is not in the answer has gone.
    fn miss(&mut self, order: Order, answers: &[(DomainId, bool)]) {
        let asked = match order {
            Order::Bulk { .. } => self.tick.healthy.clone(),
            Order::Single(domain) | Order::Trial(domain) => vec![domain],
            Order::Watch => self.watched().collect(),
        };
        let there: HashSet<DomainId> = answers.iter().map(|(domain, _)| *domain).collect();
        for domain in asked.into_iter().filter(|domain| !there.contains(domain)) {
            self.tick.outcomes.insert(domain, Outcome::Gone);
            self.suspects.remove(&domain);
        }
    }

    fn answered(&mut self, order: Order, domain: DomainId, full: bool, now: MonoMs) {
        let is_known = self.tick.outcomes.contains_key(&domain);
        if !is_known {
            return;
        }
        if full {
            self.tick.outcomes.insert(domain, Outcome::Answered);
            if let Some(degraded) = &mut self.degraded {
                degraded.proven.insert(domain);
            }
            if let Some(evidence) = self.suspects.remove(&domain) {
                self.released(domain, &evidence, now);
            }
            return;
        }
        // Reduced after a late call: that call hangs here. Reduced without one: somebody else's job, for now.
        let is_ours = match order {
            Order::Bulk { .. } | Order::Single(_) => self.tick.late > 0,
            Order::Watch | Order::Trial(_) => false,
        };
        match self.suspects.get_mut(&domain) {
            Some(evidence) => {
                if let Some(suspicion) = evidence.seen_held() {
                    self.happened.push(Happened::Hangs(domain, suspicion));
                }
            }
            None => self.suspect(domain, Evidence::held(is_ours, now)),
        }
    }

    /// One that answers again is a sign: all others are tried soon.
    fn released(&mut self, domain: DomainId, evidence: &Evidence, now: MonoMs) {
        if let Some(since) = evidence.said_since() {
            self.happened.push(Happened::Answers(domain, now.since(since)));
        }
        if evidence.is_ours() {
            self.suspects.values_mut().for_each(|other| other.try_soon(now));
            if let Some(degraded) = &mut self.degraded {
                degraded.canary = Patience::over(now);
            }
        }
    }

    fn late(&mut self, order: Order, now: MonoMs) {
        self.tick.late = self.tick.late.saturating_add(1);
        match order {
            Order::Bulk { again: false } if self.is_of_qemu => {
                self.tick.queue.push_front(Order::Bulk { again: true });
            }
            Order::Bulk { .. } => {
                self.degrade(HashSet::new(), now);
                let left = self.tick.healthy.iter().rev();
                for domain in left.filter(|domain| self.tick.outcomes.get(*domain) != Some(&Outcome::Answered)) {
                    self.tick.queue.push_front(Order::Single(*domain));
                }
            }
            Order::Single(domain) => {
                let held = self.held();
                if let Some(degraded) = self.degraded.as_mut().filter(|_| held >= HELD_MAX) {
                    degraded.canary.longer(now);
                }
                self.suspect(domain, Evidence::late(now));
            }
            Order::Watch => {
                let watched: Vec<DomainId> = self.watched().collect();
                for domain in watched {
                    self.suspects.entry(domain).and_modify(|evidence| evidence.was_late(now));
                }
            }
            Order::Trial(domain) => {
                self.suspects.entry(domain).and_modify(|evidence| evidence.was_late(now));
                self.tick.queue.clear();
            }
        }
    }

    fn suspect(&mut self, domain: DomainId, evidence: Evidence) {
        if self.suspects.contains_key(&domain) {
            return;
        }
        if let Some(suspicion) = evidence.said() {
            self.happened.push(Happened::Hangs(domain, suspicion));
        }
        self.suspects.insert(domain, evidence);
        if let Some(degraded) = &mut self.degraded {
            degraded.proven.remove(&domain);
        }
    }

    fn degrade(&mut self, proven: HashSet<DomainId>, now: MonoMs) {
        if self.degraded.is_none() {
            self.happened.push(Happened::Degraded);
            self.degraded = Some(Degraded { proven, clean_ticks: 0, canary: Patience::first(now) });
        }
    }

    /// Hung one after the other, without two late calls in one tick.
    fn degrade_when_many_are_held(&mut self, healthy: &[DomainId], now: MonoMs) {
        if self.held() >= HELD_MAX && self.degraded.is_none() {
            let outcomes = &self.tick.outcomes;
            let proven = healthy.iter().filter(|domain| outcomes.get(*domain) == Some(&Outcome::Answered));
            self.degrade(proven.copied().collect(), now);
        }
    }

    fn end(&mut self) {
        let held = self.held();
        let is_clean = self.tick.late == 0
            && self
                .tick
                .healthy
                .iter()
                .all(|domain| matches!(self.tick.outcomes.get(domain), Some(Outcome::Answered | Outcome::Gone)));
        let was_asked = !self.tick.wanted.is_empty();
        let Some(degraded) = &mut self.degraded else { return };
        match (is_clean, was_asked) {
            (true, true) => degraded.clean_ticks = degraded.clean_ticks.saturating_add(1),
            (false, true) => degraded.clean_ticks = 0,
            (_, false) => {}
        }
        if degraded.clean_ticks >= CLEAN_TICKS && held < HELD_MAX {
            self.degraded = None;
            self.happened.push(Happened::Recovered);
        }
    }
}
