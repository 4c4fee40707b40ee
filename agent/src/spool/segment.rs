//! One file of the spool, and a place in it from which batches are read.

use evenkeel_common::wire::pack::Unpacker;
use evenkeel_common::wire::v1::{Batch, Gap};

use super::fs::Fs;
use super::log::SpoolError;
use super::record::{HEAD_BYTES, Head, Record, merge};

/// Files of the spool end so.
const SUFFIX: &str = ".seg";

/// What is known of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) epoch: u64,
    pub(super) first_seq: u64,
    /// Below `first_seq` when it has no batch.
    pub(super) last_seq: u64,
    pub(super) bytes: u64,
    pub(super) last_tick_ms: i64,
}

impl Segment {
    pub(super) fn new(head: Head) -> Self {
        Self {
            number: head.number,
            epoch: head.epoch,
            first_seq: head.first_seq,
            last_seq: head.first_seq - 1,
            bytes: u64::try_from(HEAD_BYTES).unwrap_or(0),
            last_tick_ms: i64::MIN,
        }
    }

    pub(super) fn name(&self) -> String {
        name(self.number)
    }

    /// Batches of it above `acked`, and their share of its bytes.
    pub(super) fn waiting(&self, acked: u64) -> (u64, u64) {
        let all = (self.last_seq + 1).saturating_sub(self.first_seq);
        let waiting = (self.last_seq + 1).saturating_sub(self.first_seq.max(acked.saturating_add(1)));
        (waiting, self.bytes.saturating_mul(waiting) / all.max(1))
    }
}

pub(super) fn name(number: u64) -> String {
    format!("{number:016x}{SUFFIX}")
}

/// The number of a segment's file.
pub(super) fn number(name: &str) -> Option<u64> {
    u64::from_str_radix(name.strip_suffix(SUFFIX)?, 16).ok()
}

/// Calls `each` with every whole record and its place, in order; answers with where the first that is none begins.
pub(super) fn walk<'a>(bytes: &'a [u8], number: u64, mut each: impl FnMut(usize, Record<'a>)) -> usize {
    let mut at = HEAD_BYTES;
    while let Some((record, len)) =
        bytes.get(at..).and_then(|rest| Record::read(rest, number, u64::try_from(at).unwrap_or(u64::MAX)))
    {
        each(at, record);
        at += len;
    }
    at
}

/// The gap that is left when the batches above `acked` go: themselves and what they would have told.
pub(super) fn gap_of(bytes: &[u8], number: u64, acked: u64) -> Option<Gap> {
    let mut gap = None;
    let mut unpacker = Unpacker::default();
    walk(bytes, number, |_, record| {
        if let Record::Batch { seq, tick_ms, packed, .. } = record {
            let batch = unpacker.unpack(packed);
            if seq > acked {
                gap = merge(gap, Some(Gap { from_ms: tick_ms, to_ms: tick_ms, batches: 1 }));
                if let Ok(batch) = batch {
                    gap = merge(gap, batch.gap);
                }
            }
        }
    });
    gap
}

/// A place in a stream.
#[derive(Debug, Default)]
pub struct Cursor {
    pub(super) epoch: u64,
    pub(super) after: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    number: u64,
    bytes: Vec<u8>,
    at: usize,
    unpacker: Unpacker,
}

impl Cursor {
    /// Behind batch `after` of a stream.
    #[must_use]
    pub fn new(epoch: u64, after: u64) -> Self {
        Self { epoch, after, open: None }
    }

    /// Goes to another place; nothing is read again when it is already there.
    pub fn seek(&mut self, epoch: u64, after: u64) {
        if (self.epoch, self.after) != (epoch, after) {
            *self = Self::new(epoch, after);
        }
    }

    /// The next batch in `segment` with its size on disk; `None` when there is none behind this place that is readable.
    pub(super) fn next<F: Fs>(&mut self, fs: &mut F, segment: &Segment) -> Result<Option<(Batch, usize)>, SpoolError> {
        if self.open.as_ref().is_none_or(|open| open.number != segment.number) {
            self.open = Some(open(fs, segment, self.after)?);
        }
        let Some(open) = self.open.as_mut() else { return Ok(None) };
        let size = usize::try_from(segment.bytes).unwrap_or(usize::MAX);
        if open.bytes.len() < size {
            let from = u64::try_from(open.bytes.len()).unwrap_or(u64::MAX);
            open.bytes.extend(fs.read(&segment.name(), from, size - open.bytes.len())?);
        }
        loop {
            let rest = open.bytes.get(open.at..).unwrap_or_default();
            let Some((record, len)) = Record::read(rest, open.number, u64::try_from(open.at).unwrap_or(u64::MAX))
            else {
                return Ok(None);
            };
            open.at += len;
            if let Record::Batch { seq, packed, .. } = record {
                let Ok(batch) = open.unpacker.unpack(packed) else { return Ok(None) };
                if seq > self.after {
                    self.after = seq;
                    return Ok(Some((batch, len)));
                }
            }
        }
    }
}

/// Opens a segment at the last keyframe from which the batch behind `after` can be read.
fn open<F: Fs>(fs: &mut F, segment: &Segment, after: u64) -> Result<Open, SpoolError> {
    let bytes = fs.read(&segment.name(), 0, usize::try_from(segment.bytes).unwrap_or(usize::MAX))?;
    let mut at = HEAD_BYTES;
    walk(&bytes, segment.number, |place, record| {
        if let Record::Batch { keyframe: true, seq, .. } = record
            && seq <= after.saturating_add(1)
        {
            at = place;
        }
    });
    Ok(Open { number: segment.number, bytes, at, unpacker: Unpacker::default() })
}
