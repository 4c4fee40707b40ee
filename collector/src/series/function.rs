//! What is made of readings: `--fn`.

use std::fmt;
use std::str::FromStr;

use evenkeel_common::metric::{Kind, Metric};

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    /// Readings as they are.
    Raw,
    /// Mean.
    Avg,
    /// Smallest.
    Min,
    /// Largest.
    Max,
    /// Sum.
    Sum,
    /// How many readings have a value.
    Count,
    /// Standard deviation with n − 1.
    Stddev,
    /// Growth per second.
    Rate,
    /// Growth.
    Increase,
    /// The last value.
    Last,
    /// A percentile, as a share from 0 to 1.
    Quantile(f64),
}

/// Not a function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a function; choose raw, avg, min, max, sum, count, stddev, rate, increase, last or a percentile \
     such as p50 or p99.9"
)]
pub struct NotAFunction(pub String);

const WORDS: [(&str, Function); 10] = [
    ("raw", Function::Raw),
    ("avg", Function::Avg),
    ("min", Function::Min),
    ("max", Function::Max),
    ("sum", Function::Sum),
    ("count", Function::Count),
    ("stddev", Function::Stddev),
    ("rate", Function::Rate),
    ("increase", Function::Increase),
    ("last", Function::Last),
];

impl FromStr for Function {
    type Err = NotAFunction;

    fn from_str(text: &str) -> Result<Self, NotAFunction> {
        if let Some((_, function)) = WORDS.into_iter().find(|(word, _)| *word == text) {
            return Ok(function);
        }
        let percent = text.strip_prefix('p').and_then(|digits| digits.parse::<f64>().ok());
        match percent.filter(|percent| (0.0..=100.0).contains(percent)) {
            Some(percent) => Ok(Self::Quantile(percent / 100.0)),
            None => Err(NotAFunction(text.to_owned())),
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Quantile(share) = self {
            // p99.9 is 0.9990000000000001 · 100 otherwise.
            return write!(f, "p{}", (share * 1e8).round() / 1e6);
        }
        let word = WORDS.into_iter().find(|(_, function)| function == self).map_or("", |(word, _)| word);
        f.write_str(word)
    }
}

impl Function {
    /// What a step is made into when nobody says: rates of counters, means of gauges.
    #[must_use]
    pub fn of_step(kind: Kind) -> Self {
        match kind {
            Kind::Counter => Self::Rate,
            Kind::Gauge => Self::Avg,
        }
    }

    /// Whether there is a point for each reading when no step is given.
    #[must_use]
    pub fn per_reading(self) -> bool {
        matches!(self, Self::Raw | Self::Rate | Self::Increase)
    }

    /// Whether a counter's growth counts and not its readings.
    #[must_use]
    pub fn of_growth(self) -> bool {
        matches!(self, Self::Rate | Self::Increase)
    }

    /// Whether a counter is turned into rates first.
    #[must_use]
    pub fn of_rates(self) -> bool {
        matches!(self, Self::Avg | Self::Min | Self::Max | Self::Sum | Self::Stddev | Self::Quantile(_))
    }

    /// Whether a group's value is the sum of its series' values; otherwise all readings of the group are one sample.
    #[must_use]
    pub fn adds_up(self) -> bool {
        matches!(self, Self::Rate | Self::Increase | Self::Last | Self::Raw)
    }

    /// The unit of the result.
    #[must_use]
    pub fn unit(self, metric: &Metric) -> &'static str {
        match self {
            Self::Count => "",
            Self::Rate => metric.unit.rate_str(),
            _ if self.of_rates() && metric.kind == Kind::Counter => metric.unit.rate_str(),
            _ => metric.unit.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_shows() {
        for text in ["raw", "avg", "increase", "p50", "p99.9", "p0", "p100", "p99.999"] {
            assert_eq!(text.parse::<Function>().unwrap().to_string(), text);
        }
        for text in ["", "mean", "p", "p101", "p-1", "pNaN", "RATE"] {
            assert!(text.parse::<Function>().is_err(), "{text}");
        }
    }
}
