//! Tells what is wrong with the line: UDP blocked, collector down, or TLS refused.
//!
//! A port where nobody listens is answered by its machine (see `client`): silence then means that something on the way
//! swallows UDP.

use std::net::SocketAddr;
use std::time::Duration;

use evenkeel_common::error::chain;
use evenkeel_common::tls;
use tokio::time::timeout;

use super::client::{ConnectError, connect, connect_error};
use super::identity::AgentIdentity;

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
            Self::Unresolved(why) | Self::NoRoute(why) | Self::Tls(why) | Self::Other(why) => why.clone(),
            Self::NobodyListens(address) => format!("the machine answers, but nobody listens on UDP {address}"),
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
    let tls = match tls::agent_session(identity.tls.clone(), &identity.ca) {
        Ok(tls) => tls,
        Err(error) => return Diagnosis::Other(error.to_string()),
    };
    match connect(collector, tls).await {
        Ok((_endpoint, connection)) => after_handshake(&connection).await,
        Err(error) => of_error(error),
    }
}

/// Whether the collector takes the certificate shows a moment after the handshake: if it does not, it closes.
async fn after_handshake(connection: &quinn::Connection) -> Diagnosis {
    match timeout(REFUSAL_TIMEOUT, connection.closed()).await {
        Err(_) => Diagnosis::Fine { address: connection.remote_address(), rtt: connection.rtt() },
        Ok(error) => of_error(connect_error(&error, connection.remote_address())),
    }
}

fn of_error(error: ConnectError) -> Diagnosis {
    match error {
        ConnectError::NobodyListens { address } => Diagnosis::NobodyListens(address),
        ConnectError::NoRoute { .. } => Diagnosis::NoRoute(chain(&error)),
        ConnectError::Tls(why) => Diagnosis::Tls(why),
        ConnectError::Closed(_, why) => Diagnosis::Refused(why),
        ConnectError::NoAnswer { address } => Diagnosis::NoAnswer(address),
        ConnectError::Resolve { .. } => Diagnosis::Unresolved(error.to_string()),
        ConnectError::Socket(_) | ConnectError::Other(_) => Diagnosis::Other(error.to_string()),
    }
}
