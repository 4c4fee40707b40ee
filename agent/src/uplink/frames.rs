//! Frames on a QUIC stream.

use evenkeel_common::wire::codec::{CodecError, body_len};
use quinn::{ReadExactError, RecvStream};

/// Why there is no next frame.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    /// The peer broke the protocol.
    #[error("{0}")]
    Codec(#[from] CodecError),
    /// The stream ended in the middle of a frame.
    #[error("the stream ended within a frame")]
    Truncated,
    /// The connection is gone.
    #[error("the connection is gone")]
    Gone,
}

/// The body of the next frame; `None` at the end of the stream. Its length is checked before memory is taken for it.
pub(super) async fn read_body(stream: &mut RecvStream) -> Result<Option<Vec<u8>>, FrameError> {
    let mut head = [0; 4];
    match stream.read_exact(&mut head).await {
        Ok(()) => {}
        Err(ReadExactError::FinishedEarly(0)) => return Ok(None),
        Err(ReadExactError::FinishedEarly(_)) => return Err(FrameError::Truncated),
        Err(ReadExactError::ReadError(_)) => return Err(FrameError::Gone),
    }
    let mut body = vec![0; body_len(head)?];
    match stream.read_exact(&mut body).await {
        Ok(()) => Ok(Some(body)),
        Err(ReadExactError::FinishedEarly(_)) => Err(FrameError::Truncated),
        Err(ReadExactError::ReadError(_)) => Err(FrameError::Gone),
    }
}
