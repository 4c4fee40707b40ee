//! What is read now and then on a thread of its own, because it may hang: never two at once, and a tick does not wait for
//! one that is late.

use std::thread;
use std::time::Duration;

use evenkeel_common::time::{DurationMs, MonoMs};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::gather::host::pools::is_due;

/// What the very first round is given: what the names of devices mean is to be known at the first tick.
const FIRST: Duration = Duration::from_secs(1);
/// What any other round is given at the tick that begins it, so that its readings are not a tick old.
const PATIENCE: Duration = Duration::from_millis(50);

/// One kind of work.
#[derive(Debug)]
pub struct Rare<T> {
    every: DurationMs,
    begun: Option<MonoMs>,
    running: Option<oneshot::Receiver<T>>,
    patience: Duration,
}

impl<T: Send + 'static> Rare<T> {
    /// Work that is done at every `every`.
    pub fn new(every: DurationMs) -> Self {
        Self { every, begun: None, running: None, patience: Duration::ZERO }
    }

    /// Does the work at every `every` from now on.
    pub fn set_every(&mut self, every: DurationMs) {
        self.every = every;
    }

    /// Begins the work on a thread if it is due and not under way.
    pub fn begin(&mut self, now: MonoMs, work: impl FnOnce() -> T + Send + 'static) {
        if self.running.is_some() || !is_due(self.begun, self.every, now) {
            return;
        }
        self.patience = if self.begun.is_none() { FIRST } else { PATIENCE };
        self.begun = Some(now);
        let (done, running) = oneshot::channel();
        // Not joined: it may hang for ever, and the process does not wait for it when it ends.
        thread::spawn(move || {
            // Nobody listens any more: the agent is ending.
            let _ = done.send(work());
        });
        self.running = Some(running);
    }

    /// The work's result, if it ended since the last call.
    pub async fn take(&mut self) -> Option<T> {
        let running = self.running.as_mut()?;
        let patience = std::mem::take(&mut self.patience);
        match timeout(patience, running).await {
            Ok(result) => {
                self.running = None;
                result.ok()
            }
            Err(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[tokio::test]
    async fn work_that_hangs_is_not_begun_again_and_its_late_result_counts() {
        let mut rare = Rare::new(DurationMs(1000));
        rare.patience = Duration::ZERO;
        let (go, held) = sync_channel::<()>(1);
        rare.begin(MonoMs(0), move || held.recv().is_ok());
        rare.patience = Duration::ZERO;
        assert_eq!(rare.take().await, None);
        rare.begin(MonoMs(5000), || panic!("begun twice"));
        assert_eq!(rare.take().await, None);
        go.send(()).unwrap();
        rare.patience = Duration::from_secs(20);
        assert_eq!(rare.take().await, Some(true));
        rare.begin(MonoMs(400), || panic!("begun too early"));
        rare.begin(MonoMs(1000), || false);
        rare.patience = Duration::from_secs(20);
        assert_eq!(rare.take().await, Some(false));
    }
}
