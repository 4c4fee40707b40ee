//! What travels between agent and collector: framing, one codec, and the messages by version.
//!
//! A session is one bi-directional QUIC stream that the agent opens. Each frame is a little-endian `u32` length and
//! that many bytes; the first byte of the body is the version of the message structs, the rest is bincode.

pub mod close;
pub mod codec;
pub mod pack;
pub mod v1;

pub use close::CloseCode;
pub use codec::{CodecError, decode, encode};
