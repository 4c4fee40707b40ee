//! Agents and a collector over real QUIC on loopback, in one process: the endpoint, the door and the uplink as they are,
//! only what stores readings is a list in memory.

#![expect(clippy::unwrap_used, reason = "in a test's helpers too, what does not work ends the test")]

mod delivery;
mod hostile;
mod identity;
mod proxy;
mod rig;
mod service;
mod sessions;
