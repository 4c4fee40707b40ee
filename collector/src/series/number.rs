//! A value as it is shown: whole numbers stay whole.

use evenkeel_common::metric::Metric;
use evenkeel_common::sample::{Gauge, Missing, Value};

/// A number in the unit that is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// A count; uses all 64 bits.
    UInt(u64),
    /// A fraction; always finite.
    Float(f64),
}

impl Number {
    /// As a float; a count above 2^53 loses its last digits.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "statistics and ranking do not need more than 53 bits")]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::UInt(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

/// From stored steps to the shown unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    per_unit: f64,
    /// Of an imported counter steps are finer than most of its values: those that are whole are shown as such.
    keeps_whole: bool,
}

impl Scale {
    /// The scale of a metric.
    #[must_use]
    pub fn of(metric: &Metric) -> Self {
        Self { per_unit: metric.stored_per_unit, keeps_whole: metric.id.is_foreign() }
    }

    /// A stored number in the shown unit.
    #[must_use]
    pub fn float(self, stored: f64) -> f64 {
        stored / self.per_unit
    }

    /// A stored value as it is shown.
    ///
    /// # Errors
    /// Why there is none.
    pub fn number(self, value: Value) -> Result<Number, Missing> {
        let number = match value {
            Value::Counter(counter) => Number::UInt(counter.value),
            Value::Gauge(Gauge::Int(value)) => Number::Int(value),
            Value::Gauge(Gauge::Float(value)) => Number::Float(value.value()),
            Value::Missing(why) => return Err(why),
        };
        if let (true, Number::UInt(count)) = (self.keeps_whole, number)
            && let Some(whole) = self.whole(count)
        {
            return Ok(Number::UInt(whole));
        }
        Ok(if self.per_unit > 1.0 { Number::Float(self.float(number.as_f64())) } else { number })
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a power of ten up to 10^9")]
    fn whole(self, count: u64) -> Option<u64> {
        let steps = (self.per_unit as u64).max(1);
        count.is_multiple_of(steps).then_some(count / steps)
    }
}
