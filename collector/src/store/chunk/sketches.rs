//! The sketches of one column, behind its other fields in version 2 of the rollups.

use super::bytes::Reader;
use super::{ChunkError, ROWS_MAX, ints};
use crate::series::sketch::Sketch;

/// Ranges of one column's sketches at most.
const RANGES_MAX: usize = 1 << 20;

/// Of each bucket the number of its ranges plus one (0: no sketch), the first range, the steps to the others and the counts.
pub(super) fn put_sketches<'a>(out: &mut Vec<u8>, sketches: impl Iterator<Item = Option<&'a Sketch>> + Clone) {
    if sketches.clone().flatten().next().is_none() {
        return out.push(0);
    }
    out.push(1);
    let (mut numbers, mut firsts, mut steps, mut counts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for sketch in sketches {
        let ranges = sketch.map_or(0, |sketch| 1 + sketch.counts().len());
        numbers.push(i64::try_from(ranges).unwrap_or(i64::MAX));
        let mut before = None;
        for (range, count) in sketch.iter().flat_map(|sketch| sketch.counts()) {
            match before {
                None => firsts.push(range),
                Some(before) => steps.push(range - before),
            }
            before = Some(range);
            counts.push(count.cast_signed());
        }
    }
    [&numbers, &firsts, &steps, &counts].into_iter().for_each(|list| ints::encode(out, list));
}

pub(super) fn get_sketches(reader: &mut Reader<'_>, rows: usize) -> Result<Vec<Option<Sketch>>, ChunkError> {
    if reader.u8()? == 0 {
        return Ok(vec![None; rows]);
    }
    let wrong = ChunkError::Content("a sketch has more ranges than there are");
    let numbers = ints::decode(reader, rows)?
        .into_iter()
        .map(|number| usize::try_from(number).ok().filter(|number| *number <= RANGES_MAX))
        .collect::<Option<Vec<usize>>>()
        .ok_or(wrong)?;
    let ranges: usize = numbers.iter().map(|number| number.saturating_sub(1)).sum();
    let begun = numbers.iter().filter(|number| **number > 1).count();
    if ranges > RANGES_MAX {
        return Err(wrong);
    }
    let mut firsts = ints::decode(reader, begun)?.into_iter();
    let mut steps = ints::decode(reader, ranges - begun)?.into_iter();
    let counts = ints::decode(reader, ranges)?;
    if counts.iter().any(|count| usize::try_from(*count).map_or(true, |count| count > ROWS_MAX)) {
        return Err(ChunkError::Content("a sketch counts more readings than an hour has"));
    }
    let mut counts = counts.into_iter();
    let sketch = |number: usize| {
        let mut range = 0_i64;
        let ranges = (1..number).map(|index| {
            let step = if index == 1 { firsts.next() } else { steps.next() };
            range = range.wrapping_add(step.unwrap_or(0));
            (range, counts.next().unwrap_or(0).cast_unsigned())
        });
        (number > 0).then(|| Sketch::of(ranges))
    };
    Ok(numbers.into_iter().map(sketch).collect())
}
