//! Tells what is wrong with the line: UDP blocked, collector down, or TLS refused.
//!
//! QUIC by itself only knows silence. A connected UDP socket hears more: a port where nobody listens is answered with an
//! ICMP message, which Linux reports as "connection refused". Silence then means that something on the way swallows UDP.

use std::net::SocketAddr;
use std::time::Duration;

use evenkeel_common::tls;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::client::{ConnectError, connect, resolve};
use super::identity::AgentIdentity;

/// How long an ICMP answer may take.
const ICMP_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a refused certificate may take to be said: the client's half of the handshake ends before the server's.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(2);

/// What is the matter with the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// QUIC and TLS stand with this address; the collector takes the certificate.
    Fine {
        /// Where.
        address: SocketAddr,
        /// Round trip.
        rtt: Duration,
    },
    /// The name has no address.
    Unresolved(String),
    /// The host answers, and says that nobody listens on the port.
    NobodyListens(SocketAddr),
    /// The network says that there is no way there.
    NoRoute(String),
    /// Nothing comes back: UDP is dropped on the way, or the machine is off.
    NoAnswer(SocketAddr),
    /// One side does not trust the other's certificate.
    Tls(String),
    /// TLS stands, and the collector ends the connection.
    Refused(String),
    /// Something else.
    Other(String),
}

impl Diagnosis {
    /// One sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Fine { address, rtt } => {
                format!(
                    "{address} answers over QUIC and trusts this agent; round trip {:.1} ms",
                    rtt.as_secs_f64() * 1e3
                )
            }
            Self::Unresolved(why) | Self::Tls(why) | Self::Other(why) => why.clone(),
            Self::NobodyListens(address) => format!("the machine answers, but nobody listens on UDP {address}"),
            Self::NoRoute(why) => format!("the network has no way to the collector: {why}"),
            Self::NoAnswer(address) => format!("no answer from UDP {address}, not even a refusal"),
            Self::Refused(why) => format!("the collector refuses this agent: {why}"),
        }
    }

    /// What to do; `None` when all is well.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Fine { .. } => return None,
            Self::Unresolved(_) => "check `collector` in agent.toml and the name service",
            Self::NobodyListens(_) => "start `evenkeel serve` there, or correct the port of `collector`",
            Self::NoRoute(_) => "check routes and interfaces of this host",
            Self::NoAnswer(_) => "a firewall drops UDP on the way (TCP being open says nothing), or the machine is off",
            Self::Tls(_) => "compare both clocks; if they agree, join this host again with a new token",
            Self::Refused(_) => "see `evenkeel agent list` and `evenkeel activity list` at the collector",
            Self::Other(_) => "see the log with --verbose",
        })
    }
}

/// Looks at the line to `HOST:PORT`. It asks for no session, so that it does not get into the running agent's way.
pub async fn diagnose(collector: &str, identity: &AgentIdentity) -> Diagnosis {
    let addresses = match resolve(collector).await {
        Ok(addresses) => addresses,
        Err(error) => return Diagnosis::Unresolved(error.to_string()),
    };
    let tls = match tls::agent_session(identity.tls.clone(), &identity.ca) {
        Ok(tls) => tls,
        Err(error) => return Diagnosis::Other(error.to_string()),
    };
    if let [only] = addresses.as_slice()
        && let Some(found) = port_is_closed(*only).await
    {
        return found;
    }
    match connect(collector, tls).await {
        Ok((_endpoint, connection)) => after_handshake(&connection).await,
        Err(ConnectError::NoAnswer { address }) => {
            port_is_closed(address).await.unwrap_or(Diagnosis::NoAnswer(address))
        }
        Err(error) => of_error(error),
    }
}

/// Whether the collector takes the certificate shows a moment after the handshake: if it does not, it closes.
async fn after_handshake(connection: &quinn::Connection) -> Diagnosis {
    match timeout(REFUSAL_TIMEOUT, connection.closed()).await {
        Err(_) => Diagnosis::Fine { address: connection.remote_address(), rtt: connection.rtt() },
        Ok(error) => of_error(super::client::connect_error(&error, connection.remote_address())),
    }
}

fn of_error(error: ConnectError) -> Diagnosis {
    match error {
        ConnectError::Tls(why) => Diagnosis::Tls(why),
        ConnectError::Closed(_, why) => Diagnosis::Refused(why),
        ConnectError::NoAnswer { address } => Diagnosis::NoAnswer(address),
        ConnectError::Resolve { .. } => Diagnosis::Unresolved(error.to_string()),
        ConnectError::Socket(_) | ConnectError::Other(_) => Diagnosis::Other(error.to_string()),
    }
}

/// Sends one byte, which is no QUIC packet and is ignored by a collector, and listens for an ICMP answer.
async fn port_is_closed(address: SocketAddr) -> Option<Diagnosis> {
    let local = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(local).await.ok()?;
    let ask = async {
        socket.connect(address).await?;
        socket.send(&[0]).await?;
        socket.recv(&mut [0; 16]).await
    };
    match timeout(ICMP_TIMEOUT, ask).await {
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            Some(Diagnosis::NobodyListens(address))
        }
        Ok(Err(error)) => Some(Diagnosis::NoRoute(error.to_string())),
        Ok(Ok(_)) | Err(_) => None,
    }
}
