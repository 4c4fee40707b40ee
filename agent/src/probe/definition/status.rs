//! Which HTTP status codes are right.

use std::fmt;
use std::ops::RangeInclusive;

/// Ranges in one definition.
const RANGES_MAX: usize = 16;

/// Ranges of status codes; 200 to 299 unless told otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses(Vec<RangeInclusive<u16>>);

impl Default for Statuses {
    fn default() -> Self {
        Self(vec![200..=299])
    }
}

impl Statuses {
    /// Reads `200`, `200-299` and lists of both such as `200,301-302`.
    ///
    /// # Errors
    /// What is allowed, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is not allowed; give status codes from 100 to 599 such as 200-299,404");
        let code = |text: &str| text.trim().parse().ok().filter(|code| (100..=599).contains(code));
        let range = |part: &str| match part.split_once('-') {
            Some((from, to)) => Some(code(from)?..=code(to)?).filter(|range| !range.is_empty()),
            None => code(part).map(|code| code..=code),
        };
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        ranges.filter(|ranges| ranges.len() <= RANGES_MAX).map(Self).ok_or_else(bad)
    }

    /// Whether the code is right.
    #[must_use]
    pub fn has(&self, code: u16) -> bool {
        self.0.iter().any(|range| range.contains(&code))
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, range) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            match (range.start(), range.end()) {
                (one, same) if one == same => write!(f, "{comma}{one}")?,
                (from, to) => write!(f, "{comma}{from}-{to}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_codes_ranges_and_lists() {
        let statuses = Statuses::parse("200-204, 301").unwrap();
        assert!(statuses.has(200) && statuses.has(204) && statuses.has(301) && !statuses.has(205));
        assert_eq!(statuses.to_string(), "200-204,301");
        for bad in ["", "20", "600", "299-200", "a", "200-", "200,,201"] {
            assert!(Statuses::parse(bad).is_err(), "{bad}");
        }
        assert!(Statuses::parse(&["200"; 17].join(",")).is_err());
    }
}
