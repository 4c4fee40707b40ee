//! Step 1, what should be measured: critical success factors, the key performance indicators that stand for them, and
//! their targets. An indicator says what, never how; that is step 2.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span as Length, Timestamp};

use super::s2_metrics::Limit;
use crate::sla::Span;
pub use crate::sla::UnknownAs;

/// A goal of the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Its name in the file.
    pub name: String,
    /// In words.
    pub goal: String,
}

/// What an indicator is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KpiKind {
    /// Is it there?
    Availability,
    /// Is it fast enough?
    Performance,
    /// Does it fit?
    Capacity,
    /// Something of the operator's own.
    Own,
}

impl KpiKind {
    /// The words of the file.
    pub const WORDS: &'static [&'static str] = &["availability", "performance", "capacity", "own"];

    /// The word of the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Availability => "availability",
            Self::Performance => "performance",
            Self::Capacity => "capacity",
            Self::Own => "own",
        }
    }

    /// The kind of a word; own for any other.
    #[must_use]
    pub fn of(word: &str) -> Self {
        [Self::Availability, Self::Performance, Self::Capacity]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .unwrap_or(Self::Own)
    }
}

/// A key performance indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kpi {
    /// Its name in the file.
    pub name: String,
    /// The factor that it stands for.
    pub factor: String,
    /// What it is about.
    pub kind: KpiKind,
    /// Its metrics.
    pub metrics: Vec<String>,
}

/// Over which time an objective is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectiveWindow {
    /// A day of the service's time zone.
    Day,
    /// A month of it.
    Month,
    /// A quarter of it.
    Quarter,
    /// The last so many days, to the second.
    Rolling(i32),
}

/// Longest rolling window.
pub const ROLLING_MAX_DAYS: i32 = 366;

impl ObjectiveWindow {
    /// Reads `day`, `month`, `quarter` or `30d`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "day" => Some(Self::Day),
            "month" => Some(Self::Month),
            "quarter" => Some(Self::Quarter),
            rolling => {
                let days: i32 = rolling.strip_suffix('d')?.parse().ok()?;
                (1..=ROLLING_MAX_DAYS).contains(&days).then_some(Self::Rolling(days))
            }
        }
    }

    /// The window that a second lies in; a rolling one ends with it. Days, months and quarters are those of the zone.
    #[must_use]
    pub fn span(self, zone: &TimeZone, second: i64) -> Span {
        let around = || -> Option<Span> {
            let today = Timestamp::from_second(second).ok()?.to_zoned(zone.clone()).date();
            let (first, length) = match self {
                Self::Day => (today, Length::new().days(1)),
                Self::Month => (today.first_of_month(), Length::new().months(1)),
                Self::Quarter => {
                    let month = (today.month() - 1) / 3 * 3 + 1;
                    (Date::new(today.year(), month, 1).ok()?, Length::new().months(3))
                }
                Self::Rolling(_) => return None,
            };
            let start = |date: Date| zone.to_timestamp(date.at(0, 0, 0, 0)).ok().map(Timestamp::as_second);
            Some(Span { from: start(first)?, to: start(first.checked_add(length).ok()?)? })
        };
        let days = if let Self::Rolling(days) = self { i64::from(days) } else { 1 };
        around().unwrap_or(Span { from: second.saturating_sub(days * 86_400), to: second })
    }
}

impl std::fmt::Display for ObjectiveWindow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day => f.write_str("day"),
            Self::Month => f.write_str("month"),
            Self::Quarter => f.write_str("quarter"),
            Self::Rolling(days) => write!(f, "{days}d"),
        }
    }
}

/// Of what the share is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareOf {
    /// Seconds.
    Time,
    /// Readings.
    Samples,
}

/// A target.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// Its name in the file.
    pub name: String,
    /// The indicator that it is the target of.
    pub kpi: String,
    /// The metric that is looked at.
    pub metric: String,
    /// Over which time.
    pub window: ObjectiveWindow,
    /// The share that has to be good, 0 to 1 without the ends.
    pub target: f64,
    /// What unknown time counts as.
    pub unknown: UnknownAs,
    /// Up to where a reading is good; none of availability.
    pub limit: Option<Limit>,
    /// Of what the share is taken.
    pub share_of: ShareOf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows() {
        for text in ["day", "month", "quarter", "1d", "30d", "366d"] {
            assert_eq!(ObjectiveWindow::parse(text).unwrap().to_string(), text);
        }
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let hours = |window: ObjectiveWindow, at: &str| {
            let span = window.span(&berlin, at.parse::<Timestamp>().unwrap().as_second());
            (Timestamp::from_second(span.from).unwrap().to_string(), span.length_s() / 3_600)
        };
        for (window, at, from, length) in [
            (ObjectiveWindow::Day, "2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z", 25),
            (ObjectiveWindow::Day, "2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z", 24),
            (ObjectiveWindow::Month, "2028-02-29T12:00:00Z", "2028-01-31T23:00:00Z", 29 * 24),
            (ObjectiveWindow::Month, "2026-03-15T12:00:00Z", "2026-02-28T23:00:00Z", 31 * 24 - 1),
            (ObjectiveWindow::Quarter, "2026-12-31T22:00:00Z", "2026-09-30T22:00:00Z", 92 * 24 + 1),
            (ObjectiveWindow::Rolling(2), "2026-10-25T12:00:00Z", "2026-10-23T12:00:00Z", 48),
        ] {
            assert_eq!(hours(window, at), (from.to_owned(), length), "{window} {at}");
        }
        for text in ["", "d", "0d", "367d", "-1d", "week", "30"] {
            assert_eq!(ObjectiveWindow::parse(text), None, "{text}");
        }
    }
}
