//! One agent's session: hello, welcome, then frames both ways until one side ends it.

use std::sync::Arc;
use std::time::Duration;

use evenkeel_common::clock;
use evenkeel_common::id::{ActionId, AgentId};
use evenkeel_common::limits::{HELLO_TIMEOUT, SESSION_QUEUE, SPOOL_STREAMS_MAX, WRITE_TIMEOUT};
use evenkeel_common::pki::{self, CertFacts};
use evenkeel_common::time::{MonoMs, UnixMs};
use evenkeel_common::wire::codec::{CodecError, common_version, decode_up_to};
use evenkeel_common::wire::pack::Unpacker;
use evenkeel_common::wire::v1::{Batch, Hello, ToAgent, ToCollector, Welcome, WireProgress};
use evenkeel_common::wire::v2::{LANES, PackedBatch};
use evenkeel_common::wire::v3::{News, NewsProgress};
use evenkeel_common::wire::{CloseCode, VERSION_MIN, encode};
use quinn::{Connection, ConnectionError, RecvStream, SendStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::arrival::Arrivals;
use super::backend::{AcceptError, Admitted, Backend, NetEvent};
use super::frames::{FrameError, read_body};
use super::gate::Ticket;
use super::server::Shared;
use super::sessions::{Candidate, DUPLICATE, Link, close};

/// Longest pause between two attempts to store a batch.
const RETRY_MAX: Duration = Duration::from_secs(30);

/// How a session ended: what the agent is told, and what is worth an entry in the log.
struct Ended {
    code: CloseCode,
    reason: String,
    event: Option<NetEvent>,
}

impl Ended {
    fn new(code: CloseCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), event: None }
    }

    fn protocol(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { code: CloseCode::Protocol, event: Some(NetEvent::Protocol { reason: reason.clone() }), reason }
    }
}

struct Session<'a, B> {
    connection: &'a Connection,
    agent: AgentId,
    key_hash: [u8; 32],
    /// End of the certificate's life; a session does not outlive it.
    not_after: UnixMs,
    arrivals: Arrivals,
    /// The receiving ends of the lines of packed batches.
    lanes: [Unpacker; LANES],
    shared: &'a Arc<Shared<B>>,
}

/// Runs the session of a connection whose certificate belongs to `agent` and says the rest in `facts`.
pub(super) async fn run<B: Backend>(
    connection: &Connection,
    agent: AgentId,
    facts: CertFacts,
    ticket: Ticket,
    shared: &Arc<Shared<B>>,
) {
    let (key_hash, not_after, arrivals) = (facts.key_hash, facts.not_after, Arrivals::default());
    let lanes = Default::default();
    let mut session = Session { connection, agent, key_hash, not_after, arrivals, lanes, shared };
    let ended = match session.open().await {
        Ok((send, receive, hello)) => {
            drop(ticket);
            session.admit(send, receive, hello).await
        }
        Err(ended) => ended,
    };
    tracing::info!(%agent, from = %connection.remote_address(), code = ended.code.name(), reason = ended.reason, "session ended");
    close(connection, ended.code, &ended.reason);
    if let Some(event) = ended.event {
        shared.backend.event(agent, event).await;
    }
}

impl<B: Backend> Session<'_, B> {
    /// Waits for the stream and the Hello on it.
    async fn open(&self) -> Result<(SendStream, RecvStream, Hello), Ended> {
        let first = async {
            let (send, mut receive) = self.connection.accept_bi().await.map_err(|error| self.gone(&error))?;
            let body = read_body(&mut receive).await.map_err(|error| self.broken(error))?;
            match self.decode(&body.unwrap_or_default()) {
                Ok(ToCollector::Hello(hello)) => Ok((send, receive, hello)),
                Ok(other) => Err(Ended::protocol(format!("the first message is {}, not hello", other.name()))),
                Err(error) => Err(Ended::protocol(error.to_string())),
            }
        };
        match timeout(HELLO_TIMEOUT.to_std(), first).await {
            Ok(first) => first,
            Err(_) => Err(Ended::new(CloseCode::Silent, "no hello came in time")),
        }
    }

    /// Decides whether there is a session, and runs it.
    async fn admit(&mut self, send: SendStream, receive: RecvStream, hello: Hello) -> Ended {
        let newest = self.shared.version_max;
        let Some(version) = common_version((VERSION_MIN, newest), (hello.version_min, hello.version_max)) else {
            return Ended::protocol(format!(
                "the agent speaks message versions {} to {}, this collector {VERSION_MIN} to {newest}; upgrade the older \
                 side",
                hello.version_min, hello.version_max,
            ));
        };
        if hello.streams.is_empty() || hello.streams.len() > SPOOL_STREAMS_MAX {
            return Ended::protocol(format!("a hello names 1 to {SPOOL_STREAMS_MAX} streams"));
        }
        if let Err(ended) = self.ask(&hello).await {
            return ended;
        }
        let (outgoing, queue) = mpsc::channel(SESSION_QUEUE);
        let link = Link {
            from: self.connection.remote_address(),
            since: clock::wall(),
            agent_version: hello.agent_version.clone(),
        };
        let candidate = Candidate {
            agent: self.agent,
            run: hello.run,
            connection: self.connection.clone(),
            outgoing: outgoing.clone(),
            link,
        };
        let seat = match self.shared.sessions.claim(candidate).await {
            Ok(seat) => seat,
            Err(duplicate) => {
                let event = Some(NetEvent::Duplicate { between: duplicate.between });
                return Ended { code: CloseCode::Duplicate, reason: DUPLICATE.to_owned(), event };
            }
        };
        // Asked again now that a revocation would find the session in the registry and cut it.
        let admitted = match self.ask(&hello).await {
            Ok(admitted) => admitted,
            Err(ended) => return ended,
        };
        let Admitted { ends, collector_epoch } = admitted;
        let welcome = ToAgent::Welcome(Welcome { version, ends, collector_epoch });
        let writer = tokio::spawn(write(send, welcome, queue, self.connection.clone()));
        tracing::info!(agent = %self.agent, from = %self.connection.remote_address(), version, "session began");
        self.shared.backend.event(self.agent, NetEvent::Connected).await;
        let mut ended = self.talk(receive, &outgoing).await;
        drop(outgoing);
        if seat.leave() && ended.event.is_none() {
            ended.event = Some(NetEvent::Disconnected { reason: ended.reason.clone() });
        }
        if ended.code == CloseCode::Stopping {
            // The acks of what is on disk still go out; an agent that takes none is not waited for.
            drop(timeout(WRITE_TIMEOUT.to_std(), writer).await);
        }
        ended
    }

    async fn ask(&self, hello: &Hello) -> Result<Admitted, Ended> {
        self.shared.backend.admit(self.agent, self.key_hash, hello).await.map_err(|refused| Ended {
            code: refused.code,
            reason: refused.message.clone(),
            event: Some(NetEvent::NotAdmitted(refused)),
        })
    }

    /// Takes frames until the end.
    async fn talk(&mut self, mut receive: RecvStream, outgoing: &mpsc::Sender<ToAgent>) -> Ended {
        let mut stopping = self.shared.stopping.subscribe();
        loop {
            let begun = clock::mono();
            let body = tokio::select! {
                biased;
                _ = stopping.wait_for(|stopping| *stopping) => {
                    return Ended::new(CloseCode::Stopping, "the collector stops");
                }
                body = read_body(&mut receive) => body,
            };
            self.arrivals.waited(clock::mono().since(begun));
            let message = match body {
                Ok(Some(body)) => self.decode(&body).map_err(|error| Ended::protocol(error.to_string())),
                Ok(None) => Err(Ended::new(CloseCode::Done, "the agent closed its stream")),
                Err(error) => Err(self.broken(error)),
            };
            let handled = match message {
                Ok(message) => self.handle(message, outgoing).await,
                Err(ended) => Err(ended),
            };
            if let Err(ended) = handled {
                return ended;
            }
        }
    }

    async fn handle(&mut self, message: ToCollector, outgoing: &mpsc::Sender<ToAgent>) -> Result<(), Ended> {
        let now = clock::wall();
        if now > self.not_after {
            return Err(Ended::new(CloseCode::NotAdmitted, "the agent's certificate has expired"));
        }
        match message {
            ToCollector::Hello(_) => Err(Ended::protocol("a second hello")),
            ToCollector::Batch { sent_wall_ms, sent_mono_ms, age_ms, batch } => {
                self.batch(now, (sent_wall_ms, sent_mono_ms, age_ms), batch, outgoing).await
            }
            ToCollector::Packed(PackedBatch { sent_wall_ms, sent_mono_ms, age_ms, lane, packed }) => {
                let lane = self.lanes.get_mut(usize::from(lane));
                let lane = lane.ok_or_else(|| Ended::protocol(format!("a session has {LANES} lanes")))?;
                let batch = lane.unpack(&packed).map_err(|error| Ended::protocol(error.to_string()))?;
                self.batch(now, (sent_wall_ms, sent_mono_ms, age_ms), batch, outgoing).await
            }
            ToCollector::Action { id, progress } => {
                let finished = matches!(progress, WireProgress::Finished(_));
                let on_disk = self.shared.backend.action(self.agent, ActionId::from_bytes(id), progress.into()).await;
                if finished && on_disk { self.say(outgoing, ToAgent::ActionAck { id }).await } else { Ok(()) }
            }
            ToCollector::News(News { id, progress }) => {
                let finished = matches!(progress, NewsProgress::Finished(_));
                let on_disk = self.shared.backend.action(self.agent, ActionId::from_bytes(id), progress.into()).await;
                if finished && on_disk { self.say(outgoing, ToAgent::ActionAck { id }).await } else { Ok(()) }
            }
            other @ (ToCollector::Points(_) | ToCollector::AuditHead(_)) => {
                Err(Ended::protocol(format!("nobody has asked for {}", other.name())))
            }
            ToCollector::Renew { csr_der } => {
                let renewed = self.shared.backend.renew(self.agent, &csr_der).await;
                let cert_der = renewed.map_err(|refused| Ended::new(refused.code, refused.message))?;
                if let Ok(facts) = pki::facts(&cert_der) {
                    self.not_after = facts.not_after;
                }
                self.say(outgoing, ToAgent::Renewed { cert_der }).await
            }
            ToCollector::Goodbye(goodbye) => {
                let reason = format!("the agent said goodbye ({})", goodbye.reason);
                Err(Ended { code: CloseCode::Done, reason, event: Some(NetEvent::Goodbye(goodbye)) })
            }
        }
    }

    fn decode(&self, body: &[u8]) -> Result<ToCollector, CodecError> {
        decode_up_to(self.shared.version_max, body)
    }

    /// Stores a batch and acknowledges it.
    async fn batch(
        &mut self,
        now: UnixMs,
        sent: (i64, u64, u64),
        batch: Batch,
        outgoing: &mpsc::Sender<ToAgent>,
    ) -> Result<(), Ended> {
        let (sent_wall_ms, sent_mono_ms, age_ms) = sent;
        batch.validate().map_err(|error| Ended::protocol(error.to_string()))?;
        let received = self.arrivals.received(now, MonoMs(sent_mono_ms));
        let begun = clock::mono();
        let epoch = batch.epoch;
        // The monotonic clock of a tick before a restart is another one; its age is what counts.
        let sent = (sent_wall_ms, batch.tick_mono_ms.saturating_add(age_ms));
        let seq = self.store(received, sent, &Arc::new(batch), outgoing).await?;
        self.arrivals.stored(clock::mono().since(begun));
        self.say(outgoing, ToAgent::Ack { epoch, seq }).await
    }

    /// Stores a batch, however long the store is busy: what was sent is kept, in order, and the agent is asked to pause.
    async fn store(
        &self,
        received: UnixMs,
        sent: (i64, u64),
        batch: &Arc<Batch>,
        outgoing: &mpsc::Sender<ToAgent>,
    ) -> Result<u64, Ended> {
        let mut stopping = self.shared.stopping.subscribe();
        loop {
            match self.shared.backend.accept(self.agent, received, sent, Arc::clone(batch)).await {
                Ok(seq) => return Ok(seq),
                Err(AcceptError::Invalid(reason)) => return Err(Ended::protocol(reason)),
                Err(AcceptError::Busy { retry_ms }) => {
                    self.say(outgoing, ToAgent::RetryAfter { ms: retry_ms }).await?;
                    let pause = Duration::from_millis(u64::from(retry_ms)).min(RETRY_MAX);
                    tokio::select! {
                        _ = stopping.wait_for(|stopping| *stopping) => {
                            return Err(Ended::new(CloseCode::Stopping, "the collector stops"));
                        }
                        reason = self.connection.closed() => return Err(self.gone(&reason)),
                        () = tokio::time::sleep(pause) => {}
                    }
                }
            }
        }
    }

    async fn say(&self, outgoing: &mpsc::Sender<ToAgent>, message: ToAgent) -> Result<(), Ended> {
        outgoing.send(message).await.map_err(|_| match self.connection.close_reason() {
            Some(reason) => self.gone(&reason),
            None => Ended::new(CloseCode::Silent, "the agent does not read what it is sent"),
        })
    }

    fn broken(&self, error: FrameError) -> Ended {
        match (error, self.connection.close_reason()) {
            (FrameError::Gone | FrameError::Truncated, Some(reason)) => self.gone(&reason),
            (FrameError::Gone, None) => Ended::new(CloseCode::Done, "the agent reset its stream"),
            (error, _) => Ended::protocol(error.to_string()),
        }
    }

    fn gone(&self, error: &ConnectionError) -> Ended {
        let reason = match error {
            ConnectionError::TimedOut => "nothing was heard from the agent for too long".to_owned(),
            ConnectionError::LocallyClosed => "cut by the collector".to_owned(),
            ConnectionError::ApplicationClosed(_) => "the agent closed the connection".to_owned(),
            other => other.to_string(),
        };
        Ended::new(CloseCode::Done, reason)
    }
}

/// Writes the welcome and then what is queued, until the queue is closed and empty. An agent that takes nothing for too
/// long loses its session.
async fn write(mut send: SendStream, welcome: ToAgent, mut queue: mpsc::Receiver<ToAgent>, connection: Connection) {
    let mut next = Some(welcome);
    while let Some(message) = next {
        let frame = match encode(&message) {
            Ok(frame) => frame,
            Err(error) => {
                tracing::error!(%error, message = message.name(), "a message for an agent was left out");
                next = queue.recv().await;
                continue;
            }
        };
        match timeout(WRITE_TIMEOUT.to_std(), send.write_all(&frame)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => return close(&connection, CloseCode::Silent, "the agent does not read what it is sent"),
        }
        next = queue.recv().await;
    }
    // Both may fail only because the connection is gone, and then nobody waits for the rest.
    drop(send.finish());
    drop(timeout(WRITE_TIMEOUT.to_std(), send.stopped()).await);
}
