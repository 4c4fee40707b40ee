//! Connecting to the collector, and what its failures mean.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use evenkeel_common::error::chain;
use evenkeel_common::pki::SERVER_NAME;
use evenkeel_common::wire::CloseCode;
use quinn::{Connection, ConnectionError, Endpoint, TransportErrorCode};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::session::Away;
use super::transport::client_config;

/// How long a handshake may take. A lost first packet is sent again after one second.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(8);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The name has no address.
    #[error("{collector} cannot be resolved: {why}")]
    Resolve {
        /// HOST:PORT.
        collector: String,
        /// What the system says.
        why: String,
    },
    /// No socket.
    #[error("no UDP socket can be opened: {0}")]
    Socket(std::io::Error),
    /// The machine says that nobody listens there.
    #[error("nobody listens on UDP {address}; is `evenkeel serve` running there?")]
    NobodyListens {
        /// Who was asked.
        address: SocketAddr,
    },
    /// The network says that there is no way.
    #[error("the network has no way to {address}")]
    NoRoute {
        /// Who was asked.
        address: SocketAddr,
        /// What it says.
        #[source]
        source: std::io::Error,
    },
    /// Nothing came back.
    #[error("no answer from {address} (UDP) within {} s", HANDSHAKE_TIMEOUT.as_secs())]
    NoAnswer {
        /// Who was asked.
        address: SocketAddr,
    },
    /// TLS failed.
    #[error("{0}")]
    Tls(String),
    /// The collector closed the connection.
    #[error("{1}")]
    Closed(Option<CloseCode>, String),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

/// Connects to `HOST:PORT`, trying a few addresses of the name. The endpoint lives as long as the connection.
///
/// # Errors
/// See [`ConnectError`]: of the last address tried.
pub async fn connect(collector: &str, tls: rustls::ClientConfig) -> Result<(Endpoint, Connection), ConnectError> {
    let config = client_config(tls).map_err(|error| ConnectError::Tls(error.to_string()))?;
    let mut last = None;
    for address in resolve(collector).await? {
        let endpoint = Endpoint::client(any_local(address)).map_err(ConnectError::Socket)?;
        let attempt = endpoint.connect_with(config.clone(), address, SERVER_NAME);
        let connecting = attempt.map_err(|error| ConnectError::Other(error.to_string()))?;
        let handshake = async {
            tokio::select! {
                connected = connecting => connected.map_err(|error| connect_error(&error, address)),
                refused = refusal(address) => Err(refused),
            }
        };
        match timeout(HANDSHAKE_TIMEOUT, handshake).await {
            Ok(Ok(connection)) => return Ok((endpoint, connection)),
            Ok(Err(error)) => last = Some(error),
            Err(_) => last = Some(ConnectError::NoAnswer { address }),
        }
    }
    Err(last.unwrap_or_else(|| ConnectError::Resolve {
        collector: collector.to_owned(),
        why: "the name has no address".to_owned(),
    }))
}

/// Waits for the network to refuse. QUIC by itself only knows silence; a connected UDP socket hears more: a port where
/// nobody listens is answered with an ICMP message, which Linux reports as "connection refused". The byte that is sent
/// is no QUIC packet, and a collector ignores it.
async fn refusal(address: SocketAddr) -> ConnectError {
    let ask = async {
        let socket = UdpSocket::bind(any_local(address)).await?;
        socket.connect(address).await?;
        socket.send(&[0]).await?;
        socket.recv(&mut [0; 16]).await
    };
    match ask.await {
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => ConnectError::NobodyListens { address },
        Err(source) => ConnectError::NoRoute { address, source },
        // Nobody answers to one byte; whatever this was, it is no refusal.
        Ok(_) => std::future::pending().await,
    }
}

const fn any_local(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(_) => SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
        SocketAddr::V6(_) => SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0),
    }
}

/// The addresses of `HOST:PORT`.
pub(super) async fn resolve(collector: &str) -> Result<Vec<SocketAddr>, ConnectError> {
    let found = tokio::net::lookup_host(collector).await;
    let why = |error: std::io::Error| ConnectError::Resolve { collector: collector.to_owned(), why: error.to_string() };
    Ok(found.map_err(why)?.take(ADDRESSES_MAX).collect())
}

pub(super) fn connect_error(error: &ConnectionError, address: SocketAddr) -> ConnectError {
    match error {
        ConnectionError::TimedOut => ConnectError::NoAnswer { address },
        ConnectionError::TransportError(error) if is_crypto(error.code) => ConnectError::Tls(local_tls(&error.reason)),
        ConnectionError::ConnectionClosed(close) => match alert(close.error_code) {
            Some(alert) => ConnectError::Tls(remote_tls(alert)),
            None if close.error_code == TransportErrorCode::CONNECTION_REFUSED => {
                ConnectError::Closed(Some(CloseCode::Busy), "the collector takes no more connections now".to_owned())
            }
            None => ConnectError::Other(error.to_string()),
        },
        ConnectionError::ApplicationClosed(close) => {
            let code = CloseCode::of(close.error_code.into_inner());
            ConnectError::Closed(code, String::from_utf8_lossy(&close.reason).into_owned())
        }
        ConnectionError::Reset => ConnectError::Other("it was restarted and does not know this connection".to_owned()),
        other => ConnectError::Other(chain(other)),
    }
}

fn is_crypto(code: TransportErrorCode) -> bool {
    alert(code).is_some()
}

/// The TLS alert in a QUIC error code.
fn alert(code: TransportErrorCode) -> Option<u64> {
    u64::from(code).checked_sub(0x100).filter(|alert| *alert < 0x100)
}

/// Why this side did not trust the collector. rustls gives its reason as text.
fn local_tls(reason: &str) -> String {
    let hint = if reason.contains("UnknownIssuer") || reason.contains("BadSignature") {
        ": it is another collector than the one this host joined, or its CA was made anew"
    } else if reason.contains("xpired") || reason.contains("NotValidYet") {
        ": compare the clocks of both machines"
    } else {
        ""
    };
    format!("the collector's certificate is not trusted ({reason}){hint}")
}

/// Why the collector did not trust this side (RFC 8446, 6.2).
fn remote_tls(alert: u64) -> String {
    match alert {
        42 | 46 | 48 | 51 => "the collector does not trust this agent's certificate: it is from another CA; join again",
        44 => "this agent's certificate was revoked; join again",
        45 => "this agent's certificate has expired, or its clock and the collector's differ too much",
        116 => "the collector asks for a certificate; join first",
        120 => "the collector does not speak this agent's protocol; upgrade the older side",
        _ => return format!("the collector ended the TLS handshake with alert {alert}"),
    }
    .to_owned()
}

impl From<ConnectError> for Away {
    fn from(error: ConnectError) -> Self {
        let text = chain(&error);
        match error {
            ConnectError::Tls(_) => Self::Tls(text),
            ConnectError::Closed(Some(CloseCode::Stopping), _) => Self::Stopping,
            ConnectError::Closed(Some(CloseCode::Protocol), _) => {
                Self::Refused(format!("it says that this agent broke the protocol: {text}"))
            }
            ConnectError::Closed(
                Some(CloseCode::NotAdmitted | CloseCode::Revoked | CloseCode::Duplicate | CloseCode::Replaced),
                _,
            ) => Self::Refused(text),
            ConnectError::Closed(..)
            | ConnectError::Resolve { .. }
            | ConnectError::Socket(_)
            | ConnectError::NobodyListens { .. }
            | ConnectError::NoRoute { .. }
            | ConnectError::NoAnswer { .. }
            | ConnectError::Other(_) => Self::Unreachable(text),
        }
    }
}
