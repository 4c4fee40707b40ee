//! Carries out what the machine decides: keeps a worker running and sends what it hears.

use std::path::PathBuf;

use evenkeel_common::clock;
use evenkeel_common::time::DurationMs;
use evenkeel_common::wire::v1::{Batch, EventSample};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::backoff::Backoff;
use super::child::Worker;
use super::machine::{At, Effect, Input, Machine, Notice};
use super::marks::Marks;
use super::protocol::Told;
use crate::config::Config;
use crate::filter::Curtain;
use crate::gather::batch::{Tick, event_batch};
use crate::uplink::Status;

/// What a worker told and the machine has not taken yet. Full: the worker waits, and counts what it has to drop.
const TOLD_MAX: usize = 256;
/// From so many batches without an acknowledgement on the line does not count as free.
const BACKLOG_MAX: u64 = 16;

/// What a batch says of where it is from.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Run of the agent.
    pub epoch: u64,
    /// The host's boot.
    pub boot_id: [u8; 16],
    /// Time between ticks at the start; a reload may have changed it since, which means nothing to events.
    pub interval: DurationMs,
}

/// Hears events until it is stopped.
#[derive(Debug)]
pub struct Listener {
    helper: Option<PathBuf>,
    uri: String,
    place: Place,
    marks: Marks,
    curtain: Curtain,
    machine: Machine,
}

impl Listener {
    /// Nothing is started before [`Self::run`]. Domains whose descriptions become old are named in `marks`; of those that
    /// `curtain` hides nothing is told.
    #[must_use]
    pub fn new(config: &Config, place: Place, marks: Marks, curtain: Curtain) -> Self {
        Self {
            helper: config.libvirt_helper.clone(),
            uri: config.libvirt_uri.clone(),
            place,
            marks,
            curtain,
            machine: Machine::new(clock::mono()),
        }
    }

    /// Hands batches of events to `batches` until `stop` changes; `status` says how the line to the collector is.
    pub async fn run(
        mut self,
        batches: mpsc::Sender<Batch>,
        mut status: watch::Receiver<Status>,
        mut stop: watch::Receiver<bool>,
    ) {
        let (sender, mut told) = mpsc::channel(TOLD_MAX);
        let keeper = tokio::spawn(keep_a_worker(self.helper.clone(), self.uri.clone(), sender));
        let mut line = status.borrow_and_update().clone();
        let mut input = Input::LineIsFree(is_free(&line));
        loop {
            let ends = input == Input::Stop;
            self.marks.heard(&input);
            let effects = self.machine.handle(input, at());
            if !self.perform(effects, &batches).await || ends {
                break;
            }
            let due = self.machine.next_timeout().map(|due| due.since(clock::mono()).to_std());
            input = tokio::select! {
                _ = stop.changed() => Input::Stop,
                Some(input) = told.recv() => input,
                Ok(()) = status.changed() => {
                    line = status.borrow_and_update().clone();
                    Input::LineIsFree(is_free(&line))
                }
                () = sleep(due.unwrap_or_default()), if due.is_some() => Input::Timer,
            };
        }
        keeper.abort();
    }

    /// `false` when nobody takes batches any more.
    async fn perform(&self, effects: Vec<Effect>, batches: &mpsc::Sender<Batch>) -> bool {
        for effect in effects {
            match effect {
                Effect::Send(mut events) => {
                    events.retain(|event| event.domain.is_none_or(|uuid| !self.curtain.hides(uuid, &event.name)));
                    if events.is_empty() {
                        continue;
                    }
                    if batches.send(batch(self.place, events)).await.is_err() {
                        return false;
                    }
                }
                Effect::Describe(uuid) => self.marks.mark(uuid),
                Effect::DescribeAll => self.marks.mark_all(),
                Effect::Say(notice) => self.say(&notice),
            }
        }
        true
    }

    fn say(&self, notice: &Notice) {
        match notice {
            Notice::Listening { without, after: None } => {
                tracing::info!(uri = self.uri, ?without, "libvirt's events are heard");
            }
            Notice::Listening { after: Some(after), .. } => {
                tracing::info!(uri = self.uri, after_s = after.as_s(), "libvirt's events are heard again");
            }
            Notice::Deaf { reason } => {
                tracing::warn!(uri = self.uri, "libvirt's events are not heard, only readings come: {reason}");
            }
        }
    }
}

fn is_free(line: &Status) -> bool {
    line.connected && line.backlog <= BACKLOG_MAX
}

fn batch(place: Place, events: Vec<EventSample>) -> Batch {
    let Place { epoch, boot_id, interval } = place;
    event_batch(&Tick { epoch, wall: clock::wall(), mono: clock::mono(), interval, boot_id }, events)
}

fn at() -> At {
    At { mono: clock::mono(), wall: clock::wall() }
}

/// One worker after the other, for ever. A task of its own, because reading a frame must not be cancelled half-way.
async fn keep_a_worker(helper: Option<PathBuf>, uri: String, told: mpsc::Sender<Input>) {
    let mut backoff = Backoff::default();
    loop {
        let reason = match Worker::start(helper.as_deref(), &uri) {
            Ok(mut worker) => loop {
                match worker.next().await {
                    Ok(said) => {
                        if matches!(said, Told::Listening { .. }) {
                            backoff.succeeded();
                        }
                        if told.send(Input::Told(said)).await.is_err() {
                            return;
                        }
                    }
                    Err(error) => break format!("the event worker ended: {error}"),
                }
            },
            Err(error) => error.to_string(),
        };
        if told.send(Input::WorkerEnded { reason }).await.is_err() {
            return;
        }
        sleep(backoff.failed().to_std()).await;
    }
}
