//! The one place that names bincode. Lengths are checked against limits before anything is allocated.

use bincode::config::{Configuration, Limit, LittleEndian};
use bincode::{Decode, Encode};

use crate::limits::FRAME_MAX_BYTES;

/// Oldest message version that is understood.
pub const VERSION_MIN: u8 = 1;
/// Newest message version. Version 2 has packed batches besides what version 1 has, version 3 signed orders.
pub const VERSION_MAX: u8 = 3;

/// What a frame may hold.
pub trait Message: Encode + Decode<()> {
    /// The version that brought this message; it is the first byte of its frame.
    fn since(&self) -> u8 {
        VERSION_MIN
    }
}

type Config = Configuration<LittleEndian, bincode::config::Varint, Limit<FRAME_MAX_BYTES>>;

const CONFIG: Config = bincode::config::standard().with_limit::<FRAME_MAX_BYTES>();

/// Why bytes are not a message, or a message does not fit a frame.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The peer sent nothing.
    #[error("the frame is empty")]
    Empty,
    /// The peer speaks another version.
    #[error(
        "message version {got} is not understood (this side speaks {VERSION_MIN} to {max}); upgrade the older side"
    )]
    Version {
        /// The version byte received.
        got: u8,
        /// The newest that is spoken here.
        max: u8,
    },
    /// Over [`FRAME_MAX_BYTES`].
    #[error("a frame of {len} bytes is over the limit of {FRAME_MAX_BYTES}")]
    TooLong {
        /// Its length.
        len: usize,
    },
    /// Bytes are left over after the message.
    #[error("{left} bytes are left after the message")]
    Trailing {
        /// How many.
        left: usize,
    },
    /// The bytes are not a message.
    #[error("the frame cannot be decoded")]
    Decode(#[source] bincode::error::DecodeError),
    /// The message cannot be written.
    #[error("the message cannot be encoded")]
    Encode(#[source] bincode::error::EncodeError),
}

/// A message as a whole frame, length included.
///
/// # Errors
/// [`CodecError::TooLong`] when it does not fit a frame.
pub fn encode<M: Message>(message: &M) -> Result<Vec<u8>, CodecError> {
    let mut frame = vec![0, 0, 0, 0, message.since()];
    bincode::encode_into_std_write(message, &mut frame, CONFIG).map_err(CodecError::Encode)?;
    let len = frame.len() - 4;
    if len > FRAME_MAX_BYTES {
        return Err(CodecError::TooLong { len });
    }
    let len = u32::try_from(len).map_err(|_| CodecError::TooLong { len })?;
    frame[..4].copy_from_slice(&len.to_le_bytes());
    Ok(frame)
}

/// Appends a part of a packed batch.
pub(super) fn put_part<M: Encode>(part: &M, out: &mut Vec<u8>) -> Result<(), CodecError> {
    bincode::encode_into_std_write(part, out, CONFIG).map(drop).map_err(CodecError::Encode)
}

/// A part of a packed batch at the front of `bytes`, and how many of them it takes.
pub(super) fn read_part<M: Decode<()>>(bytes: &[u8]) -> Result<(M, usize), CodecError> {
    bincode::decode_from_slice(bytes, CONFIG).map_err(CodecError::Decode)
}

/// The body length that a frame's first four bytes announce.
///
/// # Errors
/// [`CodecError::Empty`] and [`CodecError::TooLong`], before anything is allocated for the body.
pub fn body_len(head: [u8; 4]) -> Result<usize, CodecError> {
    let len = usize::try_from(u32::from_le_bytes(head)).unwrap_or(usize::MAX);
    match len {
        0 => Err(CodecError::Empty),
        len if len > FRAME_MAX_BYTES => Err(CodecError::TooLong { len }),
        len => Ok(len),
    }
}

/// The message in a frame's body (what follows the length).
///
/// # Errors
/// When the version is another one, the bytes are no message, or bytes are left over.
pub fn decode<M: Message>(body: &[u8]) -> Result<M, CodecError> {
    decode_up_to(VERSION_MAX, body)
}

/// As [`decode`], for a side that speaks no newer version than `max`.
///
/// # Errors
/// As there.
pub fn decode_up_to<M: Message>(max: u8, body: &[u8]) -> Result<M, CodecError> {
    let (&version, rest) = body.split_first().ok_or(CodecError::Empty)?;
    let other = CodecError::Version { got: version, max };
    if !(VERSION_MIN..=max).contains(&version) {
        return Err(other);
    }
    let (message, used): (M, usize) = bincode::decode_from_slice(rest, CONFIG).map_err(CodecError::Decode)?;
    if message.since() != version {
        return Err(other);
    }
    match rest.len() - used {
        0 => Ok(message),
        left => Err(CodecError::Trailing { left }),
    }
}

/// The newest version that two sides have in common, each with its oldest and newest.
#[must_use]
pub fn common_version(ours: (u8, u8), theirs: (u8, u8)) -> Option<u8> {
    let newest = ours.1.min(theirs.1);
    (newest >= ours.0.max(theirs.0)).then_some(newest)
}
