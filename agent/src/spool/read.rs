//! Batches out of the spool, how far the collector has them, and what is done when they cannot be read.

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

    /// The collector has everything of a stream up to `seq`.
    pub fn acknowledge(&mut self, epoch: u64, seq: u64) {
        if let Some(stream) = self.streams.get_mut(&epoch)
            && seq > stream.acked
        {
            stream.acked = seq.min(stream.newest);
            self.acks.insert(epoch, stream.acked);
            self.memory.acknowledge(epoch, seq);
        }
    }

    /// What the collector says at the beginning of a session; after it was restored from a backup that is less than
    /// before, and what is kept still is sent again.
    pub fn resume(&mut self, epoch: u64, last_seq: u64) {
        if let Some(stream) = self.streams.get_mut(&epoch)
            && last_seq != stream.acked
        {
            stream.acked = last_seq.min(stream.newest);
            self.acks.insert(epoch, stream.acked);
            self.memory.acknowledge(epoch, last_seq);
        }
    }

    /// The next batch is a keyframe, so that a line that begins can go on with what is packed here.
    pub fn begin_anew(&mut self) {
        if let Some(current) = self.current.as_mut() {
            current.since_keyframe = 0;
        }
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
