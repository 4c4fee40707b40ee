//! A time in JSON: RFC 3339 in UTC.

use std::cell::Cell;
use std::fmt;

use evenkeel_common::time::UnixMs;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time, `2026-11-20T10:00:00Z` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub UnixMs);

impl From<UnixMs> for Time {
    fn from(at: UnixMs) -> Self {
        Self(at)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut buffer = [0; LEN_MAX];
        match written(self.0, &mut buffer) {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_str(&self.0),
        }
    }
}

const DAY_MS: i64 = 86_400_000;
/// `2026-11-20T10:00:00.123Z`
const LEN_MAX: usize = 24;

thread_local! {
    /// The date written last: an answer has many times of one day.
    static DATE: Cell<(i64, [u8; 10])> = const { Cell::new((i64::MIN, [0; 10])) };
}

/// A time as its `Display` shows it; none of a year that does not have four digits.
fn written(at: UnixMs, buffer: &mut [u8; LEN_MAX]) -> Option<&str> {
    let day = at.0.div_euclid(DAY_MS);
    let mut date = DATE.get();
    if date.0 != day {
        let text = UnixMs(day.checked_mul(DAY_MS)?).to_string();
        let (text, rest) = text.as_bytes().split_first_chunk::<10>()?;
        if rest != b"T00:00:00Z" {
            return None;
        }
        date = (day, *text);
        DATE.set(date);
    }
    buffer[..10].copy_from_slice(&date.1);
    let ms = at.0.rem_euclid(DAY_MS);
    let mut put = |place: usize, sign: u8, number: i64| {
        let digit = |number: i64| b'0' + u8::try_from(number % 10).unwrap_or(0);
        buffer[place..place + 3].copy_from_slice(&[sign, digit(number / 10), digit(number)]);
    };
    put(10, b'T', ms / 3_600_000);
    put(13, b':', ms / 60_000 % 60);
    put(16, b':', ms / 1_000 % 60);
    let mut len = 19;
    let fraction = ms % 1_000;
    if fraction > 0 {
        put(19, b'.', fraction / 10);
        buffer[22] = b'0' + u8::try_from(fraction % 10).unwrap_or(0);
        len = 23;
        while buffer[len - 1] == b'0' {
            len -= 1;
        }
    }
    buffer[len] = b'Z';
    std::str::from_utf8(&buffer[..=len]).ok()
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        UnixMs::parse_rfc3339(&text).map(Self).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_written_as_it_is_shown(at in prop_oneof![
            -70_000_000_000_000_i64..260_000_000_000_000, 1_700_000_000_000_i64..1_700_000_200_000, any::<i64>()
        ]) {
            for at in [at, at / 10 * 10, at / 1_000 * 1_000, at / DAY_MS * DAY_MS] {
                let shown = serde_json::Value::String(UnixMs(at).to_string());
                prop_assert_eq!(serde_json::to_value(Time(UnixMs(at))).unwrap(), shown);
            }
        }
    }
}
