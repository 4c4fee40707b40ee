//! Numbers of a fixed width, packed without gaps.

use super::ChunkError;

/// Bytes of `count` numbers of `width` bits.
pub(super) fn packed_len(count: usize, width: u32) -> usize {
    // Neither factor is near the limits: a chunk has at most some million numbers of at most 64 bits.
    (count.saturating_mul(width as usize)).div_ceil(8)
}

/// Appends the lowest `width` bits of each number.
pub(super) fn pack(out: &mut Vec<u8>, numbers: impl Iterator<Item = u64>, width: u32) {
    if width == 0 {
        return;
    }
    let mask = mask(width);
    let (mut held, mut bits) = (0_u128, 0_u32);
    for number in numbers {
        held |= u128::from(number & mask) << bits;
        bits += width;
        while bits >= 8 {
            out.push(held.to_le_bytes()[0]);
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        out.push(held.to_le_bytes()[0]);
    }
}

/// The numbers that [`pack`] wrote.
pub(super) fn unpack(bytes: &[u8], count: usize, width: u32) -> Result<Vec<u64>, ChunkError> {
    if bytes.len() < packed_len(count, width) {
        return Err(ChunkError::Short);
    }
    if width == 0 {
        return Ok(vec![0; count]);
    }
    let mask = mask(width);
    let mut numbers = Vec::with_capacity(count);
    let mut bit = 0_usize;
    for _ in 0..count {
        let (at, shift) = (bit / 8, bit % 8);
        let number = match bytes[at..].first_chunk::<8>() {
            // Up to 57 bits that begin within a byte lie in eight bytes.
            Some(window) if width <= 57 => u64::from_le_bytes(*window) >> shift,
            _ => at_the_end(bytes, at, shift),
        };
        numbers.push(number & mask);
        bit += width as usize;
    }
    Ok(numbers)
}

/// Up to 64 bits that begin within a byte lie in nine bytes, of which the last ones may not be there.
fn at_the_end(bytes: &[u8], at: usize, shift: usize) -> u64 {
    let mut window = [0_u8; 16];
    let end = bytes.len().min(at + 9);
    window[..end - at].copy_from_slice(&bytes[at..end]);
    low_64(u128::from_le_bytes(window) >> shift)
}

fn low_64(wide: u128) -> u64 {
    let bytes = wide.to_le_bytes();
    u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
}

fn mask(width: u32) -> u64 {
    u64::MAX.checked_shr(64 - width.min(64)).unwrap_or(0)
}

/// Bits that a number needs.
pub(super) fn bits_of(number: u64) -> u32 {
    64 - number.leading_zeros()
}
