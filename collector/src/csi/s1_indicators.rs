//! Step 1, what should be measured: critical success factors, the key performance indicators that stand for them, and
//! their targets. An indicator says what, never how; that is step 2.

use super::s2_metrics::Limit;

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

/// What time counts as of which nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownAs {
    /// As good.
    Good,
    /// As bad.
    Bad,
    /// Not at all.
    Excluded,
}

impl UnknownAs {
    /// The words of the file.
    pub const WORDS: &'static [&'static str] = &["good", "bad", "excluded"];

    /// The word of the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Excluded => "excluded",
        }
    }

    /// What a word means; excluded for any other.
    #[must_use]
    pub fn of(word: &str) -> Self {
        [Self::Good, Self::Bad].into_iter().find(|one| one.as_str() == word).unwrap_or(Self::Excluded)
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
        for text in ["", "d", "0d", "367d", "-1d", "week", "30"] {
            assert_eq!(ObjectiveWindow::parse(text), None, "{text}");
        }
    }
}
