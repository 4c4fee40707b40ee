//! `evenkeel service …`.

use serde::{Deserialize, Serialize};

/// A service in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceRow {
    /// Its name.
    pub name: String,
    /// For people.
    pub title: String,
    /// How many members it has now.
    pub members: usize,
    /// How many of them have to be up: `all`, `any`, a number or a share.
    pub needed: String,
    /// Its objectives, `NAME TARGET WINDOW`.
    pub objectives: Vec<String>,
    /// How much it matters.
    pub impact_weight: i64,
    /// How often it is reviewed.
    pub review_period: String,
    /// Its time zone.
    pub time_zone: String,
}

/// A service in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceView {
    /// What a list says.
    #[serde(flatten)]
    pub row: ServiceRow,
    /// What it is for.
    pub description: String,
    /// When it has to be there; empty: always.
    pub business_hours: Vec<String>,
    /// Who approves.
    pub approvers: Vec<String>,
    /// Names of the VMs and hosts that are members now.
    pub member_names: Vec<String>,
    /// Critical success factors.
    pub factors: Vec<FactorView>,
    /// Key performance indicators.
    pub kpis: Vec<KpiView>,
    /// Metrics.
    pub metrics: Vec<MetricDefinitionView>,
    /// Targets.
    pub targets: Vec<ObjectiveView>,
}

/// A critical success factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactorView {
    /// Its name.
    pub name: String,
    /// The goal.
    pub goal: String,
}

/// A key performance indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KpiView {
    /// Its name.
    pub name: String,
    /// The factor that it stands for.
    pub factor: String,
    /// `availability`, `performance`, `capacity` or `own`.
    pub kind: String,
    /// Its metrics.
    pub metrics: Vec<String>,
}

/// A metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricDefinitionView {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub source: String,
    /// Its unit.
    pub unit: String,
    /// How often it is looked at.
    pub sampling_s: f64,
    /// Scale of measurement.
    pub scale: String,
    /// How values are put together.
    pub aggregation: String,
    /// How their spread is said.
    pub dispersion: String,
    /// `lower` or `higher`; null when nobody knows.
    pub better: Option<String>,
    /// From where a difference matters; empty for the default.
    pub threshold: String,
}

/// A target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectiveView {
    /// Its name.
    pub name: String,
    /// The indicator.
    pub kpi: String,
    /// The metric.
    pub metric: String,
    /// `day`, `month`, `quarter` or a number of days.
    pub window: String,
    /// The share that has to be good.
    pub target: f64,
    /// What unknown time counts as.
    pub unknown: String,
    /// Up to where a reading is good; null of availability.
    pub limit: Option<f64>,
    /// `time` or `samples`.
    pub share_of: String,
}
