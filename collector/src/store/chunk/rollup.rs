//! The rollups of one entity as a chunk: buckets of an hour, or of a day once it is closed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use evenkeel_common::sample::{Counter, CounterEpoch, Missing};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::body::{get_directory, opened, put_keys, sealed};
use super::bytes::{Reader, put_len, put_u64};
use super::cells::{EPOCHS_MAX, get_floats, put_floats};
use super::hour::ColumnKey;
use super::sketches::{get_sketches, put_sketches};
use super::{ChunkError, ChunkName, ROWS_MAX, ints};
use crate::series::rollup::{Bucket, Content, Counts, Gauges};

/// Without sketches.
const MAGIC: &[u8; 4] = b"EKR\x01";
/// With sketches behind each column; everything else is as in version 1.
const MAGIC_2: &[u8; 4] = b"EKR\x02";
const KIND: u8 = 3;

/// Rollups of one entity by the begin of their bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollup {
    /// What holds for the entity.
    pub ticks: BTreeMap<UnixMs, Tick>,
    /// Its series.
    pub series: BTreeMap<ColumnKey, BTreeMap<UnixMs, Bucket>>,
}

/// What holds for an entity in one bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tick {
    /// Its first row.
    pub first: UnixMs,
    /// Its last row.
    pub last: UnixMs,
    /// The longest interval of its polls; zero when it was not polled.
    pub interval: DurationMs,
    /// For how long polls could not tell anything, by reason.
    pub silent: Vec<(Missing, DurationMs)>,
}

impl Rollup {
    /// Forgets the buckets that begin in `from <= start < to`.
    pub fn drop_hour(&mut self, from: UnixMs, to: UnixMs) {
        let outside = |start: &UnixMs| !(from <= *start && *start < to);
        self.ticks.retain(|start, _| outside(start));
        for buckets in self.series.values_mut() {
            buckets.retain(|start, _| outside(start));
        }
        self.series.retain(|_, buckets| !buckets.is_empty());
    }

    /// Takes over the buckets of another one; of two for one time the other one's counts.
    pub fn replace_with(&mut self, other: Self) {
        for (start, tick) in other.ticks {
            // A series may have lost its readings there.
            self.series.values_mut().for_each(|buckets| {
                buckets.remove(&start);
            });
            self.ticks.insert(start, tick);
        }
        for (key, buckets) in other.series {
            self.series.entry(key).or_default().extend(buckets);
        }
    }
}

/// The bytes of an entity's rollups.
#[must_use]
pub fn encode_rollup(name: &ChunkName, rollup: &Rollup) -> Vec<u8> {
    let mut body = Vec::with_capacity(4 << 10);
    let starts: Vec<UnixMs> = rollup.ticks.keys().copied().collect();
    put_len(&mut body, starts.len());
    let numbers = |of: &dyn Fn(&UnixMs, &Tick) -> i64| rollup.ticks.iter().map(|(at, tick)| of(at, tick)).collect();
    let heads: [Vec<i64>; 4] = [
        numbers(&|at, _| at.since(UnixMs(name.start)).0),
        numbers(&|at, tick| tick.first.since(*at).0),
        numbers(&|at, tick| tick.last.since(*at).0),
        numbers(&|_, tick| tick.interval.0),
    ];
    heads.iter().for_each(|head| ints::encode(&mut body, head));
    put_missing(&mut body, rollup.ticks.values().map(|tick| tick.silent.as_slice()));
    let has_sketches = rollup.series.values().flat_map(BTreeMap::values).any(|bucket| bucket.sketch.is_some());
    let columns = rollup.series.values().map(|buckets| column(rollup, buckets, has_sketches));
    let columns: Vec<Vec<u8>> = columns.collect();
    put_keys(&mut body, rollup.series.keys(), columns.iter().map(Vec::len));
    columns.iter().for_each(|column| body.extend_from_slice(column));
    sealed(name, if has_sketches { MAGIC_2 } else { MAGIC }, KIND, &body)
}

fn column(rollup: &Rollup, buckets: &BTreeMap<UnixMs, Bucket>, has_sketches: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let empty = Bucket::default();
    let each: Vec<(&Tick, &Bucket)> =
        rollup.ticks.iter().map(|(start, tick)| (tick, buckets.get(start).unwrap_or(&empty))).collect();
    let kinds: Vec<i64> = each
        .iter()
        .map(|(_, bucket)| match bucket.content {
            Content::Empty => 0,
            Content::Gauge(_) => 1,
            Content::Counter(_) => 2,
        })
        .collect();
    ints::encode(&mut out, &kinds);
    put_missing(&mut out, each.iter().map(|(_, bucket)| bucket.missing.as_slice()));
    let gauges: Vec<Gauges> = each.iter().filter_map(|(_, bucket)| gauges(bucket)).collect();
    put_gauges(&mut out, &gauges);
    let counts: Vec<(&Tick, Counts)> =
        each.iter().filter_map(|(tick, bucket)| Some((*tick, counts(bucket)?))).collect();
    put_counts(&mut out, &counts);
    if has_sketches {
        put_sketches(&mut out, each.iter().map(|(_, bucket)| bucket.sketch.as_ref()));
    }
    out
}

fn gauges(bucket: &Bucket) -> Option<Gauges> {
    if let Content::Gauge(gauges) = bucket.content { Some(gauges) } else { None }
}

fn counts(bucket: &Bucket) -> Option<Counts> {
    if let Content::Counter(counts) = bucket.content { Some(counts) } else { None }
}

fn put_gauges(out: &mut Vec<u8>, gauges: &[Gauges]) {
    if gauges.is_empty() {
        return;
    }
    let numbers: Vec<i64> = gauges.iter().map(|gauge| gauge.count.cast_signed()).collect();
    ints::encode(out, &numbers);
    let fields: [fn(&Gauges) -> f64; 4] = [|g| g.sum, |g| g.min, |g| g.max, |g| g.squares];
    for field in fields {
        let floats: Vec<f64> = gauges.iter().map(field).collect();
        put_floats(out, &floats);
    }
}

/// The fields of a counter that nearly always follow from others are written as the difference to these: one byte each.
fn put_counts(out: &mut Vec<u8>, counts: &[(&Tick, Counts)]) {
    if counts.is_empty() {
        return;
    }
    let mut epochs: Vec<CounterEpoch> = Vec::new();
    for (_, counts) in counts {
        epochs.extend([counts.first.1.epoch, counts.last.1.epoch]);
    }
    epochs.dedup();
    epochs.sort_unstable();
    epochs.dedup();
    put_len(out, epochs.len());
    epochs.iter().for_each(|epoch| put_u64(out, epoch.0));
    let place = |epoch: CounterEpoch| i64::try_from(epochs.binary_search(&epoch).unwrap_or(0)).unwrap_or(0);
    // The first one is told from its own last reading, which is near.
    let mut before = counts[0].1.last.1.value;
    let mut steps = Vec::with_capacity(counts.len());
    for (_, counts) in counts {
        steps.push(counts.first.1.value.wrapping_sub(before).cast_signed());
        before = counts.last.1.value;
    }
    let numbers = |of: &dyn Fn(&Tick, &Counts) -> i64| counts.iter().map(|(tick, counts)| of(tick, counts)).collect();
    let value: Vec<i64> = numbers(&|_, counts| counts.last.1.value.cast_signed());
    ints::encode(out, &value);
    ints::encode(out, &steps);
    let regular: [Vec<i64>; 7] = [
        numbers(&|_, counts| counts.count.cast_signed()),
        numbers(&|_, counts| place(counts.first.1.epoch)),
        numbers(&|_, counts| place(counts.last.1.epoch)),
        numbers(&|tick, counts| counts.first.0.since(tick.first).0),
        numbers(&|tick, counts| counts.last.0.since(tick.last).0),
        numbers(&|_, counts| counts.growth.wrapping_sub(spanned(counts)).cast_signed()),
        numbers(&|_, counts| counts.covered.0.wrapping_sub(counts.last.0.since(counts.first.0).0)),
    ];
    regular.iter().for_each(|numbers| ints::encode(out, numbers));
}

fn spanned(counts: &Counts) -> u64 {
    counts.last.1.value.wrapping_sub(counts.first.1.value)
}

fn put_missing<'a>(out: &mut Vec<u8>, missing: impl Iterator<Item = &'a [(Missing, DurationMs)]>) {
    let missing: Vec<&[(Missing, DurationMs)]> = missing.collect();
    if missing.iter().all(|reasons| reasons.is_empty()) {
        return out.push(0);
    }
    out.push(1);
    let numbers: Vec<i64> = missing.iter().map(|reasons| i64::try_from(reasons.len()).unwrap_or(0)).collect();
    ints::encode(out, &numbers);
    let codes: Vec<i64> = missing.iter().copied().flatten().map(|(why, _)| i64::from(why.code())).collect();
    let lengths: Vec<i64> = missing.iter().copied().flatten().map(|(_, length)| length.0).collect();
    ints::encode(out, &codes);
    ints::encode(out, &lengths);
}

/// The reasons of each bucket; nothing when there is none in any of them.
fn get_missing(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Vec<(Missing, DurationMs)>>, ChunkError> {
    if reader.u8()? == 0 {
        return Ok(Vec::new());
    }
    let numbers = ints::decode(reader, count)?
        .into_iter()
        .map(|number| usize::try_from(number).ok().filter(|number| *number <= Missing::ALL.len()))
        .collect::<Option<Vec<usize>>>()
        .ok_or(ChunkError::Content("a bucket has more reasons than there are"))?;
    let sum = numbers.iter().sum();
    let codes = ints::decode(reader, sum)?;
    let mut reasons = codes.into_iter().zip(ints::decode(reader, sum)?);
    let reason = |(code, length)| (u8::try_from(code).map_or(Missing::NoData, Missing::from_code), DurationMs(length));
    Ok(numbers.into_iter().map(|number| reasons.by_ref().take(number).map(reason).collect()).collect())
}

/// Rollups whose checksum fits, read as far as the directory.
#[derive(Clone, Debug)]
pub struct RollupReader<'a> {
    has_sketches: bool,
    ticks: Vec<(UnixMs, Tick)>,
    columns: Vec<(ColumnKey, Range<usize>)>,
    bytes: Cow<'a, [u8]>,
}

impl<'a> RollupReader<'a> {
    /// Checks rollups and reads their head.
    ///
    /// # Errors
    /// See [`ChunkError`].
    pub fn open(name: &ChunkName, chunk: &'a [u8]) -> Result<Self, ChunkError> {
        let has_sketches = chunk.starts_with(MAGIC_2);
        let magic = if has_sketches { MAGIC_2 } else { MAGIC };
        let mut reader = Reader::new(opened(name, magic, KIND, chunk)?);
        let count = reader.len(ROWS_MAX)?;
        let mut heads = [const { Vec::new() }; 4];
        for head in &mut heads {
            *head = ints::decode(&mut reader, count)?;
        }
        let silent = get_missing(&mut reader, count)?;
        let mut silent = silent.into_iter();
        let ticks = (0..count).map(|row| {
            let silent = silent.next().unwrap_or_default();
            let start = UnixMs(name.start).plus(DurationMs(heads[0][row]));
            let (first, last) = (start.plus(DurationMs(heads[1][row])), start.plus(DurationMs(heads[2][row])));
            (start, Tick { first, last, interval: DurationMs(heads[3][row]), silent })
        });
        let (columns, bytes) = get_directory(reader)?;
        Ok(Self { has_sketches, ticks: ticks.collect(), columns, bytes: Cow::Borrowed(bytes) })
    }

    /// The same with bytes of its own, to be kept.
    #[must_use]
    pub fn into_owned(self) -> RollupReader<'static> {
        let Self { has_sketches, ticks, columns, bytes } = self;
        RollupReader { has_sketches, ticks, columns, bytes: Cow::Owned(bytes.into_owned()) }
    }

    /// About what it takes in memory.
    #[must_use]
    pub fn size(&self) -> usize {
        let column = size_of::<(ColumnKey, Range<usize>)>() + 16;
        let ticks = self.ticks.len() * size_of::<(UnixMs, Tick)>();
        size_of::<Self>() + ticks + self.columns.len() * column + self.bytes.len()
    }

    /// What holds for the entity.
    #[must_use]
    pub fn ticks(&self) -> &[(UnixMs, Tick)] {
        &self.ticks
    }

    /// One series' buckets, by begin; empty when it has none here. Sketches, which most questions do not need and which
    /// cost most of all, only when they are wanted.
    ///
    /// # Errors
    /// See [`ChunkError`].
    pub fn column(&self, key: &ColumnKey, sketches: bool) -> Result<Vec<(UnixMs, Bucket)>, ChunkError> {
        match self.columns.binary_search_by(|(known, _)| known.cmp(key)) {
            Ok(place) => self.buckets(&self.columns[place].1, sketches),
            Err(_) => Ok(Vec::new()),
        }
    }

    fn buckets(&self, place: &Range<usize>, sketches: bool) -> Result<Vec<(UnixMs, Bucket)>, ChunkError> {
        let mut reader = Reader::new(&self.bytes[place.clone()]);
        let kinds = ints::decode(&mut reader, self.ticks.len())?;
        let missing = get_missing(&mut reader, kinds.len())?;
        let of = |wanted: i64| kinds.iter().filter(|kind| **kind == wanted).count();
        let mut gauges = get_gauges(&mut reader, of(1))?.into_iter();
        let ticks: Vec<&Tick> =
            self.ticks.iter().zip(&kinds).filter(|(_, kind)| **kind == 2).map(|((_, tick), _)| tick).collect();
        let mut counts = get_counts(&mut reader, &ticks)?.into_iter();
        let has_sketches = self.has_sketches && sketches;
        let sketches = if has_sketches { get_sketches(&mut reader, kinds.len())? } else { Vec::new() };
        let (mut missing, mut sketches) = (missing.into_iter(), sketches.into_iter());
        let mut buckets = Vec::with_capacity(kinds.len());
        for ((start, _), kind) in self.ticks.iter().zip(kinds) {
            let content = match kind {
                1 => gauges.next().map_or(Content::Empty, Content::Gauge),
                2 => counts.next().map_or(Content::Empty, Content::Counter),
                _ => Content::Empty,
            };
            let (missing, sketch) = (missing.next().unwrap_or_default(), sketches.next().flatten());
            if content != Content::Empty || !missing.is_empty() || sketch.is_some() {
                buckets.push((*start, Bucket { content, missing, sketch }));
            }
        }
        Ok(buckets)
    }
}

fn get_gauges(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Gauges>, ChunkError> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let numbers = ints::decode(reader, count)?;
    let mut fields = [const { Vec::new() }; 4];
    for field in &mut fields {
        *field = get_floats(reader, count)?;
    }
    let [sum, min, max, squares] = fields;
    let gauges = numbers.into_iter().enumerate().map(|(row, number)| Gauges {
        count: number.cast_unsigned(),
        sum: sum[row],
        min: min[row],
        max: max[row],
        squares: squares[row],
    });
    Ok(gauges.collect())
}

fn get_counts(reader: &mut Reader<'_>, ticks: &[&Tick]) -> Result<Vec<Counts>, ChunkError> {
    if ticks.is_empty() {
        return Ok(Vec::new());
    }
    let epochs =
        (0..reader.len(EPOCHS_MAX)?).map(|_| reader.u64().map(CounterEpoch)).collect::<Result<Vec<_>, ChunkError>>()?;
    let mut fields = [const { Vec::new() }; 9];
    for field in &mut fields {
        *field = ints::decode(reader, ticks.len())?;
    }
    let [value, steps, number, first_epoch, last_epoch, first_at, last_at, growth, covered] = fields;
    let epoch = |place: i64| {
        let epoch = usize::try_from(place).ok().and_then(|place| epochs.get(place));
        epoch.copied().ok_or(ChunkError::Content("an epoch is not in the list"))
    };
    let mut before = value.first().copied().unwrap_or_default().cast_unsigned();
    let mut all = Vec::with_capacity(ticks.len());
    for (row, tick) in ticks.iter().enumerate() {
        let last = value[row].cast_unsigned();
        let first = before.wrapping_add(steps[row].cast_unsigned());
        before = last;
        let (first_at, last_at) =
            (tick.first.plus(DurationMs(first_at[row])), tick.last.plus(DurationMs(last_at[row])));
        let mut counts = Counts {
            count: number[row].cast_unsigned(),
            first: (first_at, Counter { epoch: epoch(first_epoch[row])?, value: first }),
            last: (last_at, Counter { epoch: epoch(last_epoch[row])?, value: last }),
            growth: 0,
            covered: DurationMs(covered[row].wrapping_add(last_at.since(first_at).0)),
        };
        counts.growth = growth[row].cast_unsigned().wrapping_add(spanned(&counts));
        all.push(counts);
    }
    Ok(all)
}

/// All rollups of a chunk.
///
/// # Errors
/// See [`ChunkError`].
pub fn decode_rollup(name: &ChunkName, chunk: &[u8]) -> Result<Rollup, ChunkError> {
    let reader = RollupReader::open(name, chunk)?;
    let series =
        reader.columns.iter().map(|(key, place)| Ok((key.clone(), reader.buckets(place, true)?.into_iter().collect())));
    let series = series.collect::<Result<BTreeMap<_, _>, ChunkError>>()?;
    Ok(Rollup { ticks: reader.ticks.into_iter().collect(), series })
}
