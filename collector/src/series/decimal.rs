//! Numbers as text, exactly: from the steps that are stored to the unit that is shown and back, by moving the decimal
//! point. What is exported comes in again as it was.

use evenkeel_common::metric::{Kind, Metric};
use evenkeel_common::sample::{Counter, CounterEpoch, Finite, Gauge, Value};

/// Longest text of a number.
const TEXT_MAX: usize = 400;
/// Digits in front of the point up to which a number is written without an exponent.
const PLAIN_MAX: i64 = 21;
/// Zeros behind the point up to which it is.
const ZEROS_MAX: i64 = 12;

/// Why a text is no value of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoValue {
    /// Nothing there.
    #[error("there is no value")]
    Empty,
    /// Not a number.
    #[error("the value is not a number")]
    NotANumber,
    /// NaN or an infinity.
    #[error("NaN and infinities are not kept")]
    NotFinite,
    /// A counter below zero.
    #[error("a counter is never below zero")]
    Negative,
    /// More than is stored.
    #[error("the value is too large to be kept")]
    TooLarge,
}

/// `digits` times ten to the power of `exponent`; no zeros at either end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn new(negative: bool, digits: &str, exponent: i64) -> Self {
        let kept = digits.trim_start_matches('0');
        let digits = kept.trim_end_matches('0');
        let exponent = exponent + length(kept) - length(digits);
        if digits.is_empty() {
            return Self { negative: false, digits: String::new(), exponent: 0 };
        }
        Self { negative, digits: digits.to_owned(), exponent }
    }

    fn parse(text: &str) -> Result<Self, NoValue> {
        if text.is_empty() {
            return Err(NoValue::Empty);
        }
        let (negative, rest) = match text.as_bytes()[0] {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if ["nan", "inf", "infinity"].iter().any(|word| rest.eq_ignore_ascii_case(word)) {
            return Err(NoValue::NotFinite);
        }
        let (number, exponent) = match rest.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i16>().map_err(|_| NoValue::NotANumber)?),
            None => (rest, 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || text.len() > TEXT_MAX || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NoValue::NotANumber);
        }
        Ok(Self::new(negative, &digits, i64::from(exponent) - length(fraction)))
    }

    /// A float by the shortest digits that mean it.
    fn of_float(value: f64) -> Self {
        let text = format!("{value:e}");
        // The standard library writes nothing else.
        Self::parse(&text).unwrap_or(Self::new(false, "", 0))
    }

    fn shifted(mut self, by: i64) -> Self {
        if !self.digits.is_empty() {
            self.exponent += by;
        }
        self
    }

    /// As a whole number, rounded half up; `None` when it does not fit.
    fn whole(&self) -> Option<i128> {
        let point = length(&self.digits) + self.exponent;
        if point > 30 {
            return None;
        }
        if point < 0 {
            return Some(0);
        }
        let kept = usize::try_from(point).ok()?.min(self.digits.len());
        let mut number: i128 = self.digits[..kept].parse().unwrap_or(0);
        for _ in 0..self.exponent.max(0) {
            number = number.checked_mul(10)?;
        }
        if self.digits.as_bytes().get(kept).is_some_and(|digit| *digit >= b'5') {
            number += 1;
        }
        Some(if self.negative { -number } else { number })
    }

    fn show(&self) -> String {
        let Self { negative, digits, exponent } = self;
        let sign = if *negative { "-" } else { "" };
        let point = length(digits) + exponent;
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        if digits.is_empty() {
            "0".to_owned()
        } else if *exponent >= 0 && point <= PLAIN_MAX {
            format!("{sign}{digits}{}", zeros(*exponent))
        } else if *exponent < 0 && point > 0 {
            let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
            format!("{sign}{whole}.{fraction}")
        } else if *exponent < 0 && -point <= ZEROS_MAX {
            format!("{sign}0.{}{digits}", zeros(-point))
        } else {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{sign}{first}{dot}{rest}e{}", point - 1)
        }
    }
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

/// By how many places the point moves between the stored and the shown number: steps are powers of ten.
#[expect(clippy::cast_possible_truncation, reason = "a power of ten up to 10^9")]
fn places(metric: &Metric) -> i64 {
    metric.stored_per_unit.log10().round() as i64
}

/// A value in the metric's shown unit; `None` where there is none.
#[must_use]
pub fn show(metric: &Metric, value: Value) -> Option<String> {
    let stored = match value {
        Value::Counter(counter) => Decimal::new(false, &counter.value.to_string(), 0),
        Value::Gauge(Gauge::Int(value)) => Decimal::new(value < 0, &value.unsigned_abs().to_string(), 0),
        Value::Gauge(Gauge::Float(value)) => Decimal::of_float(value.value()),
        Value::Missing(_) => return None,
    };
    Some(stored.shifted(-places(metric)).show())
}

/// A value of a metric from a text in its shown unit. Counters are rounded to the steps that are stored; they are of a
/// life of their own, as the text does not say which.
///
/// # Errors
/// See [`NoValue`].
pub fn parse(metric: &Metric, text: &str) -> Result<Value, NoValue> {
    let stored = Decimal::parse(text)?.shifted(places(metric));
    if metric.kind == Kind::Counter {
        if stored.negative {
            return Err(NoValue::Negative);
        }
        let value = stored.whole().and_then(|value| u64::try_from(value).ok()).ok_or(NoValue::TooLarge)?;
        return Ok(Value::Counter(Counter { epoch: CounterEpoch::default(), value }));
    }
    let whole = stored.whole().and_then(|value| i64::try_from(value).ok());
    if let (true, Some(value)) = (stored.exponent >= 0, whole) {
        return Ok(Value::Gauge(Gauge::Int(value)));
    }
    let float = format!("{}{}e{}", if stored.negative { "-" } else { "" }, stored.digits, stored.exponent).parse();
    let float = float.ok().and_then(Finite::new).ok_or(NoValue::TooLarge)?;
    Ok(Value::Gauge(Gauge::Float(float)))
}

#[cfg(test)]
mod tests {
    use evenkeel_common::metric::{FOREIGN_FIRST, MetricId, by_name};
    use proptest::prelude::*;

    use super::*;

    fn foreign(name: &'static str) -> Metric {
        Metric::foreign(MetricId(FOREIGN_FIRST), name)
    }

    fn again(metric: &Metric, text: &str) -> Result<String, NoValue> {
        parse(metric, text).map(|value| show(metric, value).unwrap())
    }

    #[test]
    fn texts_are_read_and_written_in_one_form() {
        let gauge = foreign("x");
        for (text, expected) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("+1.50", "1.5"),
            ("1e3", "1000"),
            ("1.5E-3", "0.0015"),
            ("18446744073709551616", "18446744073709552000"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("1e300", "1e300"),
            ("1.25e-30", "1.25e-30"),
            ("007.5", "7.5"),
            (".5", "0.5"),
        ] {
            assert_eq!(again(&gauge, text).as_deref(), Ok(expected), "{text}");
        }
        let seconds = by_name("vm_cpu_seconds_total").unwrap();
        assert_eq!(again(seconds, "1.500000001"), Ok("1.500000001".to_owned()));
        assert_eq!(parse(seconds, "1.5"), Ok(Value::Counter(Counter { epoch: CounterEpoch(0), value: 1_500_000_000 })));
        assert_eq!(again(seconds, "0.0000000014"), Ok("0.000000001".to_owned()));
        assert_eq!(again(seconds, "0.0000000015"), Ok("0.000000002".to_owned()), "rounded half up");
        assert_eq!(again(&foreign("requests_total"), "9007199254740992"), Ok("9007199254740992".to_owned()));
    }

    #[test]
    fn what_is_no_value_is_said() {
        let (gauge, count) = (foreign("x"), foreign("x_total"));
        for (text, why) in [
            ("", NoValue::Empty),
            ("NaN", NoValue::NotFinite),
            ("-Inf", NoValue::NotFinite),
            ("1,5", NoValue::NotANumber),
            ("1e", NoValue::NotANumber),
            ("--1", NoValue::NotANumber),
            (".", NoValue::NotANumber),
            ("0x10", NoValue::NotANumber),
            ("1e400", NoValue::TooLarge),
        ] {
            assert_eq!(parse(&gauge, text), Err(why), "{text}");
        }
        assert_eq!(parse(&count, "-1"), Err(NoValue::Negative));
        assert_eq!(parse(&count, "1e17"), Err(NoValue::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_shown_comes_in_again(count in any::<u64>(), int in any::<i64>(), float in any::<f64>(), which in 0_usize..4) {
            let metrics = [
                *by_name("vm_cpu_seconds_total").unwrap(), *by_name("vm_memory_rss_bytes").unwrap(), foreign("x_total"), foreign("x"),
            ];
            let metric = &metrics[which];
            let mut values = vec![Value::Gauge(Gauge::Int(int))];
            values.extend(Finite::new(float).map(|float| Value::Gauge(Gauge::Float(float))));
            if metric.kind == Kind::Counter {
                values = vec![Value::Counter(Counter { epoch: CounterEpoch(0), value: count })];
            }
            for value in values {
                let text = show(metric, value).unwrap();
                let read = parse(metric, &text).unwrap();
                prop_assert_eq!(show(metric, read).unwrap(), text);
                if matches!(value, Value::Counter(_) | Value::Gauge(Gauge::Int(_))) {
                    prop_assert_eq!(read, value);
                }
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = parse(&foreign("x"), &text);
            let _ = parse(&foreign("x_seconds_total"), &text);
        }
    }
}
