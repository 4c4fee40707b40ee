//! How long an event worker that keeps ending is left alone.

use evenkeel_common::time::DurationMs;

/// Wait before the first new start.
const FIRST: DurationMs = DurationMs::from_s(1);
/// Events are not heard meanwhile, so not much longer than that.
const LONGEST: DurationMs = DurationMs::from_s(30);

/// Starts in a row that came to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// It said something sensible.
    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// It ended; how long to wait before the next start.
    pub(super) fn failed(&mut self) -> DurationMs {
        let wait = FIRST.0.saturating_mul(1 << self.failures.min(10)).min(LONGEST.0);
        self.failures = self.failures.saturating_add(1);
        DurationMs(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_longer_and_longer_and_forgets_with_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<i64> = (0..7).map(|_| backoff.failed().0 / 1_000).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        backoff.succeeded();
        assert_eq!(backoff.failed(), FIRST);
    }
}
