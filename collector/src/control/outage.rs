//! Outages: list, show, correct.

use evenkeel_common::time::UnixMs;

use super::sla::{Ground, is_down_in};
use super::watch::{Check, checks};
use super::{Answer, Control, ControlError};
use crate::csi::service::Service;
use crate::sla::{Piece, Span, Spans, reliability};
use crate::store::activity::{Activity, Category};
use crate::store::{Correction, OutageRow};
use crate::view::outage::{OutageCorrection, OutageSummary, OutageView, OutagesView};

/// Longest reason of a correction.
const REASON_MAX: usize = 1_000;

/// Which outages.
#[derive(Clone, Debug)]
pub struct OutageFilter {
    /// Only those that touch a member of this service.
    pub service: Option<String>,
    /// Only of this VM or host (its name).
    pub target: Option<String>,
    /// Only those that go on.
    pub open: bool,
    /// From when.
    pub from: UnixMs,
    /// Until when.
    pub to: UnixMs,
}

/// A service's line by one of its checks.
struct Line<'a> {
    service: &'a Service,
    check: String,
    pieces: Vec<Piece>,
}

impl Control {
    /// Outages, oldest first, with figures of them all.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] for an unknown service, or the store's.
    pub async fn outage_list(&self, filter: OutageFilter, now: UnixMs) -> Result<OutagesView, ControlError> {
        let only = filter.service.as_deref().map(|name| self.service(name)).transpose()?;
        let within = Span { from: second(filter.from), to: second(filter.to.min(now)) };
        let mut rows = self.store().outages(within.from, within.to).await?;
        rows.retain(|row| filter.target.as_ref().is_none_or(|name| row.name == *name));
        rows.retain(|row| !filter.open || row.to_s.is_none());
        let services = only.map_or_else(|| self.services().to_vec(), |service| vec![service]);
        let of_one = filter.service.is_some();
        let views = self.views(rows, services, now, of_one).await?;
        let figures: Vec<(i64, i64)> =
            views.iter().filter(|view| !view.void).map(|view| (view.down_s - view.excluded_s, view.impact)).collect();
        let down: i64 = figures.iter().map(|(down, _)| down).sum();
        let figures = reliability(&figures, (within.length_s() - down).max(0));
        Ok(OutagesView {
            summary: OutageSummary {
                outages: figures.outages,
                down_total_s: figures.total_s,
                down_range_s: figures.range_s,
                mttr_s: figures.mttr_s,
                mtbf_s: figures.mtbf_s,
                impact_total: figures.impact,
                impact_range: figures.impact_range,
            },
            outages: views,
        })
    }

    /// One outage.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], or the store's.
    pub async fn outage_show(&self, id: i64, now: UnixMs) -> Result<OutageView, ControlError> {
        let row = self.outage_row(id).await?;
        let views = self.views(vec![row], self.services().to_vec(), now, false).await?;
        views.into_iter().next().ok_or_else(|| not_found(id))
    }

    /// Notes what a person says of an outage. What was measured stays on record.
    ///
    /// # Errors
    /// [`ControlError::Usage`] when it makes no sense, [`ControlError::NotFound`], or the store's.
    pub async fn outage_correct(
        &self,
        id: i64,
        wanted: OutageCorrection,
        by: String,
        now: UnixMs,
    ) -> Result<Answer<OutageView>, ControlError> {
        let row = self.outage_row(id).await?;
        let reason = wanted.reason.trim();
        if reason.is_empty() || reason.len() > REASON_MAX || reason.chars().any(char::is_control) {
            return Err(ControlError::usage(format!("--reason has 1 to {REASON_MAX} bytes and no control characters")));
        }
        let before = row.correction.clone().unwrap_or_default();
        let from_s = wanted.from_ms.map(|ms| second(UnixMs(ms))).or(before.from_s);
        let to_s = wanted.to_ms.map(|ms| second(UnixMs(ms))).or(before.to_s);
        let (from, to) = (from_s.unwrap_or(row.from_s), to_s.or(row.to_s));
        if to.is_some_and(|to| to <= from) || to.is_some_and(|to| to > second(now)) || from > second(now) {
            return Err(ControlError::usage("an outage ends after it begins, and not in the future"));
        }
        if wanted == (OutageCorrection { reason: wanted.reason.clone(), ..OutageCorrection::default() }) {
            return Err(ControlError::usage("nothing is corrected; give --start, --end, --cause, --void or --valid"));
        }
        let void = (before.void || wanted.void) && !wanted.valid;
        let words = format!("{now} by {by}: {reason}");
        let words = if before.words.is_empty() { words } else { format!("{}; {words}", before.words) };
        let correction = Correction { from_s, to_s, cause: wanted.cause.or(before.cause), void, words };
        let end = to.map_or_else(|| "it goes on".to_owned(), |to| at(to).to_string());
        let what = if void { "is none".to_owned() } else { format!("was from {} to {end}", at(from)) };
        if !self.store().correct_outage(id, correction).await? {
            return Err(not_found(id));
        }
        let activity = Activity {
            at: now,
            category: Category::Informational,
            kind: "outage_corrected".to_owned(),
            host: String::new(),
            vm: row.name.clone(),
            message: format!("outage {id} ({}) {what}, says {by}: {reason}", row.key.check),
        };
        self.record(activity).await;
        Ok(self.outage_show(id, now).await?.into())
    }

    async fn outage_row(&self, id: i64) -> Result<OutageRow, ControlError> {
        self.store().outage(id).await?.ok_or_else(|| not_found(id))
    }

    async fn views(
        &self,
        rows: Vec<OutageRow>,
        services: Vec<Service>,
        now: UnixMs,
        of_one: bool,
    ) -> Result<Vec<OutageView>, ControlError> {
        let now_s = second(now);
        let Some(from) = rows.iter().map(|row| span(row, now_s).from).min() else { return Ok(Vec::new()) };
        let ground = self.ground(from, now_s).await?;
        let within = Span { from, to: now_s };
        let line = |service: &Service, check: Check| ground.line(service, &check, within);
        let lines = services.iter().flat_map(|service| {
            let some = checks(service).into_iter().filter(Check::is_availability);
            some.map(move |check| Line { service, check: check.to_string(), pieces: line(service, check) })
        });
        let lines: Vec<Line<'_>> = lines.collect();
        let members: Vec<_> = services.iter().map(|service| (&service.name, ground.members(service))).collect();
        let views = rows.into_iter().filter_map(|row| {
            let touched: Vec<&Line<'_>> = lines
                .iter()
                .filter(|line| line.check == row.key.check)
                .filter(|line| {
                    members.iter().any(|(name, all)| {
                        **name == line.service.name && all.iter().any(|(target, _)| *target == row.key.target)
                    })
                })
                .collect();
            (!of_one || !touched.is_empty()).then(|| view(&ground, &touched, row, now_s))
        });
        Ok(views.collect())
    }
}

fn view(ground: &Ground, touched: &[&Line<'_>], row: OutageRow, now_s: i64) -> OutageView {
    let span = span(&row, now_s);
    // Time counts as excluded when it is so for all services that the outage touches.
    let excluded = touched.iter().map(|line| ground.excluded(line.service, span));
    let excluded: Spans = excluded.reduce(|all, one| all.intersect(&one)).unwrap_or_default();
    let down_s = if row.correction.as_ref().is_some_and(|what| what.from_s.is_some() || what.to_s.is_some()) {
        span.length_s()
    } else {
        row.down_s
    };
    let mut why: Vec<String> = Vec::new();
    if !excluded.is_empty() {
        why = touched.iter().flat_map(|line| ground.excluded_why(line.service, span)).collect();
        why.sort();
        why.dedup();
    }
    let correction = row.correction.unwrap_or_default();
    let hit = touched.iter().filter(|line| is_down_in(&line.pieces, span));
    OutageView {
        id: row.id,
        target: row.name,
        check: row.key.check,
        start: at(span.from).into(),
        end: correction.to_s.or(row.to_s).map(|to| at(to).into()),
        down_s,
        unknown_s: row.unknown_s,
        excluded_s: excluded.total_s().min(down_s),
        excluded_why: why,
        cause: correction.cause.unwrap_or(row.cause),
        impact: if correction.void { 0 } else { hit.clone().map(|line| line.service.impact_weight).sum() },
        services: touched.iter().map(|line| line.service.name.clone()).collect(),
        void: correction.void,
        measured_start: at(row.from_s).into(),
        measured_end: row.to_s.map(|to| at(to).into()),
        correction: (!correction.words.is_empty()).then_some(correction.words),
        evidence: row.evidence,
    }
}

/// As a person corrected it; one that goes on goes to now.
fn span(row: &OutageRow, now_s: i64) -> Span {
    let what = row.correction.clone().unwrap_or_default();
    let from = what.from_s.unwrap_or(row.from_s);
    Span { from, to: what.to_s.or(row.to_s).unwrap_or(now_s).max(from) }
}

fn second(at: UnixMs) -> i64 {
    at.0.div_euclid(1_000)
}

fn at(second: i64) -> UnixMs {
    UnixMs(second.saturating_mul(1_000))
}

fn not_found(id: i64) -> ControlError {
    ControlError::NotFound { what: "outage", name: id.to_string(), near: Vec::new() }
}
