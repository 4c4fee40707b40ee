//! Batches in memory, while the disk takes none.

use std::collections::VecDeque;

use evenkeel_common::limits::{QUEUE_MAX_BATCHES, QUEUE_MAX_BYTES};
use evenkeel_common::wire::pack::{PackError, Packer, Unpacker};
use evenkeel_common::wire::v1::{Batch, Gap};

use super::record::merge;

/// A bounded queue of batches, each packed by itself. Full: the oldest goes and is counted.
#[derive(Debug, Default)]
pub(super) struct Memory {
    batches: VecDeque<Kept>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    epoch: u64,
    seq: u64,
    tick_ms: i64,
    gap: Option<Gap>,
    packed: Vec<u8>,
}

impl Memory {
    /// Takes a batch; answers with the gap of those that had to go.
    pub(super) fn push(&mut self, batch: &Batch) -> Result<Option<Gap>, PackError> {
        let packed = Packer::default().pack(batch)?;
        self.bytes += packed.len();
        let Batch { epoch, seq, tick_wall_ms: tick_ms, gap, .. } = *batch;
        self.batches.push_back(Kept { epoch, seq, tick_ms, gap, packed });
        let mut gone = None;
        while self.batches.len() > QUEUE_MAX_BATCHES || (self.bytes > QUEUE_MAX_BYTES && self.batches.len() > 1) {
            let Some(oldest) = self.batches.pop_front() else { break };
            self.bytes -= oldest.packed.len();
            gone = merge(gone, Some(Gap { from_ms: oldest.tick_ms, to_ms: oldest.tick_ms, batches: 1 }));
            gone = merge(gone, oldest.gap);
        }
        Ok(gone)
    }

    /// Forgets what the collector has.
    pub(super) fn acknowledge(&mut self, epoch: u64, seq: u64) {
        self.batches.retain(|kept| kept.epoch != epoch || kept.seq > seq);
        self.bytes = self.batches.iter().map(|kept| kept.packed.len()).sum();
    }

    /// The first batch of a stream above `after`, and its size.
    pub(super) fn next(&self, epoch: u64, after: u64) -> Option<(Batch, usize)> {
        let kept = self.batches.iter().find(|kept| kept.epoch == epoch && kept.seq > after)?;
        Some((unpack(kept)?, kept.packed.len()))
    }

    pub(super) fn front(&self) -> Option<Batch> {
        self.batches.front().and_then(unpack)
    }

    pub(super) fn pop(&mut self) {
        if let Some(kept) = self.batches.pop_front() {
            self.bytes -= kept.packed.len();
        }
    }

    pub(super) fn waiting(&self) -> (u64, u64) {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        (number(self.batches.len()), number(self.bytes))
    }

    pub(super) fn has(&self, epoch: u64) -> bool {
        self.batches.iter().any(|kept| kept.epoch == epoch)
    }
}

/// What was packed here unpacks.
fn unpack(kept: &Kept) -> Option<Batch> {
    Unpacker::default().unpack(&kept.packed).ok()
}
