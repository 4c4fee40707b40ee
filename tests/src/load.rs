//! The load generator: simulated hosts with the real encoder, spool, TLS and QUIC against a collector in a process of its
//! own. `tests/load` runs it.

pub mod collector;
pub mod fleet;
pub mod guest;
pub mod lines;
pub mod one;
pub mod spool;
pub mod verify;
