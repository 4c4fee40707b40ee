//! What was expected of a change, such as `response_time -10%`, held against the interval of what was found.

use std::fmt;

/// By how much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// This share of the mean before, with its sign.
    Share(f64),
    /// In the metric's unit, with its sign.
    Absolute(f64),
}

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The KPI or metric that it is about.
    pub about: String,
    /// At least so much, in the direction of its sign; 0: no difference beyond the metric's threshold.
    pub by: Amount,
}

/// What became of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All of the interval is there.
    Met,
    /// Nothing of the interval is there.
    NotMet,
    /// A part of it is, or there is no interval.
    CannotBeTold,
}

impl Kept {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::CannotBeTold => "cannot_be_told",
        }
    }
}

impl Expectation {
    /// Reads `NAME ±N%` or `NAME ±N`.
    ///
    /// # Errors
    /// Says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || {
            format!(
                "'{text}' is no expectation; write a KPI or metric and by how much it changes, such as \
                 \"response_time -10%\", or \"response_time -0.05\" in its unit"
            )
        };
        let (about, by) = text.trim().rsplit_once(char::is_whitespace).ok_or_else(bad)?;
        let (number, is_share) = by.strip_suffix('%').map_or((by, false), |number| (number, true));
        // Without a sign nobody knows which way is meant.
        let signed = number.starts_with(['+', '-']) || number == "0";
        let value: f64 = number.parse().map_err(|_| bad())?;
        let about = about.trim();
        if about.is_empty() || !signed || !value.is_finite() {
            return Err(bad());
        }
        let by = if is_share { Amount::Share(value / 100.0) } else { Amount::Absolute(value) };
        Ok(Self { about: about.to_owned(), by })
    }

    /// In the metric's unit; none when it is a share of nothing.
    #[must_use]
    pub fn wanted(&self, mean_before: f64) -> Option<f64> {
        match self.by {
            Amount::Absolute(value) => Some(value),
            Amount::Share(share) => (mean_before != 0.0).then(|| share * mean_before.abs()),
        }
    }

    /// Holds it against the interval of the difference. `threshold`: from where a difference matters.
    #[must_use]
    pub fn held_against(&self, mean_before: f64, interval: Option<(f64, f64)>, threshold: Option<f64>) -> Kept {
        let (Some(wanted), Some((low, high))) = (self.wanted(mean_before), interval) else {
            return Kept::CannotBeTold;
        };
        let within = |from: f64, to: f64| match (low >= from && high <= to, high < from || low > to) {
            (true, _) => Kept::Met,
            (_, true) => Kept::NotMet,
            _ => Kept::CannotBeTold,
        };
        if wanted < 0.0 {
            within(f64::NEG_INFINITY, wanted)
        } else if wanted > 0.0 {
            within(wanted, f64::INFINITY)
        } else {
            threshold.map_or(Kept::CannotBeTold, |threshold| within(-threshold, threshold))
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            Amount::Share(share) => write!(f, "{} {:+}%", self.about, share * 100.0),
            Amount::Absolute(value) => write!(f, "{} {value:+}", self.about),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_and_a_signed_amount_are_an_expectation_and_nothing_else_is() {
        let of = |text: &str| Expectation::parse(text).map(|one| (one.about, one.by));
        assert_eq!(of("response_time -10%"), Ok(("response_time".to_owned(), Amount::Share(-0.1))));
        assert_eq!(of(" rss +2e6 "), Ok(("rss".to_owned(), Amount::Absolute(2e6))));
        assert_eq!(of("rss 0"), Ok(("rss".to_owned(), Amount::Absolute(0.0))));
        for text in ["", "rss", "rss 10%", "-10%", "rss -inf", "rss -x", "rss -10%%"] {
            assert!(of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_whole_interval_decides() {
        let kept = |text: &str, low, high| {
            Expectation::parse(text).unwrap().held_against(2.0, Some((low, high)), Some(0.1)).as_str()
        };
        assert_eq!(kept("m -10%", -0.5, -0.2), "met");
        assert_eq!(kept("m -10%", -0.5, -0.1), "cannot_be_told");
        assert_eq!(kept("m -10%", -0.1, 0.3), "not_met");
        assert_eq!(kept("m +0.3", 0.3, 0.4), "met");
        assert_eq!(kept("m 0", -0.05, 0.05), "met");
        assert_eq!(kept("m 0", 0.2, 0.3), "not_met");
        let share = Expectation::parse("m -10%").unwrap();
        assert_eq!(share.held_against(0.0, Some((-1.0, -0.5)), None), Kept::CannotBeTold, "a share of nothing");
        assert_eq!(share.held_against(1.0, None, None), Kept::CannotBeTold);
    }

    proptest! {
        #[test]
        fn met_and_not_met_are_what_every_point_of_the_interval_says(
            wanted in prop_oneof![-5.0_f64..-0.1, 0.1_f64..5.0], low in -6.0_f64..6.0, length in 0.0_f64..4.0,
        ) {
            let one = Expectation { about: "m".to_owned(), by: Amount::Absolute(wanted) };
            let points = (0..=100).map(|at| low + length * f64::from(at) / 100.0);
            let there = points.filter(|x| if wanted < 0.0 { *x <= wanted } else { *x >= wanted }).count();
            let expected = match there { 101 => Kept::Met, 0 => Kept::NotMet, _ => Kept::CannotBeTold };
            prop_assert_eq!(one.held_against(1.0, Some((low, low + length)), None), expected);
        }
    }
}
