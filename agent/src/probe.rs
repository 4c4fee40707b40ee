//! Probes: whether a VM answers from this host, how fast, and if not, whether the VM or the path to it is at fault.
//!
//! The plan says which probe of which VM is due, the machine decides what an attempt's outcome means, and the runner
//! makes the attempts in a task of its own, so that the ticks never wait for one. What was found since the tick before
//! goes out with the next one.

pub mod definition;
pub mod echo;
pub mod metadata;
pub mod network;
pub mod route;
pub mod settings;

mod attempt;
mod flaps;
mod gateway;
mod http;
mod icmp;
mod machine;
mod outcome;
mod path;
mod path_reader;
mod plan;
mod report;
mod resolve;
mod runner;
mod state;
mod tcp;
mod tls;
mod watch;

pub use plan::{Run, Vm};
pub use runner::{Found, Probes};
