//! The bit stream, and the code of a residual: Rice's, with a parameter that the series itself says, and an escape.

use super::PackError;

/// Quotients from here on are not counted out: a length and the number itself follow.
const ESCAPE: u32 = 12;
/// Bits of that length.
const LENGTH_BITS: u32 = 7;

#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    pending: u128,
    count: u32,
}

impl BitWriter {
    /// The lowest `count` bits of `value`.
    pub(super) fn put(&mut self, value: u64, count: u32) {
        let value = if count < 64 { value & ((1 << count) - 1) } else { value };
        self.pending |= u128::from(value) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(u8::try_from(self.pending & 0xff).unwrap_or(0));
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    /// A number whose size nothing is known of.
    pub(super) fn put_raw(&mut self, value: u64) {
        let length = 64 - value.leading_zeros();
        self.put(length.into(), LENGTH_BITS);
        self.put(value, length);
    }

    /// A number that usually has about `k` + 1 bits.
    pub(super) fn put_rice(&mut self, value: u64, k: u32) {
        let quotient = value >> k;
        if quotient < ESCAPE.into() {
            let ones = u32::try_from(quotient).unwrap_or(0);
            self.put((1 << ones) - 1, ones + 1);
            self.put(value, k);
        } else {
            self.put((1 << ESCAPE) - 1, ESCAPE);
            self.put_raw(value);
        }
    }

    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(u8::try_from(self.pending & 0xff).unwrap_or(0));
        }
        self.bytes
    }
}

pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    pending: u128,
    count: u32,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, pending: 0, count: 0 }
    }

    /// Takes in what there is room for: at least 64 bits while there are any.
    fn fill(&mut self) {
        if self.count > 64 {
            return;
        }
        if let Some((word, rest)) = self.bytes.split_first_chunk::<8>() {
            self.pending |= u128::from(u64::from_le_bytes(*word)) << self.count;
            self.count += 64;
            self.bytes = rest;
            return;
        }
        while let Some((&byte, rest)) = self.bytes.split_first() {
            if self.count > 120 {
                return;
            }
            self.pending |= u128::from(byte) << self.count;
            self.count += 8;
            self.bytes = rest;
        }
    }

    fn skip(&mut self, count: u32) -> Result<(), PackError> {
        self.count = self.count.checked_sub(count).ok_or(PackError::Truncated)?;
        self.pending >>= count;
        Ok(())
    }

    /// The next `count` bits, at most 64.
    pub(super) fn get(&mut self, count: u32) -> Result<u64, PackError> {
        if self.count < count {
            self.fill();
        }
        let low = low_word(self.pending);
        let value = if count < 64 { low & ((1 << count) - 1) } else { low };
        self.skip(count)?;
        Ok(value)
    }

    pub(super) fn raw(&mut self) -> Result<u64, PackError> {
        let length = u32::try_from(self.get(LENGTH_BITS)?).unwrap_or(u32::MAX);
        if length > 64 {
            return Err(PackError::Impossible { what: "length of a number" });
        }
        self.get(length)
    }

    pub(super) fn rice(&mut self, k: u32) -> Result<u64, PackError> {
        if self.count <= ESCAPE {
            self.fill();
        }
        let ones = low_word(self.pending).trailing_ones().min(ESCAPE);
        if ones == ESCAPE {
            self.skip(ESCAPE)?;
            return self.raw();
        }
        self.skip(ones + 1)?;
        Ok(u64::from(ones) << k | self.get(k)?)
    }

    /// The rest of the last byte has to be empty, and nothing may follow.
    pub(super) fn end(self) -> Result<(), PackError> {
        let whole = usize::try_from(self.count / 8).unwrap_or(0);
        let left = self.bytes.len() + whole + usize::from(whole == 0 && self.pending != 0);
        if left == 0 { Ok(()) } else { Err(PackError::Trailing { left }) }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
const fn low_word(bits: u128) -> u64 {
    bits as u64
}
