//! Bytes of a chunk: whole numbers in groups of seven bits, and a reader that never reads past the end.

use super::ChunkError;

/// Appends a number, seven bits a byte, lowest first.
pub(super) fn put_u64(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(low_byte(value) | 0x80);
        value >>= 7;
    }
    out.push(low_byte(value));
}

/// Appends a signed number: small ones of either sign are short.
pub(super) fn put_i64(out: &mut Vec<u8>, value: i64) {
    put_u64(out, zigzag(value));
}

/// Appends a length.
pub(super) fn put_len(out: &mut Vec<u8>, len: usize) {
    put_u64(out, u64::try_from(len).unwrap_or(u64::MAX));
}

/// Appends a short text with its length.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_len(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// Even for what is not negative, odd for what is: 0, −1, 1, −2 …
pub(super) fn zigzag(value: i64) -> u64 {
    (value << 1).cast_unsigned() ^ (value >> 63).cast_unsigned()
}

/// The reverse of [`zigzag`].
pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

fn low_byte(value: u64) -> u8 {
    value.to_le_bytes()[0] & 0x7f
}

/// Reads what the functions above wrote.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn u8(&mut self) -> Result<u8, ChunkError> {
        let (first, rest) = self.rest.split_first().ok_or(ChunkError::Short)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn u64(&mut self) -> Result<u64, ChunkError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(ChunkError::Content("a number has more than 64 bits"))
    }

    pub(super) fn i64(&mut self) -> Result<i64, ChunkError> {
        self.u64().map(unzigzag)
    }

    /// A number that fits into a smaller type.
    pub(super) fn small<T: TryFrom<u64>>(&mut self) -> Result<T, ChunkError> {
        T::try_from(self.u64()?).map_err(|_| ChunkError::Content("a number is too large"))
    }

    /// A count of at most `max`.
    pub(super) fn len(&mut self, max: usize) -> Result<usize, ChunkError> {
        let len: usize = self.small()?;
        if len <= max { Ok(len) } else { Err(ChunkError::Content("a count is over its bound")) }
    }

    pub(super) fn bytes(&mut self, len: usize) -> Result<&'a [u8], ChunkError> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(ChunkError::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], ChunkError> {
        self.bytes(N)?.try_into().map_err(|_| ChunkError::Short)
    }

    pub(super) fn text(&mut self, max: usize) -> Result<&'a str, ChunkError> {
        let len = self.len(max)?;
        std::str::from_utf8(self.bytes(len)?).map_err(|_| ChunkError::Content("a name is not UTF-8"))
    }
}
