//! `evenkeel query`: what is asked and what is answered.

use serde::{Deserialize, Serialize};

use super::Time;
use super::error::ErrorView;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueryRequest {
    /// VMs: name, UUID, unique beginning, pattern with `*`, or `all`.
    pub vms: Vec<String>,
    /// Hosts: the same.
    pub hosts: Vec<String>,
    /// Metrics: name or pattern with `*`.
    pub metrics: Vec<String>,
    /// Only this device; may be a pattern.
    pub device: Option<String>,
    /// Begin, ms since 1970.
    pub from_ms: i64,
    /// End, ms since 1970.
    pub to_ms: i64,
    /// Length of a step.
    pub step_ms: Option<i64>,
    /// Function.
    #[serde(rename = "fn")]
    pub function: Option<String>,
    /// Label to group by.
    pub by: Option<String>,
    /// Only so many series, those with the highest mean.
    pub top: Option<usize>,
    /// Also series of second active copies.
    pub copies: bool,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryView {
    /// Begin.
    pub from: Time,
    /// End, exclusive.
    pub to: Time,
    /// Length of a step; null when there is a point for each reading.
    pub step_s: Option<NumberView>,
    /// The series.
    pub series: Vec<SeriesView>,
}

/// One line of an answer that is sent while it is made. Points belong to the series before them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryLine {
    /// The answer begins.
    Head {
        /// Begin.
        from: Time,
        /// End, exclusive.
        to: Time,
        /// Length of a step; null when there is a point for each reading.
        step_s: Option<NumberView>,
    },
    /// A series begins; its points follow.
    Series(SeriesView),
    /// Points.
    Points(Vec<PointView>),
    /// It broke off.
    Failed(ErrorView),
    /// It is complete.
    End {
        /// How many series there were.
        series: u64,
    },
}

/// One series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeriesView {
    /// Name of the VM or host, or the value of the label that is grouped by.
    pub entity: String,
    /// UUID of the VM or agent id of the host; null of a group.
    pub uuid: Option<String>,
    /// Metric.
    pub metric: String,
    /// Device; empty for the VM or host itself.
    pub device: String,
    /// Unit of the values.
    pub unit: String,
    /// `counter` or `gauge`: the metric's kind.
    pub kind: String,
    /// What was made of the readings.
    #[serde(rename = "fn")]
    pub function: String,
    /// Host of a second active copy; null otherwise.
    pub placement: Option<String>,
    /// The points in time order.
    pub points: Vec<PointView>,
}

/// `[time, value or null, reason or null]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointView(pub Time, pub Option<NumberView>, pub Option<String>);

/// A number: whole where it is whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NumberView {
    /// A whole number.
    Int(i64),
    /// A count above 2^63.
    UInt(u64),
    /// A fraction.
    Float(f64),
}
