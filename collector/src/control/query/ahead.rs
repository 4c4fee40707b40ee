//! What the next series need is read together: one question to the store for many of them, and each chunk opened once for
//! all series of its entity.

use std::collections::HashMap;

use evenkeel_common::limits::INTERVAL_DEFAULT;
use evenkeel_common::time::UnixMs;

use super::source::{Heard, Part, rolled};
use super::{Job, Query};
use crate::control::{Control, ControlError};
use crate::store::engine::{BucketRange, Buckets};
use crate::store::{Entity, SamplesRange, SeriesRow, Slice, Slices};

/// Series that are read together, and about how many buckets or readings: some 20 MB.
const SERIES_MAX: usize = 512;
const READ_MAX: usize = 100_000;

/// What was read of one series before its turn.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Its buckets, where it is read from buckets.
    pub(super) buckets: Option<(BucketRange, Buckets)>,
    /// The first slice of some ranges of readings.
    slices: Vec<(UnixMs, UnixMs, Slice)>,
}

impl Ahead {
    /// The readings from a time on, if they were read up to the same end.
    pub(super) fn take(&mut self, from: UnixMs, to: UnixMs) -> Option<Slice> {
        let place = self.slices.iter().position(|(known, end, _)| (*known, *end) == (from, to))?;
        Some(self.slices.swap_remove(place).2)
    }
}

impl Query {
    /// How many of these jobs are read together; at least one.
    pub(super) fn together(&self, jobs: &[Job]) -> usize {
        let mut sum = 0_usize;
        let fits = |job: &&Job| {
            let (line, member) = self.at(**job);
            let span = self.part(member);
            let cost = match rolled(span, line) {
                Some(rolled) => rolled.count(span),
                // No more than the first part is read ahead.
                None => Part::all(span, None).first().map_or(0, |part| {
                    usize::try_from(part.end.since(part.begin).0 / INTERVAL_DEFAULT.0).unwrap_or(usize::MAX)
                }),
            };
            sum = sum.saturating_add(cost.saturating_add(16));
            sum <= READ_MAX
        };
        jobs.iter().take(SERIES_MAX).take_while(fits).count().max(1)
    }
}

impl Control {
    /// Reads what these jobs need.
    pub(super) async fn look_ahead(
        &self,
        query: &Query,
        jobs: &[Job],
        heard: &mut Heard,
    ) -> Result<Vec<Ahead>, ControlError> {
        let mut ahead: Vec<Ahead> = jobs.iter().map(|_| Ahead::default()).collect();
        self.buckets_ahead(query, jobs, heard, &mut ahead).await?;
        self.samples_ahead(query, jobs, heard, &mut ahead).await?;
        Ok(ahead)
    }

    async fn buckets_ahead(
        &self,
        query: &Query,
        jobs: &[Job],
        heard: &mut Heard,
        ahead: &mut [Ahead],
    ) -> Result<(), ControlError> {
        let is_rolled = |job: &Job| {
            let (line, member) = query.at(*job);
            let span = query.part(member);
            span.has_steps(line).then(|| rolled(span, line)).flatten().map(|rolled| (line, member, rolled))
        };
        let mut entities: Vec<Entity> =
            jobs.iter().filter_map(is_rolled).map(|(_, member, _)| member.row.entity).collect();
        entities.dedup();
        if entities.is_empty() {
            return Ok(());
        }
        let unsealed = self.store().unsealed_of(entities.clone()).await?;
        let unsealed: HashMap<Entity, Option<UnixMs>> = entities.iter().copied().zip(unsealed).collect();
        self.look_up_placements(entities, &mut heard.absences).await?;
        let mut groups: Vec<(BucketRange, Vec<usize>)> = Vec::new();
        for (place, job) in jobs.iter().enumerate() {
            let Some((line, member, rolled)) = is_rolled(job) else { continue };
            let unsealed = unsealed.get(&member.row.entity).copied().flatten();
            let Some(range) = rolled.range(query.part(member), unsealed, line) else { continue };
            match groups.iter_mut().find(|(known, _)| *known == range) {
                Some((_, places)) => places.push(place),
                None => groups.push((range, vec![place])),
            }
        }
        for (range, places) in groups {
            let rows = places.iter().map(|place| query.at(jobs[*place]).1.row.clone()).collect();
            let found = self.store().buckets(rows, range).await?;
            for (place, found) in places.into_iter().zip(found) {
                ahead[place].buckets = Some((range, found));
            }
        }
        Ok(())
    }

    async fn samples_ahead(
        &self,
        query: &Query,
        jobs: &[Job],
        heard: &mut Heard,
        ahead: &mut [Ahead],
    ) -> Result<(), ControlError> {
        let mut parts: Vec<(usize, Part)> = Vec::new();
        for (place, job) in jobs.iter().enumerate() {
            let rolled = ahead[place].buckets.as_ref().map(|(range, _)| (range.from, range.to));
            // The part before buckets and the first one behind them.
            let all = Part::all(query.part(query.at(*job).1), rolled);
            parts.extend(all.into_iter().take(if rolled.is_some() { 2 } else { 1 }).map(|part| (place, part)));
        }
        let entity = |place: usize| query.at(jobs[place]).1.row.entity;
        let wanted: Vec<(Entity, Part)> = parts.iter().map(|(place, part)| (entity(*place), *part)).collect();
        self.hear(&wanted, heard).await?;
        let mut ranges: Vec<(SamplesRange, Vec<usize>)> = Vec::new();
        for (place, part) in parts {
            let (line, member) = query.at(jobs[place]);
            let Some(intervals) = heard.intervals(member.row.entity, part) else { continue };
            let (from, to) = part.reach(query.part(member), line, intervals);
            let joins = |(range, _): &&mut (SamplesRange, Vec<usize>)| {
                (range.from, range.to) == (from, to)
                    && range.series.first().is_some_and(|row| is_beside(row, &member.row))
            };
            // Series of one entity follow each other.
            match ranges.iter_mut().rev().take(4).find(joins) {
                Some((range, places)) => {
                    range.series.push(member.row.clone());
                    places.push(place);
                }
                None => ranges.push((SamplesRange { series: vec![member.row.clone()], from, to }, vec![place])),
            }
        }
        let (ranges, places): (Vec<SamplesRange>, Vec<Vec<usize>>) = ranges.into_iter().unzip();
        if ranges.is_empty() {
            return Ok(());
        }
        let bounds: Vec<(UnixMs, UnixMs)> = ranges.iter().map(|range| (range.from, range.to)).collect();
        let found = self.store().samples_of(ranges).await?;
        for (((from, to), places), Slices { readings, next }) in bounds.into_iter().zip(places).zip(found) {
            for (place, readings) in places.into_iter().zip(readings) {
                ahead[place].slices.push((from, to, Slice { readings, next }));
            }
        }
        Ok(())
    }
}

fn is_beside(one: &SeriesRow, other: &SeriesRow) -> bool {
    (one.entity, one.placement) == (other.entity, other.placement)
}
