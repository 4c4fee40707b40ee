//! `query`: which series are meant, and what is made of them.

mod absent;
mod ahead;
mod gathering;
mod label;
mod shape;
mod source;
mod steps;
mod stream;

use std::collections::HashMap;

use evenkeel_common::limits::{QUERY_MAX_POINTS, QUERY_MAX_SERIES};
use evenkeel_common::metric::Kind;
use evenkeel_common::time::{DurationMs, UnixMs};
use evenkeel_common::units::show_duration;

use super::select::{Chosen, Target};
use super::{Answer, Control, ControlError};
use crate::series::{Function, Grid, GridError, Shown, fitting_step};
use crate::store::{Entity, SeriesRow};
use crate::view::query::{QueryRequest, QueryView, SeriesView};
use gathering::Job;
use label::{Label, Timelines};
use shape::{head, keep_top};
pub(super) use steps::Stepped;
use stream::Stream;

/// The range and steps of a query, checked.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: UnixMs,
    to: UnixMs,
    step: Option<DurationMs>,
}

/// A query that makes sense.
#[derive(Debug)]
pub struct Query {
    span: Span,
    lines: Vec<Line>,
    top: Option<usize>,
}

/// One line of the answer: its name, function and series.
#[derive(Debug)]
struct Line {
    chosen: Chosen,
    function: Function,
    head: SeriesView,
    members: Vec<Member>,
}

/// A series, or the part of it in which a label had one value.
#[derive(Debug)]
struct Member {
    /// Its place among all series: those of one entity follow each other.
    order: usize,
    row: SeriesRow,
    from: UnixMs,
    to: UnixMs,
}

/// What a query has used of its bounds, and where its lines go.
#[derive(Debug, Default)]
struct Used {
    readings: usize,
    points: usize,
    /// Where lines go while the answer is made; otherwise they are kept in `series`.
    stream: Option<Stream>,
    series: Vec<SeriesView>,
    /// Of a single line, its points as they are.
    shown: Option<Vec<Shown>>,
}

impl Control {
    /// Answers a query at once.
    ///
    /// # Errors
    /// [`ControlError::Usage`] for a range, step or function that makes no sense or an answer that would be too large,
    /// [`ControlError::NotFound`] for unknown names, or the store's.
    pub async fn query(&self, request: QueryRequest) -> Result<Answer<QueryView>, ControlError> {
        let Answer { view: query, mut notes } = self.plan_query(request).await?;
        let series = self.whole(&query).await?;
        if series.is_empty() {
            notes.push("no readings of these metrics in this range".to_owned());
        }
        let Span { from, to, step } = query.span;
        let step_s = step.map(super::review::seconds);
        Ok(Answer { view: QueryView { from: from.into(), to: to.into(), step_s, series }, notes })
    }

    /// Finds out what a query means, before anything is read.
    ///
    /// # Errors
    /// See [`Control::query`].
    pub async fn plan_query(&self, request: QueryRequest) -> Result<Answer<Query>, ControlError> {
        let span = span(&request)?;
        let metrics = self.choose_metrics(&request.metrics)?;
        let (targets, notes) = self.choose_targets(&request, &metrics).await?;
        let lines = self.lines(&request, span, &metrics, &targets).await?;
        check_size(span, &lines)?;
        Ok(Answer { view: Query { span, lines, top: request.top }, notes })
    }

    /// All series of an answer, those with the highest mean where only these are wanted.
    async fn whole(&self, query: &Query) -> Result<Vec<SeriesView>, ControlError> {
        let mut used = Used::default();
        self.walk(query, &mut used).await?;
        Ok(match query.top {
            Some(top) => keep_top(used.series, top),
            None => used.series,
        })
    }

    /// The lines of the answer, in the order of the targets.
    async fn lines(
        &self,
        request: &QueryRequest,
        span: Span,
        metrics: &[Chosen],
        targets: &[Target],
    ) -> Result<Vec<Line>, ControlError> {
        let by = request.by.as_deref().map(Label::parse);
        let timelines = match &by {
            Some(label) => self.timelines(label).await?,
            None => Timelines::default(),
        };
        let entities = targets.iter().map(|target| target.entity).collect();
        let ids = metrics.iter().map(|chosen| chosen.metric.id).collect();
        let mut rows = self.store().series(entities, ids, request.copies).await?;
        if let Some(device) = &request.device {
            rows.retain(|row| super::select::matches(device, &row.device));
        }
        if rows.len() > QUERY_MAX_SERIES {
            let message = format!("{} series are over the limit of {QUERY_MAX_SERIES}", rows.len());
            let hint = Some("name fewer VMs or metrics, or one --device".to_owned());
            return Err(ControlError::Usage { message, hint });
        }
        let by_entity: HashMap<Entity, &Target> = targets.iter().map(|target| (target.entity, target)).collect();
        let mut lines: Vec<Line> = Vec::new();
        let mut groups: HashMap<(u16, String), usize> = HashMap::new();
        for (order, row) in rows.into_iter().enumerate() {
            let found = metrics.iter().find(|chosen| chosen.metric.id == row.metric).zip(by_entity.get(&row.entity));
            let Some((chosen, target)) = found else { continue };
            let function = function(request, span, chosen)?;
            if by.is_some() && span.step.is_none() && function.per_reading() {
                return Err(ControlError::Usage {
                    message: format!("--by needs steps to add up {function} of several series"),
                    hint: Some("give --step, such as --step 1m".to_owned()),
                });
            }
            let Some(label) = &by else {
                let head = head(chosen, target, &row, function, None);
                let members = vec![Member { order, row, from: span.from, to: span.to }];
                lines.push(Line { chosen: *chosen, function, head, members });
                continue;
            };
            for (value, from, to) in timelines.pieces(label, target, &row, span) {
                let member = Member { order, row: row.clone(), from, to };
                if let Some(index) = groups.get(&(row.metric.0, value.clone())) {
                    lines[*index].members.push(member);
                    continue;
                }
                groups.insert((row.metric.0, value.clone()), lines.len());
                let head = head(chosen, target, &row, function, Some(value));
                lines.push(Line { chosen: *chosen, function, head, members: vec![member] });
            }
        }
        Ok(lines)
    }
}

fn span(request: &QueryRequest) -> Result<Span, ControlError> {
    let (from, to) = (UnixMs(request.from_ms), UnixMs(request.to_ms));
    if from >= to {
        let message = format!("the range from {from} to {to} is empty or the wrong way round");
        return Err(ControlError::Usage { message, hint: Some("--from has to be before --to".to_owned()) });
    }
    Ok(Span { from, to, step: request.step_ms.map(DurationMs) })
}

fn function(request: &QueryRequest, span: Span, chosen: &Chosen) -> Result<Function, ControlError> {
    let metric = chosen.metric;
    let Some(text) = &request.function else {
        return Ok(if span.step.is_some() { Function::of_step(metric.kind) } else { Function::Raw });
    };
    let function: Function = text.parse().map_err(|error| ControlError::usage(format!("{error}")))?;
    if function == Function::Raw && span.step.is_some() {
        return Err(ControlError::Usage {
            message: "raw readings have no steps".to_owned(),
            hint: Some("leave out --step, or choose --fn avg, rate, last …".to_owned()),
        });
    }
    if function.of_growth() && metric.kind == Kind::Gauge {
        return Err(ControlError::Usage {
            message: format!("{} goes up and down, so it has no {function}", metric.name),
            hint: Some("choose --fn avg, min, max, last …".to_owned()),
        });
    }
    Ok(function)
}

/// Steps can be counted before anything is read.
fn check_size(span: Span, lines: &[Line]) -> Result<(), ControlError> {
    let Some(step) = span.step else { return Ok(()) };
    let steps = match Grid::new(span.from, span.to, step, QUERY_MAX_POINTS) {
        Ok(grid) => grid.len(),
        Err(GridError::TooMany { .. }) => usize::MAX,
        Err(error) => return Err(grid_error(error)),
    };
    check_points(span, lines.len(), steps.saturating_mul(lines.len().max(1)))
}

fn check_points(span: Span, lines: usize, points: usize) -> Result<(), ControlError> {
    if points <= QUERY_MAX_POINTS {
        return Ok(());
    }
    let fits = fitting_step(span.to.since(span.from), lines, QUERY_MAX_POINTS);
    Err(ControlError::Usage {
        message: format!("the answer would have more than {QUERY_MAX_POINTS} points"),
        hint: Some(format!("--step {} fits; or ask for a shorter range or fewer series", show_duration(fits))),
    })
}

fn grid_error(error: GridError) -> ControlError {
    ControlError::Usage { message: error.to_string(), hint: Some("give --step such as 1m".to_owned()) }
}
