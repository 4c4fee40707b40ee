//! `run`: ticks on one side, the session with the collector on the other, the actor beside it. Only this module brings
//! them together.

mod commands;
mod first_join;
mod own;
mod probing;
mod reload;
mod status;
mod ticks;

use evenkeel_common::config::Loaded;
use evenkeel_common::time::DurationMs;
use evenkeel_common::wire::v1::Goodbye;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::config::Config;
use crate::events::Listener;
use crate::logging::LogLevel;
use crate::notify::{Notify, Word};
use crate::sampler::Sampler;
use crate::schedule::place_of;
use crate::selfstats::{Indicator, Tally};
use crate::uplink::join::{JoinError, TokenFileError};
use crate::uplink::{AgentIdentity, IdentityError, Options, StartError, Uplink, machine_id};
use own::Own;
use probing::Probing;
use reload::{InForce, Reloader};
use ticks::Ticks;

/// Commands between the session and the actor's client. Full: the session refuses a command as `agent_busy`.
const COMMANDS_IN_FLIGHT: usize = 16;
/// How long the ticks may take to notice the end; a scrape under way is dropped.
const END: DurationMs = DurationMs::from_s(5);

/// Why the agent does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Not joined, or the identity is damaged.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The line to the collector, or the spool behind it.
    #[error(transparent)]
    Uplink(#[from] StartError),
    /// No collector is known.
    #[error("no collector is configured; set `collector` in agent.toml, or join again")]
    NoCollector,
    /// The token of the first start.
    #[error(transparent)]
    TokenFile(#[from] TokenFileError),
    /// Joining with it.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// The machine has no id, or no signal can be heard.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// What the command line has made ready.
#[derive(Debug)]
pub struct Prepared {
    /// The configuration.
    pub config: Config,
    /// What it was made of.
    pub loaded: Loaded,
    /// The log.
    pub log: LogLevel,
}

/// Measures and sends until SIGTERM or SIGINT, then says goodbye. SIGHUP has the configuration read again.
///
/// # Errors
/// When it cannot begin; once it runs, it goes on whatever happens to libvirt or the collector.
pub async fn run(prepared: Prepared) -> Result<(), RunError> {
    let Prepared { config, loaded, log } = prepared;
    let system = |what| move |source| RunError::System { what, source };
    let machine_id = machine_id().map_err(system("/etc/machine-id cannot be read"))?;
    let stopped = stop_signal().map_err(system("signals cannot be heard"))?;
    // From now on, so that one that comes early does not end the program.
    let hangups = signal(SignalKind::hangup()).map_err(system("signals cannot be heard"))?;
    let notify = Notify::from_env();
    let Some(config) = first_join::if_needed(config, &machine_id, &notify, stopped.clone()).await? else {
        return Ok(());
    };
    // Not having joined is the better news than having no collector, which is only its consequence.
    AgentIdentity::load(&config.dirs.data)?;
    let collector = config.collector.clone().ok_or(RunError::NoCollector)?;
    let place = place_of(&machine_id);
    let tally = Tally::default();
    let sampler = Sampler::new(&config).counting_in(tally.clone());
    let (commands, command_queue) = mpsc::channel(COMMANDS_IN_FLIGHT);
    let options = Options {
        run: sampler.epoch(),
        spool_dir: config.spool_dir.clone(),
        spool_max_bytes: config.spool_max_bytes,
        ..Options::new(collector.clone(), config.name.clone(), machine_id, config.dirs.data.clone())
    };
    let uplink = Uplink::start(options, commands)?;
    tracing::info!(name = config.name, collector, interval_s = config.interval.as_s(), "running");
    let relay = tokio::spawn(commands::relay(config.dirs.runtime.clone(), command_queue, uplink.news()));
    let (batches, mut batch_queue) = mpsc::channel(ticks::BATCHES_IN_FLIGHT);
    let listener = Listener::new(&config, sampler.place(), sampler.marks(), sampler.curtain());
    let listening = tokio::spawn(listener.run(batches.clone(), uplink.status(), stopped.clone()));
    let run = (sampler.epoch(), sampler.boot_id());
    let probing = Probing::start(config.probes.clone());
    let (in_force, configs) = watch::channel(InForce::new(config));
    let reloader = Reloader { loaded, in_force, log, notify: notify.clone(), events: batches.clone(), run };
    let reloading = tokio::spawn(reloader.listen(hangups, stopped.clone()));
    let own = Own::new(tally.clone(), sampler.epoch());
    let ticks = Ticks { sampler, probing, own, place, configs, line: uplink.status(), notify: notify.clone(), batches };
    let measuring = tokio::spawn(ticks.run(stopped));
    // Ends when the ticks and the events do: at the stop signal.
    while let Some(batch) = batch_queue.recv().await {
        tally.add(Indicator::Events, "", u64::try_from(batch.events.len()).unwrap_or(u64::MAX));
        uplink.offer(batch).await;
    }
    notify.say(vec![Word::Stopping]);
    for (what, task) in [("reading", measuring), ("reload", reloading), ("event", listening)] {
        if timeout(END.to_std(), task).await.is_err() {
            tracing::warn!("the last {what} did not end in time");
        }
    }
    uplink.stop(Goodbye { reason: "stop".to_owned(), expected_s: 0 }).await;
    // The actor goes on by itself with what it has begun; its news are asked for again at the next start.
    relay.abort();
    tracing::info!("stopped");
    Ok(())
}

/// Whether there is an identity to run with.
fn is_joined(config: &Config) -> bool {
    !matches!(AgentIdentity::load(&config.dirs.data), Err(IdentityError::NotJoined(_)))
}

/// Becomes true at the first SIGTERM or SIGINT.
fn stop_signal() -> Result<watch::Receiver<bool>, std::io::Error> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        // Whoever listened has ended before.
        let _ = sender.send(true);
    });
    Ok(receiver)
}
