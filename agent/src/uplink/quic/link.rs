//! One connection: connect, then frames both ways.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use evenkeel_common::limits::{ACTION_NEWS_MAX, UNACKED_MAX_BATCHES};
use evenkeel_common::pki::CaPin;
use evenkeel_common::tls;
use evenkeel_common::wire::v1::{EnrolReply, EnrolRequest, ToAgent, ToCollector};
use evenkeel_common::wire::{CloseCode, decode, encode};
use quinn::{Connection, RecvStream, SendStream, VarInt};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Options, Traffic};
use crate::uplink::client::{ConnectError, connect, connect_error};
use crate::uplink::enrol::{EnrolError, ask};
use crate::uplink::frames::read_body;
use crate::uplink::identity::AgentIdentity;
use crate::uplink::session::Away;

/// Messages on their way to the stream: all that a session may send at its beginning. Full: the line is given up.
const OUTGOING: usize = UNACKED_MAX_BATCHES + ACTION_NEWS_MAX + 16;
/// How long the last packets of a closed connection are waited for.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// What a link is opened for.
pub(super) enum Task {
    /// A session.
    Session,
    /// One enrolment request, to renew an expired certificate.
    Renew(EnrolRequest),
}

/// What a link has to say.
pub(super) enum LinkEvent {
    Connected,
    Received(ToAgent),
    Lost(Away),
    Renewed(Vec<u8>),
}

enum Outgoing {
    Send(Box<ToCollector>),
    Close(CloseCode, &'static str),
}

pub(super) struct Link {
    outgoing: mpsc::Sender<Outgoing>,
    /// Once there is one; for its counts.
    connection: Arc<OnceLock<Connection>>,
    task: JoinHandle<()>,
}

impl Link {
    pub(super) fn open(
        task: Task,
        generation: u64,
        options: Arc<Options>,
        identity: Arc<AgentIdentity>,
        events: mpsc::Sender<(u64, LinkEvent)>,
    ) -> Self {
        let (outgoing, queue) = mpsc::channel(OUTGOING);
        let connection = Arc::new(OnceLock::new());
        let connected = Arc::clone(&connection);
        let task = tokio::spawn(async move {
            let away = match task {
                Task::Session => session(generation, &options, &identity, queue, &events, &connected).await,
                Task::Renew(request) => match renew(&options, &identity, &request).await {
                    Ok(cert_der) => {
                        drop(events.send((generation, LinkEvent::Renewed(cert_der))).await);
                        return;
                    }
                    Err(away) => away,
                },
            };
            drop(events.send((generation, LinkEvent::Lost(away))).await);
        });
        Self { outgoing, connection, task }
    }

    /// Adds what went over it so far.
    pub(super) fn add_to(&self, traffic: &mut Traffic) {
        if let Some(stats) = self.connection.get().map(Connection::stats) {
            traffic.sent_bytes += stats.udp_tx.bytes;
            traffic.received_bytes += stats.udp_rx.bytes;
            traffic.datagrams += stats.udp_tx.datagrams + stats.udp_rx.datagrams;
        }
    }

    /// `false` when too much waits to be sent. A link that is ending takes everything: its `Lost` is on the way, and
    /// must not be cut short, or nobody would ever connect again.
    pub(super) fn send(&self, message: ToCollector) -> bool {
        !matches!(self.outgoing.try_send(Outgoing::Send(Box::new(message))), Err(TrySendError::Full(_)))
    }

    /// Gives the link up at once; no `Lost` comes from it.
    pub(super) fn abort(self) {
        self.task.abort();
    }

    pub(super) fn close(&self, code: CloseCode, reason: &'static str) {
        if self.outgoing.try_send(Outgoing::Close(code, reason)).is_err() {
            self.task.abort();
        }
    }

    /// Waits a moment for the last packets.
    pub(super) async fn end(self) {
        let Self { outgoing, mut task, .. } = self;
        drop(outgoing);
        if timeout(2 * CLOSE_TIMEOUT, &mut task).await.is_err() {
            task.abort();
        }
    }
}

async fn session(
    generation: u64,
    options: &Options,
    identity: &AgentIdentity,
    mut queue: mpsc::Receiver<Outgoing>,
    events: &mpsc::Sender<(u64, LinkEvent)>,
    connected: &OnceLock<Connection>,
) -> Away {
    let tls = match tls::agent_session(identity.tls.clone(), &identity.ca) {
        Ok(tls) => tls,
        Err(error) => return Away::Local(error.to_string()),
    };
    let attempt = tokio::select! {
        attempt = connect(&options.collector, tls) => attempt,
        // Nothing is sent before `Connected`: this is the end.
        _ = queue.recv() => return Away::Local("stopped".to_owned()),
    };
    let (endpoint, connection) = match attempt {
        Ok(connected) => connected,
        Err(error) => return error.into(),
    };
    // The only one of this link.
    drop(connected.set(connection.clone()));
    let (send, receive) = match connection.open_bi().await {
        Ok(streams) => streams,
        Err(error) => return connect_error(&error, connection.remote_address()).into(),
    };
    drop(events.send((generation, LinkEvent::Connected)).await);
    let away = tokio::select! {
        away = read(receive, &connection, generation, events) => away,
        away = write(send, &connection, queue) => away,
    };
    connection.close(VarInt::from_u32(CloseCode::Done.number()), b"");
    drop(timeout(CLOSE_TIMEOUT, endpoint.wait_idle()).await);
    away
}

async fn read(
    mut receive: RecvStream,
    connection: &Connection,
    generation: u64,
    events: &mpsc::Sender<(u64, LinkEvent)>,
) -> Away {
    loop {
        let message = match read_body(&mut receive).await {
            Ok(Some(body)) => decode::<ToAgent>(&body).map_err(|error| error.to_string()),
            // The end of the stream comes before the end of the connection, which says why.
            Ok(None) => return why(connection).await,
            Err(error) => match connection.close_reason() {
                Some(_) => return why(connection).await,
                None => Err(error.to_string()),
            },
        };
        match message {
            Ok(message) => drop(events.send((generation, LinkEvent::Received(message))).await),
            Err(error) => {
                connection.close(VarInt::from_u32(CloseCode::Protocol.number()), error.as_bytes());
                return Away::Protocol(error);
            }
        }
    }
}

async fn write(mut send: SendStream, connection: &Connection, mut queue: mpsc::Receiver<Outgoing>) -> Away {
    while let Some(outgoing) = queue.recv().await {
        let message = match outgoing {
            Outgoing::Send(message) => message,
            Outgoing::Close(code, reason) => {
                connection.close(VarInt::from_u32(code.number()), reason.as_bytes());
                return Away::Unreachable(reason.to_owned());
            }
        };
        let frame = match encode(&*message) {
            Ok(frame) => frame,
            Err(error) => {
                tracing::error!(%error, message = message.name(), "a message was left out");
                continue;
            }
        };
        if send.write_all(&frame).await.is_err() {
            return why(connection).await;
        }
    }
    // Nobody sends any more; the collector's answer to the goodbye is the end of the connection.
    why(connection).await
}

async fn why(connection: &Connection) -> Away {
    let reason = match connection.close_reason() {
        Some(reason) => reason,
        None => match timeout(2 * CLOSE_TIMEOUT, connection.closed()).await {
            Ok(reason) => reason,
            Err(_) => return Away::Unreachable("the collector closed its stream".to_owned()),
        },
    };
    match connect_error(&reason, connection.remote_address()) {
        ConnectError::NoAnswer { address } => {
            Away::Unreachable(format!("nothing was heard from {address} for too long"))
        }
        error => error.into(),
    }
}

async fn renew(options: &Options, identity: &AgentIdentity, request: &EnrolRequest) -> Result<Vec<u8>, Away> {
    match ask(&options.collector, CaPin::of(&identity.ca), request).await {
        Ok(EnrolReply::Issued { cert_der, .. }) => Ok(cert_der),
        Ok(EnrolReply::Pending) => Err(Away::Refused("the host waits for approval".to_owned())),
        Ok(EnrolReply::Refused { message }) => Err(Away::Refused(message)),
        Err(EnrolError::Connect(error)) => Err(error.into()),
        Err(error) => Err(Away::Unreachable(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::wire::v1::Goodbye;

    use super::*;

    fn message() -> ToCollector {
        ToCollector::Goodbye(Goodbye { reason: String::new(), expected_s: 0 })
    }

    #[tokio::test]
    async fn a_reading_that_meets_a_link_as_it_ends_does_not_silence_its_end() {
        let (outgoing, queue) = mpsc::channel(1);
        let link = Link { outgoing, connection: Arc::default(), task: tokio::spawn(std::future::pending()) };
        assert!(link.send(message()));
        assert!(!link.send(message()), "full");
        drop(queue);
        assert!(link.send(message()), "its Lost is on the way");
        link.abort();
    }
}
