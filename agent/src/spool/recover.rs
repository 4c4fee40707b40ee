//! What a start finds on disk.

use std::collections::BTreeMap;
use std::io;

use evenkeel_common::wire::v1::Gap;

use super::fs::Fs;
use super::log::{Settings, Spool};
use super::record::{Head, Record, merge};
use super::segment::{Segment, name, number, walk};

/// No segment is so large.
const SEGMENT_MAX_BYTES: usize = 64 << 20;

impl<F: Fs> Spool<F> {
    /// Opens what is there. What was being written when the machine stopped, and does not hold its checksum, is not
    /// there. `begin` has to follow before the first batch.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn open(fs: F, settings: Settings) -> io::Result<Self> {
        let mut spool = Self::empty(fs, settings);
        let mut numbers: Vec<u64> = spool.fs.list()?.iter().filter_map(|name| number(name)).collect();
        numbers.sort_unstable();
        let mut found = Found::default();
        for number in numbers {
            spool.next_number = number + 1;
            let bytes = spool.fs.read(&name(number), 0, SEGMENT_MAX_BYTES)?;
            match Head::read(&bytes).filter(|head| head.number == number) {
                Some(head) => {
                    let segment = found.look(head, &bytes);
                    spool.segments.insert(number, segment);
                }
                None => spool.fs.remove(&name(number))?,
            }
        }
        let gone: Vec<u64> = spool.segments.range(..=found.dropped_through).map(|(number, _)| *number).collect();
        for number in gone {
            spool.segments.remove(&number);
            spool.fs.remove(&name(number))?;
        }
        spool.untold = found.untold;
        for segment in spool.segments.values() {
            let stream = spool.streams.entry(segment.epoch).or_default();
            stream.newest = stream.newest.max(segment.last_seq);
        }
        for (epoch, seq) in &found.acks {
            if let Some(stream) = spool.streams.get_mut(epoch) {
                stream.acked = (*seq).min(stream.newest);
            }
        }
        spool.count_holes(&found);
        Ok(spool)
    }

    /// Numbers that are missing between two segments of a stream were in one that is not readable any more.
    fn count_holes(&mut self, found: &Found) {
        let mut before: BTreeMap<u64, Segment> = BTreeMap::new();
        for segment in self.segments.values() {
            if let Some(former) = before.insert(segment.epoch, segment.clone()) {
                let acked = self.streams.get(&segment.epoch).map_or(0, |stream| stream.acked);
                let from = former.last_seq.max(acked);
                let batches = segment.first_seq.saturating_sub(from + 1);
                let told = found
                    .lost
                    .iter()
                    .any(|(epoch, seq)| *epoch == segment.epoch && *seq >= former.last_seq && *seq < segment.first_seq);
                if batches > 0 && !told {
                    let from_ms = former.last_tick_ms.max(0);
                    let gap = Gap { from_ms, to_ms: segment.last_tick_ms.max(from_ms), batches };
                    self.lost.push((segment.epoch, former.last_seq, gap));
                    self.untold = merge(self.untold, Some(gap));
                }
            }
        }
    }
}

/// What the records of all segments say together.
#[derive(Default)]
struct Found {
    acks: BTreeMap<u64, u64>,
    lost: Vec<(u64, u64)>,
    dropped_through: u64,
    untold: Option<Gap>,
}

impl Found {
    fn look(&mut self, head: Head, bytes: &[u8]) -> Segment {
        let mut segment = Segment::new(head);
        let end = walk(bytes, head.number, |_, record| match record {
            Record::Batch { seq, tick_ms, tells, .. } => {
                (segment.last_seq, segment.last_tick_ms) = (seq, tick_ms);
                if tells {
                    self.untold = None;
                }
            }
            Record::Ack { epoch, seq } => drop(self.acks.insert(epoch, seq)),
            Record::Dropped { through, gap } => {
                self.dropped_through = self.dropped_through.max(through);
                self.untold = merge(self.untold, gap);
            }
            Record::Lost { epoch, seq, gap } => {
                self.lost.push((epoch, seq));
                self.untold = merge(self.untold, Some(gap));
            }
        });
        segment.bytes = u64::try_from(end).unwrap_or(u64::MAX);
        segment
    }
}
