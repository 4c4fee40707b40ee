//! `evenkeel review --service`, `evenkeel cycle …`: what is asked and what is answered. The outputs of the steps are
//! shown as they are on record.

use serde::{Deserialize, Serialize};

use super::Time;
use super::error::ErrorView;
use super::finding::FindingView;
use crate::csi::cycle::Plan;
use crate::csi::s3_gather::Gathered;
use crate::csi::s4_process::Figures;
use crate::csi::s5_analyse::Analysed;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceReviewRequest {
    /// The service.
    pub service: String,
    /// The period, in the service's time zone; empty: the last review period that is over.
    pub period: String,
    /// What is on record already is enough, if there is any.
    pub recorded: bool,
}

/// One line of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewLine {
    /// So many of the members are read.
    Progress {
        /// Done.
        done: u64,
        /// All of them, in both periods.
        of: u64,
    },
    /// The review.
    Review(Box<ServiceReviewView>),
    /// It could not be done.
    Failed(ErrorView),
}

/// A cycle in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CycleView {
    /// Its number.
    pub id: i64,
    /// Whose.
    pub service: String,
    /// Its period.
    pub period: String,
    /// Begin of it.
    pub from: Time,
    /// Its end.
    pub to: Time,
    /// `planned`, `running`, `processed`, `analysed`, `presented`, `acted`, `closed`.
    pub state: String,
    /// Since when.
    pub since: Time,
    /// Version of its last review; 0 for none.
    pub version: i64,
    /// Findings that are not decided.
    pub findings_open: usize,
    /// What the one before left.
    pub plan: Plan,
    /// What was learned.
    pub learned: String,
}

/// What a step left behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    /// `gather`, `process`, `analyse`, `inform`.
    pub step: String,
    /// blake3 of what it was given.
    pub input_digest: String,
    /// blake3 of what it left.
    pub output_digest: String,
}

/// A review of a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceReviewView {
    /// The cycle that it belongs to.
    #[serde(flatten)]
    pub cycle: CycleView,
    /// When this version was made.
    pub reviewed_at: Time,
    /// The steps.
    pub steps: Vec<StepView>,
    /// What it says that the version before did not; empty of the first one.
    pub differences: Vec<String>,
    /// In plain words.
    pub summary: Vec<String>,
    /// The findings, the worst first.
    pub findings: Vec<FindingView>,
    /// Step 3.
    pub gathered: Gathered,
    /// Step 4.
    pub figures: Figures,
    /// Step 4, of the period before; null when nothing is known of it.
    pub before: Option<Figures>,
    /// Step 5.
    pub analysed: Analysed,
}

/// What ends a cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseRequest {
    /// What was learned.
    pub learned: String,
    /// Findings that are open go on into the next cycle.
    #[serde(default)]
    pub carry: bool,
}
