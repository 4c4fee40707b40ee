//! Time up, down and unknown of a period, to the millisecond: the three always sum to the period.
//!
//! A poll speaks for the time from it to the next poll, but for no longer than one and a half of its intervals: what
//! lies beyond is unknown, and so is all before the first poll. A poll that could not tell (libvirt did not answer, the
//! monitor hung) leaves its time unknown.
//!
//! Up: running, idle (blocked) and in shutdown, which still serves. Down: paused, shut off, crashed and pmsuspended:
//! nobody is served, whoever wanted it so. Having no state is unknown.

use evenkeel_common::sample::DomainState;
use evenkeel_common::time::{DurationMs, UnixMs};

/// What a poll heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heard {
    /// It serves.
    Up,
    /// It does not.
    Down,
    /// Nobody could tell.
    Unknown,
}

impl Heard {
    /// What a domain's state means; `None` when the poll could not tell.
    #[must_use]
    pub fn of(state: Option<DomainState>) -> Self {
        match state {
            Some(DomainState::Running | DomainState::Blocked | DomainState::Shutdown) => Self::Up,
            Some(DomainState::Paused | DomainState::Shutoff | DomainState::Crashed | DomainState::PmSuspended) => {
                Self::Down
            }
            Some(DomainState::NoState) | None => Self::Unknown,
        }
    }
}

/// One poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeardPoll {
    /// When.
    pub at: UnixMs,
    /// Time until the next one was due.
    pub interval: DurationMs,
    /// What it heard.
    pub heard: Heard,
}

/// How a period was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Availability {
    /// Serving.
    pub up: DurationMs,
    /// Not serving.
    pub down: DurationMs,
    /// Nobody knows.
    pub unknown: DurationMs,
}

impl Availability {
    /// up / (up + down); none when nothing is known.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let known = self.up.0 + self.down.0;
        (known > 0).then(|| self.up.as_s() / DurationMs(known).as_s())
    }
}

/// How `from <= t < to` was spent. Polls may come in any order; those from before `from` count for what they say of
/// the time after it. Of two polls at one time the better one counts.
#[must_use]
pub fn availability(polls: &[HeardPoll], from: UnixMs, to: UnixMs) -> Availability {
    let mut polls = polls.to_vec();
    polls.sort_unstable_by_key(|poll| (poll.at, poll.heard, poll.interval));
    polls.dedup_by_key(|poll| poll.at);
    let mut spent = Availability::default();
    for (index, poll) in polls.iter().enumerate() {
        let next = polls.get(index + 1).map_or(to, |next| next.at.min(to));
        let speaks_for = DurationMs(poll.interval.0.max(0).saturating_mul(3) / 2);
        let start = poll.at.max(from);
        let end = poll.at.plus(speaks_for).min(next);
        let length = end.since(start).0.max(0);
        match poll.heard {
            Heard::Up => spent.up.0 += length,
            Heard::Down => spent.down.0 += length,
            Heard::Unknown => {}
        }
    }
    let period = to.since(from).0.max(0);
    spent.unknown.0 = period - spent.up.0 - spent.down.0;
    spent
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn poll(at: i64, heard: Heard) -> HeardPoll {
        HeardPoll { at: UnixMs(at), interval: DurationMs(10), heard }
    }

    fn spent(polls: &[HeardPoll], from: i64, to: i64) -> (i64, i64, i64) {
        let spent = availability(polls, UnixMs(from), UnixMs(to));
        (spent.up.0, spent.down.0, spent.unknown.0)
    }

    #[test]
    fn a_poll_speaks_until_the_next_or_for_one_and_a_half_intervals() {
        use Heard::{Down, Unknown, Up};
        assert_eq!(spent(&[], 0, 100), (0, 0, 100));
        assert_eq!(spent(&[poll(0, Up), poll(10, Up), poll(20, Up)], 0, 30), (30, 0, 0));
        assert_eq!(spent(&[poll(0, Up), poll(10, Down), poll(20, Up)], 0, 30), (20, 10, 0));
        assert_eq!(spent(&[poll(0, Up), poll(50, Up)], 0, 60), (25, 0, 35));
        assert_eq!(spent(&[poll(0, Up), poll(10, Unknown), poll(20, Up)], 0, 30), (20, 0, 10));
        assert_eq!(spent(&[poll(-5, Up)], 0, 30), (10, 0, 20));
        assert_eq!(spent(&[poll(20, Down)], 0, 30), (0, 10, 20));
        assert_eq!(spent(&[poll(0, Up)], 30, 0), (0, 0, 0));
    }

    #[test]
    fn states() {
        let up = [DomainState::Running, DomainState::Blocked, DomainState::Shutdown];
        for state in DomainState::ALL {
            let heard = Heard::of(Some(state));
            assert_eq!(heard == Heard::Up, up.contains(&state), "{state}");
            assert_eq!(heard == Heard::Unknown, state == DomainState::NoState, "{state}");
        }
    }

    /// Asks of every millisecond which poll speaks for it.
    fn naive(polls: &[HeardPoll], from: i64, to: i64) -> (i64, i64, i64) {
        let mut spent = (0, 0, 0);
        for t in from..to {
            let last = polls.iter().filter(|poll| poll.at.0 <= t).map(|poll| poll.at).max();
            let poll = polls.iter().filter(|poll| Some(poll.at) == last).min_by_key(|poll| poll.heard);
            match poll.filter(|poll| t < poll.at.0 + poll.interval.0 * 3 / 2).map(|poll| poll.heard) {
                Some(Heard::Up) => spent.0 += 1,
                Some(Heard::Down) => spent.1 += 1,
                _ => spent.2 += 1,
            }
        }
        spent
    }

    proptest! {
        #[test]
        fn sums_to_the_period_and_agrees_with_asking_every_millisecond(
            polls in prop::collection::vec((-50_i64..250, 1_i64..40, 0_u8..3), 0..30),
            from in 0_i64..100, length in 0_i64..150,
        ) {
            let heard = [Heard::Up, Heard::Down, Heard::Unknown];
            let polls: Vec<HeardPoll> = polls.into_iter().map(|(at, interval, which)| HeardPoll {
                at: UnixMs(at), interval: DurationMs(interval), heard: heard[usize::from(which)],
            }).collect();
            let (up, down, unknown) = spent(&polls, from, from + length);
            prop_assert_eq!(up + down + unknown, length);
            prop_assert!(up >= 0 && down >= 0 && unknown >= 0);
            let same: std::collections::BTreeSet<_> = polls.iter().map(|poll| poll.at).collect();
            if same.len() == polls.len() {
                prop_assert_eq!((up, down, unknown), naive(&polls, from, from + length));
            }
            let mut turned = polls;
            turned.reverse();
            prop_assert_eq!(spent(&turned, from, from + length), (up, down, unknown));
        }
    }
}
