//! ICMP echo, over the kernel's ping socket where `net.ipv4.ping_group_range` allows it, else over a raw socket where
//! the agent has `CAP_NET_RAW`.

use std::io;
use std::net::{IpAddr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;

use super::echo::{Family, is_reply, request};
use super::outcome::{Observation, Outcome};
use super::tcp;

/// What to do when neither socket may be opened.
const NOT_PERMITTED: &str = "this agent may not send ICMP: set the sysctl net.ipv4.ping_group_range so that it has the \
                             agent's group (\"0 2147483647\" is everybody), or give the agent CAP_NET_RAW";

/// Sends one echo request and waits for its reply, for ever: whoever calls has the timeout.
pub async fn ask(target: IpAddr, token: u64, begun: tokio::time::Instant) -> Observation {
    match echo(target, token).await {
        Ok(()) => Observation {
            outcome: Outcome::Ok,
            response_us: tcp::micros(begun),
            certificate_end: None,
            detail: String::new(),
        },
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Observation::without_answer(Outcome::NotPermitted, NOT_PERMITTED)
        }
        Err(error) => Observation::without_answer(Outcome::Unreachable, tcp::words(&error)),
    }
}

/// One echo.
///
/// # Errors
/// `PermissionDenied` when the agent may not send it; else what the kernel says of the way to the target.
pub async fn echo(target: IpAddr, token: u64) -> io::Result<()> {
    let family = if target.is_ipv4() { Family::V4 } else { Family::V6 };
    let (socket, is_raw) = open(target)?;
    // A firewall's refusal is no missing right.
    let other = |error: io::Error| {
        if error.kind() == io::ErrorKind::PermissionDenied { io::ErrorKind::HostUnreachable.into() } else { error }
    };
    let identifier = u16::try_from(std::process::id() & 0xffff).unwrap_or(0);
    socket.send(&request(family, identifier, token)).await.map_err(other)?;
    let mut packet = [0; 512];
    loop {
        let len = socket.recv(&mut packet).await.map_err(other)?;
        if is_reply(family, is_raw, &packet[..len], token) {
            return Ok(());
        }
    }
}

fn open(target: IpAddr) -> io::Result<(UdpSocket, bool)> {
    let (domain, protocol) =
        if target.is_ipv4() { (Domain::IPV4, Protocol::ICMPV4) } else { (Domain::IPV6, Protocol::ICMPV6) };
    let (socket, is_raw) = match Socket::new(domain, Type::DGRAM, Some(protocol)) {
        Ok(socket) => (socket, false),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            (Socket::new(domain, Type::RAW, Some(protocol))?, true)
        }
        Err(error) => return Err(error),
    };
    socket.set_nonblocking(true)?;
    socket.connect(&SocketAddr::new(target, 0).into()).map_err(|error| {
        // Connecting sends nothing: a refusal here is about the route.
        if error.kind() == io::ErrorKind::PermissionDenied { io::ErrorKind::NetworkUnreachable.into() } else { error }
    })?;
    // Any socket that is sent to and received from will do for the runtime.
    Ok((UdpSocket::from_std(socket.into())?, is_raw))
}
