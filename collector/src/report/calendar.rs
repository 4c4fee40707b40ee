//! A calendar of days, each with the share that was good: the eye finds the bad day faster than a table tells it.

use jiff::tz::TimeZone;

use super::show;
use super::svg::{Anchor, Svg};
use crate::csi::s3_gather::{ObjectiveFacts, Spent};
use crate::sla::{Seconds, UnknownAs};

const CELL: (f64, f64) = (48.0, 40.0);
const HEAD: f64 = 18.0;
/// Days in one picture: a quarter.
const DAYS_MAX: usize = 100;

/// The calendar of an objective; none of a period of more days than a quarter.
pub fn calendar(id: &str, one: &ObjectiveFacts, days: &[i64], zone: &TimeZone) -> Option<String> {
    if one.days.is_empty() || one.days.len() > DAYS_MAX {
        return None;
    }
    let first = weekday(days[0], zone);
    let rows = (first + one.days.len()).div_ceil(7);
    #[expect(clippy::cast_precision_loss, reason = "some weeks")]
    let height = HEAD + rows as f64 * CELL.1;
    let kept = one.days.iter().filter(|day| matches!(mark(day, one), Mark::Kept(_))).count();
    let desc = format!(
        "A calendar with a field for each of {} days; {kept} of them kept the target of {}. The table of days has the seconds.",
        one.days.len(),
        show::percent(one.target)
    );
    let title = format!("{}: share of each day that was good", one.name);
    let mut svg = Svg::new(id, (7.0 * CELL.0, height), &title, &desc);
    for (column, name) in (0_u8..).zip(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]) {
        svg.text("tick", ((f64::from(column) + 0.5) * CELL.0, 12.0), Anchor::Middle, name);
    }
    for (index, (day, begin)) in one.days.iter().zip(days).enumerate() {
        let place = first + index;
        #[expect(clippy::cast_precision_loss, reason = "some weeks")]
        let (x, y) = ((place % 7) as f64 * CELL.0, HEAD + (place / 7) as f64 * CELL.1);
        let mark = mark(day, one);
        svg.rect(mark.class(), (x + 1.0, y + 1.0), (CELL.0 - 2.0, CELL.1 - 2.0));
        let number = show::zoned(*begin, zone).map_or_else(String::new, |at| at.day().to_string());
        svg.text("daynumber", (x + 5.0, y + 13.0), Anchor::Start, &number);
        svg.text("dayshare", (x + CELL.0 / 2.0, y + 30.0), Anchor::Middle, &mark.words());
    }
    Some(svg.finish())
}

/// What a day was.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mark {
    Kept(f64),
    Below(f64),
    Unknown,
    Excluded,
    NotYet,
}

impl Mark {
    fn class(self) -> &'static str {
        match self {
            Self::Kept(_) => "kept",
            Self::Below(share) if share >= 0.9 => "below",
            Self::Below(_) => "farbelow",
            Self::Unknown => "unknown",
            Self::Excluded | Self::NotYet => "excluded",
        }
    }

    fn words(self) -> String {
        match self {
            Self::Kept(share) | Self::Below(share) => {
                let percent = (share * 1e4 + 1e-6).floor() / 100.0;
                if percent >= 100.0 { "100".to_owned() } else { format!("{percent}") }
            }
            Self::Unknown => "?".to_owned(),
            Self::Excluded => "–".to_owned(),
            Self::NotYet => String::new(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
fn mark(day: &Spent, one: &ObjectiveFacts) -> Mark {
    let (good, bad) = Seconds::from(*day).sides(UnknownAs::of(&one.unknown));
    if good + bad > 0 && day.good_s + day.bad_s > 0 {
        let share = good as f64 / (good + bad) as f64;
        return if share >= one.target { Mark::Kept(share) } else { Mark::Below(share) };
    }
    match (day.unknown_s, day.excluded_s) {
        (0, 0) => Mark::NotYet,
        (0, _) => Mark::Excluded,
        _ => Mark::Unknown,
    }
}

fn weekday(second: i64, zone: &TimeZone) -> usize {
    let day = show::zoned(second, zone).map_or(0, |at| at.weekday().to_monday_zero_offset());
    usize::try_from(day).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_what_its_seconds_say() {
        let one = ObjectiveFacts { target: 0.99, unknown: "excluded".to_owned(), ..ObjectiveFacts::default() };
        let of = |good_s, bad_s, unknown_s, excluded_s| mark(&Spent { good_s, bad_s, unknown_s, excluded_s }, &one);
        assert_eq!(of(99, 1, 0, 0), Mark::Kept(0.99));
        assert_eq!((of(95, 5, 0, 0).class(), of(95, 5, 0, 0).words()), ("below", "95".to_owned()));
        assert_eq!((of(1, 1, 0, 0).class(), of(99_999, 1, 0, 0).words()), ("farbelow", "99.99".to_owned()));
        assert_eq!((of(0, 0, 5, 5), of(0, 0, 0, 5), of(0, 0, 0, 0)), (Mark::Unknown, Mark::Excluded, Mark::NotYet));
    }

    #[test]
    fn weeks_begin_on_monday() {
        let days: Vec<i64> = (0..=31).map(|day| 1_790_812_800 + day * 86_400).collect();
        let spent = Spent { good_s: 86_400, ..Spent::default() };
        let one = ObjectiveFacts { days: vec![spent; 31], target: 0.9, ..ObjectiveFacts::default() };
        let picture = calendar("c", &one, &days, &TimeZone::UTC).unwrap();
        // 1 October 2026 is a Thursday.
        assert!(picture.contains(r#"<rect class="kept" x="145" y="19""#), "{picture}");
        assert_eq!(picture.matches("<rect").count(), 31);
    }
}
