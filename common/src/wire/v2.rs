//! What version 2 of the messages adds. Frozen once released.

use bincode::{Decode, Encode};

/// A batch as [`crate::wire::pack`] writes it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PackedBatch {
    /// Agent's wall clock when it was sent, ms since 1970.
    pub sent_wall_ms: i64,
    /// Agent's monotonic clock when it was sent, ms.
    pub sent_mono_ms: u64,
    /// How long ago its tick was when it was sent, ms.
    pub age_ms: u64,
    /// Which line of packed batches it is the next of: 0 is fresh ones, 1 those that waited.
    pub lane: u8,
    /// The batch.
    pub packed: Vec<u8>,
}

/// Lines of packed batches in a session.
pub const LANES: usize = 2;
