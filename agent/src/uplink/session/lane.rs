//! One of the two lines of batches in a session: a stream at a time, in order, with a window.

use std::collections::VecDeque;

use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::pack::{Packer, is_keyframe};
use evenkeel_common::wire::v1::{Batch, ToCollector};
use evenkeel_common::wire::v2::PackedBatch;

use super::{At, Effect, Myself};
use crate::spool::{Pushed, StreamState};

/// When the disk could not be read, it is tried again after this.
const READ_AGAIN: DurationMs = DurationMs::from_s(5);

#[derive(Debug)]
pub(super) struct Lane {
    number: usize,
    window: (usize, usize),
    stream: Option<StreamState>,
    /// Highest number sent in this session.
    sent: u64,
    /// Sent and not acknowledged: number and size.
    under_way: VecDeque<(u64, usize)>,
    bytes: usize,
    /// The newest number there was when the spool was asked for more.
    reading: Option<u64>,
    again_at: Option<MonoMs>,
    packer: Packer,
    /// The batch sent last, when it went out as the spool packed it: the next one can, too.
    as_spooled: Option<u64>,
}

impl Lane {
    pub(super) fn new(number: usize, max_batches: usize, max_bytes: usize) -> Self {
        Self {
            number,
            window: (max_batches, max_bytes),
            stream: None,
            sent: 0,
            under_way: VecDeque::new(),
            bytes: 0,
            reading: None,
            again_at: None,
            packer: Packer::default(),
            as_spooled: None,
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new(self.number, self.window.0, self.window.1);
    }

    pub(super) fn begin(&mut self, stream: StreamState) {
        // The line of packed batches goes on from stream to stream; the packer sees that it is another one.
        let packer = std::mem::take(&mut self.packer);
        self.clear();
        self.packer = packer;
        self.stream = Some(stream);
    }

    /// A session begins, in which the collector has the stream up to `end`.
    pub(super) fn resume(&mut self, end: u64) {
        self.sent = end;
        self.under_way.clear();
        (self.bytes, self.reading, self.again_at) = (0, None, None);
        self.as_spooled = None;
        if self.number == 0 {
            self.packer.begin_anew();
        }
    }

    /// 0 when it has none.
    pub(super) fn epoch(&self) -> u64 {
        self.stream.map_or(0, |stream| stream.epoch)
    }

    pub(super) fn newest(&self) -> u64 {
        self.stream.map_or(0, |stream| stream.newest)
    }

    pub(super) fn behind(&self) -> u64 {
        self.newest().saturating_sub(self.sent)
    }

    pub(super) fn is_done(&self) -> bool {
        self.sent >= self.newest() && self.under_way.is_empty() && self.reading.is_none()
    }

    pub(super) const fn again_at(&self) -> Option<MonoMs> {
        self.again_at
    }

    /// The collector has everything up to a number, as far as it was sent: which is answered.
    pub(super) fn acknowledged(&mut self, seq: u64) -> u64 {
        let seq = seq.min(self.sent);
        while let Some((_, size)) = self.under_way.pop_front_if(|(sent, _)| *sent <= seq) {
            self.bytes -= size;
        }
        seq
    }

    /// A batch is in the spool; `true` when it can be sent at once.
    pub(super) fn stored(&mut self, pushed: &Pushed, free: bool) -> bool {
        let batch = &pushed.batch;
        let Some(stream) = self.stream.as_mut().filter(|stream| stream.epoch == batch.epoch) else { return false };
        let next = self.sent == stream.newest && self.reading.is_none();
        stream.newest = batch.seq;
        free && next && self.has_room(pushed.size)
    }

    fn has_room(&self, size: usize) -> bool {
        self.under_way.is_empty() || (self.under_way.len() < self.window.0 && self.bytes + size <= self.window.1)
    }

    /// Asks the spool for what fits, when there is something.
    pub(super) fn wants(&mut self, now: MonoMs) -> Option<Effect> {
        let wanted = self.sent < self.newest() && self.reading.is_none() && self.has_room(1);
        if !wanted || self.again_at.is_some_and(|again| now < again) {
            return None;
        }
        (self.reading, self.again_at) = (Some(self.newest()), None);
        Some(Effect::Read {
            lane: self.number,
            epoch: self.epoch(),
            after: self.sent,
            max: self.window.0 - self.under_way.len(),
            max_bytes: self.window.1.saturating_sub(self.bytes),
        })
    }

    /// What the spool answered; what is not an answer to the last question is left out.
    pub(super) fn read(
        &mut self,
        epoch: u64,
        after: u64,
        batches: Option<Vec<(Batch, usize)>>,
        now: MonoMs,
    ) -> Vec<(Batch, usize)> {
        if (self.epoch(), self.sent) != (epoch, after) {
            return Vec::new();
        }
        let Some(newest) = self.reading.take() else { return Vec::new() };
        match batches {
            Some(batches) => {
                if batches.is_empty() {
                    // They went because the spool is full.
                    self.sent = newest;
                }
                batches
            }
            None => {
                self.again_at = Some(now.plus(READ_AGAIN));
                Vec::new()
            }
        }
    }

    /// The message of a batch, which counts as sent. `spooled` is how the spool packed it, if that is at hand.
    pub(super) fn send(
        &mut self,
        batch: &Batch,
        spooled: Option<Vec<u8>>,
        size: usize,
        version: u8,
        me: &Myself,
        at: At,
    ) -> Effect {
        self.sent = batch.seq;
        self.under_way.push_back((batch.seq, size));
        self.bytes += size;
        let (sent_wall_ms, sent_mono_ms, age_ms) = (at.wall.0, at.mono.0, age_ms(batch, me, at));
        let packed = if version >= 2 { self.packed(batch, spooled) } else { None };
        let message = match packed {
            Some(packed) => {
                let lane = u8::try_from(self.number).unwrap_or(0);
                ToCollector::Packed(PackedBatch { sent_wall_ms, sent_mono_ms, age_ms, lane, packed })
            }
            None => ToCollector::Batch { sent_wall_ms, sent_mono_ms, age_ms, batch: batch.clone() },
        };
        Effect::Send(Box::new(message))
    }
}

impl Lane {
    /// A batch as the next of this line: as the spool packed it where the line can go on with that, else packed here.
    fn packed(&mut self, batch: &Batch, spooled: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let goes_on = |last: u64| last + 1 == batch.seq;
        let fits = |packed: &Vec<u8>| is_keyframe(packed) || self.as_spooled.is_some_and(goes_on);
        if let Some(packed) = spooled.filter(fits) {
            self.as_spooled = Some(batch.seq);
            self.packer.begin_anew();
            return Some(packed);
        }
        self.as_spooled = None;
        self.packer.pack(batch).ok()
    }
}

/// How long ago the batch's tick was. The monotonic clock is this run's: of a batch of an earlier one only the wall clock
/// knows.
fn age_ms(batch: &Batch, me: &Myself, at: At) -> u64 {
    if batch.epoch >= me.first_stream {
        return at.mono.0.saturating_sub(batch.tick_mono_ms);
    }
    u64::try_from(at.wall.since(UnixMs(batch.tick_wall_ms)).0).unwrap_or(0)
}
