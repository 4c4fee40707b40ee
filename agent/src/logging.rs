//! The log on stderr, whose level can change while the program runs.

use std::fmt;
use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// The level that is in force.
pub struct LogLevel {
    /// By a flag, which outranks the configuration.
    asked: Option<String>,
    set: Box<dyn Fn(EnvFilter) + Send + Sync>,
}

impl fmt::Debug for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogLevel").field("asked", &self.asked).finish_non_exhaustive()
    }
}

impl LogLevel {
    /// Begins to log, at the level that was asked for by a flag, else at the configured one.
    #[must_use]
    pub fn start(asked: Option<&str>, configured: &str) -> Self {
        let colours =
            std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let log = tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .with_ansi(colours)
            .with_env_filter(filter(asked.unwrap_or(configured)))
            .with_filter_reloading();
        let handle = log.reload_handle();
        log.init();
        let set = move |filter| {
            if let Err(error) = handle.reload(filter) {
                tracing::warn!(%error, "the log level stays as it was");
            }
        };
        Self { asked: asked.map(str::to_owned), set: Box::new(set) }
    }

    /// Takes the level that the configuration has now.
    pub fn follow(&self, configured: &str) {
        if self.asked.is_none() {
            (self.set)(filter(configured));
        }
    }
}

/// Only our own words: the transport library's debug lines are a stream of their own.
fn filter(level: &str) -> EnvFilter {
    EnvFilter::new(format!("warn,evenkeel_agent={level},evenkeel_agent_libvirt={level}"))
}
