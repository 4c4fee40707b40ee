//! The actor's socket: the messages are those of the session with the collector, passed on by the network half.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use evenkeel_common::action::Progress;
use evenkeel_common::id::ActionId;
use evenkeel_common::wire::codec::{self, CodecError};
use evenkeel_common::wire::v1::{ToAgent, ToCollector};
use evenkeel_common::wire::v3::News;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tracing::{debug, warn};

use super::engine::{Engine, Hypervisor};
use super::guard::refuse;

/// Connections at once; the next ones wait in the socket's queue. A connection carries one command at a time.
const CONNECTIONS_MAX: usize = 64;
/// How long actions may go on after a stop was asked for; what is not done by then will be found as unknown.
const STOP_PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Why a connection ends early.
#[derive(Debug, thiserror::Error)]
enum ConnectionError {
    #[error("the connection broke")]
    Io(#[from] std::io::Error),
    #[error("the peer sent no message of ours; both halves must be of one version")]
    Codec(#[from] CodecError),
    #[error("the peer sent {0}, which is no order")]
    NotAnOrder(&'static str),
}

/// Serves until `stop` resolves, or until nothing has happened for `idle`.
///
/// # Errors
/// When the listening socket fails.
pub async fn serve<H: Hypervisor>(
    listener: UnixListener,
    engine: Arc<Engine<H>>,
    idle: Option<Duration>,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    tokio::pin!(stop);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place.expect("the semaphore is never closed"),
            () = &mut stop => break,
        };
        let quiet = async {
            match idle {
                Some(idle) => tokio::time::sleep(idle).await,
                None => std::future::pending().await,
            }
        };
        let stream = tokio::select! {
            accepted = listener.accept() => accepted?.0,
            () = &mut stop => break,
            () = quiet => {
                // This loop itself holds one place.
                if engine.in_flight() == 0 && places.available_permits() == CONNECTIONS_MAX - 1 {
                    break;
                }
                continue;
            }
        };
        let engine = Arc::clone(&engine);
        tokio::spawn(async move {
            if let Err(error) = connection(stream, &engine).await {
                warn!(%error, "a connection of the network half ends");
            }
            drop(place);
        });
    }
    drop(listener);
    let end = tokio::time::Instant::now() + STOP_PATIENCE;
    while engine.in_flight() > 0 && tokio::time::Instant::now() < end {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(())
}

async fn connection<H: Hypervisor>(mut stream: UnixStream, engine: &Arc<Engine<H>>) -> Result<(), ConnectionError> {
    while let Some(body) = read_frame(&mut stream).await? {
        let (id, mut news) = match codec::decode::<ToAgent>(&body)? {
            ToAgent::Order(order) => (ActionId::from_bytes(order.id), engine.submit(&order)),
            ToAgent::Command(command) => (ActionId::from_bytes(command.id), watch::channel(unsigned()).1),
            other => return Err(ConnectionError::NotAnOrder(other.name())),
        };
        debug!(action = %id, "order received");
        loop {
            let latest = news.borrow_and_update().clone();
            let finished = matches!(latest, Progress::Finished(_));
            stream.write_all(&frame(id, latest)?).await?;
            // An ended action without a result closes the connection: the network half delivers again.
            if finished || news.changed().await.is_err() {
                break;
            }
        }
    }
    Ok(())
}

/// What a collector from before signed orders is told.
fn unsigned() -> Progress {
    let message = "this host obeys signed orders only, and its collector is of a version without them: upgrade it";
    Progress::Finished(refuse("unsigned", message.to_owned()))
}

fn frame(id: ActionId, progress: Progress) -> Result<Vec<u8>, CodecError> {
    codec::encode(&ToCollector::News(News::of(id, progress)))
}

/// The next frame's body; `None` when the peer has closed between two frames.
pub(super) async fn read_frame(stream: &mut UnixStream) -> Result<Option<Vec<u8>>, FrameError> {
    let mut head = [0; 4];
    match stream.read_exact(&mut head).await {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let mut body = vec![0; codec::body_len(head)?];
    stream.read_exact(&mut body).await?;
    Ok(Some(body))
}

/// Why no frame could be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    #[error("the connection broke")]
    Io(#[from] std::io::Error),
    #[error("what came is no frame")]
    Codec(#[from] CodecError),
}

impl From<FrameError> for ConnectionError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Io(error) => Self::Io(error),
            FrameError::Codec(error) => Self::Codec(error),
        }
    }
}
