//! Step 3: reads from the store what a review of a period rests on.

use std::collections::HashMap;

use evenkeel_common::metric::Better;
use evenkeel_common::time::UnixMs;

use super::super::sla::Ground;
use super::super::watch::Check;
use super::super::{ChangeFilter, Control, ControlError, OutageFilter};
use super::Progress;
use crate::csi::period::Period;
use crate::csi::s1_indicators::{Objective, ObjectiveWindow, ShareOf};
use crate::csi::s2_metrics::{MetricDefinition, Source};
use crate::csi::s3_gather::{
    ChangeFacts, Gathered, Gathering, Member, ObjectiveFacts, OutageFacts, Part, SeriesFacts, Spent,
};
use crate::csi::service::Service;
use crate::series::Intervals;
use crate::series::rollup::{Bucket, LONG, roll_up};
use crate::sla::{Heard, Piece, Span, Spans, counted, seconds};
use crate::store::engine::Level;
use crate::store::{ColumnKey, Entity, SeriesRow};

/// A metric of the service that has readings.
struct Wanted<'a> {
    definition: &'a MetricDefinition,
    key: ColumnKey,
    gathering: Gathering,
}

impl Control {
    /// All that is known of a period up to `now_s`.
    pub(super) async fn gather(
        &self,
        service: &Service,
        period: &Period,
        now_s: i64,
        progress: &mut Progress,
    ) -> Result<Gathered, ControlError> {
        let until_s = now_s.clamp(period.span.from, period.span.to);
        let seen = Span { from: period.span.from, to: until_s };
        let windows = service.objectives.iter().map(|one| one.window.span(&service.zone, until_s - 1));
        let from_s = windows.map(|window| window.from).min().unwrap_or(seen.from).min(seen.from);
        let ground = self.ground(from_s, until_s).await?;
        let days = period.days(&service.zone);
        let objectives = service.objectives.iter().filter_map(|one| objective(&ground, service, one, &days, seen));
        let objectives: Vec<ObjectiveFacts> = objectives.collect();
        let members = self.members(&ground, service, seen).await?;
        let series = self.series_of(service, &members, seen, progress).await?;
        Ok(Gathered {
            service: service.name.clone(),
            title: service.title.clone(),
            description: service.description.clone(),
            time_zone: service.zone.iana_name().unwrap_or("UTC").to_owned(),
            impact_weight: service.impact_weight,
            approvers: service.approvers.clone(),
            period: period.name.clone(),
            from_s: period.span.from,
            to_s: period.span.to,
            until_s,
            days,
            members: members.into_iter().map(|(_, member)| member).collect(),
            objectives,
            outages: self.outages_of(service, seen, now_s).await?,
            series,
            changes: self.changes_of(service, seen).await?,
        })
    }

    /// Who was a member in the period, by name.
    async fn members(
        &self,
        ground: &Ground,
        service: &Service,
        seen: Span,
    ) -> Result<Vec<(Entity, Member)>, ControlError> {
        let mut ran: HashMap<Entity, Vec<(i64, String)>> = HashMap::new();
        for row in self.store().all_placements().await? {
            let host = ground.host_name(row.agent.into()).unwrap_or_else(|| row.agent.to_string());
            ran.entry(row.uuid.into()).or_default().push((row.from.0.div_euclid(1_000), host));
        }
        let mut members = Vec::new();
        for (entity, present, facts) in ground.member_facts(service) {
            let Some(there) = present.common(seen) else { continue };
            let stays = ran.get(&entity).map(Vec::as_slice).unwrap_or_default();
            let mut hosts: Vec<String> = Vec::new();
            for (index, (from, host)) in stays.iter().enumerate() {
                let to = stays.get(index + 1).map_or(i64::MAX, |(next, _)| *next);
                let is_new = hosts.last() != Some(host);
                if is_new && (Span { from: *from, to }).common(there).is_some() {
                    hosts.push(host.clone());
                }
            }
            members.push((entity, Member { from_s: there.from, to_s: there.to, hosts, ..facts }));
        }
        members.sort_by(|a, b| (&a.1.name, &a.1.id).cmp(&(&b.1.name, &b.1.id)));
        Ok(members)
    }

    async fn outages_of(&self, service: &Service, seen: Span, now_s: i64) -> Result<Vec<OutageFacts>, ControlError> {
        let at = |second: i64| UnixMs(second.saturating_mul(1_000));
        let filter = OutageFilter {
            service: Some(service.name.clone()),
            target: None,
            open: false,
            from: at(seen.from),
            to: at(seen.to),
        };
        let found = self.outage_list(filter, at(now_s)).await?.outages;
        let facts = found.into_iter().map(|one| {
            let (from_s, to_s) = (one.start.0.0 / 1_000, one.end.map(|end| end.0.0 / 1_000));
            let within = Span { from: from_s, to: to_s.unwrap_or(seen.to) }.common(seen).map_or(0, Span::length_s);
            OutageFacts {
                id: one.id,
                target: one.target,
                check: one.check,
                from_s,
                to_s,
                down_s: one.down_s.min(within),
                excluded_s: one.excluded_s.min(within),
                cause: one.cause,
                impact: one.impact,
                void: one.void,
                correction: one.correction.unwrap_or_default(),
            }
        });
        Ok(facts.collect())
    }

    async fn changes_of(&self, service: &Service, seen: Span) -> Result<Vec<ChangeFacts>, ControlError> {
        let at = |second: i64| UnixMs(second.saturating_mul(1_000));
        let filter =
            ChangeFilter { service: Some(service.name.clone()), source: None, from: at(seen.from), to: at(seen.to) };
        let facts = self.change_list(filter).await?.into_iter().map(|one| ChangeFacts {
            id: one.id,
            at_s: one.at.0.0.div_euclid(1_000),
            what: one.what,
            source: one.source,
            expected: one.expected.unwrap_or_default(),
            verdict: one.verdict.unwrap_or_default(),
        });
        Ok(facts.collect())
    }

    /// Each metric's readings, member by member: rollups, and readings where an hour is not sealed yet.
    async fn series_of(
        &self,
        service: &Service,
        members: &[(Entity, Member)],
        seen: Span,
        progress: &mut Progress,
    ) -> Result<Vec<SeriesFacts>, ControlError> {
        let wanted = service.metrics.iter().filter_map(|definition| {
            let Source::Series(metric, device) = &definition.source else { return None };
            let gathering = Gathering::new(metric, seen).filter(|_| !definition.source.is_nominal())?;
            Some(Wanted { definition, key: ColumnKey { metric: metric.id, device: device.clone() }, gathering })
        });
        let mut wanted: Vec<Wanted<'_>> = wanted.collect();
        let Some(span) = wanted.first().map(|one| one.gathering.span()) else { return Ok(Vec::new()) };
        let keys: Vec<ColumnKey> = wanted.iter().map(|one| one.key.clone()).collect();
        for (entity, member) in members {
            let (series, silent) = self.rolled(*entity, &keys, span).await?;
            let present = Span { from: member.from_s, to: member.to_s };
            for (one, buckets) in wanted.iter_mut().zip(&series) {
                one.gathering.take(&Part { member: &member.name, present, buckets, silent: &silent });
            }
            progress.step().await;
        }
        Ok(wanted.into_iter().map(|one| one.gathering.finish(definition_facts(service, one.definition))).collect())
    }

    async fn rolled(
        &self,
        entity: Entity,
        keys: &[ColumnKey],
        span: Span,
    ) -> Result<(Vec<Vec<(UnixMs, Bucket)>>, Vec<(UnixMs, Vec<(String, i64)>)>), ControlError> {
        let at = |second: i64| UnixMs(second.saturating_mul(1_000));
        let (from, to) = (at(span.from), at(span.to));
        let found = self.store().rollups(entity, keys.to_vec(), Level::Long, from, to).await?;
        let mut series = found.series;
        let silent = found.ticks.iter().filter(|(_, tick)| !tick.silent.is_empty()).map(|(at, tick)| {
            (*at, tick.silent.iter().map(|(why, length)| (why.as_str().to_owned(), length.0 / 1_000)).collect())
        });
        let silent = silent.collect();
        if let Some(unsealed) = self.store().unsealed_from(entity).await?.filter(|unsealed| *unsealed < to) {
            let from = unsealed.max(from);
            let intervals = Intervals(self.store().intervals(entity, from, to).await?);
            for (key, buckets) in keys.iter().zip(&mut series) {
                buckets.retain(|(start, _)| *start < from);
                buckets.extend(self.not_sealed(entity, key, from, to, &intervals).await?);
            }
        }
        Ok((series, silent))
    }

    async fn not_sealed(
        &self,
        entity: Entity,
        key: &ColumnKey,
        from: UnixMs,
        to: UnixMs,
        intervals: &Intervals,
    ) -> Result<Vec<(UnixMs, Bucket)>, ControlError> {
        let row = SeriesRow { entity, metric: key.metric, device: key.device.clone(), placement: None };
        let (mut buckets, mut readings) = (Vec::new(), Vec::new());
        let mut next = Some(from);
        while let Some(at) = next {
            let slice = self.store().samples(row.clone(), at, to).await?;
            readings.extend(slice.readings);
            next = slice.next;
            // Whole hours become buckets, so that a long part that is not sealed takes no memory.
            let hour = next.map_or(to, |next| UnixMs(next.0.div_euclid(LONG.0) * LONG.0));
            let ready = readings.partition_point(|(at, _)| *at < hour);
            let some = readings.drain(..ready).map(|(at, value)| (at, value, intervals.at(at)));
            buckets.extend(roll_up(key.metric, some, LONG));
        }
        Ok(buckets)
    }
}

fn definition_facts(service: &Service, definition: &MetricDefinition) -> SeriesFacts {
    let kpi = service.kpis.iter().find(|kpi| kpi.metrics.contains(&definition.name));
    let limit = service.objectives.iter().find_map(|one| one.limit.filter(|_| one.metric == definition.name));
    let better = definition.better.map_or("", |better| if better == Better::Lower { "lower" } else { "higher" });
    SeriesFacts {
        metric: definition.name.clone(),
        kpi: kpi.map_or(String::new(), |kpi| kpi.name.clone()),
        kind: kpi.map_or(String::new(), |kpi| kpi.kind.as_str().to_owned()),
        source: definition.source.to_string(),
        unit: definition.source.unit().to_owned(),
        aggregation: definition.aggregation.clone(),
        dispersion: definition.dispersion.clone(),
        better: better.to_owned(),
        threshold: definition.threshold_text.clone(),
        limit: limit.map(|limit| limit.value),
        ..SeriesFacts::default()
    }
}

fn objective(ground: &Ground, service: &Service, one: &Objective, days: &[i64], seen: Span) -> Option<ObjectiveFacts> {
    let check = Check::of_objective(service, one)?;
    // What is held each day is looked at over all days of the period.
    let whole = match one.window {
        ObjectiveWindow::Day => Span { from: seen.from, to: days.last().copied().unwrap_or(seen.to) },
        window => window.span(&service.zone, seen.to.max(seen.from + 1) - 1),
    };
    let window = Span { from: whole.from, to: seen.to.clamp(whole.from, whole.to) };
    let reach = Span { from: window.from.min(seen.from), to: whole.to.max(seen.to) };
    let excluded = ground.excluded(service, reach);
    let line = ground.line(service, &check, Span { to: seen.to, ..reach });
    let day = |pair: &[i64]| {
        let span = Span { from: pair[0], to: pair[1].min(seen.to) };
        if span.from < span.to { Spent::from(seconds(&line, &excluded, span)) } else { Spent::default() }
    };
    let samples = (one.share_of == ShareOf::Samples)
        .then(|| counted(ground.spells(service, &check).iter(), &excluded, window))
        .map(|counted| (counted.good, counted.bad));
    let kind = service.kpis.iter().find(|kpi| kpi.name == one.kpi).map_or("", |kpi| kpi.kind.as_str());
    Some(ObjectiveFacts {
        name: one.name.clone(),
        kpi: one.kpi.clone(),
        kind: kind.to_owned(),
        metric: one.metric.clone(),
        window: one.window.to_string(),
        target: one.target,
        unknown: one.unknown.as_str().to_owned(),
        share_of: if samples.is_some() { "samples" } else { "time" }.to_owned(),
        limit: one.limit.map(|limit| limit.value),
        window_from_s: whole.from,
        window_to_s: whole.to,
        agreed_s: whole.length_s() - excluded.within(whole).total_s(),
        spent: seconds(&line, &excluded, window).into(),
        days: days.windows(2).map(day).collect(),
        incidents_s: incidents(&line, &excluded, seen),
        samples,
    })
}

/// How long the service was bad each time; what does not count is left out.
fn incidents(line: &[Piece], excluded: &Spans, seen: Span) -> Vec<i64> {
    let bad = line.iter().filter(|piece| piece.heard == Heard::Down).filter_map(|piece| piece.span.common(seen));
    bad.map(|span| span.length_s() - excluded.within(span).total_s()).filter(|length| *length > 0).collect()
}

/// What is known of a period at all: readings, or time that was up or down.
pub(super) fn is_known(gathered: &Gathered) -> bool {
    gathered.series.iter().any(|series| !series.hours.is_empty())
        || gathered.objectives.iter().any(|one| one.days.iter().any(|day| day.good_s + day.bad_s > 0))
}
