//! `change verdict N`: what a change did to a service, KPI by KPI.

use evenkeel_common::metric;
use evenkeel_common::sample::DomainState;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::super::{Control, ControlError};
use super::Reach;
use super::confounders;
use super::series::{Frame, Judged, Touched};
use crate::change::{Aggregation, Expectation, Look, sentence, worst};
use crate::csi::s1_indicators::Kpi;
use crate::csi::s2_metrics::{MetricDefinition, Source};
use crate::csi::service::Service;
use crate::sla::{Span, window_spans};
use crate::stats::verdict::{Better, Decision, Limits, Threshold, Verdict, adjust};
use crate::store::{CHANGES_MAX, ChangeRow, ChangeSource, ChangesWanted};
use crate::view::change_verdict::{
    ChangeVerdictView, ExpectationView, KpiVerdictView, LeftOutView, MemberVerdictView, WindowView,
};

/// What agents send late has come by then; before, the final look waits for hosts that are silent.
const LATE: DurationMs = DurationMs::from_s(2 * 86_400);
/// How far back another change may lie and still bound the past.
const PAST: DurationMs = DurationMs::from_s(400 * 86_400);

/// A metric of a KPI with what was judged.
struct Compared<'a> {
    kpi: &'a Kpi,
    metric: &'a MetricDefinition,
    step: DurationMs,
    judged: Judged,
}

impl Control {
    /// The verdict on a change. The final look is taken once and kept; `again` looks at what is known now.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], [`ControlError::Usage`] when it is not clear which service is meant, or the store's.
    pub async fn change_verdict(
        &self,
        id: i64,
        service: Option<String>,
        again: bool,
        now: UnixMs,
    ) -> Result<ChangeVerdictView, ControlError> {
        let row = self.change_row(id).await?;
        let reach = self.reach().await?;
        let service = self.service_of(&row, &reach, service)?;
        if let Some(kept) =
            row.final_look.as_deref().filter(|_| !again).and_then(|text| serde_json::from_str(text).ok())
        {
            let kept: ChangeVerdictView = kept;
            if kept.service == service.name {
                return Ok(kept);
            }
        }
        let look = Look::new(row.began, row.at, row.before, row.after, now);
        let mut view = self.look_at(&row, &service, &reach, look, now).await?;
        // Which service a change is of has to be plain for its look to be on record.
        let is_only = !row.service.is_empty() || view.change.services.len() <= 1;
        if look.is_final && is_only && reach.have_spoken(&row, &service, now) {
            view.kept = true;
            view.change.verdict = Some(view.verdict.clone());
            let text = serde_json::to_string(&view).unwrap_or_default();
            view.kept = self.store().keep_look(id, text).await?;
        }
        Ok(view)
    }

    fn service_of(&self, row: &ChangeRow, reach: &Reach, wanted: Option<String>) -> Result<Service, ControlError> {
        let touches = |service: &Service| !reach.touched(row, service).is_empty();
        let usage = |message: String, hint: &str| ControlError::Usage { message, hint: Some(hint.to_owned()) };
        if let Some(name) = wanted.or_else(|| (!row.service.is_empty()).then(|| row.service.clone())) {
            let service = self.service(&name)?;
            if !touches(&service) {
                let message = format!("change {} touches no member of service {name}", row.id);
                return Err(usage(message, "`evenkeel change show` says which services it touches"));
            }
            return Ok(service);
        }
        let services = self.services();
        let found: Vec<&Service> = services.iter().filter(|service| touches(service)).collect();
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => {
                let message = format!("change {} touches no member of any service", row.id);
                Err(usage(message, "a verdict is about the KPIs of a service; `evenkeel service list` shows them"))
            }
            several => {
                let names: Vec<&str> = several.iter().map(|service| service.name.as_str()).collect();
                let message = format!("change {} touches {} services: {}", row.id, names.len(), names.join(", "));
                Err(usage(message, "name one with --service"))
            }
        }
    }

    async fn look_at(
        &self,
        row: &ChangeRow,
        service: &Service,
        reach: &Reach,
        look: Look,
        now: UnixMs,
    ) -> Result<ChangeVerdictView, ControlError> {
        let second = |at: UnixMs| at.0.div_euclid(1_000);
        let members = reach.touched(row, service).into_iter().map(|(entity, name, _)| Touched { entity, name });
        let windows = Self::windows_of(Some(service), &self.store().calendar().await?);
        let reached = Span { from: second(look.before.0) - 29 * 86_400, to: second(look.final_at) };
        let frame = Frame {
            look,
            members: members.collect(),
            past_from: self.past_from(row, service, reach).await?,
            excluded: window_spans(&windows, reached),
        };
        let by_time = |metric: &&MetricDefinition| !matches!(metric.source, Source::Series(..));
        let ground = if service.metrics.iter().any(|metric| by_time(&metric)) {
            Some(
                self.ground(second(look.before.0.minus(look.after.1.since(look.before.0))), second(look.after.1))
                    .await?,
            )
        } else {
            None
        };
        let mut compared: Vec<Compared<'_>> = Vec::new();
        for (kpi, metric, how) in metrics(service) {
            let values = self.change_values(&frame, metric, ground.as_ref()).await?;
            let (step, limits) = (values.step, limits(service, metric));
            let judge = move || values.judge(&look, how, limits);
            let judged = tokio::task::spawn_blocking(judge).await.map_err(|error| ControlError::Failed {
                message: format!("the comparison ended early: {error}"),
                hint: None,
            })?;
            compared.push(Compared { kpi, metric, step, judged });
        }
        as_families(&mut compared);
        let mut found = self.other_events(row, service, reach, &frame).await?;
        found.extend(confounders::maintenance(&windows, &frame));
        found.extend(confounders::members(reach, service, &frame));
        found.extend(compared.iter().flat_map(|one| confounders::of_verdict(&one.metric.name, &one.judged.headline)));
        let headlines: Vec<(&str, Decision)> =
            compared.iter().map(|one| (one.metric.name.as_str(), one.judged.headline.decision)).collect();
        let overall = worst(headlines.iter().map(|(_, decision)| *decision));
        let window = |(from, to): (UnixMs, UnixMs)| WindowView { from: from.into(), to: to.into() };
        let expectation = Expectation::parse(&row.expected).ok();
        Ok(ChangeVerdictView {
            verdict: overall.as_str().to_owned(),
            words: words(&headlines, &look, found.len()),
            change: self.change_view(row, reach),
            service: service.name.clone(),
            look: look.as_str().to_owned(),
            kept: false,
            looked_at: now.into(),
            before: window(look.before),
            after: window(look.after),
            members: frame.members.len(),
            kpis: compared.iter().map(|one| kpi_view(one, &frame, expectation.as_ref())).collect(),
            confounders: found,
        })
    }

    /// The past ends where something else was changed on purpose: a split there would find that change.
    async fn past_from(&self, row: &ChangeRow, service: &Service, reach: &Reach) -> Result<UnixMs, ControlError> {
        let wanted = ChangesWanted { from: row.began.minus(PAST), to: row.began, limit: CHANGES_MAX };
        let earlier = self.store().changes(wanted).await?;
        let on_purpose = |other: &&ChangeRow| other.id != row.id && other.source != ChangeSource::Agent;
        let mut earlier = earlier.iter().rev().filter(on_purpose).filter(|other| other.at <= row.began);
        let last = earlier.find(|other| !reach.touched(other, service).is_empty());
        Ok(last.map_or(UnixMs(i64::MIN / 2), |other| other.at))
    }
}

impl Reach {
    /// Whether everybody whom a change touched was heard after its window, or will not be any more.
    fn have_spoken(&self, row: &ChangeRow, service: &Service, now: UnixMs) -> bool {
        let touched = self.touched(row, service);
        now >= row.final_at().plus(LATE)
            || touched.iter().all(|(entity, ..)| {
                let vm = self.vms.iter().find(|vm| *entity == vm.uuid.into());
                let host = self.hosts.iter().find(|host| *entity == host.agent.into());
                vm.is_some_and(|vm| vm.last_seen >= row.final_at() || vm.state == DomainState::NoState)
                    || host.and_then(|host| host.heard.as_ref()).is_some_and(|heard| heard.last_seen >= row.final_at())
            })
    }
}

/// The metrics of all KPIs that can be compared. Codes and counts say nothing as a mean.
fn metrics(service: &Service) -> impl Iterator<Item = (&Kpi, &MetricDefinition, Aggregation)> {
    service.kpis.iter().flat_map(move |kpi| {
        kpi.metrics.iter().filter_map(move |name| {
            let metric = service.metric(name)?;
            // Seconds down add up over time; over members their mean is how much of the service was down.
            let is_series = matches!(metric.source, Source::Series(..));
            let how = if is_series { Aggregation::of(&metric.aggregation)? } else { Aggregation::Mean };
            (!metric.source.is_nominal()).then_some((kpi, metric, how))
        })
    })
}

/// Of availability what matters is what the objective leaves room for.
fn limits(service: &Service, metric: &MetricDefinition) -> Limits {
    let better = metric.better.map(|better| match better {
        metric::Better::Lower => Better::Lower,
        metric::Better::Higher => Better::Higher,
    });
    let is_time = !matches!(metric.source, Source::Series(..));
    let objective = service.objectives.iter().find(|objective| objective.metric == metric.name);
    let threshold = match objective.filter(|_| is_time && metric.threshold_text.is_empty()) {
        Some(objective) => Threshold::Absolute(1.0 - objective.target),
        None => metric.threshold,
    };
    Limits { better, threshold, ..Limits::default() }
}

/// Headlines are one family, and so are all members of all metrics.
fn as_families(compared: &mut [Compared<'_>]) {
    let mut headlines: Vec<Verdict> = compared.iter().map(|one| one.judged.headline.clone()).collect();
    adjust(&mut headlines);
    let members = compared.iter().flat_map(|one| one.judged.members.iter().map(|(_, verdict)| verdict.clone()));
    let mut members: Vec<Verdict> = members.collect();
    adjust(&mut members);
    let (mut headlines, mut members) = (headlines.into_iter(), members.into_iter());
    for one in compared {
        if let Some(headline) = headlines.next() {
            one.judged.headline = headline;
        }
        for (_, verdict) in &mut one.judged.members {
            if let Some(adjusted) = members.next() {
                *verdict = adjusted;
            }
        }
    }
}

fn kpi_view(one: &Compared<'_>, frame: &Frame, expectation: Option<&Expectation>) -> KpiVerdictView {
    let Compared { kpi, metric, step, judged } = one;
    let name = |at: usize| frame.members[at].name.clone();
    let headline = &judged.headline;
    let found = &headline.findings;
    let ours = expectation.filter(|wanted| wanted.about == kpi.name || wanted.about == metric.name);
    let mut members: Vec<&(usize, Verdict)> = judged.members.iter().collect();
    members.sort_by(|(_, a), (_, b)| {
        let p = |verdict: &Verdict| verdict.p_adjusted.unwrap_or(2.0);
        p(a).total_cmp(&p(b))
    });
    let is_series = matches!(metric.source, Source::Series(..));
    KpiVerdictView {
        kpi: kpi.name.clone(),
        metric: metric.name.clone(),
        value_unit: if is_series { metric.source.unit() } else { "share_of_time_down" }.to_owned(),
        aggregation: if is_series { metric.aggregation.as_str() } else { "mean" }.to_owned(),
        step_s: step.0 / 1_000,
        mean_before: (found.n.0 > 0).then_some(found.before.0).filter(|mean| mean.is_finite()),
        mean_after: (found.n.1 > 0).then_some(found.after_mean).filter(|mean| mean.is_finite()),
        headline: headline.into(),
        expectation: ours.map(|wanted| ExpectationView {
            expected: wanted.to_string(),
            wanted: wanted.wanted(found.before.0),
            outcome: wanted.held_against(found.before.0, headline.ci, headline.threshold).as_str().to_owned(),
        }),
        members: members
            .iter()
            .map(|(at, verdict)| MemberVerdictView { name: name(*at), verdict: verdict.into() })
            .collect(),
        left_out: judged
            .left_out
            .iter()
            .map(|(at, why)| LeftOutView { name: name(*at), why: (*why).to_owned() })
            .collect(),
    }
}

fn words(headlines: &[(&str, Decision)], look: &Look, confounders: usize) -> String {
    let mut text = sentence(headlines);
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    if !look.is_final {
        text.push_str(&format!(
            " Provisional: the final look is at {}; nothing is to be decided before.",
            look.final_at
        ));
    }
    if confounders > 0 {
        text.push_str(" Something else may be behind it: see the confounders.");
    }
    text
}
