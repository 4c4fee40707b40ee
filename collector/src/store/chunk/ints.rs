//! A column of whole numbers: differences of order 0, 1 or 2, their common divisor taken out, packed in as many bits as
//! most of them need; the few larger ones keep their upper bits in a list of exceptions.
//!
//! libvirt counts in steps (10 ms of a virtual CPU, pages, sectors), so that the divisor saves more than any model of the
//! noise does. Differences wrap around, so that counters above 2^63 need nothing special.

use super::ChunkError;
use super::bits::{bits_of, pack, packed_len, unpack};
use super::bytes::{Reader, put_i64, put_len, put_u64, unzigzag, zigzag};

/// Highest order of differences.
const ORDER_MAX: usize = 2;
/// Bits that a position in the list of exceptions takes, about.
const EXCEPTION_BITS: usize = 8;
/// First byte: all numbers are the same.
const CONSTANT: u8 = 0xff;
/// In the first byte: differences are taken around a middle, small ones of both signs.
const MIDDLE: u8 = 0x80;

/// From what differences are measured, and in which steps.
#[derive(Clone, Copy, Debug)]
struct Frame {
    middle: bool,
    base: i64,
    divisor: u64,
}

/// How a column is written, and how many bits that takes.
#[derive(Clone, Copy, Debug)]
struct Plan {
    order: usize,
    frame: Frame,
    width: u32,
    bits: usize,
}

/// Appends the numbers. Their count is kept elsewhere.
pub(super) fn encode(out: &mut Vec<u8>, numbers: &[i64]) {
    let Some(first) = numbers.first() else { return };
    if numbers.iter().all(|number| number == first) {
        out.push(CONSTANT);
        put_i64(out, *first);
        return;
    }
    let mut differences = numbers.to_vec();
    let mut best: Option<(Plan, Vec<i64>)> = None;
    for order in 0..=ORDER_MAX.min(numbers.len() - 1) {
        if order > 0 {
            differences = differences.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        }
        let plan = plan(&differences, order);
        if best.as_ref().is_none_or(|(known, _)| plan.bits < known.bits) {
            best = Some((plan, differences.clone()));
        }
    }
    if let Some((plan, differences)) = best {
        write(out, numbers, &differences, plan);
    }
}

/// The cheaper of packing above the smallest difference and around the middle one.
fn plan(differences: &[i64], order: usize) -> Plan {
    let least = differences.iter().copied().min().unwrap_or_default();
    let mut sorted = differences.to_vec();
    let half = sorted.len() / 2;
    let middle = sorted.select_nth_unstable(half).1;
    let low = sized(differences, order, false, least);
    let centred = sized(differences, order, true, *middle);
    if centred.bits < low.bits { centred } else { low }
}

fn sized(differences: &[i64], order: usize, middle: bool, base: i64) -> Plan {
    let frame = Frame { middle, base, divisor: divisor(differences, base, middle) };
    let mut lengths = [0_usize; 65];
    for difference in differences {
        lengths[bits_of(reduced(*difference, &frame)) as usize] += 1;
    }
    let longest = lengths.iter().rposition(|count| *count > 0).unwrap_or(0);
    let (mut width, mut bits, mut over) = (longest, differences.len() * longest, 0);
    for candidate in (0..longest).rev() {
        over += lengths[candidate + 1];
        let exceptions = over * (EXCEPTION_BITS + longest - candidate) + 8;
        let total = differences.len() * candidate + exceptions;
        if total < bits {
            (width, bits) = (candidate, total);
        }
    }
    let head = bits_of(zigzag(base)) as usize + bits_of(frame.divisor) as usize;
    // The first numbers of a higher order are written in full.
    Plan { order, frame, width: u32::try_from(width).unwrap_or(64), bits: bits + head + order * 32 }
}

/// Greatest common divisor of the distances from the base; 1 where it would not fit the signed ones.
fn divisor(differences: &[i64], base: i64, middle: bool) -> u64 {
    let mut divisor = 0_u64;
    for difference in differences {
        let distance = difference.wrapping_sub(base);
        let mut rest = if middle { distance.unsigned_abs() } else { distance.cast_unsigned() };
        while rest != 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        if divisor == 1 {
            break;
        }
    }
    if middle && i64::try_from(divisor).is_err() { 1 } else { divisor.max(1) }
}

/// A difference as it is packed: the distance from the base in steps of the divisor.
fn reduced(difference: i64, plan: &Frame) -> u64 {
    let distance = difference.wrapping_sub(plan.base);
    match (plan.middle, plan.divisor) {
        (true, 1) => zigzag(distance),
        (true, divisor) => zigzag(distance / divisor.cast_signed()),
        (false, 1) => distance.cast_unsigned(),
        (false, divisor) => distance.cast_unsigned() / divisor,
    }
}

/// The reverse of [`reduced`].
fn restored(packed: u64, plan: &Frame) -> i64 {
    let distance = if plan.middle {
        unzigzag(packed).wrapping_mul(plan.divisor.cast_signed())
    } else {
        packed.wrapping_mul(plan.divisor).cast_signed()
    };
    plan.base.wrapping_add(distance)
}

fn write(out: &mut Vec<u8>, numbers: &[i64], differences: &[i64], plan: Plan) {
    let Plan { order, frame, width, .. } = plan;
    // An order is at most two, a width at most 64.
    out.push(u8::try_from(order).unwrap_or(0) | if frame.middle { MIDDLE } else { 0 });
    out.push(u8::try_from(width).unwrap_or(64));
    put_i64(out, frame.base);
    put_u64(out, frame.divisor);
    let mut leading = numbers.to_vec();
    for _ in 0..order {
        put_i64(out, leading.first().copied().unwrap_or_default());
        leading = leading.windows(2).take(ORDER_MAX).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    }
    let packed: Vec<u64> = differences.iter().map(|difference| reduced(*difference, &frame)).collect();
    pack(out, packed.iter().copied(), width);
    let over: Vec<(usize, u64)> = packed
        .iter()
        .enumerate()
        .filter(|(_, number)| bits_of(**number) > width)
        .map(|(at, n)| (at, n >> width))
        .collect();
    put_len(out, over.len());
    let upper = over.iter().map(|(_, number)| bits_of(*number)).max().unwrap_or(0);
    let mut before = 0;
    for (at, _) in &over {
        put_len(out, at - before);
        before = *at;
    }
    if !over.is_empty() {
        out.push(u8::try_from(upper).unwrap_or(64));
        pack(out, over.iter().map(|(_, number)| *number), upper);
    }
}

/// Reads `count` numbers.
pub(super) fn decode(reader: &mut Reader<'_>, count: usize) -> Result<Vec<i64>, ChunkError> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let head = reader.u8()?;
    if head == CONSTANT {
        return Ok(vec![reader.i64()?; count]);
    }
    let order = usize::from(head & !MIDDLE);
    let width = u32::from(reader.u8()?);
    if order > ORDER_MAX || order >= count.max(1) || width > 64 {
        return Err(ChunkError::Content("a column has an order or a width that nobody writes"));
    }
    let frame = Frame { middle: head & MIDDLE != 0, base: reader.i64()?, divisor: reader.u64()? };
    let mut leading = [0_i64; ORDER_MAX];
    for number in leading.iter_mut().take(order) {
        *number = reader.i64()?;
    }
    let len = count - order;
    let mut packed = unpack(reader.bytes(packed_len(len, width))?, len, width)?;
    exceptions(reader, &mut packed, width)?;
    let mut numbers: Vec<i64> = packed.into_iter().map(|number| restored(number, &frame)).collect();
    for first in leading[..order].iter().rev() {
        let mut sum = *first;
        let mut summed = Vec::with_capacity(numbers.len() + 1);
        summed.push(sum);
        for difference in numbers {
            sum = sum.wrapping_add(difference);
            summed.push(sum);
        }
        numbers = summed;
    }
    Ok(numbers)
}

fn exceptions(reader: &mut Reader<'_>, packed: &mut [u64], width: u32) -> Result<(), ChunkError> {
    let count = reader.len(packed.len())?;
    if count == 0 {
        return Ok(());
    }
    let mut places = Vec::with_capacity(count);
    let mut at = 0_usize;
    for _ in 0..count {
        at = at.saturating_add(reader.len(packed.len())?);
        places.push(at);
    }
    let upper = u32::from(reader.u8()?);
    if upper > 64 {
        return Err(ChunkError::Content("an exception has more than 64 bits"));
    }
    let numbers = unpack(reader.bytes(packed_len(count, upper))?, count, upper)?;
    for (at, number) in places.into_iter().zip(numbers) {
        let place = packed.get_mut(at).ok_or(ChunkError::Content("an exception lies outside of its column"))?;
        *place |= number.checked_shl(width).unwrap_or(0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(numbers: &[i64]) -> Vec<u8> {
        let mut out = Vec::new();
        encode(&mut out, numbers);
        let mut reader = Reader::new(&out);
        assert_eq!(decode(&mut reader, numbers.len()).unwrap(), numbers);
        assert!(reader.is_empty());
        out
    }

    #[test]
    fn what_moves_in_steps_costs_the_steps_alone() {
        assert_eq!(bytes(&[7; 360]).len(), 2);
        let even: Vec<i64> = (0..360).map(|n| 1_000_000_007 + n * 10_000_000).collect();
        assert!(bytes(&even).len() < 24, "{}", bytes(&even).len());
        // 0 to 3 steps of 10 ms: two bits each.
        let ticks: Vec<i64> = (0..360)
            .scan(0, |sum, n| {
                *sum += (n * 7 % 4) * 10_000_000;
                Some(*sum)
            })
            .collect();
        assert!(bytes(&ticks).len() < 90 + 24, "{}", bytes(&ticks).len());
    }

    #[test]
    fn ends_of_the_range_come_back() {
        for numbers in [
            vec![i64::MIN, i64::MAX],
            vec![i64::MAX, i64::MIN, 0],
            vec![0, i64::MIN],
            vec![i64::MIN, i64::MIN, i64::MAX, -1],
            vec![-1, 1],
            vec![5],
        ] {
            bytes(&numbers);
        }
    }

    proptest! {
        #[test]
        fn every_column_comes_back(
            numbers in prop::collection::vec(prop_oneof![any::<i64>(), -50_i64..50, Just(1_000_000)], 1..200)
        ) {
            bytes(&numbers);
        }

        #[test]
        fn nonsense_is_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), count in 0_usize..300) {
            let _ = decode(&mut Reader::new(&bytes), count);
        }
    }
}
