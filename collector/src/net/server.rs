//! The endpoint: accepts connections, tells enrolment from sessions, stops with a deadline.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use evenkeel_common::clock;
use evenkeel_common::limits::{ALPN_ENROL, ALPN_SESSION, DRAIN_TIMEOUT, HELLO_TIMEOUT};
use evenkeel_common::pki::{self, CertFacts};
use evenkeel_common::tls::{self, TlsError};
use evenkeel_common::wire::{CloseCode, VERSION_MAX};
use quinn::crypto::rustls::{HandshakeData, NoInitialCipherSuite};
use quinn::{Connection, Endpoint, Incoming, TokioRuntime, VarInt};
use rustls::pki_types::CertificateDer;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::backend::Backend;
use super::gate::{Gate, Ticket, Verdict};
use super::identity::CollectorIdentity;
use super::quiet::Quiet;
use super::sessions::{Sessions, close};
use super::{enrolment, reset, session, transport};

/// Why the endpoint cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The address.
    #[error("UDP {listen} cannot be opened; is another collector running, or the address not of this machine?")]
    Socket {
        /// Address and port.
        listen: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The certificates.
    #[error("the collector's certificate is not usable")]
    Tls(#[from] TlsError),
    /// The cipher suites.
    #[error("TLS has no cipher suite that QUIC needs")]
    Cipher(#[from] NoInitialCipherSuite),
}

/// What every connection's task sees.
pub(super) struct Shared<B> {
    pub backend: B,
    pub sessions: Sessions,
    pub stopping: watch::Sender<bool>,
    /// The newest message version that is spoken.
    pub version_max: u8,
    quiet: Quiet,
}

/// An open endpoint. What arrives before [`Self::serve`] waits.
#[derive(Debug)]
pub struct Server {
    endpoint: Endpoint,
    version_max: u8,
}

impl Server {
    /// Opens the UDP port.
    ///
    /// # Errors
    /// See [`BindError`].
    pub fn bind(listen: SocketAddr, identity: &CollectorIdentity) -> Result<Self, BindError> {
        let tls = tls::collector(identity.server.clone(), identity.authority.cert())?;
        let config = transport::server_config(tls)?;
        let open = || {
            let socket = UdpSocket::bind(listen)?;
            let endpoint = reset::endpoint_config(&identity.authority);
            Endpoint::new(endpoint, Some(config), socket, Arc::new(TokioRuntime))
        };
        let endpoint = open().map_err(|source| BindError::Socket { listen, source })?;
        Ok(Self { endpoint, version_max: VERSION_MAX })
    }

    /// Speaks no newer message version than this, as an older collector does.
    #[must_use]
    pub const fn speaking_up_to(mut self, version_max: u8) -> Self {
        self.version_max = version_max;
        self
    }

    /// The address that was opened; the port is the real one when 0 was asked for.
    ///
    /// # Errors
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }

    /// Serves until `stop`, then lets sessions send their last acks, and closes, within a deadline. Sessions are entered
    /// in `sessions`.
    pub async fn serve<B: Backend>(self, sessions: Sessions, backend: B, stop: impl Future<Output = ()>) {
        let (stopping, version_max) = (watch::Sender::new(false), self.version_max);
        let shared = Shared { backend, sessions, stopping, version_max, quiet: Quiet::default() };
        let shared = Arc::new(shared);
        let gate = Gate::default();
        let mut tasks = JoinSet::new();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
                incoming = self.endpoint.accept() => match incoming {
                    Some(incoming) => self.decide(incoming, &gate, &shared, &mut tasks),
                    None => break,
                },
            }
        }
        self.endpoint.set_server_config(None);
        shared.stopping.send_replace(true);
        let drained = timeout(DRAIN_TIMEOUT.to_std(), async { while tasks.join_next().await.is_some() {} }).await;
        if drained.is_err() {
            tracing::warn!("some sessions did not take their last acks in time");
        }
        self.endpoint.close(VarInt::from_u32(CloseCode::Stopping.number()), b"the collector stops");
        // A peer that is gone does not acknowledge the close; what it missed it learns from silence.
        drop(timeout(DRAIN_TIMEOUT.to_std(), self.endpoint.wait_idle()).await);
    }

    fn decide<B: Backend>(&self, incoming: Incoming, gate: &Gate, shared: &Arc<Shared<B>>, tasks: &mut JoinSet<()>) {
        let from = incoming.remote_address();
        match gate.enter(from.ip(), incoming.remote_address_validated(), self.endpoint.open_connections()) {
            Verdict::Enter(ticket) => {
                let shared = Arc::clone(shared);
                tasks.spawn(async move { receive(incoming, ticket, shared).await });
            }
            Verdict::Prove => {
                if let Err(error) = incoming.retry() {
                    error.into_incoming().refuse();
                }
            }
            Verdict::Refuse(reason) => {
                shared.quiet.say(clock::mono(), |more| {
                    tracing::warn!(%from, reason, more, "connection refused");
                });
                incoming.refuse();
            }
        }
    }
}

async fn receive<B: Backend>(incoming: Incoming, ticket: Ticket, shared: Arc<Shared<B>>) {
    let from = incoming.remote_address();
    let handshake = async { incoming.accept()?.await };
    let connection = match timeout(HELLO_TIMEOUT.to_std(), handshake).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => {
            return shared.quiet.say(clock::mono(), |more| tracing::warn!(%from, %error, more, "handshake failed"));
        }
        Err(_) => return,
    };
    match alpn(&connection).as_deref() {
        Some(ALPN_ENROL) => enrolment::run(&connection, ticket, &shared).await,
        Some(ALPN_SESSION) => match peer(&connection) {
            Some(facts @ CertFacts { agent: Some(agent), .. }) => {
                session::run(&connection, agent, facts, ticket, &shared).await;
            }
            _ => {
                let reason = "a session needs an agent's certificate; run `evenkeel-agent join` first";
                shared.quiet.say(clock::mono(), |more| tracing::warn!(%from, reason, more, "connection refused"));
                close(&connection, CloseCode::NotAdmitted, reason);
            }
        },
        _ => close(&connection, CloseCode::Protocol, "unknown protocol"),
    }
}

fn alpn(connection: &Connection) -> Option<Vec<u8>> {
    connection.handshake_data()?.downcast::<HandshakeData>().ok()?.protocol
}

fn peer(connection: &Connection) -> Option<CertFacts> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    pki::facts(chain.first()?).ok()
}
