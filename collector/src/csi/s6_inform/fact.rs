//! What rules may ask: facts by name, and conditions on them.

use std::collections::BTreeMap;
use std::fmt;

use evenkeel_common::time::DurationMs;
use evenkeel_common::units::{show_bytes, show_duration};

/// A fact. Its kind says how it is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A number.
    Number(f64),
    /// A share from 0 to 1, shown in percent.
    Share(f64),
    /// A time in seconds.
    Seconds(f64),
    /// A number in a unit.
    Measure(f64, String),
    /// A word.
    Word(String),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => f.write_str(&short(*value)),
            // Never rounded up to all of it.
            Self::Share(share) => write!(f, "{} %", (share * 1e5 + 1e-6).floor() / 1e3),
            #[expect(clippy::cast_possible_truncation, reason = "a time of a period is far below 2^53 s")]
            Self::Seconds(seconds) if seconds.abs() >= 60.0 => {
                f.write_str(&show_duration(DurationMs(seconds.round() as i64 * 1_000)))
            }
            #[expect(clippy::cast_possible_truncation, reason = "less than a minute")]
            Self::Seconds(seconds) => f.write_str(&show_duration(DurationMs((seconds * 1_000.0).round() as i64))),
            Self::Measure(value, unit) => f.write_str(&measure(*value, unit)),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// Up to four digits that matter, of large whole numbers all.
#[must_use]
pub fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor();
    if !(-4.0..15.0).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let scale = 10_f64.powf((3.0 - magnitude).max(0.0));
    format!("{}", (value * scale).round() / scale)
}

/// A number in its unit, as people read it.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes are not negative and below 2^63")]
pub fn measure(number: f64, unit: &str) -> String {
    let sign = if number < 0.0 { "−" } else { "" };
    match unit {
        "bytes" => format!("{sign}{}", show_bytes(number.abs().round() as u64)),
        "bytes_per_second" => format!("{sign}{}/s", show_bytes(number.abs().round() as u64)),
        "seconds" if number.abs() < 1.0 => format!("{} ms", three(number * 1_000.0)),
        "seconds" => format!("{} s", three(number)),
        "ratio" => format!("{} %", three(number * 100.0)),
        _ => three(number),
    }
}

fn three(number: f64) -> String {
    let text = short(number);
    match text.parse::<f64>() {
        Ok(parsed) if parsed.abs() >= 10.0 && text.contains('.') => format!("{}", (parsed * 10.0).round() / 10.0),
        _ => text,
    }
}

/// The facts of one thing that rules look at.
pub type Facts = BTreeMap<&'static str, Fact>;

/// `FACT OP VALUE`.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    fact: String,
    op: Op,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Least,
    Most,
    Not,
    Below,
    Above,
    Is,
}

/// Longer ones first: `<=` is not `<`.
const OPS: [(&str, Op); 6] =
    [(">=", Op::Least), ("<=", Op::Most), ("!=", Op::Not), ("<", Op::Below), (">", Op::Above), ("=", Op::Is)];

impl Condition {
    /// Reads one.
    ///
    /// # Errors
    /// Says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (place, sign, op) = OPS
            .iter()
            .filter_map(|(sign, op)| Some((text.find(sign)?, *sign, *op)))
            .min_by_key(|(place, ..)| *place)
            .ok_or_else(|| format!("'{text}' is no condition; write FACT OP VALUE with one of < <= > >= = !="))?;
        let (fact, value) = (text[..place].trim(), text[place + sign.len()..].trim());
        if fact.is_empty() || value.is_empty() {
            return Err(format!("'{text}' has nothing on one side of {sign}"));
        }
        if !matches!(op, Op::Is | Op::Not) && number(value).is_none() {
            return Err(format!("'{text}' compares with {sign}, so there has to be a number or a share behind it"));
        }
        Ok(Self { fact: fact.to_owned(), op, value: value.to_owned() })
    }

    /// The name of the fact.
    #[must_use]
    pub fn fact(&self) -> &str {
        &self.fact
    }

    /// Whether it holds. What is not known holds nothing.
    #[must_use]
    pub fn holds(&self, facts: &Facts) -> bool {
        let Some(fact) = facts.get(self.fact.as_str()) else { return false };
        match fact {
            Fact::Word(word) => match self.op {
                Op::Is => *word == self.value,
                Op::Not => *word != self.value,
                _ => false,
            },
            Fact::Number(is) | Fact::Share(is) | Fact::Seconds(is) | Fact::Measure(is, _) => number(&self.value)
                .is_some_and(|value| match self.op {
                    Op::Least => *is >= value,
                    Op::Most => *is <= value,
                    Op::Below => *is < value,
                    Op::Above => *is > value,
                    Op::Is => (is - value).abs() <= f64::EPSILON * is.abs(),
                    Op::Not => (is - value).abs() > f64::EPSILON * is.abs(),
                }),
        }
    }
}

/// A number, or a share in percent.
fn number(text: &str) -> Option<f64> {
    let parsed = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0),
        None => text.parse().ok(),
    };
    parsed.filter(|value| value.is_finite())
}

/// A text with `{FACT}` in it, filled in. What is not known is `?`.
#[must_use]
pub fn fill(text: &str, facts: &Facts) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}') {
            Some((name, behind)) => {
                filled.push_str(&facts.get(name).map_or_else(|| "?".to_owned(), ToString::to_string));
                rest = behind;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// The names in braces of a text.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_on_what_is_known() {
        let facts = Facts::from([
            ("missing", Fact::Share(0.2)),
            ("outages", Fact::Number(3.0)),
            ("state", Fact::Word("missed".to_owned())),
        ]);
        for (text, holds) in [
            ("missing > 10%", true),
            ("missing > 0.2", false),
            ("missing>=0.2", true),
            ("outages = 3", true),
            ("outages != 3", false),
            ("outages <= 2.5", false),
            ("state = missed", true),
            ("state != missed", false),
            ("state > 3", false),
            ("unheard = 3", false),
            ("unheard != 3", false),
        ] {
            assert_eq!(Condition::parse(text).unwrap().holds(&facts), holds, "{text}");
        }
        for text in ["", "state", "= 3", "x >", "x > many", "x < 5 %%"] {
            assert!(Condition::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn texts_are_filled_in() {
        let facts = Facts::from([
            ("a", Fact::Share(0.999_999)),
            ("b", Fact::Seconds(90.0)),
            ("c", Fact::Number(1_234_567.0)),
            ("d", Fact::Number(0.012_345_6)),
        ]);
        assert_eq!(fill("{a}, {b}, {c}, {d}, {e}, {", &facts), "99.999 %, 1m30s, 1234567, 0.01235, ?, {");
        assert_eq!(names("{a} b {c}").collect::<Vec<_>>(), ["a", "c"]);
    }
}
