//! What the service manager is told, as sd_notify(3) has it. Without one, which `NOTIFY_SOCKET` says, nothing happens.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use evenkeel_common::time::DurationMs;
use sd_notify::NotifyState;

/// Words on their way. Full: the service manager does not listen, and further ones are left out; none of them may ever
/// hold up a tick.
const WORDS_IN_FLIGHT: usize = 16;

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// It does its work.
    Ready,
    /// It reads its configuration again.
    Reloading,
    /// It is ending.
    Stopping,
    /// The loop goes round.
    Alive,
    /// How long the loop may be silent from now on.
    AliveWithin(DurationMs),
    /// How it stands, for `systemctl status`.
    Status(String),
}

/// The line to the service manager.
#[derive(Clone, Debug, Default)]
pub struct Notify {
    words: Option<SyncSender<Vec<Word>>>,
    watchdog: Option<DurationMs>,
}

impl Notify {
    /// As the environment says.
    #[must_use]
    pub fn from_env() -> Self {
        if std::env::var_os("NOTIFY_SOCKET").is_none() {
            return Self::default();
        }
        let watchdog = sd_notify::watchdog_enabled();
        let watchdog = watchdog.map(|within| DurationMs(i64::try_from(within.as_millis()).unwrap_or(i64::MAX)));
        let (words, said) = sync_channel(WORDS_IN_FLIGHT);
        // A datagram to a service manager that hangs blocks: a thread of its own takes that.
        match thread::Builder::new().name("notify".to_owned()).stack_size(64 << 10).spawn(move || relay(&said)) {
            Ok(_) => Self { words: Some(words), watchdog },
            Err(error) => {
                tracing::warn!(%error, "the service manager cannot be told anything");
                Self::default()
            }
        }
    }

    /// How long the loop may be silent before it is taken for hung; `None` when nobody watches.
    #[must_use]
    pub fn watchdog(&self) -> Option<DurationMs> {
        self.watchdog
    }

    /// Says these at once.
    pub fn say(&self, words: Vec<Word>) {
        if let Some(line) = &self.words {
            // Full or closed: see WORDS_IN_FLIGHT.
            drop(line.try_send(words));
        }
    }
}

fn relay(said: &Receiver<Vec<Word>>) {
    let mut complained = false;
    while let Ok(words) = said.recv() {
        let states: Vec<NotifyState<'_>> = words.iter().flat_map(states).collect();
        if let Err(error) = sd_notify::notify(&states)
            && !complained
        {
            complained = true;
            tracing::warn!(%error, "the service manager does not listen");
        }
    }
}

fn states(word: &Word) -> Vec<NotifyState<'_>> {
    match word {
        Word::Ready => vec![NotifyState::Ready],
        // Since systemd 253 a reload is taken for one only with the time at which it began.
        Word::Reloading => [NotifyState::Reloading].into_iter().chain(NotifyState::monotonic_usec_now().ok()).collect(),
        Word::Stopping => vec![NotifyState::Stopping],
        Word::Alive => vec![NotifyState::Watchdog],
        Word::AliveWithin(within) => {
            let within_us = u32::try_from(within.0.saturating_mul(1_000)).unwrap_or(u32::MAX);
            vec![NotifyState::WatchdogUsec(within_us)]
        }
        Word::Status(text) => vec![NotifyState::Status(text)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_sd_notify_knows() {
        let text = |word: &Word| states(word).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(text(&Word::Ready), "READY=1");
        assert!(text(&Word::Reloading).starts_with("RELOADING=1 MONOTONIC_USEC="));
        assert_eq!(text(&Word::AliveWithin(DurationMs::from_s(60))), "WATCHDOG_USEC=60000000");
        assert_eq!(text(&Word::AliveWithin(DurationMs::from_s(86_400))), "WATCHDOG_USEC=4294967295");
    }

    #[test]
    fn nobody_listens_and_nothing_happens() {
        Notify::default().say(vec![Word::Ready]);
        assert_eq!(Notify::default().watchdog(), None);
    }
}
