//! Keeps a probe that goes up and down all the time from filling the activity log.

use std::collections::VecDeque;

use evenkeel_common::time::{DurationMs, MonoMs};

/// Changes that are told within [`WINDOW`]; the one after them is told as flapping, the rest not at all.
const CHANGES_MAX: usize = 6;
/// How long a change counts; after so long without one, changes are told again.
const WINDOW: DurationMs = DurationMs::from_s(600);

/// What to tell of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// The change.
    Change,
    /// That there are too many of them.
    Flapping,
    /// Nothing.
    Nothing,
}

/// The changes of one probe that were told lately.
#[derive(Clone, Debug, Default)]
pub struct Flaps {
    told: VecDeque<MonoMs>,
    flapping: bool,
}

impl Flaps {
    /// A change happened.
    pub fn change(&mut self, now: MonoMs) -> Tell {
        while self.told.front().is_some_and(|at| now.since(*at) >= WINDOW) {
            self.told.pop_front();
        }
        if self.told.len() < CHANGES_MAX {
            self.told.push_back(now);
            self.flapping = false;
            return Tell::Change;
        }
        if std::mem::replace(&mut self.flapping, true) { Tell::Nothing } else { Tell::Flapping }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_changes_are_told_many_are_not() {
        let mut flaps = Flaps::default();
        let told: Vec<Tell> = (0..20).map(|at| flaps.change(MonoMs(at * 1_000))).collect();
        assert_eq!(told.iter().filter(|tell| **tell == Tell::Change).count(), CHANGES_MAX);
        assert_eq!(told.iter().filter(|tell| **tell == Tell::Flapping).count(), 1);
        assert_eq!(flaps.change(MonoMs(600_000)), Tell::Change);
        assert_eq!(flaps.change(MonoMs(600_001)), Tell::Flapping);
        assert_eq!(flaps.change(MonoMs(9_000_000)), Tell::Change);
    }
}
