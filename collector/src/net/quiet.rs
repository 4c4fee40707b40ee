//! Keeps strangers from filling the log.

use std::sync::{Mutex, PoisonError};

use evenkeel_common::time::{DurationMs, MonoMs};

/// At most one line of a kind in this time; the next one says how many there were in between.
const EVERY: DurationMs = DurationMs::from_s(10);

#[derive(Debug, Default)]
pub(super) struct Quiet(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: Option<MonoMs>,
    held_back: u64,
}

impl Quiet {
    /// Calls `line` with the number of lines that were held back, or holds this one back.
    pub(super) fn say(&self, now: MonoMs, line: impl FnOnce(u64)) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.last.is_some_and(|last| now.since(last) < EVERY) {
            state.held_back += 1;
            return;
        }
        state.last = Some(now);
        line(std::mem::take(&mut state.held_back));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_it_holds_back() {
        let quiet = Quiet::default();
        let mut lines = Vec::new();
        for at in [0, 1, 9_999, 10_000, 10_001] {
            quiet.say(MonoMs(at), |more| lines.push((at, more)));
        }
        assert_eq!(lines, [(0, 0), (10_000, 2)]);
    }
}
