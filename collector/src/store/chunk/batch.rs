//! A host's batch, as the journal keeps it until the hours of its entities are sealed: a directory of the entities, then
//! what each of them said. One row for a batch and not one for each entity is what makes a durable commit cheap.

use std::borrow::Cow;

use evenkeel_common::id::AgentId;
use evenkeel_common::sample::{CounterEpoch, Value};

use super::bytes::{Reader, put_i64, put_len, put_u64};
use super::entry::{get_value, put_value};
use super::hour::PollCell;
use super::{CHECKSUM_BYTES, COLUMNS_MAX, ChunkError, ChunkName};

const KIND: u8 = 4;
/// Entities of one batch at most, those without readings included.
const PARTS_MAX: usize = 1 << 20;

/// What holds for a batch as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHead {
    /// Whose it is.
    pub agent: AgentId,
    /// Time to the next one.
    pub interval_ms: u32,
    /// The time is the collector's, as the agent's clock was far off.
    pub corrected: bool,
}

/// Codes of a poll: the domain's state, and the reason when the poll could not tell.
pub type PollCodes = (Option<u8>, Option<u8>);

/// Puts a batch together.
#[derive(Debug)]
pub struct BatchWriter {
    directory: Vec<u8>,
    parts: Vec<u8>,
    count: usize,
    last: i64,
}

impl BatchWriter {
    /// Begins one; `readings` is about how many there will be.
    #[must_use]
    pub fn new(readings: usize) -> Self {
        // A count of some months takes eight bytes.
        Self { directory: Vec::with_capacity(256), parts: Vec::with_capacity(readings * 9 + 256), count: 0, last: 0 }
    }

    /// What an entity says; the values are in the order of its layout.
    pub fn put(&mut self, entity: i64, layout: i64, poll: Option<PollCodes>, values: &[Value]) {
        let before = self.parts.len();
        match poll {
            None => self.parts.push(0),
            Some((state, missing)) => {
                self.parts.push(1);
                put_u64(&mut self.parts, state.map_or(0, |state| 1 + u64::from(state)));
                put_u64(&mut self.parts, missing.map_or(0, |missing| 1 + u64::from(missing)));
            }
        }
        let epoch = values.iter().find_map(|value| match value {
            Value::Counter(counter) => Some(counter.epoch),
            _ => None,
        });
        let epoch = epoch.unwrap_or_default();
        put_u64(&mut self.parts, epoch.0);
        put_len(&mut self.parts, values.len());
        values.iter().for_each(|value| put_value(&mut self.parts, *value, epoch));
        put_i64(&mut self.directory, entity.wrapping_sub(self.last));
        put_i64(&mut self.directory, layout);
        put_len(&mut self.directory, self.parts.len() - before);
        self.last = entity;
        self.count += 1;
    }

    /// Whether nothing was put.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The bytes; `name` is the agent's, at the time of the batch.
    #[must_use]
    pub fn finish(self, name: &ChunkName, head: &BatchHead) -> Vec<u8> {
        let mut out = Vec::with_capacity(CHECKSUM_BYTES + 16 + self.directory.len() + self.parts.len());
        out.resize(CHECKSUM_BYTES, 0);
        put_u64(&mut out, u64::from(head.interval_ms) << 1 | u64::from(head.corrected));
        put_len(&mut out, self.count);
        out.extend_from_slice(&self.directory);
        out.extend_from_slice(&self.parts);
        let checksum = name.checksum(KIND, &out[CHECKSUM_BYTES..]);
        out[..CHECKSUM_BYTES].copy_from_slice(&checksum);
        out
    }
}

/// Where an entity's part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The entity's number.
    pub entity: i64,
    /// Its layout.
    pub layout: i64,
    start: usize,
    len: usize,
}

impl Part {
    /// Bytes that it takes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.len
    }
}

/// A batch that is read as far as its directory.
#[derive(Debug)]
pub struct BatchReader<'a> {
    head: BatchHead,
    /// Its entities, in order.
    pub parts: Vec<Part>,
    bytes: Cow<'a, [u8]>,
}

impl<'a> BatchReader<'a> {
    /// Checks a batch and reads its directory.
    ///
    /// # Errors
    /// See [`ChunkError`].
    pub fn open(name: &ChunkName, bytes: &'a [u8]) -> Result<Self, ChunkError> {
        let checksum: [u8; CHECKSUM_BYTES] = Reader::new(bytes).array()?;
        if checksum != name.checksum(KIND, &bytes[CHECKSUM_BYTES..]) {
            return Err(ChunkError::Checksum);
        }
        Self::open_checked(name, bytes)
    }

    /// As [`Self::open`], of bytes that were checked before.
    ///
    /// # Errors
    /// See [`ChunkError`].
    pub fn open_checked(name: &ChunkName, bytes: &'a [u8]) -> Result<Self, ChunkError> {
        let mut reader = Reader::new(bytes);
        let _checksum: [u8; CHECKSUM_BYTES] = reader.array()?;
        let word = reader.u64()?;
        let interval_ms = u32::try_from(word >> 1).map_err(|_| ChunkError::Content("an interval is too long"))?;
        let head = BatchHead { agent: AgentId::from_bytes(name.entity), interval_ms, corrected: word & 1 != 0 };
        let count = reader.len(PARTS_MAX)?;
        let mut parts = Vec::with_capacity(count.min(bytes.len()));
        let (mut entity, mut start) = (0_i64, 0_usize);
        for _ in 0..count {
            entity = entity.wrapping_add(reader.i64()?);
            let (layout, len) = (reader.i64()?, reader.len(bytes.len())?);
            parts.push(Part { entity, layout, start, len });
            start += len;
        }
        Ok(Self { head, parts, bytes: Cow::Borrowed(reader.bytes(start)?) })
    }

    /// The same with bytes of its own, to be kept.
    #[must_use]
    pub fn into_owned(self) -> BatchReader<'static> {
        BatchReader { head: self.head, parts: self.parts, bytes: Cow::Owned(self.bytes.into_owned()) }
    }

    /// About what it takes in memory.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len() + self.parts.len() * size_of::<Part>() + size_of::<Self>()
    }

    /// What an entity said.
    ///
    /// # Errors
    /// See [`ChunkError`].
    pub fn part(&self, part: &Part) -> Result<(Option<PollCell>, Vec<Value>), ChunkError> {
        let mut reader = Reader::new(&self.bytes[part.start..part.start + part.len]);
        let code = |number: u64| u8::try_from(number).map_err(|_| ChunkError::Content("a code is too large"));
        let poll = if reader.u8()? == 0 {
            None
        } else {
            Some(PollCell {
                agent: self.head.agent,
                interval_ms: self.head.interval_ms,
                state: reader.u64()?.checked_sub(1).map(code).transpose()?,
                missing: reader.u64()?.checked_sub(1).map(code).transpose()?,
                corrected: self.head.corrected,
            })
        };
        let epoch = CounterEpoch(reader.u64()?);
        let len = reader.len(COLUMNS_MAX)?;
        let mut values = Vec::with_capacity(len.min(part.len));
        for _ in 0..len {
            values.push(get_value(&mut reader, epoch)?);
        }
        Ok((poll, values))
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::sample::{Counter, Finite, Gauge, Missing};
    use proptest::prelude::*;

    use super::*;

    const NAME: ChunkName = ChunkName { entity: [1; 16], placement: [0; 16], start: 1_800_000_000_000 };
    const HEAD: BatchHead =
        BatchHead { agent: AgentId(uuid::Uuid::from_bytes([1; 16])), interval_ms: 10_000, corrected: true };

    fn values() -> Vec<Value> {
        vec![
            Value::Counter(Counter { epoch: CounterEpoch(7), value: u64::MAX }),
            Value::Gauge(Gauge::Int(-5)),
            Value::Gauge(Gauge::Float(Finite::new(0.25).unwrap())),
            Value::Missing(Missing::Hung),
        ]
    }

    #[test]
    fn every_entity_says_what_it_said() {
        let mut writer = BatchWriter::new(8);
        writer.put(9, 3, Some((Some(1), None)), &values());
        writer.put(2, 4, Some((None, Some(2))), &[]);
        writer.put(i64::MAX, 3, None, &values());
        let bytes = writer.finish(&NAME, &HEAD);
        let reader = BatchReader::open(&NAME, &bytes).unwrap();
        let found: Vec<_> = reader.parts.iter().map(|part| (part.entity, part.layout)).collect();
        assert_eq!(found, [(9, 3), (2, 4), (i64::MAX, 3)]);
        let poll =
            |state, missing| PollCell { agent: HEAD.agent, interval_ms: 10_000, state, missing, corrected: true };
        assert_eq!(reader.part(&reader.parts[0]).unwrap(), (Some(poll(Some(1), None)), values()));
        assert_eq!(reader.part(&reader.parts[1]).unwrap(), (Some(poll(None, Some(2))), Vec::new()));
        assert_eq!(reader.part(&reader.parts[2]).unwrap(), (None, values()));
        let other = ChunkName { start: NAME.start + 1, ..NAME };
        assert_eq!(BatchReader::open(&other, &bytes).unwrap_err(), ChunkError::Checksum);
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 4;
            assert!(BatchReader::open(&NAME, &damaged).is_err(), "{place}");
        }
    }

    proptest! {
        #[test]
        fn nonsense_is_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            if let Ok(reader) = BatchReader::open_checked(&NAME, &bytes) {
                for part in &reader.parts {
                    let _ = reader.part(part);
                }
            }
        }
    }
}
