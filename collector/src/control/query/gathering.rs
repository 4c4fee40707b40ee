//! From series to lines: series are gone through in the order of their entities, whatever line they belong to, and each line
//! is handed over in its turn once all of its series are in.

use evenkeel_common::limits::QUERY_MAX_POINTS;
use evenkeel_common::sample::Missing;

use super::ahead::Ahead;
use super::shape::{add, point};
use super::source::Heard;
use super::{Line, Member, Query, Span, Used, check_points, grid_error};
use crate::control::{Control, ControlError};
use crate::series::{Cells, Grid, Number, Shown, Sink};
use crate::view::query::SeriesView;

/// A series' turn: its line, and its place among the line's series.
pub(super) type Job = (usize, usize);

/// What there is of a line so far.
#[derive(Debug)]
struct Gathering {
    grid: Option<Grid>,
    /// Readings as they are, where there are no steps.
    points: Vec<Shown>,
    /// Steps of all series as one sample.
    pooled: Option<Cells>,
    /// Steps of the series so far, added up.
    sums: Option<Vec<Shown>>,
    /// Series to come.
    left: usize,
}

impl Span {
    /// Whether a line has steps, or one over the whole range.
    pub(super) fn has_steps(self, line: &Line) -> bool {
        self.step.is_some() || !line.function.per_reading()
    }
}

impl Query {
    pub(super) fn at(&self, (line, member): Job) -> (&Line, &Member) {
        let line = &self.lines[line];
        (line, &line.members[member])
    }

    /// The range of a member.
    pub(super) fn part(&self, member: &Member) -> Span {
        Span { from: member.from, to: member.to, step: self.span.step }
    }

    /// The series, those of one entity one after the other.
    fn jobs(&self) -> Vec<Job> {
        let all = self.lines.iter().enumerate();
        let mut jobs: Vec<Job> =
            all.flat_map(|(line, of)| (0..of.members.len()).map(move |member| (line, member))).collect();
        jobs.sort_by_key(|job| self.at(*job).1.order);
        jobs
    }

    fn gathering(&self, line: &Line) -> Result<Gathering, ControlError> {
        let Span { from, to, step } = self.span;
        let grid = match step {
            Some(step) => Some(Grid::new(from, to, step, QUERY_MAX_POINTS).map_err(grid_error)?),
            None => self.span.has_steps(line).then(|| Grid::whole(from, to)),
        };
        let pooled = grid.filter(|_| !line.function.adds_up()).map(|grid| Cells::new(grid, line.function));
        Ok(Gathering { grid, points: Vec::new(), pooled, sums: None, left: line.members.len() })
    }
}

impl Control {
    /// Goes through all series and hands over the lines, each as soon as it is complete and those before it are.
    pub(super) async fn walk(&self, query: &Query, used: &mut Used) -> Result<(), ControlError> {
        let (jobs, mut heard) = (query.jobs(), Heard::new(query.span));
        let mut open: Vec<Option<Gathering>> = query.lines.iter().map(|_| None).collect();
        let (mut rest, mut next) = (jobs.as_slice(), 0);
        while !rest.is_empty() {
            let (now, later) = rest.split_at(query.together(rest));
            rest = later;
            let ahead = self.look_ahead(query, now, &mut heard).await?;
            for (job, mut ahead) in now.iter().zip(ahead) {
                let (line, member) = query.at(*job);
                let slot = &mut open[job.0];
                if slot.is_none() {
                    *slot = Some(query.gathering(line)?);
                }
                let Some(gathering) = slot else { continue };
                self.member(query, line, member, &mut ahead, gathering, &mut heard, used).await?;
                while let Some(complete) = open.get_mut(next).and_then(|slot| slot.take_if(|line| line.left == 0)) {
                    let has_begun = complete.grid.is_none();
                    used.hand_over(&query.lines[next], has_begun, complete.finish()).await?;
                    next += 1;
                }
            }
        }
        Ok(())
    }

    /// One series into its line.
    #[expect(clippy::too_many_arguments, reason = "what a line is made of, in one place")]
    async fn member(
        &self,
        query: &Query,
        line: &Line,
        member: &Member,
        ahead: &mut Ahead,
        gathering: &mut Gathering,
        heard: &mut Heard,
        used: &mut Used,
    ) -> Result<(), ControlError> {
        let Gathering { grid, points, pooled, sums, left } = gathering;
        let mut own = grid.filter(|_| pooled.is_none()).map(|grid| Cells::new(grid, line.function));
        let mut sink = match own.as_mut().or(pooled.as_mut()) {
            Some(cells) => {
                cells.clip(member.from, member.to);
                Sink::Cells(cells)
            }
            None => {
                used.begin(line);
                Sink::Points { from: query.span.from, points }
            }
        };
        self.feed(&member.row, line, query.part(member), ahead, heard, &mut sink, used).await?;
        if let Some(cells) = own {
            let results = shown(cells);
            *sums = Some(match sums.take() {
                Some(sums) => add(sums, results),
                None => results,
            });
        }
        *left -= 1;
        check_points(query.span, query.lines.len(), used.points + points.len())
    }
}

impl Gathering {
    fn finish(self) -> Vec<Shown> {
        match (self.sums, self.pooled) {
            (Some(sums), _) => sums,
            (None, Some(cells)) => shown(cells),
            (None, None) => self.points,
        }
    }
}

impl Used {
    /// From now on points are this line's.
    fn begin(&mut self, line: &Line) {
        if let Some(stream) = &mut self.stream {
            stream.begin(line.head.clone());
        }
    }

    /// Takes a complete line; one without any value is left out.
    async fn hand_over(&mut self, line: &Line, has_begun: bool, points: Vec<Shown>) -> Result<(), ControlError> {
        self.points += points.len();
        if !has_begun {
            self.begin(line);
        }
        if let Some(shown) = &mut self.shown {
            *shown = points;
            return Ok(());
        }
        if let Some(stream) = &mut self.stream {
            return stream.points(points, true).await;
        }
        if points.iter().any(|(_, number)| *number != Err(Missing::NoData)) {
            let points = points.into_iter().map(point).collect();
            self.series.push(SeriesView { points, ..line.head.clone() });
        }
        Ok(())
    }
}

fn shown(cells: Cells) -> Vec<Shown> {
    cells.results().map(|(at, value)| (at, value.map(Number::Float))).collect()
}
