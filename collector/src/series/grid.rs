//! Steps of time and what falls into them. A step begins at a multiple of its length since 1970, so that the same step
//! has the same border whenever it is asked for.

use evenkeel_common::sample::Missing;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::sketch::weighted_quantile;
use super::{Delta, Function};
use crate::stats::Moments;

/// The steps of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    from: UnixMs,
    to: UnixMs,
    origin: UnixMs,
    step: DurationMs,
    len: usize,
}

/// Why there is no grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// The step is zero or negative.
    #[error("the step has to be longer than zero")]
    Step,
    /// Too many steps.
    #[error("the range has {steps} steps")]
    TooMany {
        /// How many.
        steps: u64,
    },
}

impl Grid {
    /// Steps that cover `from <= t < to`; at most `max`.
    ///
    /// # Errors
    /// See [`GridError`].
    pub fn new(from: UnixMs, to: UnixMs, step: DurationMs, max: usize) -> Result<Self, GridError> {
        if step.0 <= 0 {
            return Err(GridError::Step);
        }
        let origin = from.minus(DurationMs(from.0.rem_euclid(step.0)));
        let steps = u64::try_from(to.since(origin).0.max(0)).unwrap_or(0).div_ceil(step.0.unsigned_abs());
        match usize::try_from(steps) {
            Ok(len) if len <= max => Ok(Self { from, to, origin, step, len }),
            _ => Err(GridError::TooMany { steps }),
        }
    }

    /// The range as one step, wherever it begins.
    #[must_use]
    pub fn whole(from: UnixMs, to: UnixMs) -> Self {
        Self { from, to, origin: from, step: to.since(from), len: usize::from(to > from) }
    }

    /// How many steps.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Length of a step.
    #[must_use]
    pub fn step(&self) -> DurationMs {
        self.step
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// When a step begins.
    #[must_use]
    pub fn start(&self, index: usize) -> UnixMs {
        self.origin.plus(DurationMs(self.step.0.saturating_mul(i64::try_from(index).unwrap_or(i64::MAX))))
    }

    /// The step of a time.
    pub fn index(&self, at: UnixMs) -> Option<usize> {
        let inside = self.from <= at && at < self.to;
        inside.then(|| usize::try_from(at.since(self.origin).0 / self.step.0).ok()).flatten()
    }
}

/// The shortest of some round steps that keeps `series` series over `length` within `points`.
#[must_use]
pub fn fitting_step(length: DurationMs, series: usize, points: usize) -> DurationMs {
    const ROUND_S: [i64; 14] = [1, 5, 10, 15, 30, 60, 300, 600, 1_800, 3_600, 21_600, 86_400, 7 * 86_400, 30 * 86_400];
    let per_series = i64::try_from((points / series.max(1)).max(2)).unwrap_or(i64::MAX);
    // One step more than fits exactly: the range rarely begins at a border.
    let least = length.0 / (per_series - 1) + 1;
    ROUND_S.into_iter().map(DurationMs::from_s).find(|step| step.0 >= least).unwrap_or(DurationMs(least))
}

/// What fell into each step, for one function.
#[derive(Clone, Debug)]
pub struct Cells {
    grid: Grid,
    function: Function,
    cells: Vec<Cell>,
    /// Nothing outside of this counts.
    clip: (UnixMs, UnixMs),
}

#[derive(Clone, Debug)]
struct Cell {
    content: Content,
    missing: Option<Missing>,
}

#[derive(Clone, Debug)]
enum Content {
    Moments(Box<Moments>),
    Values(Vec<(f64, u64)>),
    Growth { growth: f64, covered_ms: f64 },
    Last(Option<(UnixMs, f64)>),
}

impl Cells {
    /// Empty steps.
    #[must_use]
    pub fn new(grid: Grid, function: Function) -> Self {
        let content = match function {
            Function::Rate | Function::Increase => Content::Growth { growth: 0.0, covered_ms: 0.0 },
            Function::Last | Function::Raw => Content::Last(None),
            Function::Quantile(_) => Content::Values(Vec::new()),
            _ => Content::Moments(Box::default()),
        };
        let cells = vec![Cell { content, missing: None }; grid.len()];
        Self { grid, function, cells, clip: (grid.from, grid.to) }
    }

    /// From now on only what lies in this part of the range counts.
    pub fn clip(&mut self, from: UnixMs, to: UnixMs) {
        self.clip = (from.max(self.grid.from), to.min(self.grid.to));
    }

    /// The step of a time that counts.
    fn at(&mut self, at: UnixMs) -> Option<&mut Cell> {
        let counts = self.clip.0 <= at && at < self.clip.1;
        self.grid.index(at).filter(|_| counts).and_then(|index| self.cells.get_mut(index))
    }

    /// A value at a time; outside of the range it is ignored.
    pub fn value(&mut self, at: UnixMs, value: f64) {
        let Some(cell) = self.at(at) else { return };
        match &mut cell.content {
            Content::Moments(moments) => moments.add(value),
            Content::Values(values) => values.push((value, 1)),
            Content::Last(last) if last.is_none_or(|(before, _)| before <= at) => *last = Some((at, value)),
            Content::Last(_) | Content::Growth { .. } => {}
        }
    }

    /// Many values of a time span that lies within the step of `at`.
    pub fn many(&mut self, at: UnixMs, n: usize, sum: f64, min: f64, max: f64) {
        let Some(cell) = self.at(at) else { return };
        if let Content::Moments(moments) = &mut cell.content {
            moments.add_many(n, sum, 0.0, min, max);
        }
    }

    /// So many values of a time span that lies within the step of `at`.
    pub fn weighted(&mut self, at: UnixMs, value: f64, count: u64) {
        if let Some(Cell { content: Content::Values(values), .. }) = self.at(at) {
            values.push((value, count));
        }
    }

    /// What grew in a time span that lies within the step of `at`, in the unit that is shown.
    pub fn grown(&mut self, at: UnixMs, scaled: f64, covered: DurationMs) {
        let Some(cell) = self.at(at) else { return };
        if let Content::Growth { growth, covered_ms } = &mut cell.content {
            *growth += scaled;
            *covered_ms += ms(covered);
        }
    }

    /// Why there is no value at a time; the last reason of a step without values is told.
    pub fn missing(&mut self, at: UnixMs, why: Missing) {
        if let Some(cell) = self.at(at) {
            cell.missing = Some(why);
        }
    }

    /// Why there may be no value in a time span; what is told of its steps already stays.
    pub fn unknown(&mut self, from: UnixMs, to: UnixMs, why: Missing) {
        let (from, to) = (from.max(self.clip.0), to.min(self.clip.1));
        let Some(first) = self.grid.index(from).filter(|_| from < to) else { return };
        let last = self.grid.index(to.minus(DurationMs(1))).unwrap_or(first);
        for cell in &mut self.cells[first..=last] {
            cell.missing.get_or_insert(why);
        }
    }

    /// A counter's growth, shared out over the steps that it spans; `scaled` is the growth in the unit that is shown.
    pub fn growth(&mut self, delta: &Delta, scaled: f64) {
        let (from, to) = (delta.from.max(self.clip.0), delta.to.min(self.clip.1));
        let whole_ms = ms(delta.duration());
        let Some(first) = self.grid.index(from).filter(|_| from < to) else { return };
        for index in first..self.grid.len() {
            let (start, end) = (self.grid.start(index), self.grid.start(index + 1));
            if start >= to {
                return;
            }
            let share_ms = ms(end.min(to).since(start.max(from)));
            if let Content::Growth { growth, covered_ms } = &mut self.cells[index].content {
                *growth += scaled * share_ms / whole_ms;
                *covered_ms += share_ms;
            }
        }
    }

    /// Each step's begin and value.
    pub fn results(self) -> impl Iterator<Item = (UnixMs, Result<f64, Missing>)> {
        let (grid, function) = (self.grid, self.function);
        self.cells.into_iter().enumerate().map(move |(index, cell)| {
            let why = cell.missing.unwrap_or(Missing::NoData);
            let value = cell.content.result(function).filter(|value| value.is_finite());
            (grid.start(index), value.ok_or(why))
        })
    }
}

impl Content {
    fn result(self, function: Function) -> Option<f64> {
        match (self, function) {
            (Self::Moments(moments), Function::Avg) => moments.mean(),
            (Self::Moments(moments), Function::Min) => moments.min(),
            (Self::Moments(moments), Function::Max) => moments.max(),
            (Self::Moments(moments), Function::Stddev) => moments.sd(),
            (Self::Moments(moments), Function::Count) => Some(count(moments.n())),
            (Self::Moments(moments), _) => (moments.n() > 0).then(|| moments.sum()),
            (Self::Values(mut values), Function::Quantile(share)) => weighted_quantile(&mut values, share),
            (Self::Values(_), _) => None,
            (Self::Growth { covered_ms, .. }, _) if covered_ms <= 0.0 => None,
            (Self::Growth { growth, covered_ms }, Function::Rate) => Some(growth / (covered_ms / 1000.0)),
            (Self::Growth { growth, .. }, _) => Some(growth),
            (Self::Last(last), _) => last.map(|(_, value)| value),
        }
    }
}

fn ms(duration: DurationMs) -> f64 {
    duration.as_s() * 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 readings")]
fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
#[path = "grid_tests.rs"]
mod tests;
