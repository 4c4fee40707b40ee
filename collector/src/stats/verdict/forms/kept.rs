//! The values of a window that are compared, each with the unit that it belongs to.

use super::super::blocks::PRESENT_MIN;
use crate::stats::float;
use crate::stats::verdict::Points;

/// See the module. A unit is a block, a day, or a block of a day.
#[derive(Debug)]
pub(super) struct Kept {
    /// The values in order of time.
    pub(super) values: Vec<f64>,
    /// Unit of each.
    pub(super) unit: Vec<u32>,
    /// Values in each unit.
    counts: Vec<usize>,
    /// Units with enough of their points.
    present: Vec<bool>,
}

impl Kept {
    /// Cuts every span into `per_span` equal units; they are numbered through.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "times in ms and few units"
    )]
    pub(super) fn of(points: &Points, spans: &[(i64, i64)], per_span: usize, step_ms: i64) -> Self {
        let units = spans.len() * per_span;
        let mut kept = Self {
            values: Vec::with_capacity(points.len()),
            unit: Vec::with_capacity(points.len()),
            counts: vec![0; units],
            present: Vec::new(),
        };
        let mut least = Vec::with_capacity(units);
        for (index, (from, to)) in spans.iter().enumerate() {
            let (low, high) = points.places(*from, *to);
            let length = ((to - from).max(1) as f64 / per_span as f64).max(f64::MIN_POSITIVE);
            let (at_ms, values) = (&points.at_ms()[low..high], &points.values()[low..high]);
            for (at, value) in at_ms.iter().zip(values) {
                let part = (((at - from) as f64 / length) as usize).min(per_span - 1);
                let unit = index * per_span + part;
                kept.counts[unit] += 1;
                kept.unit.push(u32::try_from(unit).unwrap_or(u32::MAX));
                kept.values.push(*value);
            }
            // A part that is not a whole number of steps long holds one point more or less.
            let expected = (length / step_ms as f64).floor().max(1.0);
            least.extend(std::iter::repeat_n(PRESENT_MIN * expected - 1e-9, per_span));
        }
        kept.present = kept.counts.iter().zip(least).map(|(n, least)| *n > 0 && float(*n) >= least).collect();
        kept
    }

    pub(super) fn units(&self) -> usize {
        self.counts.len()
    }

    /// Means from sums.
    pub(super) fn means(&self, sums: &[f64]) -> Vec<Option<f64>> {
        let units = sums.iter().zip(&self.counts).zip(&self.present);
        units.map(|((sum, n), present)| present.then(|| sum / float(*n))).collect()
    }

    /// Means of something that each value is worth.
    pub(super) fn means_of(&self, worth: impl Fn(f64) -> f64) -> Vec<Option<f64>> {
        let mut sums = vec![0.0; self.units()];
        for (value, unit) in self.values.iter().zip(&self.unit) {
            sums[*unit as usize] += worth(*value);
        }
        self.means(&sums)
    }

    /// Mean distances from the median of each unit.
    pub(super) fn distances_within(&self) -> Vec<Option<f64>> {
        let mut apart: Vec<Vec<f64>> = vec![Vec::new(); self.units()];
        for (value, unit) in self.values.iter().zip(&self.unit) {
            apart[*unit as usize].push(*value);
        }
        let sums: Vec<f64> = apart
            .iter_mut()
            .map(|values| {
                let median = crate::stats::median(values).unwrap_or(0.0);
                values.iter().map(|value| (value - median).abs()).sum()
            })
            .collect();
        self.means(&sums)
    }
}
