//! A column's cells: runs of what they are, then the whole numbers, then the fractions.

use evenkeel_common::sample::{Counter, CounterEpoch, Finite, Gauge, Missing, Value};

use super::bytes::{Reader, put_len, put_u64};
use super::{ChunkError, ints};

/// What a cell is; its number, if it has one, is in a list beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Absent,
    /// With the place of its epoch in the chunk's list.
    Counter(usize),
    Int,
    Float,
    Missing(u8),
}

/// Decimal places that fractions are tried with before they are written as they are.
const PLACES_MAX: u8 = 6;
/// In place of a number of decimal places: bits of the fractions as they are.
const BITS: u8 = 0xff;
/// Lives of counters in one chunk: a VM that starts again at every poll of a second.
pub(super) const EPOCHS_MAX: usize = 1 << 16;

/// The epochs of a chunk's counters, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Epochs(pub(super) Vec<CounterEpoch>);

impl Epochs {
    fn place(&mut self, epoch: CounterEpoch) -> usize {
        // Nearly always there is one.
        if let Some(place) = self.0.iter().rposition(|known| *known == epoch) {
            return place;
        }
        self.0.push(epoch);
        self.0.len() - 1
    }
}

/// Appends the cells. `sum_of_others` is what other columns add up to, cell by cell: where that says nearly the same,
/// only the difference is written.
pub(super) fn encode(out: &mut Vec<u8>, cells: &[Option<Value>], epochs: &mut Epochs, others: Option<&[i64]>) {
    let (mut runs, mut ints, mut floats): (Vec<(Tag, usize)>, Vec<i64>, Vec<f64>) = Default::default();
    for cell in cells {
        let tag = match *cell {
            None => Tag::Absent,
            Some(Value::Missing(why)) => Tag::Missing(why.code()),
            Some(Value::Gauge(Gauge::Float(value))) => {
                floats.push(value.value());
                Tag::Float
            }
            Some(Value::Gauge(Gauge::Int(value))) => {
                ints.push(value);
                Tag::Int
            }
            Some(Value::Counter(Counter { epoch, value })) => {
                ints.push(value.cast_signed());
                Tag::Counter(epochs.place(epoch))
            }
        };
        match runs.last_mut() {
            Some((last, len)) if *last == tag => *len += 1,
            _ => runs.push((tag, 1)),
        }
    }
    put_len(out, runs.len());
    for (index, (tag, len)) in runs.iter().enumerate() {
        let (kind, detail) = match tag {
            Tag::Absent => (0, 0),
            Tag::Counter(place) => (1, u64::try_from(*place).unwrap_or(u64::MAX)),
            Tag::Int => (2, 0),
            Tag::Float => (3, 0),
            Tag::Missing(code) => (4, u64::from(*code)),
        };
        put_u64(out, kind | detail << 3);
        if index + 1 < runs.len() {
            put_len(out, *len);
        }
    }
    if !ints.is_empty() {
        put_ints(out, &ints, others.filter(|others| others.len() == ints.len()));
    }
    if !floats.is_empty() {
        put_floats(out, &floats);
    }
}

fn put_ints(out: &mut Vec<u8>, numbers: &[i64], others: Option<&[i64]>) {
    let mut plain = Vec::new();
    ints::encode(&mut plain, numbers);
    if let Some(others) = others {
        let rest: Vec<i64> = numbers.iter().zip(others).map(|(number, other)| number.wrapping_sub(*other)).collect();
        let mut difference = Vec::new();
        ints::encode(&mut difference, &rest);
        if difference.len() < plain.len() {
            out.push(1);
            out.extend(difference);
            return;
        }
    }
    out.push(0);
    out.extend(plain);
}

pub(super) fn put_floats(out: &mut Vec<u8>, floats: &[f64]) {
    let found = (0..=PLACES_MAX).find_map(|places| Some((places, scaled(floats, places)?)));
    let (places, numbers) = found.unwrap_or_else(|| (BITS, floats.iter().map(|value| bits(*value)).collect()));
    out.push(places);
    ints::encode(out, &numbers);
}

fn bits(value: f64) -> i64 {
    value.to_bits().cast_signed()
}

/// The fractions as whole numbers of a decimal place, if they all come back bit by bit.
fn scaled(floats: &[f64], places: u8) -> Option<Vec<i64>> {
    let factor = 10_f64.powi(places.into());
    floats
        .iter()
        .map(|value| {
            let number = whole((value * factor).round())?;
            (bits(unscaled(number, factor)) == bits(*value)).then_some(number)
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, reason = "the bound is checked, and the number is compared with its origin")]
fn whole(value: f64) -> Option<i64> {
    (value.abs() < 9e15).then_some(value as i64)
}

#[expect(clippy::cast_precision_loss, reason = "below 2^53")]
fn unscaled(number: i64, factor: f64) -> f64 {
    number as f64 / factor
}

/// The whole numbers of a column's cells, if every cell is one of a counter of one life: what another column can be the
/// sum of.
pub(super) fn counts(cells: &[Option<Value>]) -> Option<Vec<i64>> {
    let number = |cell: &Option<Value>| match cell {
        Some(Value::Counter(counter)) => Some(counter.value.cast_signed()),
        _ => None,
    };
    cells.iter().map(number).collect()
}

/// Reads `count` cells. `others` gives what other columns add up to, when this one is written as a difference.
pub(super) fn decode(
    reader: &mut Reader<'_>,
    count: usize,
    epochs: &[CounterEpoch],
    others: impl FnOnce() -> Result<Vec<i64>, ChunkError>,
) -> Result<Vec<Option<Value>>, ChunkError> {
    let runs = runs(reader, count)?;
    let numbers = runs.iter().filter(|(tag, _)| matches!(tag, Tag::Counter(_) | Tag::Int)).map(|(_, len)| len).sum();
    let floats = runs.iter().filter(|(tag, _)| *tag == Tag::Float).map(|(_, len)| len).sum();
    let mut ints = if numbers == 0 { Vec::new() } else { get_ints(reader, numbers, others)? }.into_iter();
    let mut floats = if floats == 0 { Vec::new() } else { get_floats(reader, floats)? }.into_iter();
    let mut cells = Vec::with_capacity(count);
    for (tag, len) in runs {
        for _ in 0..len {
            cells.push(match tag {
                Tag::Absent => None,
                Tag::Missing(code) => Some(Value::Missing(Missing::from_code(code))),
                Tag::Int => Some(Value::Gauge(Gauge::Int(ints.next().ok_or(ChunkError::Short)?))),
                Tag::Counter(place) => {
                    let epoch = *epochs.get(place).ok_or(ChunkError::Content("an epoch is not in the list"))?;
                    let value = ints.next().ok_or(ChunkError::Short)?.cast_unsigned();
                    Some(Value::Counter(Counter { epoch, value }))
                }
                Tag::Float => {
                    let value = Finite::new(floats.next().ok_or(ChunkError::Short)?);
                    Some(Value::Gauge(Gauge::Float(value.ok_or(ChunkError::Content("a fraction is not finite"))?)))
                }
            });
        }
    }
    Ok(cells)
}

fn runs(reader: &mut Reader<'_>, count: usize) -> Result<Vec<(Tag, usize)>, ChunkError> {
    let len = reader.len(count)?;
    let mut runs = Vec::with_capacity(len);
    let mut rest = count;
    for index in 0..len {
        let word = reader.u64()?;
        let detail = usize::try_from(word >> 3).map_err(|_| ChunkError::Content("a tag is too large"))?;
        let tag = match word & 7 {
            0 => Tag::Absent,
            1 => Tag::Counter(detail),
            2 => Tag::Int,
            3 => Tag::Float,
            4 => Tag::Missing(u8::try_from(detail).map_err(|_| ChunkError::Content("a reason is too large"))?),
            _ => return Err(ChunkError::Content("a cell is of a kind that nobody writes")),
        };
        let len = if index + 1 == len { rest } else { reader.len(rest)? };
        rest -= len;
        runs.push((tag, len));
    }
    if rest == 0 { Ok(runs) } else { Err(ChunkError::Content("a column ends early")) }
}

fn get_ints(
    reader: &mut Reader<'_>,
    count: usize,
    others: impl FnOnce() -> Result<Vec<i64>, ChunkError>,
) -> Result<Vec<i64>, ChunkError> {
    let is_difference = reader.u8()? != 0;
    let mut numbers = ints::decode(reader, count)?;
    if is_difference {
        let others = others()?;
        if others.len() != numbers.len() {
            return Err(ChunkError::Content("a column adds up others of another length"));
        }
        numbers.iter_mut().zip(others).for_each(|(number, other)| *number = number.wrapping_add(other));
    }
    Ok(numbers)
}

pub(super) fn get_floats(reader: &mut Reader<'_>, count: usize) -> Result<Vec<f64>, ChunkError> {
    let places = reader.u8()?;
    let numbers = ints::decode(reader, count)?;
    if places == BITS {
        return Ok(numbers.into_iter().map(|number| f64::from_bits(number.cast_unsigned())).collect());
    }
    if places > PLACES_MAX {
        return Err(ChunkError::Content("fractions have more decimal places than anybody writes"));
    }
    let factor = 10_f64.powi(places.into());
    Ok(numbers.into_iter().map(|number| unscaled(number, factor)).collect())
}
