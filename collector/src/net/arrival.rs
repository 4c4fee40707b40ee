//! [P] When a batch arrived. A session handles its frames one after the other: while the store holds one up, those
//! behind it lie in the connection's buffer, and the moment they are read says nothing about when they came.

use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};

/// A frame that was waited for so long had not been lying in a buffer; a batch that took so long to store has held up
/// those behind it. Half of the shortest interval.
const PROMPT: DurationMs = DurationMs(500);

/// The arrivals of one session.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// Receive time and the agent's monotonic time of the last batch that was read when it came.
    last: Option<(UnixMs, MonoMs)>,
    held_up: bool,
}

impl Arrivals {
    /// The next frame was waited for so long.
    pub(super) fn waited(&mut self, time: DurationMs) {
        if time >= PROMPT {
            self.held_up = false;
        }
    }

    /// The last batch took so long to store.
    pub(super) fn stored(&mut self, time: DurationMs) {
        if time >= PROMPT {
            self.held_up = true;
        }
    }

    /// When a batch that is read `now` and was sent at `sent` came: the agent's clock counts on from the last one that
    /// was not held up.
    pub(super) fn received(&mut self, now: UnixMs, sent: MonoMs) -> UnixMs {
        match self.last {
            Some((received, reference)) if self.held_up => received.plus(sent.since(reference)).min(now),
            _ => {
                self.last = Some((now, sent));
                now
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_behind_one_that_is_held_up_keep_the_time_at_which_they_came() {
        let mut arrivals = Arrivals::default();
        arrivals.waited(DurationMs(1_000));
        assert_eq!(arrivals.received(UnixMs(100_000), MonoMs(5_000)), UnixMs(100_000));
        // A full disk for 90 s; two more were sent meanwhile.
        arrivals.stored(DurationMs(90_000));
        arrivals.waited(DurationMs(0));
        assert_eq!(arrivals.received(UnixMs(190_001), MonoMs(6_000)), UnixMs(101_000));
        arrivals.stored(DurationMs(2));
        arrivals.waited(DurationMs(0));
        assert_eq!(arrivals.received(UnixMs(190_003), MonoMs(7_000)), UnixMs(102_000));
        // The buffer is empty: the next one is read when it comes, also from a machine that slept.
        arrivals.stored(DurationMs(2));
        arrivals.waited(DurationMs(900));
        assert_eq!(arrivals.received(UnixMs(191_000), MonoMs(7_900)), UnixMs(191_000));
    }

    #[test]
    fn nothing_arrives_in_the_future() {
        let mut arrivals = Arrivals::default();
        arrivals.received(UnixMs(100_000), MonoMs(5_000));
        arrivals.stored(DurationMs(2_000));
        assert_eq!(arrivals.received(UnixMs(102_000), MonoMs(u64::MAX)), UnixMs(102_000));
        assert_eq!(arrivals.received(UnixMs(102_000), MonoMs(0)), UnixMs(100_000));
    }
}
