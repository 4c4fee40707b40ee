//! The two forms of a time that series have nearly always, read without an allocation: batches hold millions.

/// `YYYY-MM-DDTHH:MM:SS[.fff]Z` or whole Unix seconds, in ms since 1970; `None` for anything else.
pub(super) fn time(field: &[u8]) -> Option<i64> {
    if field.len() <= 11 && field.iter().all(u8::is_ascii_digit) && !field.is_empty() {
        return Some(digits(field) * 1_000);
    }
    let (whole, rest) = field.split_at_checked(19)?;
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let is_time = whole.iter().enumerate().all(|(at, byte)| match marks.iter().find(|(mark, _)| *mark == at) {
        Some((_, mark)) => byte == mark,
        None => byte.is_ascii_digit(),
    });
    let fraction = rest.strip_suffix(b"Z")?;
    let milli = match fraction.split_first() {
        None => 0,
        Some((b'.', part)) if !part.is_empty() && part.len() <= 9 && part.iter().all(u8::is_ascii_digit) => {
            // Three digits, cut or filled up.
            (0..3).fold(0, |sum, at| sum * 10 + part.get(at).map_or(0, |digit| i64::from(digit - b'0')))
        }
        Some(_) => return None,
    };
    let part = |from: usize, to: usize| digits(&whole[from..to]);
    let (year, month, day) = (part(0, 4), part(5, 7), part(8, 10));
    let (hour, minute, second) = (part(11, 13), part(14, 16), part(17, 19));
    // Day 31 of a short month and leap seconds are left to the slow and exact way.
    let is_plain = is_time && (1..=12).contains(&month) && (1..=28).contains(&day) && hour < 24 && minute < 60;
    if !is_plain || second > 59 {
        return None;
    }
    Some((((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + milli)
}

fn digits(field: &[u8]) -> i64 {
    field.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit.wrapping_sub(b'0')))
}

/// Days since 1970 in the Gregorian calendar, counted from March so that a leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use evenkeel_common::time::UnixMs;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_the_exact_way(ms in -30_000_000_000_000_i64..200_000_000_000_000) {
            let text = UnixMs(ms).to_string();
            let fast = time(text.as_bytes());
            prop_assert!(fast.is_none() || fast == Some(ms), "{text} {fast:?}");
            let day: u8 = text[8..10].parse().unwrap();
            prop_assert_eq!(fast.is_some(), day <= 28);
        }

        #[test]
        fn nonsense_is_left_alone(text in "[0-9TZ:. -]{0,24}") {
            if let Some(at) = time(text.as_bytes()) {
                let exact = crate::cli::when::parse_point(&text, UnixMs(0), &jiff::tz::TimeZone::UTC);
                prop_assert_eq!(exact.map(|at| at.0), Ok(at));
            }
        }
    }
}
