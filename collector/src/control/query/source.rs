//! Where a line's numbers come from: readings, or rollups where steps are made of whole buckets.

use std::collections::HashMap;

use evenkeel_common::limits::{INTERVAL_MAX, QUERY_MAX_POINTS};
use evenkeel_common::metric::STALE_AFTER;
use evenkeel_common::sample::{Missing, Value};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::absent::Absences;
use super::ahead::Ahead;
use super::{Line, Span, Used};
use crate::control::{Control, ControlError};
use crate::series::rollup::{LONG, SHORT};
use crate::series::{Cells, Feed, Function, Intervals, Sink};
use crate::store::engine::{BucketRange, Buckets, Level};
use crate::store::{Entity, Poll, SeriesRow};

/// Readings one query may go through: some 20 s of reading.
const READINGS_MAX: usize = 20_000_000;
/// Before a range, polls are looked at for as long as a difference may span.
const BEFORE: DurationMs = DurationMs(INTERVAL_MAX.0 / 2 * 5);
/// Polls are looked at for a part of the range at a time, so that a long one takes no more memory.
const PART: DurationMs = DurationMs::from_s(86_400);
/// Entries of what is remembered of polls: some 16 MB.
const HEARD_MAX: usize = 1_000_000;
/// From this length on a range without steps is read from rollups of five minutes, and from those of an hour.
const WHOLE_SHORT: DurationMs = DurationMs::from_s(6 * 3_600);
const WHOLE_LONG: DurationMs = DurationMs::from_s(4 * 86_400);

/// What the polls of an entity say of its series: how long readings speak for, and when nobody could tell.
#[derive(Debug)]
struct Polled {
    intervals: Intervals,
    silent: Vec<(UnixMs, Missing)>,
}

/// What was read of polls for this query, by entity and range. Full: all is forgotten and read again.
#[derive(Debug)]
pub(super) struct Heard {
    polled: HashMap<(Entity, UnixMs, UnixMs), Polled>,
    held: usize,
    pub(super) absences: Absences,
}

impl Heard {
    pub(super) fn new(span: Span) -> Self {
        Self { polled: HashMap::new(), held: 0, absences: Absences::new(span) }
    }

    /// The intervals of an entity in a part of the range, if they are known.
    pub(super) fn intervals(&self, entity: Entity, part: Part) -> Option<&Intervals> {
        self.polled.get(&(entity, part.begin, part.end)).map(|polled| &polled.intervals)
    }

    fn make_room(&mut self) {
        if self.held > HEARD_MAX {
            self.polled.clear();
            self.held = 0;
        }
    }

    fn keep(&mut self, key: (Entity, UnixMs, UnixMs), polled: Polled) {
        self.held += polled.silent.len() + polled.intervals.0.len() + 1;
        self.polled.insert(key, polled);
    }
}

/// The buckets that a part of a range is read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rolled {
    pub(super) level: Level,
    step: DurationMs,
}

/// A part of a range that is read from readings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) begin: UnixMs,
    pub(super) end: UnixMs,
    /// It lies before the part that is read from buckets.
    is_before: bool,
    /// What was before the part has been seen.
    follows: bool,
}

impl Part {
    /// The parts of a range but for what is read from buckets, in order.
    pub(super) fn all(span: Span, rolled: Option<(UnixMs, UnixMs)>) -> Vec<Self> {
        let mut parts = Vec::new();
        let (mut from, mut follows) = (span.from, false);
        if let Some((begin, end)) = rolled {
            if from < begin {
                parts.push(Self { begin: from, end: begin, is_before: true, follows: false });
            }
            (from, follows) = (end, true);
        }
        // Behind buckets the last reading is known already, and so it is behind a part before.
        while from < span.to {
            let end = UnixMs(from.0.div_euclid(PART.0).saturating_add(1).saturating_mul(PART.0)).min(span.to);
            parts.push(Self { begin: from, end, is_before: false, follows });
            (from, follows) = (end, true);
        }
        parts
    }

    /// From when to when readings are needed.
    pub(super) fn reach(&self, span: Span, line: &Line, gaps: &Intervals) -> (UnixMs, UnixMs) {
        let is_foreign = line.chosen.metric.id.is_foreign();
        let look_back = |at| if is_foreign { STALE_AFTER.max(gaps.look_back(at)) } else { gaps.look_back(at) };
        let first = if self.follows { self.begin } else { self.begin.minus(look_back(self.begin)) };
        // What grew before the end is known from the reading after it.
        let looks_on = self.end == span.to && line.function.of_growth() && span.has_steps(line);
        (first, if looks_on { self.end.plus(look_back(self.end)) } else { self.end })
    }
}

impl Rolled {
    /// The part of a range that whole buckets are sealed of.
    pub(super) fn range(&self, span: Span, unsealed: Option<UnixMs>, line: &Line) -> Option<BucketRange> {
        let from = up(span.from, self.step);
        let to = down(unsealed.map_or(span.to, |unsealed| unsealed.min(span.to)), self.step);
        let sketches = matches!(line.function, Function::Quantile(_));
        (from < to).then_some(BucketRange { level: self.level, from, to, sketches })
    }

    /// How many buckets lie in a range.
    pub(super) fn count(&self, span: Span) -> usize {
        usize::try_from(span.to.since(span.from).0 / self.step.0).unwrap_or(usize::MAX)
    }
}

impl Control {
    /// One series' numbers into the sink; `ahead` is what was read of it before.
    #[expect(clippy::too_many_arguments, reason = "what a line is made of, in one place")]
    pub(super) async fn feed(
        &self,
        row: &SeriesRow,
        line: &Line,
        span: Span,
        ahead: &mut Ahead,
        heard: &mut Heard,
        sink: &mut Sink<'_>,
        used: &mut Used,
    ) -> Result<(), ControlError> {
        let mut feed = Feed::new(line.chosen.metric, line.function);
        let mut rolled = None;
        if let (Some((range, found)), Sink::Cells(_)) = (ahead.buckets.take(), &sink) {
            // Percentiles of hours that were sealed by a version before there were sketches are read from their readings.
            let are_told = found.buckets.iter().all(|(_, bucket)| feed.is_told_by(bucket));
            rolled = are_told.then_some(((range.from, range.to), found));
        }
        let parts = Part::all(span, rolled.as_ref().map(|(range, _)| *range));
        let (before, after) = parts.split_at(usize::from(parts.first().is_some_and(|part| part.is_before)));
        for part in before {
            self.readings(row, *part, span, line, ahead, heard, &mut feed, sink, used).await?;
        }
        if let (Some((range, found)), Sink::Cells(cells)) = (rolled, &mut *sink) {
            let polled = !line.chosen.metric.id.is_foreign();
            used.readings += found.buckets.len();
            check_readings(used)?;
            buckets(&found, range.0, polled, &mut feed, cells);
            if polled {
                self.explain(row.entity, range, &mut heard.absences, cells).await?;
            }
        }
        for part in after {
            self.readings(row, *part, span, line, ahead, heard, &mut feed, sink, used).await?;
        }
        Ok(())
    }

    /// Readings of a part of the range, slice by slice; a poll that could not tell is a missing reading of each of its
    /// entity's series.
    #[expect(clippy::too_many_arguments, reason = "what a part of a line is made of, in one place")]
    async fn readings(
        &self,
        row: &SeriesRow,
        part: Part,
        span: Span,
        line: &Line,
        ahead: &mut Ahead,
        heard: &mut Heard,
        feed: &mut Feed,
        sink: &mut Sink<'_>,
        used: &mut Used,
    ) -> Result<(), ControlError> {
        self.hear(&[(row.entity, part)], heard).await?;
        let Some(Polled { intervals: gaps, silent }) = heard.polled.get(&(row.entity, part.begin, part.end)) else {
            return Ok(());
        };
        // Nobody polled for what was imported under names of its own.
        let is_foreign = line.chosen.metric.id.is_foreign();
        let mut silent = if is_foreign { [].iter() } else { silent.iter() }.peekable();
        let (first, after) = part.reach(span, line, gaps);
        let mut next = Some(first);
        while let Some(from) = next {
            let slice = match ahead.take(from, after) {
                Some(slice) => slice,
                None => self.store().samples(row.clone(), from, after).await?,
            };
            used.readings += slice.readings.len();
            check_readings(used)?;
            for (at, value) in slice.readings {
                while let Some((silent_at, why)) = silent.next_if(|(silent_at, _)| *silent_at <= at) {
                    if *silent_at < at {
                        feed.handle(*silent_at, Value::Missing(*why), gaps.longest_gap(*silent_at), sink);
                    }
                }
                feed.handle(at, value, gaps.longest_gap(at), sink);
            }
            next = slice.next;
            used.pass_on(sink).await?;
        }
        for (at, why) in silent {
            feed.handle(*at, Value::Missing(*why), gaps.longest_gap(*at), sink);
        }
        Ok(())
    }

    /// Looks up what the polls of entities say in a part of the range, of all that are not known yet at once.
    pub(super) async fn hear(&self, wanted: &[(Entity, Part)], heard: &mut Heard) -> Result<(), ControlError> {
        heard.make_room();
        let mut new: Vec<(Entity, UnixMs, UnixMs)> = Vec::new();
        for (entity, part) in wanted {
            let key = (*entity, part.begin, part.end);
            if !heard.polled.contains_key(&key) && !new.contains(&key) {
                new.push(key);
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let ranges = new.iter().map(|(entity, from, to)| (*entity, from.minus(BEFORE), *to)).collect();
        let polls = self.store().polls_of(ranges, READINGS_MAX).await?;
        for (key, polls) in new.into_iter().zip(polls) {
            let polled = self.polled(key.0, &polls, (key.1, key.2), &mut heard.absences).await?;
            heard.keep(key, polled);
        }
        Ok(())
    }

    async fn polled(
        &self,
        entity: Entity,
        polls: &[Poll],
        (from, to): (UnixMs, UnixMs),
        absences: &mut Absences,
    ) -> Result<Polled, ControlError> {
        let mut intervals: Vec<_> = polls.iter().map(|poll| (poll.at, poll.interval)).collect();
        intervals.dedup_by_key(|(_, interval)| *interval);
        let intervals = Intervals(intervals);
        let inside = polls.iter().filter(|poll| poll.at >= from);
        let mut silent: Vec<(UnixMs, Missing)> = inside
            .filter_map(|poll| Some((poll.at, Missing::from_code(poll.missing?))))
            .take(QUERY_MAX_POINTS)
            .collect();
        let mut agents: Vec<_> = polls.iter().map(|poll| poll.agent).collect();
        agents.dedup();
        agents.sort_unstable();
        agents.dedup();
        for agent in agents {
            for (lost_from, lost_to) in self.dropped(agent, absences).await? {
                let (lost_from, lost_to) = (*lost_from, *lost_to);
                if lost_from < to && lost_to > from {
                    lost(&mut silent, lost_from.max(from), lost_to.min(to), intervals.at(lost_from));
                }
            }
        }
        self.add_absences(entity, polls, (from, to), &intervals, absences, &mut silent).await?;
        // Of two reasons for one time the first one stays: what an agent dropped was dropped, wherever the agent was.
        silent.sort_by_key(|(at, _)| *at);
        Ok(Polled { intervals, silent })
    }
}

/// Buckets into steps.
fn buckets(found: &Buckets, from: UnixMs, polled: bool, feed: &mut Feed, cells: &mut Cells) {
    let mut ticks = found.ticks.iter().peekable();
    let mut longest = Intervals::default().longest_gap(from);
    for (start, bucket) in &found.buckets {
        while let Some((at, tick)) = ticks.next_if(|(at, _)| at <= start) {
            if tick.interval.0 > 0 {
                longest = Intervals::longest_gap_of(tick.interval);
            }
            if let Some((why, _)) = tick.silent.last().filter(|_| polled) {
                cells.missing(*at, *why);
            }
        }
        feed.bucket(*start, bucket, longest, cells);
    }
    for (at, tick) in ticks {
        if let Some((why, _)) = tick.silent.last().filter(|_| polled) {
            cells.missing(*at, *why);
        }
    }
}

/// The ticks that an agent had to drop.
fn lost(silent: &mut Vec<(UnixMs, Missing)>, from: UnixMs, to: UnixMs, interval: DurationMs) {
    let mut at = from;
    while at < to && silent.len() < QUERY_MAX_POINTS {
        silent.push((at, Missing::QueueFull));
        at = at.plus(DurationMs(interval.0.max(1_000)));
    }
}

fn check_readings(used: &Used) -> Result<(), ControlError> {
    if used.readings <= READINGS_MAX {
        return Ok(());
    }
    Err(ControlError::Usage {
        message: format!("the query goes through more than {READINGS_MAX} readings"),
        hint: Some("ask for a shorter range, fewer VMs, or rates and means with --step 5m or --step 1h".to_owned()),
    })
}

/// The coarsest buckets of which steps are made, if the function can be made of them.
pub(super) fn rolled(span: Span, line: &Line) -> Option<Rolled> {
    if !Feed::takes_buckets(line.chosen.metric, line.function) {
        return None;
    }
    let length = span.to.since(span.from);
    let is_made_of = |bucket: DurationMs, whole: DurationMs| match span.step {
        Some(step) => step.0 > 0 && step.0 % bucket.0 == 0,
        None => length >= whole,
    };
    if is_made_of(LONG, WHOLE_LONG) {
        Some(Rolled { level: Level::Long, step: LONG })
    } else if matches!(line.function, Function::Quantile(_)) {
        // Only rollups of an hour have sketches.
        None
    } else {
        is_made_of(SHORT, WHOLE_SHORT).then_some(Rolled { level: Level::Short, step: SHORT })
    }
}

fn down(at: UnixMs, step: DurationMs) -> UnixMs {
    at.minus(DurationMs(at.0.rem_euclid(step.0)))
}

fn up(at: UnixMs, step: DurationMs) -> UnixMs {
    let begin = down(at, step);
    if begin == at { at } else { begin.plus(step) }
}
