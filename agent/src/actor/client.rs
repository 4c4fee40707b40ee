//! The network half's way to the actor.
//!
//! A command may be delivered as often as need be, since the actor journals it. So a broken connection is made again
//! and the command sent again; what must never happen is to call something *refused* that may have been begun.

use std::path::PathBuf;
use std::time::Duration;

use evenkeel_common::action::{Command, Outcome, Progress, Refusal};
use evenkeel_common::id::ActionId;
use evenkeel_common::wire::codec;
use evenkeel_common::wire::v1::{ToAgent, ToCollector, WireCommand};
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixStream;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;
use tracing::warn;

use super::server::{FrameError, read_frame};

/// How long the actor may be away before a command that never reached it is given back.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// How long the actor may be away after it has got the command; then nobody can say what came of it.
const REDELIVER_PATIENCE: Duration = Duration::from_secs(600);
const RETRY: Duration = Duration::from_millis(500);
/// Commands in flight; further ones wait. Below what the actor takes, so that a place is left for its other users.
const COMMANDS_MAX: usize = 32;

/// Delivers commands to the actor of this host.
#[derive(Debug)]
pub struct ActorClient {
    socket: PathBuf,
    places: Semaphore,
}

/// How one delivery ended before the action did.
enum Cut {
    /// The command cannot have reached the actor.
    NotDelivered(std::io::Error),
    /// It may have; `heard` tells whether the actor answered at all.
    Delivered { reason: String, heard: bool },
}

impl ActorClient {
    /// A client of the actor that listens on `socket`.
    #[must_use]
    pub fn new(socket: PathBuf) -> Self {
        Self { socket, places: Semaphore::new(COMMANDS_MAX) }
    }

    /// Delivers a command and passes its news on; the last is always [`Progress::Finished`], unless the receiver of the
    /// news has gone.
    pub async fn submit(&self, command: Command, news: mpsc::Sender<(ActionId, Progress)>) {
        let _place = self.places.acquire().await.expect("the semaphore is never closed");
        let id = command.id;
        let mut delivered = false;
        let mut give_up = Instant::now() + CONNECT_PATIENCE;
        loop {
            let cut = match self.deliver(&command, &news).await {
                Ok(()) => return,
                Err(cut) => cut,
            };
            let reason = match cut {
                Cut::NotDelivered(error) => format!("no connection to {}: {error}", self.socket.display()),
                Cut::Delivered { reason, heard } => {
                    if heard || !delivered {
                        give_up = Instant::now() + REDELIVER_PATIENCE;
                    }
                    delivered = true;
                    warn!(action = %id, reason, "the actor went away during an action; delivering it again");
                    reason
                }
            };
            if Instant::now() >= give_up {
                // Nobody is left to hear it when this fails.
                drop(news.send((id, Progress::Finished(lost(delivered, &reason)))).await);
                return;
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn deliver(&self, command: &Command, news: &mpsc::Sender<(ActionId, Progress)>) -> Result<(), Cut> {
        let mut stream = UnixStream::connect(&self.socket).await.map_err(Cut::NotDelivered)?;
        let mut heard = false;
        match exchange(&mut stream, command, news, &mut heard).await {
            Ok(()) => Ok(()),
            Err(reason) => Err(Cut::Delivered { reason, heard }),
        }
    }
}

async fn exchange(
    stream: &mut UnixStream,
    command: &Command,
    news: &mpsc::Sender<(ActionId, Progress)>,
    heard: &mut bool,
) -> Result<(), String> {
    let wire = WireCommand::of(command).ok_or("this agent cannot pass it on")?;
    let frame = codec::encode(&ToAgent::Command(wire)).map_err(|error| error.to_string())?;
    stream.write_all(&frame).await.map_err(|error| error.to_string())?;
    loop {
        let body = match read_frame(stream).await {
            Ok(Some(body)) => body,
            Ok(None) => return Err("the actor closed the connection".to_owned()),
            Err(FrameError::Io(error)) => return Err(error.to_string()),
            Err(FrameError::Codec(error)) => return Err(error.to_string()),
        };
        let message = codec::decode::<ToCollector>(&body).map_err(|error| error.to_string())?;
        let ToCollector::Action { id, progress } = message else {
            return Err(format!("the actor sent {}", message.name()));
        };
        *heard = true;
        let progress = Progress::from(progress);
        let finished = matches!(progress, Progress::Finished(_));
        let told = news.send((ActionId::from_bytes(id), progress)).await;
        if finished || told.is_err() {
            return Ok(());
        }
    }
}

fn lost(delivered: bool, reason: &str) -> Outcome {
    if delivered {
        let minutes = REDELIVER_PATIENCE.as_secs() / 60;
        return Outcome::Unknown(format!(
            "the actor had the command and has not answered for {minutes} minutes: {reason}"
        ));
    }
    let message =
        format!("the actor of this host does not answer ({reason}); check `systemctl status evenkeel-actor.socket`");
    Outcome::Refused(Refusal { guard: "actor_unreachable".to_owned(), message })
}
