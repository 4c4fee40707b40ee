//! The line to the collector: joining, and the session, which takes what it sends from the spool.
//!
//! `session` is pure; `quic` carries out what the session machine decides.

mod client;
pub mod diagnose;
mod enrol;
mod frames;
mod identity;
pub mod join;
mod quic;
pub mod session;
mod transport;

pub use client::{ConnectError, connect};
pub use enrol::{EnrolError, ask, ask_key};
pub use identity::{AgentIdentity, IdentityError, machine_id};
pub use quic::{Options, StartError, Status, Traffic, Uplink};

#[cfg(test)]
pub(crate) mod testing;
