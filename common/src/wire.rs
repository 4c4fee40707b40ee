//! What travels between agent and collector: framing, one codec, and the messages by version.
//!
//! A session is one bi-directional QUIC stream that the agent opens. Each frame is a little-endian `u32` length and
//! that many bytes; the first byte of the body is the version that brought the message, the rest is bincode. Both sides
//! say in the first frames which versions they speak, and send nothing newer than what they have in common: version 1
//! has all of [`v1`], version 2 adds the packed batch of [`v2`], version 3 the signed orders of [`v3`].

pub mod close;
pub mod codec;
pub mod pack;
pub mod v1;
pub mod v2;
pub mod v3;

pub use close::CloseCode;
pub use codec::{CodecError, VERSION_MAX, VERSION_MIN, decode, encode};
