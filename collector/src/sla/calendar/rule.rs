//! Recurring windows: `daily 02:00-03:00`, `weekly Sat,Sun 22:00-04:00`, `monthly 1,15 02:00-04:00`,
//! `monthly last 02:00-04:00`, `monthly first Sun 02:00-04:00`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span as Length, Timestamp};

use super::super::{Span, Spans};

/// A text that is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a recurring window; write such as \"daily 02:00-03:00\", \"weekly Sat,Sun 22:00-04:00\", \
     \"weekly Mon-Fri 08:00-18:00\", \"monthly 1,15 02:00-04:00\", \"monthly last 02:00-04:00\" or \
     \"monthly first Sun 02:00-04:00\""
)]
pub struct RuleError(pub String);

/// On which days a window begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Days {
    /// Every day.
    Daily,
    /// These days of the week.
    Weekly(Vec<Weekday>),
    /// These days of the month; a month without such a day has none.
    Monthly(Vec<i8>),
    /// The last day of the month.
    MonthlyLast,
    /// The nth (1 to 5; −1: last) such day of the week in the month.
    MonthlyNth(i8, Weekday),
}

/// A recurring window. One that ends at or before its beginning ends on the next day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    days: Days,
    from_min: i32,
    to_min: i32,
}

const DAY_MIN: i32 = 24 * 60;
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];
const ORDINALS: [(&str, i8); 6] =
    [("first", 1), ("second", 2), ("third", 3), ("fourth", 4), ("fifth", 5), ("last", -1)];

impl Rule {
    /// Whether a window of this rule begins on a day.
    #[must_use]
    pub fn begins_on(&self, day: Date) -> bool {
        match &self.days {
            Days::Daily => true,
            Days::Weekly(days) => days.contains(&day.weekday()),
            Days::Monthly(days) => days.contains(&day.day()),
            Days::MonthlyLast => day.day() == day.days_in_month(),
            Days::MonthlyNth(nth, weekday) => {
                day.weekday() == *weekday
                    && if *nth < 0 { day.day() + 7 > day.days_in_month() } else { (day.day() - 1) / 7 + 1 == *nth }
            }
        }
    }

    /// Whether the clock on the wall is inside. This is what [`Self::spans`] has to agree with.
    #[must_use]
    pub fn holds_at(&self, clock: DateTime) -> bool {
        let minute = i32::from(clock.hour()) * 60 + i32::from(clock.minute());
        let (to, over) = self.ends();
        let today = self.begins_on(clock.date()) && minute >= self.from_min && (over || minute < to);
        let since_yesterday = over && minute < to;
        today || since_yesterday && clock.date().yesterday().is_ok_and(|day| self.begins_on(day))
    }

    /// End within its day, and whether that is the next day.
    fn ends(&self) -> (i32, bool) {
        (self.to_min, self.to_min <= self.from_min)
    }

    /// The seconds of `within` that lie in its windows.
    #[must_use]
    pub fn spans(&self, zone: &TimeZone, within: Span) -> Spans {
        offsets(zone, within).into_iter().flat_map(|(part, offset)| self.in_part(part, offset)).collect()
    }

    /// Where the clock does not change, the wall's clock is the second plus the offset.
    fn in_part(&self, part: Span, offset: Offset) -> Vec<Span> {
        let civil = |second: i64| Timestamp::from_second(second).ok().map(|at| offset.to_datetime(at).date());
        // The window of the day before may reach into it.
        let (Some(first), Some(last)) = (civil(part.from), civil(part.to)) else { return Vec::new() };
        let first = first.yesterday().unwrap_or(first);
        let mut spans = Vec::new();
        for day in first.series(Length::new().days(1)).take_while(|day| *day <= last).filter(|day| self.begins_on(*day))
        {
            let Ok(midnight) = offset.to_timestamp(day.to_datetime(Time::midnight())) else { continue };
            let (to, over) = self.ends();
            let end = if over { to + DAY_MIN } else { to };
            let at = |minute: i32| midnight.as_second() + i64::from(minute) * 60;
            spans.extend(Span { from: at(self.from_min), to: at(end) }.common(part));
        }
        spans
    }
}

/// The parts of an interval in which a zone's offset does not change.
fn offsets(zone: &TimeZone, within: Span) -> Vec<(Span, Offset)> {
    let Ok(begin) = Timestamp::from_second(within.from) else { return Vec::new() };
    let mut parts = Vec::new();
    let (mut from, mut offset) = (within.from, zone.to_offset(begin));
    for change in zone.following(begin) {
        let at = change.timestamp().as_second();
        if at >= within.to {
            break;
        }
        parts.push((Span { from, to: at }, offset));
        (from, offset) = (at, change.offset());
    }
    if from < within.to {
        parts.push((Span { from, to: within.to }, offset));
    }
    parts
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        parse(text).ok_or_else(|| RuleError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Rule> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (days, times) = match words.as_slice() {
        ["daily", times] => (Days::Daily, times),
        ["weekly", days, times] => (Days::Weekly(weekdays(days)?), times),
        ["monthly", "last", times] => (Days::MonthlyLast, times),
        ["monthly", nth, day, times] => {
            let nth = ORDINALS.iter().find(|(word, _)| word == nth)?.1;
            (Days::MonthlyNth(nth, weekday(day)?), times)
        }
        ["monthly", days, times] => {
            let days: Option<Vec<i8>> = days.split(',').map(|day| day.parse().ok()).collect();
            (
                Days::Monthly(
                    days?.into_iter().map(|day| (1..=31).contains(&day).then_some(day)).collect::<Option<_>>()?,
                ),
                times,
            )
        }
        _ => return None,
    };
    let (from, to) = times.split_once('-')?;
    let (from_min, to_min) = (minute(from)?, minute(to)?);
    (from_min < DAY_MIN && to_min > 0 || to_min == 0 && from_min > 0).then_some(Rule { days, from_min, to_min })
}

fn weekday(word: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(name, _)| *name == word).map(|(_, day)| *day)
}

/// `Mon,Wed` and `Mon-Fri`; a range may go over Sunday.
fn weekdays(text: &str) -> Option<Vec<Weekday>> {
    let mut all = Vec::new();
    for part in text.split(',') {
        match part.split_once('-') {
            None => all.push(weekday(part)?),
            Some((from, to)) => {
                let (mut day, to) = (weekday(from)?, weekday(to)?);
                all.push(day);
                while day != to {
                    day = day.next();
                    all.push(day);
                }
            }
        }
    }
    Some(all)
}

fn minute(text: &str) -> Option<i32> {
    let (hours, minutes) = text.split_once(':')?;
    let plain = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(hours) || !plain(minutes) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && hours * 60 + minutes <= DAY_MIN).then_some(hours * 60 + minutes)
}

/// As it is written.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |day: &Weekday| WEEKDAYS.iter().find(|(_, known)| known == day).map_or("", |(name, _)| name);
        match &self.days {
            Days::Daily => f.write_str("daily")?,
            Days::Weekly(days) => write!(f, "weekly {}", days.iter().map(name).collect::<Vec<_>>().join(","))?,
            Days::Monthly(days) => {
                write!(f, "monthly {}", days.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))?;
            }
            Days::MonthlyLast => f.write_str("monthly last")?,
            Days::MonthlyNth(nth, day) => {
                let nth = ORDINALS.iter().find(|(_, known)| known == nth).map_or("", |(word, _)| word);
                write!(f, "monthly {nth} {}", name(day))?;
            }
        }
        let (from, to) = (self.from_min, self.to_min);
        write!(f, " {:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utc(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    fn berlin(rule: &str, from: &str, to: &str) -> Vec<String> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let show = |second| Timestamp::from_second(second).unwrap().to_string();
        let spans = rule.parse::<Rule>().unwrap().spans(&zone, Span { from: utc(from), to: utc(to) });
        spans.as_slice().iter().map(|span| format!("{} {}", show(span.from), show(span.to))).collect()
    }

    #[test]
    fn reads_what_it_shows_and_nothing_else() {
        for text in [
            "daily 02:00-03:00",
            "weekly Mon,Wed 22:00-04:00",
            "monthly 1,31 00:00-24:00",
            "monthly last 23:30-00:00",
            "monthly fifth Sun 02:00-04:00",
        ] {
            assert_eq!(text.parse::<Rule>().map(|rule| rule.to_string()).as_deref(), Ok(text));
        }
        assert_eq!("weekly Sat-Mon 01:00-02:00".parse::<Rule>().unwrap().to_string(), "weekly Sat,Sun,Mon 01:00-02:00");
        for text in [
            "",
            "daily",
            "daily 2:00-3:00",
            "daily 24:00-01:00",
            "daily 01:00-25:00",
            "daily 01:60-02:00",
            "daily 00:00-00:00",
            "weekly Funday 01:00-02:00",
            "weekly mon 01:00-02:00",
            "monthly 0 01:00-02:00",
            "monthly 32 01:00-02:00",
            "monthly sixth Sun 01:00-02:00",
            "yearly 01:00-02:00",
            "daily 01:00-02:00 x",
        ] {
            assert!(text.parse::<Rule>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_repeated_hour_is_inside_twice_and_one_that_is_left_out_is_not_there() {
        // On 25 October at 03:00 (01:00 UTC) clocks go back to 02:00; on 29 March they go from 02:00 to 03:00.
        assert_eq!(
            berlin("daily 02:15-02:45", "2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z"),
            ["2026-10-25T00:15:00Z 2026-10-25T00:45:00Z", "2026-10-25T01:15:00Z 2026-10-25T01:45:00Z"]
        );
        assert_eq!(
            berlin("daily 01:00-04:00", "2026-10-24T20:00:00Z", "2026-10-25T12:00:00Z"),
            ["2026-10-24T23:00:00Z 2026-10-25T03:00:00Z"],
            "four hours"
        );
        assert!(berlin("daily 02:15-02:45", "2026-03-28T20:00:00Z", "2026-03-29T12:00:00Z").is_empty());
        assert_eq!(
            berlin("daily 01:30-03:30", "2026-03-28T20:00:00Z", "2026-03-29T12:00:00Z"),
            ["2026-03-29T00:30:00Z 2026-03-29T01:30:00Z"],
            "one hour"
        );
    }

    #[test]
    fn days_of_months_and_leap_days() {
        let starts = |rule: &str, from: &str, to: &str| -> Vec<String> {
            berlin(rule, from, to).iter().map(|span| span[..10].to_owned()).collect()
        };
        let (from, to) = ("2028-01-01T00:00:00Z", "2028-05-02T00:00:00Z");
        assert_eq!(
            starts("monthly 29 12:00-13:00", from, to),
            ["2028-01-29", "2028-02-29", "2028-03-29", "2028-04-29"]
        );
        assert_eq!(
            starts("monthly last 12:00-13:00", from, to),
            ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]
        );
        assert_eq!(starts("monthly 31 12:00-13:00", from, to), ["2028-01-31", "2028-03-31"]);
        assert_eq!(
            starts("monthly last Sun 12:00-13:00", from, to),
            ["2028-01-30", "2028-02-27", "2028-03-26", "2028-04-30"]
        );
        assert_eq!(starts("monthly fifth Tue 12:00-13:00", from, to), ["2028-02-29"]);
        assert_eq!(
            berlin("monthly last 22:00-04:00", "2028-02-29T00:00:00Z", "2028-03-02T00:00:00Z"),
            ["2028-02-29T21:00:00Z 2028-03-01T03:00:00Z"]
        );
    }

    fn rules() -> impl Strategy<Value = String> {
        let days = prop_oneof![
            Just("daily".to_owned()),
            "weekly (Mon|Sat,Sun|Fri-Mon|Sun)",
            "monthly (1|29|30,31|last|first Sun|last Sun|second Tue)",
        ];
        (days, 0..1_440, 1..1_440).prop_map(|(days, from, length)| {
            let to = (from + length) % 1_440;
            format!("{days} {:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
        })
    }

    proptest! {
        /// Asks at every minute what the clock on the wall says.
        #[test]
        fn agrees_with_looking_at_the_clock_every_minute(
            text in rules(),
            zone in prop::sample::select(vec!["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"]),
            around in prop::sample::select(vec![
                "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z",
                "2026-11-01T04:30:00Z", "2028-02-29T00:00:00Z", "2026-07-31T00:00:00Z",
            ]),
            before in 0_i64..3_000, length in 1_i64..5_000,
        ) {
            let rule: Rule = text.parse().unwrap();
            let zone = TimeZone::get(zone).unwrap();
            let from = utc(around) - before * 60;
            let within = Span { from, to: from + length * 60 };
            let spans = rule.spans(&zone, within);
            for second in (within.from..within.to).step_by(60) {
                let clock = Timestamp::from_second(second).unwrap().to_zoned(zone.clone()).datetime();
                prop_assert_eq!(spans.contains(second), rule.holds_at(clock), "{} at {}", text, clock);
            }
            prop_assert!(spans.as_slice().iter().all(|span| span.from >= within.from && span.to <= within.to));
        }
    }
}
