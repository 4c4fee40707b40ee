//! How long a worker that keeps failing is left alone.

use evenkeel_common::time::{DurationMs, MonoMs};

/// The first failure costs nothing: the next tick gets a fresh worker. Each further one in a row doubles the wait.
const FIRST: DurationMs = DurationMs::from_s(1);
/// A hung guest holds up one worker per call, so a host that hangs for long is asked rarely, but within this time.
const LONGEST: DurationMs = DurationMs::from_s(30);

/// Failures in a row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    last: MonoMs,
}

impl Backoff {
    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    pub(super) fn failed(&mut self, now: MonoMs) {
        self.failures = self.failures.saturating_add(1);
        self.last = now;
    }

    /// How long to wait still, zero when a worker may be started.
    pub(super) fn wait(&self, now: MonoMs) -> DurationMs {
        let Some(doublings) = self.failures.checked_sub(2) else {
            return DurationMs(0);
        };
        let whole = FIRST.0.saturating_mul(1 << doublings.min(10)).min(LONGEST.0);
        DurationMs((whole - now.since(self.last).0).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_is_free_more_wait_longer_and_success_forgets() {
        let mut backoff = Backoff::default();
        backoff.failed(MonoMs(0));
        assert_eq!(backoff.wait(MonoMs(0)), DurationMs(0));
        backoff.failed(MonoMs(0));
        assert_eq!(backoff.wait(MonoMs(400)), DurationMs(600));
        for _ in 0..40 {
            backoff.failed(MonoMs(0));
        }
        assert_eq!(backoff.wait(MonoMs(0)), LONGEST);
        assert_eq!(backoff.wait(MonoMs(60_000)), DurationMs(0));
        backoff.succeeded();
        assert_eq!(backoff.wait(MonoMs(0)), DurationMs(0));
    }
}
