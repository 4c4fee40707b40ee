//! What is checked of a member.

use std::fmt;

use evenkeel_common::metric::{Better, Metric};
use evenkeel_common::time::DurationMs;

use crate::csi::s1_indicators::Objective;
use crate::csi::s2_metrics::{Limit, MetricDefinition, Source};
use crate::csi::service::Service;
use crate::sla::Heard;

/// A check. Its text is the key under which its spells are kept.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Check {
    /// The state of a VM, or whether a host's agent is heard.
    State,
    /// A probe, and the state.
    Probe(String, DurationMs),
    /// Readings on the right side of a limit.
    Within(&'static Metric, String, Limit, DurationMs),
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State => f.write_str("state"),
            Self::Probe(name, _) => write!(f, "probe:{name}"),
            Self::Within(metric, device, limit, _) => {
                let side = if limit.better == Better::Lower { "<=" } else { ">=" };
                write!(f, "series:{}:{device}{side}{}", metric.name, limit.value)
            }
        }
    }
}

impl Check {
    /// Whether it says that the target is there, so that there are outages of it.
    pub(in super::super) fn is_availability(&self) -> bool {
        !matches!(self, Self::Within(..))
    }

    fn of(metric: &MetricDefinition, limit: Option<Limit>) -> Option<Self> {
        Some(match &metric.source {
            Source::State => Self::State,
            Source::Probe(name) => Self::Probe(name.clone(), metric.sampling),
            Source::Series(series, device) => Self::Within(series, device.clone(), limit?, metric.sampling),
        })
    }

    /// The check of a metric that is measured by time: of readings there is none without a limit.
    pub(in super::super) fn of_metric(metric: &MetricDefinition) -> Option<Self> {
        Self::of(metric, None)
    }

    /// The check of an objective.
    pub(in super::super) fn of_objective(service: &Service, objective: &Objective) -> Option<Self> {
        Self::of(service.metric(&objective.metric)?, objective.limit)
    }
}

/// The checks of a service, each once.
pub(in super::super) fn checks(service: &Service) -> Vec<Check> {
    let of_metrics = service.metrics.iter().filter_map(|metric| Check::of(metric, None));
    let of_objectives = service.objectives.iter().filter_map(|one| Check::of_objective(service, one));
    let mut checks: Vec<Check> = Vec::new();
    for check in of_metrics.chain(of_objectives) {
        if !checks.iter().any(|known| known.to_string() == check.to_string()) {
            checks.push(check);
        }
    }
    checks
}

/// How a spell's kind is stored.
pub(in super::super) fn state_of(heard: Heard) -> u8 {
    match heard {
        Heard::Up => 0,
        Heard::Down => 1,
        Heard::Unknown => 2,
    }
}

/// And read.
pub(in super::super) fn heard_of(state: u8) -> Heard {
    match state {
        0 => Heard::Up,
        1 => Heard::Down,
        _ => Heard::Unknown,
    }
}
