//! Units of metrics, and durations and sizes as people write them.

use std::fmt;

use crate::time::DurationMs;

/// The unit a metric is shown in (Prometheus base units).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A count or a code.
    None,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// A share from 0 to 1.
    Ratio,
    /// Bytes per second.
    BytesPerSecond,
    /// Hertz.
    Hertz,
}

impl Unit {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
            Self::Ratio => "ratio",
            Self::BytesPerSecond => "bytes_per_second",
            Self::Hertz => "hertz",
        }
    }

    /// The unit of this unit's per-second rate.
    #[must_use]
    pub const fn rate_str(self) -> &'static str {
        match self {
            Self::None => "per_second",
            Self::Seconds => "ratio",
            Self::Bytes => "bytes_per_second",
            Self::Ratio => "ratio_per_second",
            Self::BytesPerSecond => "bytes_per_second_squared",
            Self::Hertz => "hertz_per_second",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A duration that could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("'{0}' is not a duration; write a number and a unit: ms, s, m, h, d or w, such as 10s, 500ms or 1h30m")]
pub struct DurationError(pub String);

/// Reads `10s`, `500ms`, `1h30m`, `2d`; a bare number is an error because its unit would be a guess.
///
/// # Errors
/// When a number has no unit, a unit is unknown, or the sum does not fit.
pub fn parse_duration(text: &str) -> Result<DurationMs, DurationError> {
    let bad = || DurationError(text.to_owned());
    let mut rest = text.trim();
    let mut total: i64 = 0;
    if rest.is_empty() {
        return Err(bad());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
        let number: i64 = rest[..digits].parse().map_err(|_| bad())?;
        let unit_text = &rest[digits..];
        let unit_len = unit_text.find(|c: char| c.is_ascii_digit()).unwrap_or(unit_text.len());
        let factor = match &unit_text[..unit_len] {
            "ms" => 1,
            "s" => 1_000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            _ => return Err(bad()),
        };
        total = number.checked_mul(factor).and_then(|part| total.checked_add(part)).ok_or_else(bad)?;
        rest = &unit_text[unit_len..];
    }
    Ok(DurationMs(total))
}

/// `1h30m`, `10s`, `500ms`: what [`parse_duration`] reads back.
#[must_use]
pub fn show_duration(duration: DurationMs) -> String {
    if duration.0 == 0 {
        return "0s".to_owned();
    }
    let sign = if duration.0 < 0 { "-" } else { "" };
    let mut rest = duration.0.unsigned_abs();
    let mut text = sign.to_owned();
    for (factor, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")] {
        if rest >= factor {
            text.push_str(&format!("{}{unit}", rest / factor));
            rest %= factor;
        }
    }
    text
}

/// `1.5 GiB`, `96 MiB`, `512 B`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn show_bytes(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let digits = usize::from(unit > 0 && value < 100.0 && value.fract() > 0.0);
    format!("{value:.digits$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations() {
        assert_eq!(parse_duration("10s"), Ok(DurationMs(10_000)));
        assert_eq!(parse_duration("1h30m"), Ok(DurationMs(5_400_000)));
        assert_eq!(parse_duration("500ms"), Ok(DurationMs(500)));
        for bad in ["", "10", "ten s", "1y", "-1s", "99999999999999999999s", "9999999999999w"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn shows_what_it_reads() {
        for text in ["10s", "1h30m", "500ms", "2d", "1m1ms"] {
            assert_eq!(show_duration(parse_duration(text).unwrap()), text);
        }
        assert_eq!(show_bytes(512), "512 B");
        assert_eq!(show_bytes(96 << 20), "96 MiB");
        assert_eq!(show_bytes(3 << 29), "1.5 GiB");
    }
}
