//! Where a line's numbers come from: readings, or rollups where steps are made of whole buckets.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use evenkeel_common::limits::{INTERVAL_MAX, QUERY_MAX_POINTS};
use evenkeel_common::metric::STALE_AFTER;
use evenkeel_common::sample::{Missing, Value};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::absent::Absences;
use super::{Line, Span, Used};
use crate::control::{Control, ControlError};
use crate::series::rollup::{LONG, SHORT};
use crate::series::{Cells, Feed, Function, Intervals, Sink};
use crate::store::engine::Level;
use crate::store::{Entity, SeriesRow};

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
    absences: Absences,
}

impl Heard {
    pub(super) fn new(span: Span) -> Self {
        Self { polled: HashMap::new(), absences: Absences::new(span) }
    }

    fn make_room(&mut self) {
        let held: usize = self.polled.values().map(|polled| polled.silent.len() + polled.intervals.0.len() + 1).sum();
        if held > HEARD_MAX {
            self.polled.clear();
        }
    }
}

/// The part of a range that is read from buckets.
#[derive(Clone, Copy, Debug)]
struct Rolled {
    level: Level,
    step: DurationMs,
}

impl Control {
    /// One series' numbers into the sink.
    pub(super) async fn feed(
        &self,
        row: &SeriesRow,
        line: &Line,
        span: Span,
        heard: &mut Heard,
        sink: &mut Sink<'_>,
        used: &mut Used,
    ) -> Result<(), ControlError> {
        let mut feed = Feed::new(line.chosen.metric, line.function);
        let (mut from, mut is_first) = (span.from, true);
        if let (Some(rolled), Sink::Cells(cells)) = (rolled(span, line), &mut *sink) {
            let begin = up(span.from, rolled.step);
            let unsealed = self.store().unsealed_from(row.entity).await?;
            let end = down(unsealed.map_or(span.to, |unsealed| unsealed.min(span.to)), rolled.step);
            if begin < end && self.are_told(row, line, rolled.level, (begin, end), feed).await? {
                if span.from < begin {
                    let part = (span.from, begin);
                    self.readings(row, part, false, span, line, heard, &mut feed, &mut Sink::Cells(cells), used)
                        .await?;
                }
                let polled = !line.chosen.metric.id.is_foreign();
                self.buckets(row, rolled.level, (begin, end), polled, &mut feed, cells, used).await?;
                if polled {
                    self.explain(row.entity, (begin, end), &mut heard.absences, cells).await?;
                }
                (from, is_first) = (end, false);
            }
        }
        // Behind buckets the last reading is known already, and so it is behind a part before.
        while from < span.to {
            let end = UnixMs(from.0.div_euclid(PART.0).saturating_add(1).saturating_mul(PART.0)).min(span.to);
            self.readings(row, (from, end), !is_first, span, line, heard, &mut feed, sink, used).await?;
            (from, is_first) = (end, false);
        }
        Ok(())
    }

    /// Whether all buckets of a part say what the function needs: percentiles of hours that were sealed by a version
    /// before there were sketches are read from their readings.
    async fn are_told(
        &self,
        row: &SeriesRow,
        line: &Line,
        level: Level,
        (from, to): (UnixMs, UnixMs),
        feed: Feed,
    ) -> Result<bool, ControlError> {
        if !matches!(line.function, Function::Quantile(_)) {
            return Ok(true);
        }
        let found = self.store().buckets(row.clone(), level, from, to).await?;
        Ok(found.buckets.iter().all(|(_, bucket)| feed.is_told_by(bucket)))
    }

    #[expect(clippy::too_many_arguments, reason = "what a part of a line is made of, in one place")]
    async fn buckets(
        &self,
        row: &SeriesRow,
        level: Level,
        (from, to): (UnixMs, UnixMs),
        polled: bool,
        feed: &mut Feed,
        cells: &mut Cells,
        used: &mut Used,
    ) -> Result<(), ControlError> {
        let found = self.store().buckets(row.clone(), level, from, to).await?;
        used.readings += found.buckets.len();
        check_readings(used)?;
        let mut ticks = found.ticks.into_iter().peekable();
        let mut longest = Intervals::default().longest_gap(from);
        for (start, bucket) in found.buckets {
            while let Some((at, tick)) = ticks.next_if(|(at, _)| *at <= start) {
                if tick.interval.0 > 0 {
                    longest = Intervals(vec![(at, tick.interval)]).longest_gap(at);
                }
                if let Some((why, _)) = tick.silent.last().filter(|_| polled) {
                    cells.missing(at, *why);
                }
            }
            feed.bucket(start, &bucket, longest, cells);
        }
        for (at, tick) in ticks {
            if let Some((why, _)) = tick.silent.last().filter(|_| polled) {
                cells.missing(at, *why);
            }
        }
        Ok(())
    }

    /// Readings of a part of the range, slice by slice; a poll that could not tell is a missing reading of each of its
    /// entity's series. `follows` says that what was before the part has been seen.
    #[expect(clippy::too_many_arguments, reason = "what a part of a line is made of, in one place")]
    async fn readings(
        &self,
        row: &SeriesRow,
        (begin, end): (UnixMs, UnixMs),
        follows: bool,
        span: Span,
        line: &Line,
        heard: &mut Heard,
        feed: &mut Feed,
        sink: &mut Sink<'_>,
        used: &mut Used,
    ) -> Result<(), ControlError> {
        let key = (row.entity, begin, end);
        heard.make_room();
        let Polled { intervals: gaps, silent } = match heard.polled.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(slot) => slot.insert(self.polled(row.entity, (begin, end), &mut heard.absences).await?),
        };
        // Nobody polled for what was imported under names of its own.
        let is_foreign = line.chosen.metric.id.is_foreign();
        let mut silent = if is_foreign { [].iter() } else { silent.iter() }.peekable();
        let look_back = |at| if is_foreign { STALE_AFTER.max(gaps.look_back(at)) } else { gaps.look_back(at) };
        let mut next = Some(if follows { begin } else { begin.minus(look_back(begin)) });
        // What grew before the end is known from the reading after it.
        let after = if end == span.to && line.function.of_growth() && matches!(sink, Sink::Cells(_)) {
            end.plus(look_back(end))
        } else {
            end
        };
        while let Some(from) = next {
            let slice = self.store().samples(row.clone(), from, after).await?;
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

    async fn polled(
        &self,
        entity: Entity,
        (from, to): (UnixMs, UnixMs),
        absences: &mut Absences,
    ) -> Result<Polled, ControlError> {
        let polls = self.store().polls(entity, from.minus(BEFORE), to, READINGS_MAX).await?;
        let mut intervals: Vec<_> = polls.iter().map(|poll| (poll.at, poll.interval)).collect();
        intervals.dedup_by_key(|(_, interval)| *interval);
        let intervals = Intervals(intervals);
        let inside = polls.iter().filter(|poll| poll.at >= from);
        let mut silent: Vec<(UnixMs, Missing)> = inside
            .filter_map(|poll| Some((poll.at, Missing::from_code(poll.missing?))))
            .take(QUERY_MAX_POINTS)
            .collect();
        let agents: BTreeSet<_> = polls.iter().map(|poll| poll.agent).collect();
        for agent in agents {
            for (lost_from, lost_to) in self.store().gaps(agent, from, to).await? {
                lost(&mut silent, lost_from.max(from), lost_to.min(to), intervals.at(lost_from));
            }
        }
        self.add_absences(entity, &polls, (from, to), &intervals, absences, &mut silent).await?;
        // Of two reasons for one time the first one stays: what an agent dropped was dropped, wherever the agent was.
        silent.sort_by_key(|(at, _)| *at);
        Ok(Polled { intervals, silent })
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
fn rolled(span: Span, line: &Line) -> Option<Rolled> {
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
