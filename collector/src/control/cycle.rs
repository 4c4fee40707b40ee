//! Cycles: runs steps 3 to 6 over a period of a service, stores what each left behind, shows it, and closes.

mod gather;
mod show;

use evenkeel_common::time::UnixMs;
use serde::Serialize;
use tokio::sync::mpsc;

use super::{Control, ControlError};
use crate::csi::cycle::{Cycle, Done, Effect, Event, Plan, Refusal, State, Step};
use crate::csi::period::{Period, Unit};
use crate::csi::s3_gather::Gathered;
use crate::csi::s4_process::figures;
use crate::csi::s5_analyse::results;
use crate::csi::s6_inform::{Informed, Results, Rule, inform};
use crate::csi::s7_act;
use crate::csi::service::Service;
use crate::store::activity::{Activity, Category};
use crate::store::{CycleChange, CycleRow, StepRow};
use crate::view::cycle::{CloseRequest, CycleView, ReviewLine, ServiceReviewRequest, ServiceReviewView};

/// Longest text that a person writes to a cycle.
const LEARNED_MAX: usize = 10_000;
/// A period that is over is reviewed by itself so long after its end: hours are sealed then, and what was late is there.
const GRACE_S: i64 = 3 * 3_600;

/// How far a review is, for whoever waits for it.
#[derive(Debug, Default)]
pub struct Progress {
    lines: Option<mpsc::Sender<ReviewLine>>,
    done: u64,
    of: u64,
}

impl Progress {
    /// Tells it line by line.
    #[must_use]
    pub fn to(lines: mpsc::Sender<ReviewLine>) -> Self {
        Self { lines: Some(lines), done: 0, of: 0 }
    }

    async fn step(&mut self) {
        self.done += 1;
        if let Some(lines) = self.lines.as_ref().filter(|_| self.done.is_multiple_of(20)) {
            // Nobody may be there to hear it: the review goes on the record all the same.
            let _ = lines.send(ReviewLine::Progress { done: self.done, of: self.of.max(self.done) }).await;
        }
    }
}

/// Output of step 3: the period, and the one that it is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
struct Both<T> {
    now: T,
    before: Option<T>,
}

impl Control {
    /// Reviews a period of a service, or answers with what is on record of it.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] for an unknown service, [`ControlError::Usage`] for a period that makes no sense, or the
    /// store's.
    pub async fn service_review(
        &self,
        request: ServiceReviewRequest,
        mut progress: Progress,
        now: UnixMs,
    ) -> Result<ServiceReviewView, ControlError> {
        let service = self.service(&request.service)?;
        let now_s = now.0.div_euclid(1_000);
        let unit = Unit::of(&service.review_period);
        let text = if request.period.is_empty() { "last" } else { &request.period };
        let period = Period::parse(text, unit, &service.zone, now_s).map_err(ControlError::usage)?;
        if period.span.from >= now_s {
            return Err(ControlError::usage(format!("{} has not begun", period.name)));
        }
        let known = self.store().cycle_of(service.name.clone(), period.span.from, period.span.to).await?;
        if let Some(row) = known.filter(|row| request.recorded && row.version > 0) {
            return self.recorded_review(row).await;
        }
        progress.of = 2 * self.service_show(&service.name).await?.member_names.len() as u64;
        let id = self.review_period(&service, &period, &mut progress, now).await?;
        let row = self.cycle_row(id).await?;
        self.recorded_review(row).await
    }

    /// Runs the steps and stores what they say; answers with the cycle.
    async fn review_period(
        &self,
        service: &Service,
        period: &Period,
        progress: &mut Progress,
        now: UnixMs,
    ) -> Result<i64, ControlError> {
        let now_s = now.0.div_euclid(1_000);
        let current = self.gather(service, period, now_s, progress).await?;
        let before = self.gather_before(service, period, now_s, progress).await?;
        let both = Both { now: current, before: before.filter(gather::is_known) };
        let (plan, rules) = (format!("{service:?}"), self.rules());
        let steps = tokio::task::spawn_blocking(move || steps(&plan, &both, &rules));
        let (steps, informed) = steps.await.map_err(ended)??;
        let row = self.store().cycle_of(service.name.clone(), period.span.from, period.span.to).await?;
        let row = row.unwrap_or_else(|| planned(service, period, &Plan::default(), now));
        let mut cycle = self.cycle_state(&row).await?;
        let effects = cycle.handle(Event::Reviewed(steps), now.0).map_err(refused)?;
        if effects.is_empty() {
            return Ok(row.id);
        }
        let findings = informed.findings.iter().map(|finding| {
            let body = serde_json::to_string(finding).unwrap_or_default();
            (finding.key.clone(), finding.severity.clone(), body)
        });
        let (count, is_again) = (informed.findings.len(), cycle.version > 1);
        let mut change = change(CycleRow { version: cycle.version, ..row }, effects, now);
        change.findings = Some(findings.collect());
        let id = self.store().write_cycle(change).await?;
        let again = if is_again { "again, and says something else" } else { "for the first time" };
        let message = format!("{} of {} was reviewed {again}: {count} findings", period.name, service.name);
        self.log_cycle(now, "reviewed", message).await;
        Ok(id)
    }

    /// What the cycle before is on record with, else what the store knows of the period before.
    async fn gather_before(
        &self,
        service: &Service,
        period: &Period,
        now_s: i64,
        progress: &mut Progress,
    ) -> Result<Option<Gathered>, ControlError> {
        let known = self.store().cycle_of(service.name.clone(), period.before.from, period.before.to).await?;
        if let Some(row) = known.filter(|row| row.version > 0) {
            let recorded = self.recorded(&row).await?;
            // Of a period that went on when it was looked at, not all is on record.
            if recorded.gathered.now.until_s == period.before.to {
                return Ok(Some(recorded.gathered.now));
            }
        }
        let zone = &service.zone;
        let named = Unit::of(&service.review_period).around(period.before.from, zone);
        let name = named
            .filter(|named| named.span == period.before)
            .map_or_else(|| format!("the time before {}", period.name), |named| named.name);
        let before = Period { name, span: period.before, before: period.before };
        self.gather(service, &before, now_s, progress).await.map(Some)
    }

    async fn cycle_state(&self, row: &CycleRow) -> Result<Cycle, ControlError> {
        let steps = self.store().cycle_steps(row.id, row.version).await?;
        let state = State::of(&row.state).unwrap_or(State::Planned);
        Ok(Cycle { state, version: row.version, outputs: steps.into_iter().map(|step| step.output).collect() })
    }

    pub(super) async fn cycle_row(&self, id: i64) -> Result<CycleRow, ControlError> {
        let not_found = || ControlError::NotFound { what: "cycle", name: id.to_string(), near: Vec::new() };
        self.store().cycle(id).await?.ok_or_else(not_found)
    }

    /// Tells a cycle that a finding was decided.
    pub(super) async fn finding_decided(&self, cycle: i64, now: UnixMs) -> Result<(), ControlError> {
        let row = self.cycle_row(cycle).await?;
        let open = self.open_findings(cycle).await?.len();
        let mut state = self.cycle_state(&row).await?;
        let effects = state.handle(Event::Decided { open }, now.0).map_err(refused)?;
        if !effects.is_empty() {
            self.store().write_cycle(change(row, effects, now)).await?;
        }
        Ok(())
    }

    async fn open_findings(&self, cycle: i64) -> Result<Vec<String>, ControlError> {
        let rows = self.store().findings(Some(cycle), None).await?;
        Ok(rows.into_iter().filter(|row| row.status == "open").map(|row| format!("{} ({})", row.id, row.key)).collect())
    }

    /// Ends a cycle with what was learned; the next one is planned.
    ///
    /// # Errors
    /// [`ControlError::Refused`] while findings are open or nothing was reviewed, [`ControlError::NotFound`], or the
    /// store's.
    pub async fn cycle_close(
        &self,
        id: i64,
        request: CloseRequest,
        by: String,
        now: UnixMs,
    ) -> Result<CycleView, ControlError> {
        if request.learned.len() > LEARNED_MAX {
            return Err(ControlError::usage(format!("what was learned has more than {LEARNED_MAX} bytes")));
        }
        let row = self.cycle_row(id).await?;
        let service = self.service(&row.service)?;
        let mut state = self.cycle_state(&row).await?;
        let open = self.open_findings(id).await?;
        let event = Event::Close { by: by.clone(), learned: request.learned.clone(), open, carry: request.carry };
        let effects = state.handle(event, now.0).map_err(refused)?;
        let plan =
            effects.iter().find_map(|effect| if let Effect::Plan(plan) = effect { Some(plan.clone()) } else { None });
        let learned = request.learned.trim().to_owned();
        let message = format!("cycle {id} ({} of {}) was closed by {by}: {learned}", row.period, row.service);
        let next = s7_act::next(&service, row.to_s).zip(plan);
        let next = match next {
            None => None,
            Some((period, plan)) => {
                let known = self.store().cycle_of(service.name.clone(), period.span.from, period.span.to).await?;
                let text = serde_json::to_string(&plan).unwrap_or_default();
                Some(known.map_or_else(|| planned(&service, &period, &plan, now), |row| CycleRow { plan: text, ..row }))
            }
        };
        let mut change = change(CycleRow { learned, ..row }, effects, now);
        change.next = next;
        self.store().write_cycle(change).await?;
        self.log_cycle(now, "cycle_closed", message).await;
        let row = self.cycle_row(id).await?;
        self.cycle_view(row).await
    }

    /// Reviews what is due: the last review period of each service, once it is over for a while and nothing is on record
    /// of it. Answers with how many were reviewed.
    ///
    /// # Errors
    /// The store's. What failed is tried again the next time.
    pub async fn review_due(&self, now: UnixMs) -> Result<usize, ControlError> {
        let mut reviewed = 0;
        for service in self.services().iter() {
            let now_s = now.0.div_euclid(1_000);
            let Some(period) = Unit::of(&service.review_period).last(now_s, &service.zone) else { continue };
            if now_s < period.span.to + GRACE_S {
                continue;
            }
            let known = self.store().cycle_of(service.name.clone(), period.span.from, period.span.to).await?;
            if known.is_some_and(|row| row.version > 0) {
                continue;
            }
            // A service that is younger than its period has nothing to review.
            let ground = self.ground(period.span.from, period.span.to).await?;
            if ground.members(service).iter().all(|(_, present)| present.common(period.span).is_none()) {
                continue;
            }
            self.review_period(service, &period, &mut Progress::default(), now).await?;
            reviewed += 1;
        }
        Ok(reviewed)
    }

    pub(super) async fn log_cycle(&self, at: UnixMs, kind: &str, message: String) {
        let (host, vm) = (String::new(), String::new());
        let category = Category::Informational;
        self.record(Activity { at, category, kind: kind.to_owned(), host, vm, message }).await;
    }
}

/// Steps 4 to 6 on what step 3 found. The same record gives the same bytes.
fn steps(plan: &str, both: &Both<Gathered>, rules: &[Rule]) -> Result<(Vec<Done>, Informed), ControlError> {
    let gathered = text(both)?;
    let (now, before) = (figures(&both.now), both.before.as_ref().map(figures));
    let processed = text(&Both { now: now.clone(), before: before.clone() })?;
    let found = results(&both.now, &now, both.before.as_ref());
    let analysed = text(&found)?;
    let results = Results { now: &both.now, figures: &now, before: before.as_ref(), analysed: &found };
    let informed = inform(&results, rules);
    let output = text(&informed)?;
    let done =
        |step, input: &[&str], output: &str| Done { step, input_digest: digest(input), output: output.to_owned() };
    let rules = format!("{rules:?}");
    Ok((
        vec![
            done(Step::Gather, &[plan], &gathered),
            done(Step::Process, &[&gathered], &processed),
            done(Step::Analyse, &[&gathered, &processed], &analysed),
            done(Step::Inform, &[&gathered, &processed, &analysed, &rules], &output),
        ],
        informed,
    ))
}

fn text(output: &impl Serialize) -> Result<String, ControlError> {
    serde_json::to_string(output).map_err(|error| ControlError::Failed {
        message: format!("a step's output cannot be written: {error}"),
        hint: None,
    })
}

/// blake3 of texts, each with its length so that they cannot run into each other.
fn digest(texts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for text in texts {
        hasher.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

fn planned(service: &Service, period: &Period, plan: &Plan, now: UnixMs) -> CycleRow {
    CycleRow {
        id: 0,
        service: service.name.clone(),
        period: period.name.clone(),
        from_s: period.span.from,
        to_s: period.span.to,
        state: State::Planned.as_str().to_owned(),
        moved_ms: now.0,
        version: 0,
        plan: serde_json::to_string(plan).unwrap_or_default(),
        learned: String::new(),
    }
}

/// What effects mean on disk.
fn change(mut row: CycleRow, effects: Vec<Effect>, now: UnixMs) -> CycleChange {
    let mut steps = Vec::new();
    for effect in effects {
        match effect {
            Effect::Record { version, done } => steps.push(StepRow {
                version,
                step: done.step.as_str().to_owned(),
                input_digest: done.input_digest,
                output: done.output,
                at_ms: now.0,
            }),
            Effect::Move { to, at_ms } => (row.state, row.moved_ms) = (to.as_str().to_owned(), at_ms),
            Effect::Plan(_) => {}
        }
    }
    CycleChange { row, steps, findings: None, next: None }
}

fn ended(error: tokio::task::JoinError) -> ControlError {
    ControlError::Failed { message: format!("the review ended early: {error}"), hint: None }
}

fn refused(refusal: Refusal) -> ControlError {
    let hint = match refusal {
        Refusal::Undecided(_) => Some("`evenkeel finding close` decides them; --carry takes them into the next cycle"),
        Refusal::NotReviewed(_) => Some("`evenkeel review --service NAME --period PERIOD` reviews it"),
        _ => None,
    };
    ControlError::Refused { message: refusal.to_string(), hint: hint.map(str::to_owned) }
}
