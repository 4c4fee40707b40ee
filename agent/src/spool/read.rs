//! Batches out of the spool, and what is done when they cannot be read.

use evenkeel_common::wire::v1::{Batch, Gap};

use super::fs::Fs;
use super::log::{Spool, SpoolError};
use super::record::merge;
use super::segment::{Cursor, Segment};

impl<F: Fs> Spool<F> {
    /// The next batches behind a place, with their sizes: at least one when there is one, within the bounds otherwise.
    ///
    /// # Errors
    /// When the disk fails; trying again may help.
    pub fn read(
        &mut self,
        cursor: &mut Cursor,
        max: usize,
        max_bytes: usize,
    ) -> Result<Vec<(Batch, usize)>, SpoolError> {
        let (mut batches, mut bytes) = (Vec::new(), 0);
        while batches.len() < max && (batches.is_empty() || bytes < max_bytes) {
            let behind = |segment: &&Segment| segment.epoch == cursor.epoch && segment.last_seq > cursor.after;
            let Some(segment) = self.segments.values().find(behind).cloned() else {
                let Some((batch, size)) = self.memory.next(cursor.epoch, cursor.after) else { break };
                cursor.after = batch.seq;
                bytes += size;
                batches.push((batch, size));
                continue;
            };
            match cursor.next(&mut self.fs, &segment)? {
                Some((batch, size)) => {
                    bytes += size;
                    batches.push((batch, size));
                }
                None => self.lose(segment.number, cursor.after.max(segment.first_seq - 1)),
            }
        }
        Ok(batches)
    }

    /// Behind `seq` the segment is not readable: what was there is counted.
    fn lose(&mut self, number: u64, seq: u64) {
        // Nothing that follows in this file would be readable.
        if self.current.as_ref().is_some_and(|current| current.number == number) {
            self.give_up_segment();
        }
        let Some(segment) = self.segments.get_mut(&number) else { return };
        let batches = segment.last_seq.saturating_sub(seq);
        let gap = Gap { from_ms: segment.last_tick_ms, to_ms: segment.last_tick_ms, batches };
        segment.last_seq = seq;
        self.lost.push((segment.epoch, seq, gap));
        self.untold = merge(self.untold, Some(gap));
    }
}
