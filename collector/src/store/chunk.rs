//! [P] The format of a chunk: one entity's hour as compressed columns. It knows no database, so that another engine can
//! hold the same chunks.
//!
//! A chunk is `EKC`, a version, a checksum (BLAKE3, 8 bytes) over the name under which it is kept and everything behind
//! it, then: the times, the polls as runs, a directory of the series (metric, device, length) and the columns. Times are
//! shared by all series of the entity. A column can be read without the others; only one that is written as the
//! difference to the sum of two others needs these too. Version 1 is frozen by `chunk/golden-1.hex`.

mod batch;
mod bits;
mod body;
mod bytes;
mod cells;
mod entry;
mod hour;
mod ints;
mod rolled;
mod rollup;
mod sketches;
#[cfg(test)]
mod tests;

pub use batch::{BatchHead, BatchReader, BatchWriter, Part, PollCodes};
pub use body::{ChunkReader, decode, encode};
pub use entry::{Entry, EntryBody, decode_entry, decode_layout, encode_entry, encode_layout};
pub use hour::{Column, ColumnKey, Hour, HourBuilder, PollCell};
pub use rolled::rolled;
pub use rollup::{Rollup, RollupReader, Tick, decode_rollup, encode_rollup};

/// Rows of one chunk at most: an hour at one a second, and as many again from late batches, many times over.
pub const ROWS_MAX: usize = 1 << 18;
/// Series of one chunk at most: a host with four thousand devices.
pub const COLUMNS_MAX: usize = 1 << 16;
/// Bytes of the checksum in front of a chunk and of an entry.
const CHECKSUM_BYTES: usize = 8;

/// Why bytes are no chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// It ends early.
    #[error("it ends early")]
    Short,
    /// The checksum is of other bytes.
    #[error("its checksum does not fit")]
    Checksum,
    /// It is of a newer program, or no chunk at all.
    #[error("it is no chunk of a version that this program knows")]
    Version,
    /// The checksum fits but the content makes no sense.
    #[error("{0}")]
    Content(&'static str),
}

/// Where a chunk belongs: part of the checksum, so that one that turns up under another name is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkName {
    /// Domain or host.
    pub entity: [u8; 16],
    /// The host of a side series, from a conflict of owners; zeros otherwise.
    pub placement: [u8; 16],
    /// When it begins.
    pub start: i64,
}

impl ChunkName {
    fn checksum(&self, kind: u8, bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[kind]).update(&self.entity).update(&self.placement).update(&self.start.to_le_bytes());
        hasher.update(bytes);
        let hash = *hasher.finalize().as_bytes();
        let mut checksum = [0; CHECKSUM_BYTES];
        checksum.copy_from_slice(&hash[..CHECKSUM_BYTES]);
        checksum
    }
}
