//! The line to the collector: joining, the session, what waits while it is away.
//!
//! `queue` and `session` are pure; `quic` carries out what the session machine decides.

mod client;
pub mod diagnose;
mod enrol;
mod frames;
mod identity;
pub mod join;
pub mod queue;
mod quic;
pub mod session;
mod transport;

pub use client::{ConnectError, connect};
pub use enrol::{EnrolError, ask};
pub use identity::{AgentIdentity, IdentityError, machine_id};
pub use quic::{Options, Status, Traffic, Uplink};

#[cfg(test)]
mod testing;
