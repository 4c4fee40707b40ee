//! What the filter said at the last tick, for events, which come between the ticks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Filter, Judgement};

#[derive(Debug, Default)]
struct Drawn {
    filter: Filter,
    measured: HashMap<[u8; 16], bool>,
}

/// Shared between the ticks and the events.
#[derive(Clone, Debug, Default)]
pub struct Curtain(Arc<Mutex<Drawn>>);

impl Curtain {
    /// Before the first tick.
    #[must_use]
    pub fn over(filter: Filter) -> Self {
        Self(Arc::new(Mutex::new(Drawn { filter, measured: HashMap::new() })))
    }

    /// Takes over another filter; domains are judged by it at the next tick, and those that come first by it alone.
    pub fn replace(&self, filter: Filter) {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *drawn = Drawn { filter, measured: HashMap::new() };
    }

    /// What was judged at a tick: whether each domain of the host is measured.
    pub fn judged(&self, measured: HashMap<[u8; 16], bool>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).measured = measured;
    }

    /// Whether nothing is told of a domain. One that no tick has seen yet is judged by what is known of it.
    #[must_use]
    pub fn hides(&self, uuid: [u8; 16], name: &str) -> bool {
        let drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let by_name = || drawn.filter.judge(uuid, name, None) == Judgement::Measured;
        !drawn.measured.get(&uuid).copied().unwrap_or_else(by_name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::select::Selector;
    use super::*;

    #[test]
    fn the_last_tick_decides_and_before_it_the_name() {
        let curtain = Curtain::default();
        assert!(!curtain.hides([1; 16], "g1"));
        let deny = vec![Selector::parse("ci-*").unwrap()];
        curtain.replace(Filter { allow: Vec::new(), deny });
        assert!(curtain.hides([1; 16], "ci-1") && !curtain.hides([2; 16], "g1"));
        curtain.judged(HashMap::from([([2; 16], false)]));
        assert!(curtain.hides([2; 16], "g1"), "its labels were known at the tick");
        curtain.replace(Filter::default());
        assert!(!curtain.hides([2; 16], "g1"));
    }
}
