//! Storage pools: when libvirt is asked about them, and what it said. A pool on dead storage may hold the answer back
//! for ever: then the pools that are known are missing as hung, and nobody asks a second time.

use evenkeel_common::metric::known;
use evenkeel_common::sample::Missing;
use evenkeel_common::time::{DurationMs, MonoMs};

use super::out::Out;
use crate::scrape::protocol::{HostLook, RawPool};

/// A look that takes longer hangs.
const HUNG: DurationMs = DurationMs::from_s(10);

/// When the pools are asked for, and which there are.
#[derive(Clone, Debug)]
pub struct PoolBook {
    every: DurationMs,
    begun: Option<MonoMs>,
    pending: bool,
    told: Option<MonoMs>,
    names: Vec<String>,
    kvm_offered: Option<bool>,
}

/// The next question to the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// None.
    Nothing,
    /// Begin a look.
    Begin,
    /// Fetch what the one under way has brought.
    Fetch,
}

/// What is known of the pools at a tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pools {
    /// They were read.
    Read(Vec<RawPool>),
    /// They could not be: those that were known, and why.
    Missing(Vec<String>, Missing),
}

impl PoolBook {
    /// Asks at every `every`.
    #[must_use]
    pub fn new(every: DurationMs) -> Self {
        Self { every, begun: None, pending: false, told: None, names: Vec::new(), kvm_offered: None }
    }

    /// Asks at every `every` from now on.
    pub fn set_every(&mut self, every: DurationMs) {
        self.every = every;
    }

    /// What to ask the worker at this tick.
    #[must_use]
    pub fn ask(&self, now: MonoMs) -> Ask {
        match (self.pending, is_due(self.begun, self.every, now)) {
            (true, _) => Ask::Fetch,
            (false, true) => Ask::Begin,
            (false, false) => Ask::Nothing,
        }
    }

    /// Takes the answer, `None` when there was no worker to ask. What is new is returned, and a reason as often as the
    /// pools would have been read.
    pub fn answered(&mut self, asked: Ask, look: Option<HostLook>, now: MonoMs) -> Option<Pools> {
        if asked == Ask::Begin {
            self.begun = Some(now);
        }
        let Some(look) = look else {
            // The thread that asked is gone with its worker.
            self.pending = false;
            return self.tell_missing(Missing::LibvirtDown, now);
        };
        self.pending = look.pending_ms.is_some();
        self.kvm_offered = look.kvm_offered.or(self.kvm_offered);
        match look.pools {
            Some(Ok(pools)) => {
                self.names = pools.iter().map(|pool| pool.name.clone()).collect();
                self.told = Some(now);
                Some(Pools::Read(pools))
            }
            Some(Err(_)) => self.tell_missing(Missing::LibvirtDown, now),
            None => {
                let pending = look.pending_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX));
                if pending.is_some_and(|ms| ms >= HUNG.0) { self.tell_missing(Missing::Hung, now) } else { None }
            }
        }
    }

    /// Whether libvirt offers KVM; `None` while it has not said.
    #[must_use]
    pub fn kvm_offered(&self) -> Option<bool> {
        self.kvm_offered
    }

    fn tell_missing(&mut self, why: Missing, now: MonoMs) -> Option<Pools> {
        if !is_due(self.told, self.every, now) {
            return None;
        }
        self.told = Some(now);
        Some(Pools::Missing(self.names.clone(), why))
    }
}

/// Whether something that was done at `last` is to be done again. Ticks come a little early and late.
#[must_use]
pub fn is_due(last: Option<MonoMs>, every: DurationMs, now: MonoMs) -> bool {
    const EARLY: DurationMs = DurationMs(500);
    last.is_none_or(|last| now.since(last).0.saturating_add(EARLY.0.min(every.0 / 2)) >= every.0)
}

pub(super) fn read(out: &mut Out, pools: &Pools) {
    let pools = match pools {
        Pools::Read(pools) => pools,
        Pools::Missing(names, why) => {
            out.missing(const { known("host_pools") }, "", *why);
            for name in names {
                out.missing(const { known("host_pool_state") }, name, *why);
                out.missing(const { known("host_pool_capacity_bytes") }, name, *why);
                out.missing(const { known("host_pool_allocation_bytes") }, name, *why);
                out.missing(const { known("host_pool_available_bytes") }, name, *why);
            }
            return;
        }
    };
    out.whole(const { known("host_pools") }, "", u64::try_from(pools.len()).unwrap_or(u64::MAX));
    for pool in pools {
        out.whole(const { known("host_pool_state") }, &pool.name, pool.state.into());
        // libvirt gives zeros for a pool that it did not start.
        if pool.state == 0 {
            continue;
        }
        out.whole(const { known("host_pool_capacity_bytes") }, &pool.name, pool.capacity);
        out.whole(const { known("host_pool_allocation_bytes") }, &pool.name, pool.allocation);
        out.whole(const { known("host_pool_available_bytes") }, &pool.name, pool.available);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVERY: DurationMs = DurationMs::from_s(60);

    fn pool(name: &str) -> RawPool {
        RawPool { name: name.to_owned(), state: 2, capacity: 30, allocation: 10, available: 20 }
    }

    fn at(seconds: u64) -> MonoMs {
        MonoMs(seconds * 1000)
    }

    #[test]
    fn asks_now_and_then_and_fetches_what_was_late() {
        let mut book = PoolBook::new(EVERY);
        assert_eq!(book.ask(at(5)), Ask::Begin);
        let late = HostLook { pending_ms: Some(100), ..HostLook::default() };
        assert_eq!(book.answered(Ask::Begin, Some(late), at(5)), None);
        assert_eq!(book.ask(at(15)), Ask::Fetch);
        let look = HostLook { pools: Some(Ok(vec![pool("a")])), kvm_offered: Some(false), pending_ms: None };
        assert_eq!(book.answered(Ask::Fetch, Some(look), at(15)), Some(Pools::Read(vec![pool("a")])));
        assert_eq!((book.ask(at(25)), book.kvm_offered()), (Ask::Nothing, Some(false)));
        book.set_every(DurationMs::from_s(20));
        assert_eq!(book.ask(at(25)), Ask::Begin);
        book.set_every(EVERY);
        assert_eq!((book.ask(at(64)), book.ask(at(65))), (Ask::Nothing, Ask::Begin));
    }

    #[test]
    fn a_pool_that_hangs_makes_its_readings_missing_and_is_asked_no_second_time() {
        let mut book = PoolBook::new(EVERY);
        let look = HostLook { pools: Some(Ok(vec![pool("a"), pool("b")])), ..HostLook::default() };
        book.answered(Ask::Begin, Some(look), at(0));
        let hangs = |ms| HostLook { pending_ms: Some(ms), ..HostLook::default() };
        assert_eq!(book.answered(Ask::Begin, Some(hangs(100)), at(60)), None);
        let missing = Some(Pools::Missing(vec!["a".to_owned(), "b".to_owned()], Missing::Hung));
        assert_eq!(book.answered(Ask::Fetch, Some(hangs(10_000)), at(70)), missing);
        assert_eq!(book.answered(Ask::Fetch, Some(hangs(20_000)), at(80)), None);
        assert_eq!(book.answered(Ask::Fetch, Some(hangs(70_000)), at(130)), missing);
        assert_eq!(book.ask(at(140)), Ask::Fetch);
    }

    #[test]
    fn without_a_worker_the_pools_are_missing_until_there_is_one() {
        let mut book = PoolBook::new(EVERY);
        assert_eq!(book.answered(Ask::Begin, None, at(0)), Some(Pools::Missing(vec![], Missing::LibvirtDown)));
        assert_eq!(book.ask(at(60)), Ask::Begin);
    }

    proptest! {
        /// However looks end, one is begun again within two intervals of the last that ended.
        #[test]
        fn never_stops_asking(ends in proptest::collection::vec(0u8..4, 1..60)) {
            let mut book = PoolBook::new(EVERY);
            let mut begun = 0_u64;
            for (tick, end) in ends.into_iter().enumerate() {
                let now = at(u64::try_from(tick).unwrap() * 60);
                let ask = book.ask(now);
                let look = match end {
                    0 => None,
                    1 => Some(HostLook { pools: Some(Ok(vec![pool("a")])), ..HostLook::default() }),
                    2 => Some(HostLook { pools: Some(Err("no".to_owned())), ..HostLook::default() }),
                    _ => Some(HostLook { pending_ms: Some(1), ..HostLook::default() }),
                };
                let is_pending = look.as_ref().is_some_and(|look| look.pending_ms.is_some());
                prop_assert_ne!(ask, Ask::Nothing);
                begun += u64::from(ask == Ask::Begin);
                book.answered(ask, look, now);
                prop_assert_eq!(book.ask(now) == Ask::Fetch, is_pending);
            }
            prop_assert!(begun > 0);
        }
    }
}
