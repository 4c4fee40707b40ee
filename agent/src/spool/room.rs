//! What goes: the oldest when the spool is full, what is acknowledged and old.

use std::io;

use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::Batch;

use super::fs::Fs;
use super::log::{SLACK_BYTES, Spool, SpoolError};
use super::record::{HEAD_BYTES, RECORD_BYTES, Record, merge};
use super::segment::{Segment, gap_of};

impl<F: Fs> Spool<F> {
    /// Drops the oldest segments until `more` bytes fit.
    pub(super) fn make_room(&mut self, more: usize, batch: &Batch) -> Result<(), SpoolError> {
        let head = u64::try_from(HEAD_BYTES + RECORD_BYTES + more).unwrap_or(u64::MAX);
        while self.bytes() + head + SLACK_BYTES > self.settings.max_bytes {
            let Some(oldest) = self.segments.values().next().cloned() else { break };
            let acked = self.streams.get(&oldest.epoch).map_or(0, |stream| stream.acked);
            if self.current.as_ref().is_some_and(|current| current.number == oldest.number) {
                self.close_segment()?;
            }
            if oldest.waiting(acked).0 > 0 {
                let size = usize::try_from(oldest.bytes).unwrap_or(usize::MAX);
                let gap = gap_of(&self.fs.read(&oldest.name(), 0, size)?, oldest.number, acked);
                if self.current.is_none() {
                    self.create(batch)?;
                }
                self.append(&[Record::Dropped { through: oldest.number, gap }])?;
                self.sync_disk()?;
                self.untold = merge(self.untold, gap);
            }
            self.remove(oldest.number)?;
        }
        Ok(())
    }

    fn remove(&mut self, number: u64) -> Result<(), io::Error> {
        if let Some(segment) = self.segments.remove(&number) {
            self.fs.remove(&segment.name())?;
            self.forget_streams();
        }
        Ok(())
    }

    /// Streams of which nothing is kept.
    pub(super) fn forget_streams(&mut self) {
        let Self { streams, segments, memory, epoch: current, .. } = self;
        streams.retain(|epoch, _| {
            epoch == current || memory.has(*epoch) || segments.values().any(|segment| segment.epoch == *epoch)
        });
    }

    /// The oldest segment, when the collector has all of it and it is not the newest.
    fn oldest_done(&self) -> Option<&Segment> {
        let oldest = self.segments.values().next().filter(|_| self.segments.len() > 1)?;
        let acked = self.streams.get(&oldest.epoch).map_or(0, |stream| stream.acked);
        (oldest.waiting(acked).0 == 0).then_some(oldest)
    }

    /// The disk is full: what is kept only for a restored collector goes. `false` when there is no such.
    pub(super) fn give_room(&mut self) -> bool {
        self.give_up_segment();
        let mut gave = false;
        while let Some(number) = self.oldest_done().map(|segment| segment.number) {
            gave |= self.remove(number).is_ok();
        }
        gave
    }

    /// Removes what was acknowledged and is older than a day.
    pub fn retire(&mut self, now: UnixMs) {
        while let Some(oldest) = self.oldest_done()
            && now.since(UnixMs(oldest.last_tick_ms)) > self.settings.keep
        {
            let number = oldest.number;
            if let Err(error) = self.remove(number) {
                self.failure = Some(error.to_string());
            }
        }
    }
}
