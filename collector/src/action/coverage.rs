//! [P] Which VMs have no valid recovery point younger than their objective.

use evenkeel_common::time::{DurationMs, UnixMs};

/// A VM's protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// The newest valid point is this old, which is within the objective.
    Covered(DurationMs),
    /// The newest valid point is this old: too old.
    Stale(DurationMs),
    /// There is no valid point.
    None,
    /// No host has said which points there are.
    Unknown,
}

impl Coverage {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Covered(_) => "covered",
            Self::Stale(_) => "stale",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }
}

/// A point, as far as it protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protecting {
    /// The moment that it shows.
    pub at: UnixMs,
    /// Whether it was verified and found whole; a point that nobody has verified protects nobody.
    pub valid: bool,
}

/// Judges one VM. `heard` tells whether the points are known at all.
#[must_use]
pub fn coverage(points: &[Protecting], heard: bool, objective: DurationMs, now: UnixMs) -> Coverage {
    let newest = points.iter().filter(|point| point.valid).map(|point| point.at).max();
    match newest.map(|at| now.since(at)) {
        Some(age) if age <= objective => Coverage::Covered(age),
        // What is not known might be younger.
        _ if !heard => Coverage::Unknown,
        Some(age) => Coverage::Stale(age),
        None => Coverage::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_points_protect_and_what_is_not_known_is_not_called_missing() {
        let day = DurationMs::from_s(86_400);
        let now = UnixMs(10 * day.0);
        let point = |days_old: i64, valid| Protecting { at: UnixMs(now.0 - days_old * day.0), valid };
        assert_eq!(coverage(&[point(1, true), point(5, true)], true, day, now), Coverage::Covered(day));
        assert_eq!(
            coverage(&[point(0, false), point(2, true)], true, day, now),
            Coverage::Stale(DurationMs(2 * day.0))
        );
        assert_eq!(coverage(&[point(0, false)], true, day, now), Coverage::None);
        assert_eq!(coverage(&[point(2, true)], false, day, now), Coverage::Unknown);
        assert_eq!(
            coverage(&[point(1, true)], false, day, now),
            Coverage::Covered(day),
            "an old report is enough for that"
        );
    }
}
