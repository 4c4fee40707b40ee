//! One entity at one time, as the journal keeps it until its hour is sealed.
//!
//! The names of the series are not in it: entities of one shape share a list of them (a layout), tick after tick.

use evenkeel_common::id::AgentId;
use evenkeel_common::sample::{Counter, CounterEpoch, Finite, Gauge, Missing, Value};
use evenkeel_common::time::UnixMs;

use super::bytes::{Reader, put_i64, put_len, put_text, put_u64};
use super::hour::{ColumnKey, PollCell};
use super::{CHECKSUM_BYTES, COLUMNS_MAX, ChunkError, ChunkName};
use evenkeel_common::metric::MetricId;

const KIND: u8 = 2;
const KIND_LAYOUT: u8 = 4;
/// A layout is nobody's.
const LAYOUT: ChunkName = ChunkName { entity: [0; 16], placement: [0; 16], start: 0 };
const DEVICE_MAX: usize = 1 << 10;

/// One row of the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When.
    pub at: UnixMs,
    /// What.
    pub body: EntryBody,
}

/// What a row says.
#[derive(Clone, Debug, PartialEq)]
pub enum EntryBody {
    /// A poll, readings, or both; the values are in the order of the layout.
    Tick {
        /// The poll.
        poll: Option<PollCell>,
        /// The readings.
        values: Vec<Value>,
    },
    /// Polls from the row's time to before this one are another host's and taken back.
    Withdraw {
        /// The end.
        to: UnixMs,
    },
}

/// The bytes of a row; `name.start` is its time.
#[must_use]
pub fn encode_entry(name: &ChunkName, body: &EntryBody) -> Vec<u8> {
    // A count of some months takes eight bytes.
    let room = if let EntryBody::Tick { values, .. } = body { values.len() * 9 } else { 0 };
    let mut out = Vec::with_capacity(CHECKSUM_BYTES + 64 + room);
    out.resize(CHECKSUM_BYTES, 0);
    match body {
        EntryBody::Withdraw { to } => {
            out.push(1);
            put_i64(&mut out, to.0);
        }
        EntryBody::Tick { poll, values } => {
            out.push(0);
            put_poll(&mut out, poll.as_ref());
            let epoch = values.iter().find_map(|value| match value {
                Value::Counter(counter) => Some(counter.epoch),
                _ => None,
            });
            put_u64(&mut out, epoch.unwrap_or_default().0);
            put_len(&mut out, values.len());
            values.iter().for_each(|value| put_value(&mut out, *value, epoch.unwrap_or_default()));
        }
    }
    let checksum = name.checksum(KIND, &out[CHECKSUM_BYTES..]);
    out[..CHECKSUM_BYTES].copy_from_slice(&checksum);
    out
}

/// A row from its bytes.
///
/// # Errors
/// See [`ChunkError`].
pub fn decode_entry(name: &ChunkName, bytes: &[u8]) -> Result<Entry, ChunkError> {
    let mut reader = Reader::new(bytes);
    let checksum: [u8; CHECKSUM_BYTES] = reader.array()?;
    if checksum != name.checksum(KIND, &bytes[CHECKSUM_BYTES..]) {
        return Err(ChunkError::Checksum);
    }
    let body = if reader.u8()? == 0 {
        let poll = get_poll(&mut reader)?;
        let epoch = CounterEpoch(reader.u64()?);
        let len = reader.len(COLUMNS_MAX)?;
        let values = (0..len).map(|_| get_value(&mut reader, epoch)).collect::<Result<_, ChunkError>>()?;
        EntryBody::Tick { poll, values }
    } else {
        EntryBody::Withdraw { to: UnixMs(reader.i64()?) }
    };
    Ok(Entry { at: UnixMs(name.start), body })
}

fn put_poll(out: &mut Vec<u8>, poll: Option<&PollCell>) {
    let Some(poll) = poll else { return out.push(0) };
    out.push(1 | u8::from(poll.corrected) << 1);
    out.extend_from_slice(&poll.agent.to_bytes());
    put_u64(out, poll.interval_ms.into());
    put_u64(out, poll.state.map_or(0, |state| 1 + u64::from(state)));
    put_u64(out, poll.missing.map_or(0, |missing| 1 + u64::from(missing)));
}

fn get_poll(reader: &mut Reader<'_>) -> Result<Option<PollCell>, ChunkError> {
    let flags = reader.u8()?;
    if flags == 0 {
        return Ok(None);
    }
    let code = |number: u64| u8::try_from(number).map_err(|_| ChunkError::Content("a code is too large"));
    Ok(Some(PollCell {
        corrected: flags & 2 != 0,
        agent: AgentId::from_bytes(reader.array()?),
        interval_ms: reader.small()?,
        state: reader.u64()?.checked_sub(1).map(code).transpose()?,
        missing: reader.u64()?.checked_sub(1).map(code).transpose()?,
    }))
}

pub(super) fn put_value(out: &mut Vec<u8>, value: Value, usual: CounterEpoch) {
    match value {
        Value::Counter(Counter { epoch, value }) if epoch == usual => {
            out.push(0);
            put_u64(out, value);
        }
        Value::Counter(Counter { epoch, value }) => {
            out.push(1);
            put_u64(out, epoch.0);
            put_u64(out, value);
        }
        Value::Gauge(Gauge::Int(value)) => {
            out.push(2);
            put_i64(out, value);
        }
        Value::Gauge(Gauge::Float(value)) => {
            out.push(3);
            out.extend_from_slice(&value.value().to_le_bytes());
        }
        Value::Missing(why) => out.extend_from_slice(&[4, why.code()]),
    }
}

pub(super) fn get_value(reader: &mut Reader<'_>, usual: CounterEpoch) -> Result<Value, ChunkError> {
    Ok(match reader.u8()? {
        0 => Value::Counter(Counter { epoch: usual, value: reader.u64()? }),
        1 => Value::Counter(Counter { epoch: CounterEpoch(reader.u64()?), value: reader.u64()? }),
        2 => Value::Gauge(Gauge::Int(reader.i64()?)),
        3 => {
            let value = Finite::new(f64::from_le_bytes(reader.array()?));
            Value::Gauge(Gauge::Float(value.ok_or(ChunkError::Content("a fraction is not finite"))?))
        }
        4 => Value::Missing(Missing::from_code(reader.u8()?)),
        _ => return Err(ChunkError::Content("a value is of a kind that nobody writes")),
    })
}

/// The bytes of a layout.
#[must_use]
pub fn encode_layout(keys: &[ColumnKey]) -> Vec<u8> {
    let mut out = Vec::new();
    put_len(&mut out, keys.len());
    for key in keys {
        put_u64(&mut out, key.metric.0.into());
        put_text(&mut out, &key.device);
    }
    let checksum = LAYOUT.checksum(KIND_LAYOUT, &out);
    out.extend_from_slice(&checksum);
    out
}

/// A layout from its bytes.
///
/// # Errors
/// See [`ChunkError`].
pub fn decode_layout(bytes: &[u8]) -> Result<Vec<ColumnKey>, ChunkError> {
    let mut reader = Reader::new(bytes);
    let len = reader.len(COLUMNS_MAX)?;
    let keys = (0..len)
        .map(|_| Ok(ColumnKey { metric: MetricId(reader.small()?), device: reader.text(DEVICE_MAX)?.to_owned() }))
        .collect::<Result<_, ChunkError>>()?;
    // Those of an older version end here.
    if let Some((content, checksum)) = bytes.split_last_chunk::<CHECKSUM_BYTES>()
        && !reader.is_empty()
        && *checksum != LAYOUT.checksum(KIND_LAYOUT, content)
    {
        return Err(ChunkError::Checksum);
    }
    Ok(keys)
}
