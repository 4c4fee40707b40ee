//! [P] Times as people write them: RFC 3339, Unix seconds, `now-6h`, `today`, `2026-11`, `2026-11-20`, and ranges of
//! two of them. `now` and the time zone are arguments.

use evenkeel_common::time::UnixMs;
use evenkeel_common::units::parse_duration;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

/// What `--help` says about times.
pub const TIMES_HELP: &str = "Times: RFC 3339 (2026-11-20T10:00:00Z), Unix seconds, now, now-6h, today, yesterday, \
2026-11, 2026-11-20, 2026-11-20T10:00, read in --tz. A day or month stands for its first moment. Ranges: FROM..TO \
without the end itself; a day or month alone is the whole of it.";

/// A time or range that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhenError {
    /// Not a time.
    #[error(
        "'{0}' is not a time; write RFC 3339 (2026-11-20T10:00:00Z), Unix seconds, now, now-6h, today, yesterday, \
         2026-11 or 2026-11-20"
    )]
    NotATime(String),
    /// Not a range.
    #[error("'{0}' is not a range; write FROM..TO such as now-6h..now, or a day or month such as 2026-11-20")]
    NotARange(String),
    /// Ends before it begins.
    #[error("the range is the wrong way round: it ends at {to}, before it begins at {from}; swap the two")]
    Backwards {
        /// Begin.
        from: UnixMs,
        /// End.
        to: UnixMs,
    },
    /// Begins and ends at once.
    #[error("the range is empty: it begins and ends at {0}; give a later end")]
    Empty(UnixMs),
}

/// Times from `from` on, before `to`. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First moment.
    pub from: UnixMs,
    /// First moment after it.
    pub to: UnixMs,
}

impl Range {
    /// A range that has a length.
    ///
    /// # Errors
    /// [`WhenError::Backwards`] and [`WhenError::Empty`].
    pub fn new(from: UnixMs, to: UnixMs) -> Result<Self, WhenError> {
        match from.cmp(&to) {
            std::cmp::Ordering::Less => Ok(Self { from, to }),
            std::cmp::Ordering::Equal => Err(WhenError::Empty(from)),
            std::cmp::Ordering::Greater => Err(WhenError::Backwards { from, to }),
        }
    }
}

/// A point in time; a day or month stands for its first moment.
///
/// # Errors
/// [`WhenError::NotATime`].
pub fn parse_point(text: &str, now: UnixMs, zone: &TimeZone) -> Result<UnixMs, WhenError> {
    let text = text.trim();
    relative(text, now)
        .or_else(|| unix_seconds(text))
        .or_else(|| UnixMs::parse_rfc3339(text).ok())
        .or_else(|| civil(text, now, zone).map(|(from, _)| from))
        .ok_or_else(|| WhenError::NotATime(text.to_owned()))
}

/// `FROM..TO`, or a day or month alone for the whole of it.
///
/// # Errors
/// See [`WhenError`].
pub fn parse_range(text: &str, now: UnixMs, zone: &TimeZone) -> Result<Range, WhenError> {
    let text = text.trim();
    if let Some((from, to)) = text.split_once("..") {
        return Range::new(parse_point(from, now, zone)?, parse_point(to, now, zone)?);
    }
    let (from, to) = civil(text, now, zone)
        .and_then(|(from, to)| Some((from, to?)))
        .ok_or_else(|| WhenError::NotARange(text.to_owned()))?;
    Range::new(from, to)
}

fn relative(text: &str, now: UnixMs) -> Option<UnixMs> {
    let rest = text.strip_prefix("now")?;
    if rest.is_empty() {
        return Some(now);
    }
    if let Some(back) = rest.strip_prefix('-') {
        return parse_duration(back).ok().map(|by| now.minus(by));
    }
    parse_duration(rest.strip_prefix('+')?).ok().map(|by| now.plus(by))
}

fn unix_seconds(text: &str) -> Option<UnixMs> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !only_digits(whole) || !only_digits(fraction) {
        return None;
    }
    let milli: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let at = whole.parse::<i64>().ok()?.checked_mul(1_000)?.checked_add(milli)?.checked_mul(sign)?;
    Timestamp::from_millisecond(at).ok().map(|_| UnixMs(at))
}

/// A civil time in the zone, and its end when it names a whole day or month.
fn civil(text: &str, now: UnixMs, zone: &TimeZone) -> Option<(UnixMs, Option<UnixMs>)> {
    let start = |date: Date| zone.to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).ok().map(unix);
    let whole = |date: Date, length: Span| Some((start(date)?, Some(start(date.checked_add(length).ok()?)?)));
    let day = Span::new().days(1);
    let today = Timestamp::from_millisecond(now.0).ok()?.to_zoned(zone.clone()).date();
    match text {
        "today" => return whole(today, day),
        "yesterday" => return whole(today.checked_sub(day).ok()?, day),
        _ => {}
    }
    if is_month(text) {
        return whole(format!("{text}-01").parse().ok()?, Span::new().months(1));
    }
    if text.len() == "2026-11-20".len() {
        return whole(text.parse().ok()?, day);
    }
    let moment: DateTime = text.parse().ok()?;
    Some((unix(zone.to_timestamp(moment).ok()?), None))
}

fn is_month(text: &str) -> bool {
    text.len() == "2026-11".len()
        && text.bytes().enumerate().all(|(at, byte)| if at == 4 { byte == b'-' } else { byte.is_ascii_digit() })
}

fn unix(at: Timestamp) -> UnixMs {
    UnixMs(at.as_millisecond())
}

/// A time as tables show it: in the zone, to the second.
#[must_use]
pub fn show(at: UnixMs, zone: &TimeZone) -> String {
    match Timestamp::from_millisecond(at.0) {
        Ok(stamp) => {
            let whole = stamp.checked_sub(SignedDuration::from_nanos(i64::from(stamp.subsec_nanosecond())));
            whole.unwrap_or(stamp).to_zoned(zone.clone()).datetime().to_string().replace('T', " ")
        }
        Err(_) => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-20T10:30:00Z";

    fn point(text: &str) -> Result<String, WhenError> {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        parse_point(text, UnixMs::parse_rfc3339(NOW).unwrap(), &zone).map(|at| at.to_string())
    }

    fn range(text: &str) -> Result<String, WhenError> {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let range = parse_range(text, UnixMs::parse_rfc3339(NOW).unwrap(), &zone)?;
        Ok(format!("{} {}", range.from, range.to))
    }

    #[test]
    fn reads_points() {
        for (text, expected) in [
            ("now", NOW),
            ("now-6h", "2026-11-20T04:30:00Z"),
            ("now-1h30m", "2026-11-20T09:00:00Z"),
            ("now+10s", "2026-11-20T10:30:10Z"),
            ("0", "1970-01-01T00:00:00Z"),
            ("1795170600", "2026-11-20T10:30:00Z"),
            ("1795170600.25", "2026-11-20T10:30:00.25Z"),
            ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"),
            ("2026-11-20T10:00:00+02:00", "2026-11-20T08:00:00Z"),
            ("2026-11-20T10:00", "2026-11-20T09:00:00Z"),
            ("2026-11-20 10:00:05", "2026-11-20T09:00:05Z"),
            ("today", "2026-11-19T23:00:00Z"),
            ("yesterday", "2026-11-18T23:00:00Z"),
            ("2026-11", "2026-10-31T23:00:00Z"),
            ("2026-11-20", "2026-11-19T23:00:00Z"),
        ] {
            assert_eq!(point(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["", "soon", "now-", "now-6", "now6h", "2026-13", "2026-02-30", "10:00", "1e9", "99999999999999999"]
        {
            assert!(matches!(point(text), Err(WhenError::NotATime(_))), "{text}: {:?}", point(text));
        }
    }

    #[test]
    fn reads_ranges() {
        for (text, expected) in [
            ("now-6h..now", "2026-11-20T04:30:00Z 2026-11-20T10:30:00Z"),
            ("yesterday", "2026-11-18T23:00:00Z 2026-11-19T23:00:00Z"),
            ("2026-11", "2026-10-31T23:00:00Z 2026-11-30T23:00:00Z"),
            ("2026-11-01..2026-11-08", "2026-10-31T23:00:00Z 2026-11-07T23:00:00Z"),
        ] {
            assert_eq!(range(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_range() {
        assert!(matches!(range("now..now-6h"), Err(WhenError::Backwards { .. })));
        assert!(matches!(range("today..today"), Err(WhenError::Empty(_))));
        assert!(matches!(range("now"), Err(WhenError::NotARange(_))));
        assert!(matches!(range("now..later"), Err(WhenError::NotATime(_))));
    }

    #[test]
    fn a_day_of_a_clock_change_is_as_long_as_it_is() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let range = parse_range("2026-10-25", UnixMs(0), &zone).unwrap();
        assert_eq!(range.to.since(range.from).0, 25 * 3_600_000);
        assert_eq!(show(range.from, &zone), "2026-10-25 00:00:00");
    }
}
