//! SIGHUP: the configuration is read again and, when it has no error, holds from the next tick on.

use std::sync::Arc;

use evenkeel_common::clock;
use evenkeel_common::config::{Loaded, Problems};
use evenkeel_common::wire::v1::{Batch, EventSample};
use tokio::signal::unix::Signal;
use tokio::sync::{mpsc, watch};

use crate::config::reload::reload;
use crate::config::{Config, Dirs, config};
use crate::gather::batch::{Tick, event_batch};
use crate::logging::LogLevel;
use crate::notify::{Notify, Word};

/// Longest list of errors that an event carries; the log has all of them.
const EVENT_BYTES_MAX: usize = 2_000;
const INFORMATIONAL: u8 = 0;
const WARNING: u8 = 1;

/// What the ticks go by.
#[derive(Clone, Debug)]
pub(super) struct InForce {
    /// The configuration.
    pub(super) config: Arc<Config>,
    /// Errors of the last one that was refused; 0 when none was since the one in force.
    pub(super) errors_refused: usize,
    /// Configurations taken since the start.
    pub(super) reloaded: u64,
    /// Configurations refused since the start.
    pub(super) refused: u64,
}

impl InForce {
    pub(super) fn new(config: Config) -> Self {
        Self { config: Arc::new(config), errors_refused: 0, reloaded: 0, refused: 0 }
    }
}

/// Reads the configuration again when it is told to.
pub(super) struct Reloader {
    /// What the configuration in force was made of.
    pub(super) loaded: Loaded,
    /// Where the ticks find it.
    pub(super) in_force: watch::Sender<InForce>,
    /// The log.
    pub(super) log: LogLevel,
    /// The service manager.
    pub(super) notify: Notify,
    /// Events to the collector.
    pub(super) events: mpsc::Sender<Batch>,
    /// Run of the agent, boot of the host.
    pub(super) run: (u64, [u8; 16]),
}

impl Reloader {
    /// Until `stop`: reloads at every SIGHUP. Several that come during one reload are one.
    pub(super) async fn listen(mut self, mut hangups: Signal, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                hangup = hangups.recv() => if hangup.is_none() { return },
                _ = stop.changed() => return,
            }
            self.notify.say(vec![Word::Reloading]);
            let dirs = self.in_force.borrow().config.dirs.clone();
            let event = match tokio::task::spawn_blocking(move || read(&dirs)).await {
                Ok(Ok((config, loaded))) => self.take(config, loaded),
                Ok(Err(problems)) => self.refuse(&problems),
                Err(error) => {
                    tracing::error!(%error, "reading the configuration ended badly");
                    self.notify.say(vec![Word::Ready]);
                    continue;
                }
            };
            tokio::select! {
                sent = self.events.send(self.batch(event)) => if sent.is_err() { return },
                _ = stop.changed() => return,
            }
        }
    }

    fn take(&mut self, config: Config, loaded: Loaded) -> EventSample {
        let running = Arc::clone(&self.in_force.borrow().config);
        let reload = reload(&running, &self.loaded, config, &loaded);
        self.loaded = loaded;
        self.log.follow(&reload.config.log);
        let words = reload.words();
        tracing::info!(changed = ?reload.changed, "the configuration was read again; {words}");
        if !reload.at_restart.is_empty() {
            tracing::warn!(keys = ?reload.at_restart, "only a restart brings these keys into force");
        }
        self.in_force.send_modify(|in_force| {
            in_force.config = Arc::new(reload.config);
            in_force.errors_refused = 0;
            in_force.reloaded += 1;
        });
        event(INFORMATIONAL, "host_config_reloaded", words)
    }

    fn refuse(&mut self, problems: &Problems) -> EventSample {
        for problem in &problems.0 {
            tracing::error!("configuration refused: {problem}");
        }
        tracing::error!(errors = problems.0.len(), "the configuration was refused; the one before stays in force");
        self.in_force.send_modify(|in_force| {
            in_force.errors_refused = problems.0.len();
            in_force.refused += 1;
        });
        let mut message =
            format!("refused, the one before stays in force: {}", problems.to_string().replace('\n', "; "));
        message.truncate(message.floor_char_boundary(EVENT_BYTES_MAX));
        event(WARNING, "host_config_refused", message)
    }

    fn batch(&self, event: EventSample) -> Batch {
        let (epoch, boot_id) = self.run;
        let interval = self.in_force.borrow().config.interval;
        event_batch(&Tick { epoch, wall: clock::wall(), mono: clock::mono(), interval, boot_id }, vec![event])
    }
}

fn read(dirs: &Dirs) -> Result<(Config, Loaded), Problems> {
    config(dirs)
}

fn event(category: u8, kind: &str, message: String) -> EventSample {
    EventSample {
        wall_ms: clock::wall().0,
        category,
        kind: kind.to_owned(),
        domain: None,
        name: String::new(),
        message,
    }
}
