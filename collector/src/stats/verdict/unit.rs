//! What is compared with what: days, differences at the same time of day, or blocks. Different times of day are never
//! compared when there is a daily cycle.

use super::Points;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Whole days on each side from which days are the unit.
const DAYS_MIN: i64 = 3;
/// Days on each side at most.
const DAYS_MAX: i64 = 366;
/// Adjacent windows up to this length are compared whatever the time of day.
const ADJACENT_MAX_MS: i64 = HOUR_MS + 10 * 60_000;
/// Reference days at most.
const REFERENCES_MAX: i64 = 28;

/// The unit of comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Means of whole days.
    DayMeans,
    /// After − mean of the reference days, at the same time of day.
    SameTimeDifferences,
    /// Blocks of two windows.
    Blocks,
}

impl Unit {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DayMeans => "day_means",
            Self::SameTimeDifferences => "same_time_differences",
            Self::Blocks => "blocks",
        }
    }
}

/// What has to be said about the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The days before and after are other weekdays.
    OtherWeekdays,
    /// How much one day differs from another was not measured.
    DayToDayNotMeasured,
    /// The windows lie at different times of day, and there is too little history to look for a daily cycle.
    CycleNotLookedFor,
    /// There is a daily cycle, and nothing at the same time of day to compare with.
    OtherTimeOfDay,
}

/// The spans to compare.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Plan {
    /// Starts of whole days.
    Days { before: Vec<i64>, after: Vec<i64>, remark: Option<Remark> },
    /// The window after, and how many days back the references lie.
    SameTime { after: (i64, i64), days_back: Vec<i64> },
    /// Two windows.
    Blocks { before: (i64, i64), after: (i64, i64), remark: Option<Remark> },
    /// There is nothing to compare.
    Nothing(Option<Remark>),
}

/// `cycle`: whether there is a daily cycle, if somebody looked.
pub(super) fn plan(before: &Points, after: &Points, cycle: Option<bool>) -> Plan {
    let (Some(was), Some(is)) = (before.span(), after.span()) else { return Plan::Nothing(None) };
    if let Some(days) = days(was, is) {
        return days;
    }
    let adjacent = (is.0 - was.1).abs() <= (is.1 - is.0).max(was.1 - was.0) && is.0 >= was.1 - HOUR_MS;
    let short = is.1 - is.0 <= ADJACENT_MAX_MS && was.1 - was.0 <= ADJACENT_MAX_MS;
    if adjacent && short {
        return Plan::Blocks { before: was, after: is, remark: None };
    }
    if let Some(same_time) = same_time(before, was, is) {
        return same_time;
    }
    if cycle == Some(true) {
        return Plan::Nothing(Some(Remark::OtherTimeOfDay));
    }
    // Of windows of very different length only the nearest part of the longer one is taken: blocks of different length
    // depend on each other differently.
    let length = (was.1 - was.0).min(is.1 - is.0);
    let before = if (was.1 - was.0) > length + length / 4 { (was.1 - length, was.1) } else { was };
    let after = if (is.1 - is.0) > length + length / 4 { (is.0, is.0 + length) } else { is };
    let remark = (cycle.is_none()).then_some(Remark::CycleNotLookedFor);
    Plan::Blocks { before, after, remark }
}

/// Whole days, counted from the change outwards so that none is cut by it.
fn days(was: (i64, i64), is: (i64, i64)) -> Option<Plan> {
    let slack = DAY_MS / 100;
    let count = |span: (i64, i64)| ((span.1 - span.0 + slack) / DAY_MS).min(DAYS_MAX);
    let (n_before, n_after) = (count(was), count(is));
    if n_before < DAYS_MIN || n_after < DAYS_MIN {
        return None;
    }
    // The same time of day on both sides: days after begin at its start, those before end a whole number of days earlier.
    let end = is.0 - (is.0 - was.1 + DAY_MS - 1 - slack).div_euclid(DAY_MS).max(0) * DAY_MS;
    let n_before = ((end - was.0 + slack) / DAY_MS).min(DAYS_MAX);
    if n_before < DAYS_MIN {
        return None;
    }
    let before: Vec<i64> = (1..=n_before).map(|back| end - back * DAY_MS).rev().collect();
    let after: Vec<i64> = (0..n_after).map(|on| is.0 + on * DAY_MS).collect();
    let weekday = |at: &i64| at.div_euclid(DAY_MS).rem_euclid(7);
    let common = |of: &[i64], other: &[i64]| -> Vec<i64> {
        of.iter().copied().filter(|at| other.iter().any(|day| weekday(day) == weekday(at))).collect()
    };
    let (same_before, same_after) = (common(&before, &after), common(&after, &before));
    let enough = i64::try_from(same_before.len().min(same_after.len())).is_ok_and(|n| n >= DAYS_MIN);
    if enough {
        return Some(Plan::Days { before: same_before, after: same_after, remark: None });
    }
    Some(Plan::Days { before, after, remark: Some(Remark::OtherWeekdays) })
}

/// The window after, where days before it have readings at the same time of day.
fn same_time(before: &Points, was: (i64, i64), is: (i64, i64)) -> Option<Plan> {
    let length = is.1 - is.0;
    if length > DAY_MS + DAY_MS / 100 {
        return None;
    }
    let slack = length / 10;
    let oldest = ((is.0 - was.0 + slack) / DAY_MS).min(REFERENCES_MAX);
    let covers = |back: &i64| {
        let (from, to) = (is.0 - back * DAY_MS, is.1 - back * DAY_MS);
        let inside = from >= was.0 - slack && to <= was.1 + slack;
        let from_at = before.at_ms().partition_point(|at| *at < from);
        let to_at = before.at_ms().partition_point(|at| *at < to);
        inside && to_at > from_at
    };
    let days_back: Vec<i64> = (1..=oldest).filter(covers).collect();
    (!days_back.is_empty()).then_some(Plan::SameTime { after: is, days_back })
}
