//! Windows of the calendar: recurring or once, from when to when they are in force.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::super::{Span, Spans};
use super::Rule;

/// A window that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// No time.
    #[error("'{0}' is not a time; write such as 2026-12-01T22:00 or 2026-12-01T21:00:00Z")]
    NotATime(String),
}

/// When a window is.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// Again and again, on the wall clock of a zone.
    Recurring(Rule, TimeZone),
    /// Once.
    Once(Span),
}

/// A maintenance window: time that counts for nobody.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Its name, which is given as the reason.
    pub name: String,
    /// When it is.
    pub when: When,
    /// In force from this second on; before it was not agreed.
    pub valid_from: i64,
    /// Not in force any more from this second on.
    pub valid_to: i64,
}

impl Window {
    /// The seconds of `within` that lie in it.
    #[must_use]
    pub fn spans(&self, within: Span) -> Spans {
        let valid = Span { from: self.valid_from, to: self.valid_to };
        let Some(within) = within.common(valid) else { return Spans::default() };
        match &self.when {
            When::Recurring(rule, zone) => rule.spans(zone, within),
            When::Once(span) => span.common(within).into_iter().collect(),
        }
    }
}

/// The seconds of `within` that lie in any of some windows.
#[must_use]
pub fn window_spans(windows: &[Window], within: Span) -> Spans {
    windows.iter().flat_map(|window| window.spans(within).as_slice().to_vec()).collect()
}

/// The seconds of `within` that lie outside all business hours; none when there are no business hours.
#[must_use]
pub fn agreed_outside(hours: &[Rule], zone: &TimeZone, within: Span) -> Spans {
    if hours.is_empty() {
        return Spans::default();
    }
    let inside: Spans = hours.iter().flat_map(|rule| rule.spans(zone, within).as_slice().to_vec()).collect();
    inside.outside(within)
}

/// The second of an RFC 3339 time, or of a clock on the wall of a zone. A time that a clock change repeats is its first
/// one, one that it leaves out is as much later.
///
/// # Errors
/// [`CalendarError::NotATime`].
pub fn moment(text: &str, zone: &TimeZone) -> Result<i64, CalendarError> {
    let bad = || CalendarError::NotATime(text.to_owned());
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(at.as_second());
    }
    let clock: DateTime = text.parse().map_err(|_| bad())?;
    zone.to_timestamp(clock).map(|at| at.as_second()).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    fn once(from: i64, to: i64) -> Window {
        let when = When::Once(Span { from: from * HOUR, to: to * HOUR });
        Window { name: "x".to_owned(), when, valid_from: 0, valid_to: i64::MAX }
    }

    #[test]
    fn windows_that_overlap_count_once_and_only_while_they_are_in_force() {
        let nightly = Window {
            name: "nightly".to_owned(),
            when: When::Recurring("daily 02:00-04:00".parse().unwrap(), TimeZone::UTC),
            valid_from: 27 * HOUR,
            valid_to: 75 * HOUR,
        };
        let within = Span { from: 0, to: 96 * HOUR };
        let spans = window_spans(&[nightly, once(3, 5), once(51, 60)], within);
        let hours: Vec<(i64, i64)> = spans.as_slice().iter().map(|span| (span.from / HOUR, span.to / HOUR)).collect();
        assert_eq!(hours, [(3, 5), (27, 28), (50, 60), (74, 75)], "it began at 27 h and was removed at 75 h");
    }

    #[test]
    fn outside_business_hours_is_the_rest() {
        let hours = ["daily 08:00-12:00".parse().unwrap(), "daily 10:00-18:00".parse().unwrap()];
        let day = Span { from: 0, to: 24 * HOUR };
        assert_eq!(agreed_outside(&hours, &TimeZone::UTC, day).total_s(), 14 * HOUR);
        assert!(agreed_outside(&[], &TimeZone::UTC, day).is_empty());
    }

    #[test]
    fn moments_are_read_in_the_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (text, expected) in [
            ("2026-12-01T22:00", "2026-12-01T21:00:00Z"),
            ("2026-12-01T22:00:00Z", "2026-12-01T22:00:00Z"),
            ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
            ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
        ] {
            assert_eq!(moment(text, &zone), moment(expected, &zone), "{text}");
        }
        assert!(moment("soon", &zone).is_err());
    }
}
