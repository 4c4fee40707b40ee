//! What a row of outcomes says of a VM. A failure is confirmed by retries before the state flips; one success takes it
//! back.

use super::outcome::{Observation, Outcome};

/// What is known of a probe's VM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// Nothing yet.
    #[default]
    Unknown,
    /// It answers.
    Up,
    /// It does not, and that is confirmed.
    Down,
    /// The path to it is broken.
    Path,
    /// The agent may not ask.
    NotPermitted,
}

/// What to do after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask again soon: a failure is to be confirmed.
    Retry,
    /// Ask again at the next turn.
    Wait,
}

/// The state of one probe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What is known.
    pub health: Health,
    /// Why, in words; empty while all is well or nothing is known.
    pub reason: String,
    failed_in_row: u32,
}

/// A change of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it was.
    pub from: Health,
    /// What it is.
    pub to: Health,
    /// Why, in words.
    pub reason: String,
}

impl State {
    /// Takes in what an attempt found, where `retries` more attempts confirm a failure.
    pub fn finished(&mut self, observation: &Observation, retries: u8) -> (Next, Option<Change>) {
        let to = match observation.outcome {
            Outcome::Ok => Health::Up,
            Outcome::Path => Health::Path,
            Outcome::NotPermitted => Health::NotPermitted,
            _ => {
                self.failed_in_row = self.failed_in_row.saturating_add(1);
                if self.health != Health::Down && self.failed_in_row <= u32::from(retries) {
                    return (Next::Retry, None);
                }
                Health::Down
            }
        };
        if to != Health::Down {
            self.failed_in_row = 0;
        }
        self.reason = if to == Health::Up { String::new() } else { observation.reason() };
        let from = std::mem::replace(&mut self.health, to);
        let change = (from != to).then(|| Change { from, to, reason: self.reason.clone() });
        (Next::Wait, change)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn observation(outcome: Outcome) -> Observation {
        Observation::without_answer(outcome, "d")
    }

    /// What a whole history means, from its last word backwards.
    fn naive(history: &[Outcome], retries: usize) -> Health {
        let failures = history.iter().rev().take_while(|outcome| outcome.is_failure()).count();
        match history.last() {
            None => Health::Unknown,
            Some(Outcome::Ok) => Health::Up,
            Some(Outcome::Path) => Health::Path,
            Some(Outcome::NotPermitted) => Health::NotPermitted,
            Some(_) if failures > retries => Health::Down,
            Some(_) => naive(&history[..history.len() - failures], retries),
        }
    }

    proptest! {
        #[test]
        fn the_state_is_what_the_whole_history_says(
            history in proptest::collection::vec((0..Outcome::ALL.len()).prop_map(|at| Outcome::ALL[at]), 0..40),
            retries in 0u8..4,
        ) {
            let mut state = State::default();
            let mut seen = Health::Unknown;
            for at in 0..history.len() {
                let (next, change) = state.finished(&observation(history[at]), retries);
                let wanted = naive(&history[..=at], retries.into());
                prop_assert_eq!(state.health, wanted);
                prop_assert_eq!(change.as_ref().map(|change| (change.from, change.to)), (seen != wanted).then_some((seen, wanted)));
                let unconfirmed = history[at].is_failure() && wanted != Health::Down;
                prop_assert_eq!(next == Next::Retry, unconfirmed);
                prop_assert_eq!(state.reason.is_empty(), matches!(wanted, Health::Up | Health::Unknown));
                seen = wanted;
            }
        }
    }

    #[test]
    fn a_failure_is_confirmed_and_one_success_takes_it_back() {
        let mut state = State::default();
        assert_eq!(state.finished(&observation(Outcome::Ok), 2).1.map(|change| change.to), Some(Health::Up));
        assert_eq!(state.finished(&observation(Outcome::Timeout), 2), (Next::Retry, None));
        assert_eq!(state.finished(&observation(Outcome::Ok), 2), (Next::Wait, None));
        for _ in 0..2 {
            assert_eq!(state.finished(&observation(Outcome::Refused), 2), (Next::Retry, None));
        }
        let (next, change) = state.finished(&observation(Outcome::Refused), 2);
        let change = change.unwrap();
        assert_eq!(
            (next, change.from, change.to, change.reason.as_str()),
            (Next::Wait, Health::Up, Health::Down, "refused: d")
        );
        assert_eq!(state.finished(&observation(Outcome::Timeout), 2), (Next::Wait, None));
        assert_eq!(state.finished(&observation(Outcome::Ok), 2).1.map(|change| change.to), Some(Health::Up));
    }
}
