//! The privileged half: the only part of evenkeel that may change anything in libvirt.
//!
//! `evenkeel-agent-libvirt actor` listens on a UNIX socket; the network half of the agent relays commands to it. A
//! command is a fixed verb with typed arguments, never XML or a monitor command. What is here knows no libvirt: the
//! program hands the engine a [`Hypervisor`].

pub mod client;
pub mod definition;
pub mod domain;
pub mod engine;
pub mod guard;
pub mod journal;
pub mod migration;
pub mod policy;
pub mod recovery_point;
pub mod restart;
pub mod server;

pub use engine::{Desk, Engine, Hypervisor};
pub use policy::Policy;

/// Name of the actor's socket in the runtime directory.
pub const SOCKET_FILE: &str = "actor.sock";
