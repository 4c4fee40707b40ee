//! The live sessions: whom can be spoken to, and the rule that an identity has one session.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use evenkeel_common::id::AgentId;
use evenkeel_common::limits::PROBE_TIMEOUT;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::CloseCode;
use evenkeel_common::wire::v1::ToAgent;
use quinn::{Connection, VarInt};
use tokio::sync::mpsc;

/// How often a connection that was asked for a sign of life is looked at.
const PROBE_STEP: Duration = Duration::from_millis(20);

/// The agent cannot be spoken to at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the agent is not connected")]
pub struct NotConnected;

/// What is known of a live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where the agent connects from.
    pub from: SocketAddr,
    /// Since when.
    pub since: UnixMs,
    /// Version of the agent's program.
    pub agent_version: String,
    /// The message version that both speak.
    pub version: u8,
}

/// Registry of live sessions. Cloning it is cheap.
#[derive(Clone, Debug, Default)]
pub struct Sessions(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    next_serial: u64,
    live: HashMap<AgentId, Live>,
}

#[derive(Debug)]
struct Live {
    serial: u64,
    run: u64,
    connection: Connection,
    outgoing: mpsc::Sender<ToAgent>,
    link: Link,
}

/// A place in the registry; dropping it gives it up, unless another session has taken it over.
#[derive(Debug)]
pub(super) struct Seat {
    sessions: Sessions,
    agent: AgentId,
    serial: u64,
}

/// A session that wants a place.
#[derive(Debug)]
pub(super) struct Candidate {
    pub agent: AgentId,
    pub run: u64,
    pub connection: Connection,
    pub outgoing: mpsc::Sender<ToAgent>,
    pub link: Link,
}

/// Another live agent has this identity: both connections are to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Duplicate {
    pub between: [IpAddr; 2],
}

impl Sessions {
    /// Hands a message to the agent's session.
    ///
    /// # Errors
    /// When there is none, or the agent does not read what it is sent: then its session is cut.
    pub fn send(&self, agent: AgentId, message: ToAgent) -> Result<(), NotConnected> {
        let inner = self.lock();
        let live = inner.live.get(&agent).ok_or(NotConnected)?;
        live.outgoing.try_send(message).map_err(|_| {
            close(&live.connection, CloseCode::Silent, "the agent does not read what it is sent");
            NotConnected
        })
    }

    /// The agents that have a session.
    #[must_use]
    pub fn connected(&self) -> Vec<AgentId> {
        self.lock().live.keys().copied().collect()
    }

    /// What is known of the agent's session; `None` when it has none.
    #[must_use]
    pub fn link(&self, agent: AgentId) -> Option<Link> {
        self.lock().live.get(&agent).map(|live| live.link.clone())
    }

    /// Ends the agent's session at once; `false` when it has none.
    pub fn cut(&self, agent: AgentId, code: CloseCode, reason: &str) -> bool {
        let taken = self.lock().live.remove(&agent);
        taken.is_some_and(|live| {
            close(&live.connection, code, reason);
            true
        })
    }

    /// Takes the identity's place. A place held by the same run, or by a connection that gives no sign of life, is
    /// taken over; one of another run that does is a duplicate identity, and loses its place as well.
    pub(super) async fn claim(&self, candidate: Candidate) -> Result<Seat, Duplicate> {
        let mut candidate = candidate;
        loop {
            let older = match self.try_claim(candidate) {
                Ok(seat) => return Ok(seat),
                Err((back, older)) => {
                    candidate = *back;
                    older
                }
            };
            if gives_sign_of_life(&older.connection).await {
                let between = [older.connection.remote_address().ip(), candidate.connection.remote_address().ip()];
                self.remove(candidate.agent, older.serial);
                close(&older.connection, CloseCode::Duplicate, DUPLICATE);
                return Err(Duplicate { between });
            }
            self.remove(candidate.agent, older.serial);
            close(&older.connection, CloseCode::Replaced, "the agent has connected again");
        }
    }

    fn try_claim(&self, candidate: Candidate) -> Result<Seat, (Box<Candidate>, Older)> {
        let mut inner = self.lock();
        if let Some(live) = inner.live.get(&candidate.agent) {
            if live.run != candidate.run && live.connection.close_reason().is_none() {
                let older = Older { serial: live.serial, connection: live.connection.clone() };
                return Err((Box::new(candidate), older));
            }
            close(&live.connection, CloseCode::Replaced, "the agent has connected again");
        }
        inner.next_serial += 1;
        let (serial, agent) = (inner.next_serial, candidate.agent);
        let Candidate { run, connection, outgoing, link, .. } = candidate;
        inner.live.insert(agent, Live { serial, run, connection, outgoing, link });
        Ok(Seat { sessions: self.clone(), agent, serial })
    }

    fn remove(&self, agent: AgentId, serial: u64) -> bool {
        let mut inner = self.lock();
        let ours = inner.live.get(&agent).is_some_and(|live| live.serial == serial);
        if ours {
            inner.live.remove(&agent);
        }
        ours
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What both agents of one identity are told.
pub(super) const DUPLICATE: &str = "two running agents have this identity (a cloned image?); on the copy, remove the \
    agent's data directory, give it a machine id of its own, and join it with a token of its own";

struct Older {
    serial: u64,
    connection: Connection,
}

impl Seat {
    /// Gives the place up; `true` when it was still this session's.
    pub(super) fn leave(self) -> bool {
        self.sessions.remove(self.agent, self.serial)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.sessions.remove(self.agent, self.serial);
    }
}

/// Closes a connection; the reason is cut to what fits a packet.
pub(super) fn close(connection: &Connection, code: CloseCode, reason: &str) {
    const REASON_MAX_BYTES: usize = 800;
    let mut end = reason.len().min(REASON_MAX_BYTES);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    connection.close(VarInt::from_u32(code.number()), &reason.as_bytes()[..end]);
}

/// Sends a datagram that the peer's QUIC must acknowledge, whatever its program does, and waits for an acknowledgement.
async fn gives_sign_of_life(connection: &Connection) -> bool {
    let before = connection.stats().frame_rx.acks;
    if connection.send_datagram(vec![0].into()).is_err() {
        return false;
    }
    let heard = async {
        loop {
            tokio::select! {
                _ = connection.closed() => return false,
                () = tokio::time::sleep(PROBE_STEP) => {}
            }
            if connection.stats().frame_rx.acks > before {
                return true;
            }
        }
    };
    tokio::time::timeout(PROBE_TIMEOUT.to_std(), heard).await.unwrap_or(false)
}
