//! Findings: what a review found, the chain of whys, and how people decide.

use evenkeel_common::time::UnixMs;

use super::{Control, ControlError};
use crate::csi::s6_inform::Finding;
use crate::csi::s7_act::Decision;
use crate::store::{FindingRow, WhyRow};
use crate::view::finding::{DecideRequest, DecisionView, FindingView, WhyView};

/// Whys of one finding.
const WHYS_MAX: i64 = 50;
/// Longest text of a person.
const TEXT_MAX: usize = 2_000;

impl Control {
    /// Findings by number; without `all` only those that are open.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] for an unknown service or cycle, or the store's.
    pub async fn finding_list(
        &self,
        cycle: Option<i64>,
        service: Option<String>,
        all: bool,
    ) -> Result<Vec<FindingView>, ControlError> {
        if let Some(name) = &service {
            self.service(name)?;
        }
        if let Some(id) = cycle {
            self.cycle_row(id).await?;
        }
        let mut views = Vec::new();
        for row in self.store().findings(cycle, service).await? {
            if all || row.status == "open" {
                views.push(self.finding_view(row).await?);
            }
        }
        Ok(views)
    }

    /// One finding.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], or the store's.
    pub async fn finding_show(&self, id: i64) -> Result<FindingView, ControlError> {
        let row = self.finding_row(id).await?;
        self.finding_view(row).await
    }

    /// Adds a why to the chain.
    ///
    /// # Errors
    /// [`ControlError::Usage`] for a text that makes no sense or one too many, [`ControlError::NotFound`], or the store's.
    pub async fn finding_why(
        &self,
        id: i64,
        why: String,
        who: String,
        now: UnixMs,
    ) -> Result<FindingView, ControlError> {
        let row = self.finding_row(id).await?;
        let why = checked("a why", &why)?;
        let message = format!("why of finding {id} ({}), says {who}: {why}", row.key);
        if !self.store().add_why(id, WhyRow { at_ms: now.0, who, why }, WHYS_MAX).await? {
            return Err(ControlError::usage(format!("finding {id} has {WHYS_MAX} whys already")));
        }
        self.log_cycle(now, "finding_why", message).await;
        self.finding_show(id).await
    }

    /// Notes how a person decided. It may be decided again: what is on record is the last word, the log has all.
    ///
    /// # Errors
    /// [`ControlError::Usage`] for a decision that there is not, [`ControlError::NotFound`], or the store's.
    pub async fn finding_close(
        &self,
        id: i64,
        request: DecideRequest,
        who: String,
        now: UnixMs,
    ) -> Result<FindingView, ControlError> {
        let row = self.finding_row(id).await?;
        let words: Vec<&str> = Decision::ALL.iter().map(|one| one.as_str()).collect();
        let decision = Decision::of(&request.status)
            .ok_or_else(|| ControlError::usage(format!("'{}' is none of {}", request.status, words.join(", "))))?;
        let reason = checked("a reason", &request.reason)?;
        let status = decision.as_str();
        let message = format!("finding {id} ({}) is {status}, says {who}: {reason}", row.key);
        self.store().decide_finding(id, status.to_owned(), who, now.0, reason).await?;
        self.finding_decided(row.cycle, now).await?;
        self.log_cycle(now, "finding_closed", message).await;
        self.finding_show(id).await
    }

    async fn finding_row(&self, id: i64) -> Result<FindingRow, ControlError> {
        let not_found = || ControlError::NotFound { what: "finding", name: id.to_string(), near: Vec::new() };
        self.store().finding(id).await?.ok_or_else(not_found)
    }

    async fn finding_view(&self, row: FindingRow) -> Result<FindingView, ControlError> {
        let finding: Finding = serde_json::from_str(&row.body).unwrap_or_default();
        let whys = self.store().whys(row.id).await?;
        let decision = row.decided_ms.filter(|_| row.status != "open");
        Ok(FindingView {
            id: row.id,
            cycle: row.cycle,
            rule: finding.rule,
            subject: finding.subject,
            severity: row.severity,
            status: row.status,
            what: finding.what,
            evidence: finding.evidence,
            implication: finding.implication,
            action: finding.action,
            command: finding.command,
            whys: whys
                .into_iter()
                .map(|why| WhyView { at: UnixMs(why.at_ms).into(), who: why.who, why: why.why })
                .collect(),
            decision: decision.map(|at| DecisionView {
                at: UnixMs(at).into(),
                who: row.decided_by,
                reason: row.reason,
            }),
        })
    }
}

/// A text of a person.
fn checked(what: &str, text: &str) -> Result<String, ControlError> {
    let text = text.trim();
    if text.is_empty() || text.len() > TEXT_MAX || text.chars().any(char::is_control) {
        return Err(ControlError::usage(format!("{what} has 1 to {TEXT_MAX} bytes and no control characters")));
    }
    Ok(text.to_owned())
}
