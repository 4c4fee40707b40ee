//! A whole chunk: head, times, polls, directory, columns.

use std::borrow::Cow;
use std::ops::Range;

use evenkeel_common::id::AgentId;
use evenkeel_common::metric::{MetricId, by_name};
use evenkeel_common::sample::{CounterEpoch, Value};
use evenkeel_common::time::UnixMs;

use super::bytes::{Reader, put_i64, put_len, put_text, put_u64};
use super::cells::{self, EPOCHS_MAX, Epochs};
use super::hour::{Column, ColumnKey, Hour, PollCell};
use super::{CHECKSUM_BYTES, COLUMNS_MAX, ChunkError, ChunkName, ROWS_MAX, ints};

const MAGIC: &[u8; 4] = b"EKC\x01";
/// Marks the checksum's use.
const KIND: u8 = 1;
/// Longest name of a device.
const DEVICE_MAX: usize = 1 << 10;

/// The bytes of an hour.
#[must_use]
pub fn encode(name: &ChunkName, hour: &Hour) -> Vec<u8> {
    let mut body = Vec::with_capacity(16 << 10);
    put_len(&mut body, hour.times.len());
    let times: Vec<i64> = hour.times.iter().map(|at| at.0.wrapping_sub(name.start)).collect();
    ints::encode(&mut body, &times);
    put_polls(&mut body, &hour.polls);
    let mut epochs = Epochs::default();
    let columns: Vec<Vec<u8>> = hour.columns.iter().map(|column| put_column(hour, column, &mut epochs)).collect();
    put_len(&mut body, epochs.0.len());
    for epoch in &epochs.0 {
        put_u64(&mut body, epoch.0);
    }
    put_directory(&mut body, &hour.columns, &columns);
    columns.iter().for_each(|column| body.extend_from_slice(column));
    sealed(name, MAGIC, KIND, &body)
}

/// Magic, checksum, body.
pub(super) fn sealed(name: &ChunkName, magic: &[u8; 4], kind: u8, body: &[u8]) -> Vec<u8> {
    let mut chunk = Vec::with_capacity(body.len() + magic.len() + CHECKSUM_BYTES);
    chunk.extend_from_slice(magic);
    chunk.extend_from_slice(&name.checksum(kind, body));
    chunk.extend_from_slice(body);
    chunk
}

/// The body, if the checksum fits.
pub(super) fn opened<'a>(name: &ChunkName, magic: &[u8; 4], kind: u8, chunk: &'a [u8]) -> Result<&'a [u8], ChunkError> {
    let mut reader = Reader::new(chunk);
    if &reader.array()? != magic {
        return Err(ChunkError::Version);
    }
    let checksum: [u8; CHECKSUM_BYTES] = reader.array()?;
    let body = &chunk[magic.len() + CHECKSUM_BYTES..];
    if checksum == name.checksum(kind, body) { Ok(body) } else { Err(ChunkError::Checksum) }
}

fn put_column(hour: &Hour, column: &Column, epochs: &mut Epochs) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    let others = parts(column.key.metric).and_then(|parts| {
        let part = |metric| hour.column(&ColumnKey { metric, device: column.key.device.clone() });
        let (one, other) = (cells::counts(&part(parts[0])?.cells)?, cells::counts(&part(parts[1])?.cells)?);
        Some(one.iter().zip(&other).map(|(one, other)| one.wrapping_add(*other)).collect::<Vec<i64>>())
    });
    cells::encode(&mut out, &column.cells, epochs, others.as_deref());
    out
}

/// The two counters that a third one is the sum of on a host with cgroup v2. Frozen with the version.
fn parts(metric: MetricId) -> Option<[MetricId; 2]> {
    let id = |name| by_name(name).map(|metric| metric.id);
    (Some(metric) == id("vm_cpu_seconds_total"))
        .then(|| Some([id("vm_cpu_user_seconds_total")?, id("vm_cpu_system_seconds_total")?]))
        .flatten()
}

fn put_polls(out: &mut Vec<u8>, polls: &[Option<PollCell>]) {
    let mut agents: Vec<AgentId> = polls.iter().flatten().map(|poll| poll.agent).collect();
    agents.sort_unstable();
    agents.dedup();
    put_len(out, agents.len());
    agents.iter().for_each(|agent| out.extend_from_slice(&agent.to_bytes()));
    let runs: Vec<(Option<PollCell>, usize)> =
        polls.chunk_by(|a, b| a == b).filter_map(|run| run.first().map(|poll| (*poll, run.len()))).collect();
    put_len(out, runs.len());
    for (poll, len) in runs {
        put_len(out, len);
        let Some(poll) = poll else {
            put_u64(out, 0);
            continue;
        };
        put_len(out, 1 + agents.binary_search(&poll.agent).unwrap_or(0));
        put_u64(out, u64::from(poll.interval_ms) << 1 | u64::from(poll.corrected));
        put_u64(out, poll.state.map_or(0, |state| 1 + u64::from(state)));
        put_u64(out, poll.missing.map_or(0, |missing| 1 + u64::from(missing)));
    }
}

fn get_polls(reader: &mut Reader<'_>, rows: usize) -> Result<Vec<Option<PollCell>>, ChunkError> {
    let agents = (0..reader.len(rows)?)
        .map(|_| Ok(AgentId::from_bytes(reader.array()?)))
        .collect::<Result<Vec<AgentId>, ChunkError>>()?;
    let mut polls = Vec::with_capacity(rows);
    for _ in 0..reader.len(rows)? {
        let len = reader.len(rows - polls.len())?;
        let place = reader.len(agents.len())?;
        let poll = if let Some(place) = place.checked_sub(1) {
            let word = reader.u64()?;
            let code = |number: u64| u8::try_from(number).map_err(|_| ChunkError::Content("a code is too large"));
            Some(PollCell {
                agent: agents[place],
                interval_ms: u32::try_from(word >> 1).map_err(|_| ChunkError::Content("an interval is too long"))?,
                corrected: word & 1 != 0,
                state: reader.u64()?.checked_sub(1).map(code).transpose()?,
                missing: reader.u64()?.checked_sub(1).map(code).transpose()?,
            })
        } else {
            None
        };
        polls.resize(polls.len() + len, poll);
    }
    if polls.len() == rows { Ok(polls) } else { Err(ChunkError::Content("polls are missing")) }
}

/// Metrics, devices and lengths of the columns.
pub(super) fn put_directory(out: &mut Vec<u8>, columns: &[Column], encoded: &[Vec<u8>]) {
    let keys = columns.iter().map(|column| &column.key);
    put_keys(out, keys, encoded.iter().map(Vec::len));
}

pub(super) fn put_keys<'a>(
    out: &mut Vec<u8>,
    keys: impl Iterator<Item = &'a ColumnKey> + Clone,
    lens: impl Iterator<Item = usize>,
) {
    let mut devices: Vec<&str> = keys.clone().map(|key| key.device.as_str()).collect();
    devices.sort_unstable();
    devices.dedup();
    put_len(out, devices.len());
    devices.iter().for_each(|device| put_text(out, device));
    put_len(out, keys.clone().count());
    let mut before = 0;
    for (key, len) in keys.zip(lens) {
        put_i64(out, i64::from(key.metric.0) - before);
        before = i64::from(key.metric.0);
        put_len(out, devices.binary_search(&key.device.as_str()).unwrap_or(0));
        put_len(out, len);
    }
}

/// Names of columns, and where each lies.
pub(super) type Directory = Vec<(ColumnKey, Range<usize>)>;

/// The directory: each column's name and where it lies in the bytes behind the directory.
pub(super) fn get_directory(mut reader: Reader<'_>) -> Result<(Directory, &[u8]), ChunkError> {
    let devices = (0..reader.len(COLUMNS_MAX)?)
        .map(|_| Ok(reader.text(DEVICE_MAX)?.to_owned()))
        .collect::<Result<Vec<String>, ChunkError>>()?;
    let count = reader.len(COLUMNS_MAX)?;
    let (mut metric, mut end) = (0_i64, 0_usize);
    let mut columns = Vec::with_capacity(count.min(1 << 10));
    for _ in 0..count {
        metric = metric.wrapping_add(reader.i64()?);
        let id = u16::try_from(metric).map_err(|_| ChunkError::Content("a metric has no such number"))?;
        let device = devices.get(reader.len(COLUMNS_MAX)?).ok_or(ChunkError::Content("a device is not listed"))?;
        let start = end;
        end = end.saturating_add(reader.small::<usize>()?);
        columns.push((ColumnKey { metric: MetricId(id), device: device.clone() }, start..end));
    }
    Ok((columns, reader.bytes(end)?))
}

/// A chunk whose checksum fits, read as far as its directory.
#[derive(Clone, Debug)]
pub struct ChunkReader<'a> {
    /// The times.
    pub times: Vec<UnixMs>,
    /// The poll of each time.
    pub polls: Vec<Option<PollCell>>,
    epochs: Vec<CounterEpoch>,
    columns: Vec<(ColumnKey, Range<usize>)>,
    bytes: Cow<'a, [u8]>,
}

impl<'a> ChunkReader<'a> {
    /// Checks a chunk and reads its head.
    ///
    /// # Errors
    /// See [`ChunkError`].
    pub fn open(name: &ChunkName, chunk: &'a [u8]) -> Result<Self, ChunkError> {
        let mut reader = Reader::new(opened(name, MAGIC, KIND, chunk)?);
        let rows = reader.len(ROWS_MAX)?;
        let times = ints::decode(&mut reader, rows)?;
        let times: Vec<UnixMs> = times.into_iter().map(|at| UnixMs(name.start.wrapping_add(at))).collect();
        if !times.is_sorted_by(|a, b| a < b) {
            return Err(ChunkError::Content("times do not rise"));
        }
        let polls = get_polls(&mut reader, rows)?;
        let epochs =
            (0..reader.len(EPOCHS_MAX)?).map(|_| reader.u64().map(CounterEpoch)).collect::<Result<_, ChunkError>>()?;
        let (columns, bytes) = get_directory(reader)?;
        Ok(Self { times, polls, epochs, columns, bytes: Cow::Borrowed(bytes) })
    }

    /// The same with bytes of its own, to be kept.
    #[must_use]
    pub fn into_owned(self) -> ChunkReader<'static> {
        let Self { times, polls, epochs, columns, bytes } = self;
        ChunkReader { times, polls, epochs, columns, bytes: Cow::Owned(bytes.into_owned()) }
    }

    /// About what it takes in memory.
    #[must_use]
    pub fn size(&self) -> usize {
        let row = size_of::<UnixMs>() + size_of::<Option<PollCell>>();
        let column = size_of::<(ColumnKey, Range<usize>)>() + 16;
        size_of::<Self>() + self.times.len() * row + self.columns.len() * column + self.bytes.len()
    }

    /// Names of the series.
    pub fn keys(&self) -> impl Iterator<Item = &ColumnKey> {
        self.columns.iter().map(|(key, _)| key)
    }

    /// The cells of one series; `None` when the chunk does not have it.
    ///
    /// # Errors
    /// See [`ChunkError`].
    pub fn column(&self, key: &ColumnKey) -> Result<Option<Vec<Option<Value>>>, ChunkError> {
        let Ok(place) = self.columns.binary_search_by(|(known, _)| known.cmp(key)) else { return Ok(None) };
        let others = || {
            let parts = parts(key.metric).ok_or(ChunkError::Content("a column is the sum of nothing"))?;
            let mut sums = vec![0_i64; self.times.len()];
            for metric in parts {
                let part = ColumnKey { metric, device: key.device.clone() };
                let cells = self.column(&part)?.and_then(|cells| cells::counts(&cells));
                let cells = cells.ok_or(ChunkError::Content("a column is the sum of one that is not there"))?;
                sums.iter_mut().zip(cells).for_each(|(sum, cell)| *sum = sum.wrapping_add(cell));
            }
            Ok(sums)
        };
        let bytes = &self.bytes[self.columns[place].1.clone()];
        cells::decode(&mut Reader::new(bytes), self.times.len(), &self.epochs, others).map(Some)
    }
}

/// The whole hour.
///
/// # Errors
/// See [`ChunkError`].
pub fn decode(name: &ChunkName, chunk: &[u8]) -> Result<Hour, ChunkError> {
    let reader = ChunkReader::open(name, chunk)?;
    let columns = reader
        .keys()
        .map(|key| Ok(Column { key: key.clone(), cells: reader.column(key)?.unwrap_or_default() }))
        .collect::<Result<_, ChunkError>>()?;
    Ok(Hour { times: reader.times, polls: reader.polls, columns })
}
