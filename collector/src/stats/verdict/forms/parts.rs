//! A plan, ready to cut points.

use super::super::blocks::{BLOCKS, missing_share};
use super::super::unit::{Plan, Remark, Unit};
use super::kept::Kept;
use crate::stats::float;
use crate::stats::verdict::Points;
use crate::stats::verdict::engine::{self, Estimate};

const DAY_MS: i64 = 86_400_000;
/// Least worth of the blocks of two windows. At 4 a slow series under white noise, whose dependence an hour hardly shows,
/// still rejects in 0.062 of the cases without a change; at 4.5 in 0.052.
const GATE_BLOCKS: f64 = 4.5;
/// Least worth of the differences.
const GATE_DIFFERENCES: f64 = 5.0;
/// Least number of days.
const GATE_DAYS: f64 = 3.0;
/// Reference days from which what days differ by is measured on them.
const REFERENCES_MEASURED: usize = 5;

/// Units of two windows in one form.
#[derive(Debug)]
pub(super) struct Units {
    pub(super) before: Vec<Option<f64>>,
    pub(super) after: Vec<Option<f64>>,
}

impl Units {
    /// After − before, unit by unit.
    fn differences(&self) -> Vec<Option<f64>> {
        self.before.iter().zip(&self.after).map(|(before, after)| Some((*after)? - (*before)?)).collect()
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) unit: Unit,
    before: Vec<(i64, i64)>,
    after: Vec<(i64, i64)>,
    pub(super) remark: Option<Remark>,
}

impl Parts {
    pub(super) fn of(plan: &Plan) -> Self {
        match plan {
            Plan::Days { before, after, remark } => {
                let day = |at: &i64| (*at, *at + DAY_MS);
                let (before, after) = (before.iter().map(day).collect(), after.iter().map(day).collect());
                Self { unit: Unit::DayMeans, before, after, remark: *remark }
            }
            Plan::SameTime { after, days_back } => {
                let back = |days: &i64| (after.0 - days * DAY_MS, after.1 - days * DAY_MS);
                let remark = (days_back.len() < REFERENCES_MEASURED).then_some(Remark::DayToDayNotMeasured);
                let before = days_back.iter().map(back).collect();
                Self { unit: Unit::SameTimeDifferences, before, after: vec![*after], remark }
            }
            Plan::Blocks { before, after, remark } => {
                Self { unit: Unit::Blocks, before: vec![*before], after: vec![*after], remark: *remark }
            }
            Plan::Nothing(remark) => {
                Self { unit: Unit::Blocks, before: Vec::new(), after: Vec::new(), remark: *remark }
            }
        }
    }

    pub(super) fn has_windows(&self) -> bool {
        !self.before.is_empty()
    }

    /// What days differ by is measured on the reference days.
    pub(super) fn by_days(&self) -> bool {
        self.unit == Unit::SameTimeDifferences && self.before.len() >= REFERENCES_MEASURED
    }

    pub(super) fn gate(&self) -> f64 {
        match self.unit {
            Unit::DayMeans => GATE_DAYS,
            Unit::SameTimeDifferences => GATE_DIFFERENCES,
            Unit::Blocks => GATE_BLOCKS,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds below 2^53")]
    pub(super) fn window_s(&self) -> f64 {
        let length = |spans: &[(i64, i64)]| spans.iter().map(|(from, to)| to - from).sum::<i64>() as f64 / 1000.0;
        match self.unit {
            Unit::SameTimeDifferences => length(&self.after),
            Unit::DayMeans | Unit::Blocks => length(&self.before).min(length(&self.after)),
        }
    }

    /// Units of each span.
    fn per_span(&self) -> usize {
        if self.unit == Unit::DayMeans || self.by_days() { 1 } else { BLOCKS }
    }

    pub(super) fn keep_before(&self, points: &Points) -> Kept {
        Kept::of(points, &self.before, self.per_span(), points.step_ms().unwrap_or(1))
    }

    pub(super) fn keep_after(&self, points: &Points) -> Kept {
        Kept::of(points, &self.after, self.per_span(), points.step_ms().unwrap_or(1))
    }

    pub(super) fn missing(&self, before: &Points, after: &Points) -> f64 {
        let of = |spans: &[(i64, i64)], points: &Points| -> Vec<f64> {
            let step = points.step_ms().unwrap_or(1);
            spans.iter().map(|(from, to)| missing_share(points, *from, *to, step)).collect()
        };
        let shares = [of(&self.before, before), of(&self.after, after)].concat();
        if shares.is_empty() { 1.0 } else { shares.iter().sum::<f64>() / float(shares.len()) }
    }

    /// From the means of what was kept: reference days become one.
    pub(super) fn units(&self, before: &[Option<f64>], after: &[Option<f64>]) -> Units {
        let after = after.to_vec();
        if self.unit != Unit::SameTimeDifferences || self.by_days() {
            return Units { before: before.to_vec(), after };
        }
        let reference = |block: usize| {
            let there: Vec<f64> = before.iter().skip(block).step_by(BLOCKS).copied().flatten().collect();
            (!there.is_empty()).then(|| there.iter().sum::<f64>() / float(there.len()))
        };
        Units { before: (0..BLOCKS).map(reference).collect(), after }
    }

    /// What is left of the units when the means of their windows are taken away.
    pub(super) fn demeaned(&self, units: &Units) -> Vec<f64> {
        let centre = |blocks: &[Option<f64>]| -> Vec<f64> {
            let present: Vec<f64> = blocks.iter().copied().flatten().collect();
            let mean = present.iter().sum::<f64>() / float(present.len().max(1));
            present.into_iter().map(|value| value - mean).collect()
        };
        if self.by_days() {
            return centre(&units.before);
        }
        if self.unit == Unit::SameTimeDifferences {
            return centre(&units.differences());
        }
        [centre(&units.before), centre(&units.after)].concat()
    }

    pub(super) fn estimate(&self, units: &Units, r_least: f64) -> Option<Estimate> {
        match self.unit {
            Unit::DayMeans => engine::days(&units.before, &units.after),
            Unit::Blocks => engine::two_sample(&units.before, &units.after, r_least),
            Unit::SameTimeDifferences if self.by_days() => engine::day_against(&units.before, &units.after),
            Unit::SameTimeDifferences => engine::one_sample(&units.differences(), r_least),
        }
    }
}
