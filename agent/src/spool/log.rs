//! The spool itself: streams of batches in segments, acknowledgements, and what goes when there is no room.

use std::collections::BTreeMap;
use std::io;

use evenkeel_common::limits::{BACKLOG_MAX_BATCHES, SPOOL_KEEP, SPOOL_SEGMENT_BYTES, SPOOL_STREAMS_MAX};
use evenkeel_common::time::DurationMs;
use evenkeel_common::wire::pack::{PackError, Packer};
use evenkeel_common::wire::v1::{Batch, Gap};

use super::fs::Fs;
use super::memory::Memory;
use super::record::{Head, RECORD_BYTES, Record, merge};
use super::segment::Segment;

/// Batches from one keyframe to the next: so many are decoded at most to get at one.
const KEYFRAME_EVERY: u32 = 64;
/// The bound holds with room for a segment's head and a record of what was dropped.
pub(super) const SLACK_BYTES: u64 = 4 << 10;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Bytes on disk.
    pub max_bytes: u64,
    /// How long what is acknowledged stays, within that bound.
    pub keep: DurationMs,
}

impl Settings {
    /// So many bytes, and a day.
    #[must_use]
    pub const fn new(max_bytes: u64) -> Self {
        Self { max_bytes, keep: SPOOL_KEEP }
    }

    fn segment_bytes(self) -> u64 {
        (self.max_bytes / 64).clamp(4 << 10, SPOOL_SEGMENT_BYTES)
    }
}

/// Why the spool could not do it.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The file system.
    #[error("the spool's disk: {0}")]
    Disk(#[from] io::Error),
    /// The batch.
    #[error("the batch cannot be packed")]
    Batch(#[from] PackError),
}

/// A batch that was taken.
#[derive(Debug)]
pub struct Pushed {
    /// With its number, and with the gap that it tells.
    pub batch: Batch,
    /// As it is on disk; `None` when it is in memory. It builds on the batch of the number before, unless it is a keyframe.
    pub packed: Option<Vec<u8>>,
    /// Its size as it is kept.
    pub size: usize,
    /// What had to go for it and is told by the next.
    pub dropped: Option<Gap>,
}

/// How far a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamState {
    /// Which.
    pub epoch: u64,
    /// What the collector is known to have.
    pub acked: u64,
    /// The newest batch.
    pub newest: u64,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stream {
    pub(super) acked: u64,
    pub(super) newest: u64,
}

/// Whether a batch that is written may have been sent already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// It was not.
    New,
    /// It was in memory, from where it is sent as well: what it would tell now nobody may hear.
    Before,
}

pub(super) struct Current<T> {
    pub(super) number: u64,
    file: T,
    pub(super) since_keyframe: u32,
}

/// See the module.
pub struct Spool<F: Fs> {
    pub(super) fs: F,
    pub(super) settings: Settings,
    pub(super) segments: BTreeMap<u64, Segment>,
    pub(super) streams: BTreeMap<u64, Stream>,
    pub(super) epoch: u64,
    pub(super) current: Option<Current<F::File>>,
    packer: Packer,
    pub(super) next_number: u64,
    /// Gone, and not told yet by any batch.
    pub(super) untold: Option<Gap>,
    pub(super) memory: Memory,
    /// To be written before the next batch: acknowledgements, and what was lost.
    pub(super) acks: BTreeMap<u64, u64>,
    pub(super) lost: Vec<(u64, u64, Gap)>,
    dirty: bool,
    dir_dirty: bool,
    pub(super) failure: Option<String>,
}

impl<F: Fs> Spool<F> {
    pub(super) fn empty(fs: F, settings: Settings) -> Self {
        Self {
            fs,
            settings,
            segments: BTreeMap::new(),
            streams: BTreeMap::new(),
            epoch: 0,
            current: None,
            packer: Packer::default(),
            next_number: 1,
            untold: None,
            memory: Memory::default(),
            acks: BTreeMap::new(),
            lost: Vec::new(),
            dirty: false,
            dir_dirty: false,
            failure: None,
        }
    }

    /// Begins another stream for the batches that follow, named `epoch` or later; answers with its name.
    pub fn begin(&mut self, epoch: u64) -> u64 {
        let newest = self.streams.last_key_value().map_or(0, |(epoch, _)| *epoch);
        self.epoch = epoch.max(newest + 1);
        self.streams.insert(self.epoch, Stream::default());
        self.forget_streams();
        self.epoch
    }

    /// Begins another stream when batches of the current one wait, so many that fresh ones should not stand behind them;
    /// not when there are too many streams already.
    pub fn begin_if_behind(&mut self, epoch: u64) {
        let few = u64::try_from(BACKLOG_MAX_BATCHES).unwrap_or(0);
        let behind = self.streams.get(&self.epoch).map_or(0, |stream| stream.newest.saturating_sub(stream.acked));
        if behind > few && self.streams.len() < SPOOL_STREAMS_MAX / 2 {
            self.begin(epoch);
        }
    }

    /// The streams, oldest first; the last one takes what comes.
    #[must_use]
    pub fn streams(&self) -> Vec<StreamState> {
        let state = |(epoch, stream): (&u64, &Stream)| StreamState {
            epoch: *epoch,
            acked: stream.acked,
            newest: stream.newest,
        };
        let all: Vec<StreamState> = self.streams.iter().map(state).collect();
        // Too many only when the agent was started anew a thousand times within the bound: those that wait come first.
        let spare = all.len().saturating_sub(SPOOL_STREAMS_MAX);
        let done = all.iter().filter(|stream| stream.acked >= stream.newest).take(spare).map(|stream| stream.epoch);
        let left_out: Vec<u64> = done.collect();
        let current = self.epoch;
        let mut named: Vec<StreamState> =
            all.into_iter().filter(|stream| stream.epoch == current || !left_out.contains(&stream.epoch)).collect();
        if named.len() > SPOOL_STREAMS_MAX {
            named.drain(SPOOL_STREAMS_MAX - 1..named.len() - 1);
        }
        named
    }

    /// Batches that are not acknowledged, and about how many bytes.
    #[must_use]
    pub fn waiting(&self) -> (u64, u64) {
        let acked = |epoch: &u64| self.streams.get(epoch).map_or(0, |stream| stream.acked);
        let on_disk = self.segments.values().map(|segment| segment.waiting(acked(&segment.epoch)));
        on_disk.chain([self.memory.waiting()]).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Bytes on disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.segments.values().map(|segment| segment.bytes).sum()
    }

    /// What is wrong with the disk; batches are in memory then.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Takes a batch and gives it its number. It is in a file, or in memory when the disk takes none; on disk for good
    /// after [`Self::sync`].
    ///
    /// # Errors
    /// When the batch cannot be packed: then it is counted as dropped.
    pub fn push(&mut self, mut batch: Batch) -> Result<Pushed, PackError> {
        let stream = self.streams.entry(self.epoch).or_default();
        (batch.epoch, batch.seq) = (self.epoch, stream.newest + 1);
        let mut written = self.save_memory().and_then(|()| self.write(&mut batch, Told::New));
        if matches!(written, Err(SpoolError::Disk(_))) && self.give_room() {
            written = self.save_memory().and_then(|()| self.write(&mut batch, Told::New));
        }
        let packed = match written {
            Ok(packed) => {
                self.failure = None;
                Some(packed)
            }
            Err(SpoolError::Batch(error)) => return Err(self.refuse(&batch, error)),
            Err(SpoolError::Disk(error)) => {
                self.give_up_segment();
                self.failure = Some(error.to_string());
                batch.gap = merge(self.untold.take(), batch.gap);
                if let Err(error) = self.keep_in_memory(&batch) {
                    return Err(self.refuse(&batch, error));
                }
                None
            }
        };
        self.streams.entry(batch.epoch).or_default().newest = batch.seq;
        let dropped = merge(batch.gap, self.untold);
        let size = packed.as_ref().map_or(0, |packed| packed.len() + RECORD_BYTES);
        Ok(Pushed { batch, packed, size, dropped })
    }

    fn refuse(&mut self, batch: &Batch, error: PackError) -> PackError {
        let one = Gap { from_ms: batch.tick_wall_ms, to_ms: batch.tick_wall_ms, batches: 1 };
        self.untold = merge(self.untold, merge(batch.gap, Some(one)));
        error
    }

    fn keep_in_memory(&mut self, batch: &Batch) -> Result<(), PackError> {
        if let Some(gap) = self.memory.push(batch)? {
            self.untold = merge(self.untold, Some(gap));
            let front = self.memory.front().map_or((batch.epoch, batch.seq), |front| (front.epoch, front.seq));
            self.lost.push((front.0, front.1 - 1, gap));
        }
        Ok(())
    }

    /// Brings what is in memory to disk, oldest first.
    fn save_memory(&mut self) -> Result<(), SpoolError> {
        while let Some(mut batch) = self.memory.front() {
            self.write(&mut batch, Told::Before)?;
            self.memory.pop();
        }
        Ok(())
    }

    /// Writes a batch; a new one tells what is untold so far.
    fn write(&mut self, batch: &mut Batch, when: Told) -> Result<Vec<u8>, SpoolError> {
        let own = batch.gap;
        let mut told = None;
        let written = self.try_write(batch, when, &mut told);
        if written.is_err() {
            batch.gap = own;
            self.untold = merge(told, self.untold);
        }
        written
    }

    fn try_write(&mut self, batch: &mut Batch, when: Told, told: &mut Option<Gap>) -> Result<Vec<u8>, SpoolError> {
        let segment = self.current.as_ref().and_then(|current| self.segments.get(&current.number));
        if segment.is_none_or(|s| s.epoch != batch.epoch || s.bytes >= self.settings.segment_bytes()) {
            self.close_segment()?;
        }
        let open = |spool: &Self| spool.current.as_ref().map(|current| current.number);
        let before = open(self);
        self.tell(batch, when, told);
        let mut packed = self.pack(batch)?;
        self.make_room(packed.len(), batch)?;
        if open(self).is_none() {
            self.create(batch)?;
        }
        if self.tell(batch, when, told) || open(self) != before {
            packed = self.pack(batch)?;
        }
        let acks = self.acks.iter().map(|(epoch, seq)| Record::Ack { epoch: *epoch, seq: *seq });
        let lost = self.lost.iter().map(|(epoch, seq, gap)| Record::Lost { epoch: *epoch, seq: *seq, gap: *gap });
        let mut records: Vec<Record<'_>> = acks.chain(lost).collect();
        let keyframe = self.current.as_ref().is_none_or(|current| current.since_keyframe == 0);
        // After one that tells nothing is untold for the next start. Told twice is better than not told.
        let tells = batch.gap.is_some() && self.untold.is_none();
        let (seq, tick_ms) = (batch.seq, batch.tick_wall_ms);
        records.push(Record::Batch { keyframe, tells, seq, tick_ms, packed: &packed });
        self.append(&records)?;
        self.acks.clear();
        self.lost.clear();
        if let Some(current) = self.current.as_mut() {
            current.since_keyframe = (current.since_keyframe + 1) % KEYFRAME_EVERY;
            if let Some(segment) = self.segments.get_mut(&current.number) {
                (segment.last_seq, segment.last_tick_ms) = (seq, tick_ms);
            }
        }
        Ok(packed)
    }

    /// Lets a new batch tell what is untold; `false` when there is nothing.
    fn tell(&mut self, batch: &mut Batch, when: Told, told: &mut Option<Gap>) -> bool {
        if when == Told::Before {
            return false;
        }
        let Some(untold) = self.untold.take() else { return false };
        *told = merge(*told, Some(untold));
        batch.gap = merge(Some(untold), batch.gap);
        true
    }

    fn pack(&mut self, batch: &Batch) -> Result<Vec<u8>, PackError> {
        if self.current.as_ref().is_none_or(|current| current.since_keyframe == 0) {
            self.packer.begin_anew();
        }
        self.packer.pack(batch)
    }

    /// With one write, so that it costs one.
    pub(super) fn append(&mut self, records: &[Record<'_>]) -> Result<(), SpoolError> {
        let current = self.current.as_mut().ok_or_else(|| io::Error::other("no segment is open"))?;
        let segment = self.segments.get_mut(&current.number).ok_or_else(|| io::Error::other("no segment is open"))?;
        let mut bytes = Vec::new();
        for record in records {
            let place = segment.bytes + u64::try_from(bytes.len()).unwrap_or(0);
            bytes.extend(record.bytes(segment.number, place));
        }
        self.dirty = true;
        self.fs.append(&mut current.file, &bytes)?;
        segment.bytes += u64::try_from(bytes.len()).unwrap_or(0);
        Ok(())
    }

    pub(super) fn create(&mut self, batch: &Batch) -> Result<(), SpoolError> {
        let head = Head { number: self.next_number, epoch: batch.epoch, first_seq: batch.seq };
        self.next_number += 1;
        let segment = Segment::new(head);
        let mut file = self.fs.create(&segment.name())?;
        (self.dirty, self.dir_dirty) = (true, true);
        if let Err(error) = self.fs.append(&mut file, &head.bytes()) {
            // An empty file is in nobody's way; if it cannot be removed the next start does it.
            drop(self.fs.remove(&segment.name()));
            return Err(error.into());
        }
        self.current = Some(Current { number: head.number, file, since_keyframe: 0 });
        self.segments.insert(head.number, segment);
        Ok(())
    }

    pub(super) fn close_segment(&mut self) -> Result<(), SpoolError> {
        self.sync_disk()?;
        self.current = None;
        Ok(())
    }

    /// What was written of the segment stays, on disk for good as far as the disk still does that; nothing more is.
    pub(super) fn give_up_segment(&mut self) {
        if let Some(mut current) = self.current.take() {
            let empty = |segment: &Segment| segment.last_seq < segment.first_seq;
            if self.segments.get(&current.number).is_some_and(empty) {
                self.segments.remove(&current.number);
                drop(self.fs.remove(&super::segment::name(current.number)));
            } else if self.dirty {
                // Nobody syncs this file later. Why it was given up is said by the caller.
                drop(self.fs.sync(&mut current.file));
            }
        }
        self.dirty = false;
    }

    /// Returns once all batches that are in files are on disk for good.
    pub fn sync(&mut self) {
        if let Err(error) = self.sync_disk() {
            self.give_up_segment();
            self.failure = Some(error.to_string());
        }
    }

    pub(super) fn sync_disk(&mut self) -> Result<(), io::Error> {
        if self.dirty
            && let Some(current) = self.current.as_mut()
        {
            self.fs.sync(&mut current.file)?;
        }
        self.dirty = false;
        if self.dir_dirty {
            self.fs.sync_dir()?;
        }
        self.dir_dirty = false;
        Ok(())
    }
}
