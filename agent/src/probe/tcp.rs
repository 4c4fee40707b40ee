//! A TCP connection.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpStream;
use tokio::time::Instant;

use super::outcome::{Observation, Outcome};

/// Connects to the first of the addresses that lets us; what the last one said when none does.
///
/// # Errors
/// As an observation: refused, or not reachable.
pub async fn connect(addresses: &[IpAddr], port: u16) -> Result<TcpStream, Observation> {
    let mut last = Observation::without_answer(Outcome::Resolve, "no address");
    for address in addresses {
        match TcpStream::connect(SocketAddr::new(*address, port)).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = refused(&error),
        }
    }
    Err(last)
}

/// A connection is made and closed.
pub async fn ask(addresses: &[IpAddr], port: u16, begun: Instant) -> Observation {
    match connect(addresses, port).await {
        Ok(_) => Observation {
            outcome: Outcome::Ok,
            response_us: micros(begun),
            certificate_end: None,
            detail: String::new(),
        },
        Err(observation) => observation,
    }
}

fn refused(error: &io::Error) -> Observation {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Observation::without_answer(Outcome::Refused, "nobody listens there"),
        io::ErrorKind::TimedOut => Observation::without_answer(Outcome::Timeout, "no answer"),
        io::ErrorKind::ConnectionReset => Observation::without_answer(Outcome::Refused, "the connection was reset"),
        // EPERM is what a rule of this host's own firewall gives.
        io::ErrorKind::PermissionDenied => {
            Observation::without_answer(Outcome::Path, "this host's firewall refuses the connection")
        }
        _ => Observation::without_answer(Outcome::Unreachable, words(error)),
    }
}

/// The kernel's words without its number.
pub fn words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    text[..text.floor_char_boundary(120)].to_ascii_lowercase()
}

/// Microseconds since `begun`.
pub fn micros(begun: Instant) -> Option<u64> {
    u64::try_from(begun.elapsed().as_micros()).ok()
}
