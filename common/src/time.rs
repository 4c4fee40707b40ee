//! Points in time as newtypes, and their RFC 3339 form.

use std::fmt;

use jiff::Timestamp;

/// Wall-clock time: milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMs(pub i64);

/// Monotonic time of one process: milliseconds since an arbitrary start. Comparable only within that process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonoMs(pub u64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct DurationMs(pub i64);

impl UnixMs {
    /// `self − earlier`; negative when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> DurationMs {
        DurationMs(self.0.saturating_sub(earlier.0))
    }

    /// `self + by`, saturating at the ends of the range.
    #[must_use]
    pub fn plus(self, by: DurationMs) -> Self {
        Self(self.0.saturating_add(by.0))
    }

    /// `self − by`, saturating at the ends of the range.
    #[must_use]
    pub fn minus(self, by: DurationMs) -> Self {
        Self(self.0.saturating_sub(by.0))
    }

    /// Parses an RFC 3339 time such as `2026-11-20T10:00:00Z`.
    ///
    /// # Errors
    /// When the text is not RFC 3339 or lies outside the years −9999 … 9999.
    pub fn parse_rfc3339(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<Timestamp>().map(|stamp| Self(stamp.as_millisecond()))
    }
}

/// RFC 3339 in UTC; milliseconds are shown only when there are any.
impl fmt::Display for UnixMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

impl MonoMs {
    /// `self + by`, saturating at the ends of the range; a negative length goes back.
    #[must_use]
    pub fn plus(self, by: DurationMs) -> Self {
        Self(self.0.saturating_add_signed(by.0))
    }

    /// Time passed since `earlier`, zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> DurationMs {
        DurationMs(i64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(i64::MAX))
    }
}

impl DurationMs {
    /// From whole seconds.
    #[must_use]
    pub const fn from_s(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// In seconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "durations stay far below 2^53 ms")]
    pub fn as_s(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// As the standard library's type; a negative length becomes zero.
    #[must_use]
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.0).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_and_reads_rfc3339() {
        assert_eq!(UnixMs(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(UnixMs(1_500).to_string(), "1970-01-01T00:00:01.5Z");
        assert_eq!(UnixMs::parse_rfc3339("1970-01-01T00:00:01.5Z").unwrap(), UnixMs(1_500));
        assert!(UnixMs::parse_rfc3339("yesterday").is_err());
    }
}
