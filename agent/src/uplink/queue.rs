//! Batches that the collector has not acknowledged yet, in memory and bounded.

use std::collections::VecDeque;

use evenkeel_common::wire::v1::{Batch, Gap};
use evenkeel_common::wire::{CodecError, decode, encode};

/// A bounded queue. Full: the oldest go, and the next batch that comes in says so in its gap, so that the collector
/// knows what it will never get. What a dropped batch said of others before it is carried on.
#[derive(Debug)]
pub struct Queue {
    max_batches: usize,
    max_bytes: usize,
    /// Oldest first, numbers rising.
    batches: VecDeque<Queued>,
    bytes: usize,
    next_seq: u64,
    /// Dropped, and not told yet by any batch.
    untold: Option<Gap>,
}

/// Bytes that a gap adds to a batch at most.
const GAP_BYTES: usize = 32;

/// Encoded, because a batch takes several times the memory otherwise.
#[derive(Debug)]
struct Queued {
    seq: u64,
    tick_ms: i64,
    gap: Option<Gap>,
    frame: Vec<u8>,
}

impl Queue {
    /// An empty queue. At least one batch is kept, whatever its size.
    #[must_use]
    pub const fn new(max_batches: usize, max_bytes: usize) -> Self {
        Self { max_batches, max_bytes, batches: VecDeque::new(), bytes: 0, next_seq: 1, untold: None }
    }

    /// Takes a batch in and gives it its number; answers how many old ones had to go.
    ///
    /// # Errors
    /// When the batch does not fit a frame: it is counted as dropped.
    pub fn push(&mut self, mut batch: Batch) -> Result<usize, CodecError> {
        batch.seq = self.next_seq;
        let mut frame = self.encode(&batch)?;
        let before = self.batches.len();
        while self.batches.len() >= self.max_batches.max(1)
            || (self.bytes + frame.len() + GAP_BYTES > self.max_bytes && !self.batches.is_empty())
        {
            self.drop_oldest();
        }
        if self.untold.is_some() {
            batch.gap = merge(self.untold, batch.gap);
            frame = self.encode(&batch)?;
            self.untold = None;
        }
        self.next_seq += 1;
        self.bytes += frame.len();
        let dropped = before - self.batches.len();
        self.batches.push_back(Queued { seq: batch.seq, tick_ms: batch.tick_wall_ms, gap: batch.gap, frame });
        Ok(dropped)
    }

    fn encode(&mut self, batch: &Batch) -> Result<Vec<u8>, CodecError> {
        encode(batch).inspect_err(|_| {
            // A gap that the batch carries already counts what is untold.
            self.untold = drop_one(batch.gap.or(self.untold), batch.tick_wall_ms);
        })
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.batches.pop_front() {
            self.bytes -= oldest.frame.len();
            self.untold = merge(self.untold, drop_one(oldest.gap, oldest.tick_ms));
        }
    }

    /// Forgets everything up to `seq`: it is on the collector's disk.
    pub fn acknowledge(&mut self, seq: u64) {
        while let Some(oldest) = self.batches.front().filter(|oldest| oldest.seq <= seq) {
            self.bytes -= oldest.frame.len();
            self.batches.pop_front();
        }
    }

    /// The first batch with a number above `seq`, and its size as it is kept.
    #[must_use]
    pub fn after(&self, seq: u64) -> Option<(Batch, usize)> {
        let at = self.batches.partition_point(|queued| queued.seq <= seq);
        let queued = self.batches.get(at)?;
        // What was encoded here decodes; if it did not, the batch would be skipped for ever, and that is better than to
        // stop at it.
        decode(&queued.frame[4..]).ok().map(|batch| (batch, queued.frame.len()))
    }

    /// How many batches there are up to `seq`, and their bytes.
    #[must_use]
    pub fn up_to(&self, seq: u64) -> (usize, usize) {
        let count = self.batches.partition_point(|queued| queued.seq <= seq);
        (count, self.batches.iter().take(count).map(|queued| queued.frame.len()).sum())
    }

    /// The number that the next batch gets.
    #[must_use]
    pub const fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// How many batches wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batches.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Bytes of the batches that wait.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The gap of a dropped batch: itself, and what it would have told.
fn drop_one(told: Option<Gap>, tick_ms: i64) -> Option<Gap> {
    merge(told, Some(Gap { from_ms: tick_ms, to_ms: tick_ms, batches: 1 }))
}

fn merge(a: Option<Gap>, b: Option<Gap>) -> Option<Gap> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Gap {
            from_ms: a.from_ms.min(b.from_ms),
            to_ms: a.to_ms.max(b.to_ms),
            batches: a.batches.saturating_add(b.batches),
        }),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests;
