//! What is on record of cycles, as it is shown.

use evenkeel_common::time::UnixMs;
use serde::de::DeserializeOwned;

use super::super::{Control, ControlError};
use super::{Both, digest};
use crate::csi::cycle::Step;
use crate::csi::s3_gather::Gathered;
use crate::csi::s4_process::Figures;
use crate::csi::s5_analyse::Analysed;
use crate::csi::s6_inform::{Fact, Informed};
use crate::store::{CycleRow, StepRow};
use crate::view::cycle::{CycleView, ServiceReviewView, StepView};

/// The outputs of one version's steps.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) gathered: Both<Gathered>,
    pub(super) figures: Both<Figures>,
    pub(super) analysed: Analysed,
    pub(super) informed: Informed,
    steps: Vec<StepView>,
    at_ms: i64,
}

impl Control {
    /// Cycles, the newest period first.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] for an unknown service, or the store's.
    pub async fn cycle_list(&self, service: Option<String>) -> Result<Vec<CycleView>, ControlError> {
        let rows = self.store().cycles(service.clone()).await?;
        if let (Some(name), true) = (&service, rows.is_empty()) {
            self.service(name)?;
        }
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            views.push(self.cycle_view(row).await?);
        }
        Ok(views)
    }

    /// One cycle with what its last review says.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], [`ControlError::Usage`] for one that was not reviewed, or the store's.
    pub async fn cycle_show(&self, id: i64) -> Result<ServiceReviewView, ControlError> {
        let row = self.cycle_row(id).await?;
        if row.version == 0 {
            return Err(ControlError::Usage {
                message: format!("cycle {id} ({} of {}) is planned; nothing was reviewed", row.period, row.service),
                hint: Some(format!("`evenkeel review --service {} --period {}` reviews it", row.service, row.period)),
            });
        }
        self.recorded_review(row).await
    }

    pub(super) async fn cycle_view(&self, row: CycleRow) -> Result<CycleView, ControlError> {
        let findings = self.store().findings(Some(row.id), None).await?;
        let at = |second: i64| UnixMs(second.saturating_mul(1_000)).into();
        Ok(CycleView {
            id: row.id,
            service: row.service,
            period: row.period,
            from: at(row.from_s),
            to: at(row.to_s),
            state: row.state,
            since: UnixMs(row.moved_ms).into(),
            version: row.version,
            findings_open: findings.iter().filter(|finding| finding.status == "open").count(),
            plan: serde_json::from_str(&row.plan).unwrap_or_default(),
            learned: row.learned,
        })
    }

    /// The outputs of a cycle's last review.
    pub(super) async fn recorded(&self, row: &CycleRow) -> Result<Recorded, ControlError> {
        self.version(row, row.version).await
    }

    async fn version(&self, row: &CycleRow, version: i64) -> Result<Recorded, ControlError> {
        let rows = self.store().cycle_steps(row.id, version).await?;
        let steps = rows.iter().map(|step| StepView {
            step: step.step.clone(),
            input_digest: step.input_digest.clone(),
            output_digest: digest(&[&step.output]),
        });
        Ok(Recorded {
            steps: steps.collect(),
            at_ms: rows.first().map_or(0, |step| step.at_ms),
            gathered: read(&rows, Step::Gather)?,
            figures: read(&rows, Step::Process)?,
            analysed: read(&rows, Step::Analyse)?,
            informed: read(&rows, Step::Inform)?,
        })
    }

    pub(super) async fn recorded_review(&self, row: CycleRow) -> Result<ServiceReviewView, ControlError> {
        let now = self.recorded(&row).await?;
        let differences = match row.version {
            ..=1 => Vec::new(),
            version => differences(&self.version(&row, version - 1).await?, &now, version),
        };
        let mut findings = self.finding_list(Some(row.id), None, true).await?;
        let rank = |key: &str| ["high", "medium", "low"].iter().position(|word| *word == key);
        findings.retain(|finding| finding.status != "gone");
        findings.sort_by_key(|finding| (rank(&finding.severity), finding.rule.clone(), finding.subject.clone()));
        Ok(ServiceReviewView {
            cycle: self.cycle_view(row).await?,
            reviewed_at: UnixMs(now.at_ms).into(),
            steps: now.steps,
            differences,
            summary: now.informed.summary,
            findings,
            gathered: now.gathered.now,
            figures: now.figures.now,
            before: now.figures.before,
            analysed: now.analysed,
        })
    }
}

fn read<T: DeserializeOwned>(steps: &[StepRow], step: Step) -> Result<T, ControlError> {
    let found = steps.iter().find(|row| row.step == step.as_str());
    let parsed = found.and_then(|row| serde_json::from_str(&row.output).ok());
    parsed.ok_or_else(|| ControlError::Failed {
        message: format!("what the step {} left is not on record as it was written", step.as_str()),
        hint: Some("review the period again: `evenkeel review --service NAME --period PERIOD`".to_owned()),
    })
}

/// What a version says that the one before did not.
#[expect(clippy::cast_precision_loss, reason = "seconds of a period are far below 2^53")]
fn differences(was: &Recorded, is: &Recorded, version: i64) -> Vec<String> {
    let mut told = Vec::new();
    for now in &is.analysed.objectives {
        let Some(before) = was.analysed.objectives.iter().find(|one| one.objective == now.objective) else { continue };
        if now.availability != before.availability || now.state != before.state {
            let shown = |share: Option<f64>| {
                share.map_or_else(|| "nothing known".to_owned(), |share| Fact::Share(share).to_string())
            };
            told.push(format!(
                "{}: {} ({}) instead of {} ({})",
                now.objective,
                shown(now.availability),
                now.state,
                shown(before.availability),
                before.state
            ));
        }
    }
    let outages = |recorded: &Recorded| (recorded.figures.now.outages.count, recorded.figures.now.outages.down_total_s);
    if outages(was) != outages(is) {
        let shown = |(count, down): (usize, i64)| format!("{count} outages of together {}", Fact::Seconds(down as f64));
        told.push(format!("{} instead of {}", shown(outages(is)), shown(outages(was))));
    }
    let readings = |recorded: &Recorded| recorded.figures.now.series.iter().map(|one| one.n).sum::<u64>();
    if readings(was) != readings(is) {
        told.push(format!("{} readings instead of {}", readings(is), readings(was)));
    }
    let (old, new) = (was.informed.findings.len(), is.informed.findings.len());
    if old != new {
        told.push(format!("{new} findings instead of {old}"));
    }
    if told.is_empty() {
        told.push("figures that are not in this list".to_owned());
    }
    told.iter_mut().for_each(|line| *line = format!("Version {version} differs from version {}: {line}.", version - 1));
    told
}
