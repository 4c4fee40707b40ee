//! A service as `services/NAME.toml` defines it.

mod check;
mod members;
mod objectives;
mod schema;

pub use check::parse;
pub use members::{Members, Needed, VmLabels, fits};
pub use schema::SCHEMA;

use jiff::tz::TimeZone;

use super::s1_indicators::{Factor, Kpi, Objective};
use super::s2_metrics::MetricDefinition;
use crate::sla::{Rule, Window};

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Name of its file without `.toml`.
    pub name: String,
    /// For people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Time zone of its days, hours and windows.
    pub zone: TimeZone,
    /// When it has to be there; always when there are none.
    pub business_hours: Vec<Rule>,
    /// Its own maintenance windows.
    pub windows: Vec<Window>,
    /// How much it matters when it fails.
    pub impact_weight: i64,
    /// How often it is reviewed: `day`, `week`, `month`, `quarter`.
    pub review_period: String,
    /// Who approves what is proposed for it.
    pub approvers: Vec<String>,
    /// What it consists of.
    pub members: Members,
    /// Critical success factors.
    pub factors: Vec<Factor>,
    /// Key performance indicators.
    pub kpis: Vec<Kpi>,
    /// Metrics.
    pub metrics: Vec<MetricDefinition>,
    /// Targets.
    pub objectives: Vec<Objective>,
}

impl Service {
    /// A metric by its name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&MetricDefinition> {
        self.metrics.iter().find(|metric| metric.name == name)
    }
}
