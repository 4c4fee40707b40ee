//! `sla status`: every objective of every service, from spells and outages on record.

mod ground;
mod reported;

pub(super) use ground::Ground;

use evenkeel_common::time::UnixMs;

use super::watch::Check;
use super::{Control, ControlError};
use crate::csi::s1_indicators::{Objective, ObjectiveWindow, ShareOf};
use crate::csi::service::Service;
use crate::sla::{Heard, Piece, Span, Spans, Told, burn_rate, counted, project, seconds};
use crate::view::sla::{BurnView, ProjectionView, SlaRow};

/// Burn rates are given over so long a time each.
const BURN_WINDOWS_S: [i64; 4] = [3_600, 6 * 3_600, 86_400, 3 * 86_400];

/// Which services, and as of when.
#[derive(Clone, Debug, Default)]
pub struct SlaFilter {
    /// Only this service.
    pub service: Option<String>,
    /// As of this time instead of now.
    pub at: Option<UnixMs>,
    /// The whole periods in which this time lies, as far as they are over.
    pub period: Option<UnixMs>,
}

impl Control {
    /// Every objective, by service.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] for an unknown service, [`ControlError::Usage`] for a period to come, or the store's.
    pub async fn sla_status(&self, filter: SlaFilter, now: UnixMs) -> Result<Vec<SlaRow>, ControlError> {
        let evaluated = self.evaluate(&filter, now).await?;
        self.with_reported(evaluated).await
    }

    async fn evaluate(&self, filter: &SlaFilter, now: UnixMs) -> Result<Vec<Evaluated>, ControlError> {
        // Nothing of it is known, and another period is not what was asked for.
        if filter.period.is_some_and(|inside| inside > now) {
            return Err(ControlError::usage(
                "the period has not begun; give one that has, such as `--period yesterday`",
            ));
        }
        let second = |at: UnixMs| at.min(now).0.div_euclid(1_000);
        let (at_s, period_s) = (filter.at.map_or(second(now), second), filter.period.map(second));
        let services = match &filter.service {
            Some(name) => vec![self.service(name)?],
            None => self.services().to_vec(),
        };
        // When each objective is looked at: now, or when the period in question is over.
        let looked_at = move |service: &Service, one: &Objective| {
            period_s.map_or(at_s, |inside| one.window.span(&service.zone, inside).to.min(at_s))
        };
        let spans = services.iter().flat_map(|service| {
            service.objectives.iter().map(move |one| {
                let at_s = looked_at(service, one);
                let whole = one.window.span(&service.zone, period_s.unwrap_or(at_s).min(at_s));
                (whole.from.min(at_s - BURN_WINDOWS_S[3]), at_s)
            })
        });
        let (from_s, to_s) = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or((at_s, at_s));
        let ground = self.ground(from_s, to_s).await?;
        // Sweeping over a quarter of a large service takes a while, which is not for the threads that answer.
        tokio::task::spawn_blocking(move || {
            let rows = services.iter().flat_map(|service| {
                let ground = &ground;
                service.objectives.iter().filter_map(move |one| {
                    let at_s = looked_at(service, one);
                    row(ground, service, one, period_s.unwrap_or(at_s).min(at_s), at_s)
                })
            });
            rows.collect()
        })
        .await
        .map_err(|error| ControlError::Failed { message: format!("the evaluation ended early: {error}"), hint: None })
    }
}

/// An objective of which everything is known but what was reported of it.
#[derive(Debug)]
struct Evaluated {
    row: SlaRow,
    told: Told,
}

/// The period in which `inside_s` lies, as of `at_s`.
fn row(ground: &Ground, service: &Service, objective: &Objective, inside_s: i64, at_s: i64) -> Option<Evaluated> {
    let check = Check::of_objective(service, objective)?;
    let whole = objective.window.span(&service.zone, inside_s);
    let period = Span { from: whole.from, to: at_s.clamp(whole.from, whole.to) };
    let reach = Span { from: period.from.min(at_s - BURN_WINDOWS_S[3]), to: whole.to };
    let excluded = ground.excluded(service, reach);
    let line = ground.line(service, &check, Span { to: period.to, ..reach });
    let spent = seconds(&line, &excluded, period);
    let agreed_s = whole.length_s() - excluded.within(whole).total_s();
    let level = spent.level(objective.target, objective.unknown, agreed_s);
    let samples = (objective.share_of == ShareOf::Samples)
        .then(|| counted(ground.spells(service, &check).iter(), &excluded, period));
    let of_samples = samples.and_then(|counted| {
        let all = counted.good + counted.bad;
        (all > 0.0).then(|| counted.good / all)
    });
    let availability = if samples.is_some() { of_samples } else { level.availability };
    let burns = BURN_WINDOWS_S.iter().map(|window_s| {
        let window = Span { from: at_s - window_s, to: at_s };
        let spent = seconds(&line, &excluded, window);
        BurnView { window_s: *window_s, rate: burn_rate(spent, objective.target, objective.unknown) }
    });
    let target = objective.target;
    let state = match availability {
        None => "unknown",
        Some(_) if level.budget_left_s < 0.0 => "missed",
        Some(share) if share < target => "at_risk",
        Some(_) => "met",
    };
    let time = |second: i64| UnixMs(second.saturating_mul(1_000)).into();
    let told = Told {
        target,
        unknown_is: objective.unknown.as_str().to_owned(),
        seconds: Told::seconds(spent),
        availability,
        members: ground.names(service),
        outages: ground.told_outages(service, &check, period),
        windows: ground.told_windows(service, period),
    };
    let row = SlaRow {
        service: service.name.clone(),
        objective: objective.name.clone(),
        target,
        from: time(period.from),
        to: time(period.to),
        period_end: time(whole.to),
        good_s: spent.good_s,
        bad_s: spent.bad_s,
        unknown_s: spent.unknown_s,
        excluded_s: spent.excluded_s,
        availability,
        ci_low: level.low,
        ci_high: level.high,
        budget_left_s: level.budget_left_s,
        burn_rate: level.burn_rate,
        missing: availability.is_none().then(|| "no_data".to_owned()),
        state: state.to_owned(),
        unknown_is: objective.unknown.as_str().to_owned(),
        share_of: if samples.is_some() { "samples" } else { "time" }.to_owned(),
        samples_good: samples.map(|counted| counted.good),
        samples_bad: samples.map(|counted| counted.bad),
        budget_s: level.budget_s,
        burn_rates: burns.collect(),
        projection: projection(objective, &line, &excluded, whole, period),
        reported: None,
    };
    Some(Evaluated { row, told })
}

/// Blocks are hours of a day, and days of anything longer; the rest of a rolling window is never to come.
#[expect(clippy::cast_precision_loss, reason = "seconds of a period are far below 2^53")]
fn projection(
    objective: &Objective,
    line: &[Piece],
    excluded: &Spans,
    whole: Span,
    period: Span,
) -> Option<ProjectionView> {
    let block_s = match objective.window {
        ObjectiveWindow::Rolling(_) => return None,
        ObjectiveWindow::Day => 3_600,
        ObjectiveWindow::Month | ObjectiveWindow::Quarter => 86_400,
    };
    let mut shares = Vec::new();
    let mut from = period.from;
    while from + block_s <= period.to {
        let spent = seconds(line, excluded, Span { from, to: from + block_s });
        let (good, bad) = spent.sides(objective.unknown);
        if good + bad > 0 {
            shares.push(bad as f64 / (good + bad) as f64);
        }
        from += block_s;
    }
    let (good, bad) = seconds(line, excluded, period).sides(objective.unknown);
    let rest = Span { from: period.to, to: whole.to };
    let rest_s = rest.length_s() - excluded.within(rest).total_s();
    let blocks = rest_s as f64 / block_s as f64;
    let found = project(&shares, bad as f64, (good + bad) as f64, rest_s as f64, blocks)?;
    Some(ProjectionView { availability: found.expected, low: found.low, high: found.high, blocks: found.blocks })
}

/// Whether a line is down somewhere in a span.
pub(super) fn is_down_in(line: &[Piece], span: Span) -> bool {
    line.iter().any(|piece| piece.heard == Heard::Down && piece.span.common(span).is_some())
}
