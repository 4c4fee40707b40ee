//! The QUIC endpoint where agents connect: handshake, then enrolment or a session, told apart by ALPN.
//!
//! What a session needs from the rest of the collector is the [`Backend`]; what the rest needs from the sessions is
//! [`Sessions`]. Nothing here knows SQL or the meaning of a reading.

mod arrival;
mod backend;
mod enrolment;
mod frames;
mod gate;
mod identity;
mod quiet;
mod reset;
mod server;
mod session;
mod sessions;
mod signer;
mod transport;

pub use backend::{AcceptError, Admitted, Backend, NetEvent, NotAdmitted};
pub use identity::{CollectorIdentity, IdentityError};
pub use server::{BindError, Server};
pub use sessions::{Link, NotConnected, Sessions};
pub use signer::{Signer, SignerError};
