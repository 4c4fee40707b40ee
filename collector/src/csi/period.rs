//! Periods of reviews as people write them: `last`, `current`, `2026-11`, `2026-Q4`, `2026-W47`, `2026-11-20`, or
//! `FROM..TO`. Days, weeks, months and quarters are those of the service's time zone.

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span as Length, Timestamp};

use crate::sla::Span;

/// Words of a review period in a service file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A day.
    Day,
    /// A week from Monday on.
    Week,
    /// A month.
    Month,
    /// A quarter.
    Quarter,
}

/// A period, and the one that it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// As people write it.
    pub name: String,
    /// Its seconds.
    pub span: Span,
    /// Those of the one before: the day, week, month or quarter before, or as long a time.
    pub before: Span,
}

/// What can be written.
pub const FORMS: &str = "last, current, a day such as 2026-11-20, a week such as 2026-W47, a month such as 2026-11, a quarter such as \
     2026-Q4, or FROM..TO with days or times such as 2026-11-01T00:00:00Z";

impl Unit {
    /// The unit of a word; a month for any other.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "day" => Self::Day,
            "week" => Self::Week,
            "quarter" => Self::Quarter,
            _ => Self::Month,
        }
    }

    fn length(self) -> Length {
        match self {
            Self::Day => Length::new().days(1),
            Self::Week => Length::new().weeks(1),
            Self::Month => Length::new().months(1),
            Self::Quarter => Length::new().months(3),
        }
    }

    fn first(self, date: Date) -> Option<Date> {
        match self {
            Self::Day => Some(date),
            Self::Week => date.iso_week_date().first_of_week().ok().map(ISOWeekDate::date),
            Self::Month => Some(date.first_of_month()),
            Self::Quarter => Date::new(date.year(), (date.month() - 1) / 3 * 3 + 1, 1).ok(),
        }
    }

    fn name(self, first: Date) -> String {
        match self {
            Self::Day => first.to_string(),
            Self::Week => {
                let week = first.iso_week_date();
                format!("{}-W{:02}", week.year(), week.week())
            }
            Self::Month => format!("{}-{:02}", first.year(), first.month()),
            Self::Quarter => format!("{}-Q{}", first.year(), (first.month() - 1) / 3 + 1),
        }
    }

    /// The period that begins with this day.
    fn from(self, first: Date, zone: &TimeZone) -> Option<Period> {
        let (next, before) = (first.checked_add(self.length()).ok()?, first.checked_sub(self.length()).ok()?);
        let [before, from, to] = [before, first, next].map(|date| start(date, zone));
        let span = Span { from: from?, to: to? };
        Some(Period { name: self.name(first), span, before: Span { from: before?, to: span.from } })
    }

    /// The period that a second lies in.
    #[must_use]
    pub fn around(self, second: i64, zone: &TimeZone) -> Option<Period> {
        let date = Timestamp::from_second(second).ok()?.to_zoned(zone.clone()).date();
        self.from(self.first(date)?, zone)
    }

    /// The last one that is over.
    #[must_use]
    pub fn last(self, second: i64, zone: &TimeZone) -> Option<Period> {
        self.around(self.around(second, zone)?.span.from - 1, zone)
    }
}

impl Period {
    /// Reads one. `unit` is what `last` and `current` mean.
    ///
    /// # Errors
    /// Says what can be written.
    pub fn parse(text: &str, unit: Unit, zone: &TimeZone, now_s: i64) -> Result<Self, String> {
        let found = match text.trim() {
            "last" => unit.last(now_s, zone),
            "current" => unit.around(now_s, zone),
            text => match text.split_once("..") {
                Some((from, to)) => moment(from, zone).zip(moment(to, zone)).and_then(|(from, to)| {
                    let span = Span { from, to };
                    let before = Span { from: from - span.length_s(), to: from };
                    (from < to).then(|| Self { name: text.to_owned(), span, before })
                }),
                None => named(text).and_then(|(unit, first)| unit.from(first, zone)),
            },
        };
        found.ok_or_else(|| format!("'{text}' is no period; write {FORMS}"))
    }

    /// The first seconds of its days, and its end.
    #[must_use]
    pub fn days(&self, zone: &TimeZone) -> Vec<i64> {
        let mut at = self.span.from;
        let mut days = Vec::new();
        while at < self.span.to {
            days.push(at);
            let next = Unit::Day.around(at, zone).map_or(at + 86_400, |day| day.span.to);
            at = next.max(at + 1);
        }
        days.push(self.span.to);
        days
    }
}

fn start(date: Date, zone: &TimeZone) -> Option<i64> {
    zone.to_timestamp(date.at(0, 0, 0, 0)).ok().map(Timestamp::as_second)
}

fn named(text: &str) -> Option<(Unit, Date)> {
    if let Some((year, quarter)) = text.split_once("-Q") {
        let quarter: i8 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
        return Some((Unit::Quarter, Date::new(year.parse().ok()?, quarter * 3 - 2, 1).ok()?));
    }
    if let Some((year, week)) = text.split_once("-W") {
        let week = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok()?;
        return Some((Unit::Week, week.date()));
    }
    if let Ok(date) = text.parse::<Date>() {
        return Some((Unit::Day, date));
    }
    let (year, month) = text.split_once('-')?;
    Some((Unit::Month, Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?))
}

fn moment(text: &str, zone: &TimeZone) -> Option<i64> {
    let text = text.trim();
    text.parse::<Timestamp>()
        .ok()
        .map(Timestamp::as_second)
        .or_else(|| text.parse::<i64>().ok())
        .or_else(|| text.parse::<Date>().ok().and_then(|date| start(date, zone)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, i64, i64), String> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now = "2026-11-24T12:00:00Z".parse::<Timestamp>().unwrap().as_second();
        let found = Period::parse(text, Unit::Month, &zone, now)?;
        Ok((found.name, found.span.length_s() / 3_600, found.before.length_s() / 3_600))
    }

    #[test]
    fn periods_are_those_of_the_zone_also_when_clocks_change() {
        for (text, name, hours, before) in [
            ("last", "2026-10", 31 * 24 + 1, 30 * 24),
            ("current", "2026-11", 30 * 24, 31 * 24 + 1),
            ("2026-03", "2026-03", 31 * 24 - 1, 28 * 24),
            ("2028-02", "2028-02", 29 * 24, 31 * 24),
            ("2026-Q4", "2026-Q4", 92 * 24 + 1, 92 * 24),
            ("2026-W43", "2026-W43", 7 * 24 + 1, 7 * 24),
            ("2026-10-25", "2026-10-25", 25, 24),
            ("2026-10-24..2026-10-26", "2026-10-24..2026-10-26", 49, 49),
            ("1800000000..1800007200", "1800000000..1800007200", 2, 2),
        ] {
            assert_eq!(read(text), Ok((name.to_owned(), hours, before)), "{text}");
        }
        for text in ["", "2026", "2026-13", "2026-Q5", "2026-W60", "2026-02-30", "2..1", "yesterday-ish", "x..y"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn days_begin_at_midnight_and_cover_the_period() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let days = Period::parse("2026-10", Unit::Month, &zone, 0).unwrap().days(&zone);
        assert_eq!(days.len(), 32);
        let lengths: Vec<i64> = days.windows(2).map(|pair| (pair[1] - pair[0]) / 3_600).collect();
        assert_eq!((lengths[23], lengths[24], lengths[25]), (24, 25, 24));
        let cut = Period::parse("1800000000..1800100000", Unit::Month, &TimeZone::UTC, 0).unwrap();
        assert_eq!(cut.days(&TimeZone::UTC), [1_800_000_000, 1_800_057_600, 1_800_100_000]);
    }
}
