//! The spool: every batch is on this host's disk before it is sent, and stays until the collector has it.
//!
//! Batches lie in streams (see `Batch::epoch`), a stream in segments: files of about a mebibyte that are only ever
//! appended to, each record with a checksum. A segment decodes by itself, from its keyframes on. When the spool is full
//! the oldest segment goes; a record of that is on disk before it does, so that the gap is told exactly once. What is
//! acknowledged stays for a day within the bound: a collector that was restored from a backup asks for it again.
//!
//! What a kill -9 leaves is everything; what a power failure can take are the batches since the last `sync`. It follows
//! a batch at once while the collector is away. While the collector answers it has a second: what is acknowledged is on
//! the collector's disk, and a `sync` costs more than packing the batch. When the disk is full or fails, batches are kept in memory until it works again.

mod fs;
mod log;
mod memory;
mod read;
mod record;
mod recover;
mod room;
mod segment;
mod task;
#[cfg(test)]
mod tests;

pub use fs::{Fs, RealFs};
pub use log::{Pushed, Settings, Spool, SpoolError, StreamState};
pub use segment::Cursor;
pub use task::{Client, News, SpoolTask, Started, Waiting};
