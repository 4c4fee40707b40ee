//! Numbers of as many bytes as they need, seven bits each (LEB128), and texts with their length.

use super::PackError;

pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or(0));
}

pub(super) fn put_len(out: &mut Vec<u8>, len: usize) {
    put(out, u64::try_from(len).unwrap_or(u64::MAX));
}

pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, zigzag(value));
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_len(out, text.len());
    out.extend(text.as_bytes());
}

/// Small numbers of either sign become small numbers.
pub(super) const fn zigzag(value: i64) -> u64 {
    (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned()
}

pub(super) const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// Reads from the front of bytes.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn byte(&mut self) -> Result<u8, PackError> {
        let (&byte, rest) = self.0.split_first().ok_or(PackError::Truncated)?;
        self.0 = rest;
        Ok(byte)
    }

    pub(super) fn bytes(&mut self, len: usize) -> Result<&'a [u8], PackError> {
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(PackError::Truncated)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PackError> {
        self.bytes(N)?.try_into().map_err(|_| PackError::Truncated)
    }

    pub(super) fn number(&mut self) -> Result<u64, PackError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                break;
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(PackError::Impossible { what: "number" })
    }

    pub(super) fn signed(&mut self) -> Result<i64, PackError> {
        self.number().map(unzigzag)
    }

    /// A count of at most `max`.
    pub(super) fn count(&mut self, max: usize, what: &'static str) -> Result<usize, PackError> {
        let count = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if count > max { Err(PackError::Impossible { what }) } else { Ok(count) }
    }

    pub(super) fn small<N: TryFrom<u64>>(&mut self, what: &'static str) -> Result<N, PackError> {
        N::try_from(self.number()?).map_err(|_| PackError::Impossible { what })
    }

    /// A text of at most `max` bytes.
    pub(super) fn text(&mut self, max: usize) -> Result<String, PackError> {
        let len = self.count(max, "length of a name")?;
        let text = std::str::from_utf8(self.bytes(len)?).map_err(|_| PackError::Impossible { what: "name" })?;
        Ok(text.to_owned())
    }
}
