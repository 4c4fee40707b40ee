//! A service as it is shown.

use evenkeel_common::metric::Better;

use crate::csi::s1_indicators::{Objective, ShareOf};
use crate::csi::s2_metrics::MetricDefinition;
use crate::csi::service::Service;
use crate::view::service::{FactorView, KpiView, MetricDefinitionView, ObjectiveView, ServiceRow, ServiceView};

pub(super) fn row(service: &Service, members: usize) -> ServiceRow {
    let objective = |one: &Objective| format!("{} {}% {}", one.name, percent(one.target), one.window);
    ServiceRow {
        name: service.name.clone(),
        title: service.title.clone(),
        members,
        needed: service.members.needed.to_string(),
        objectives: service.objectives.iter().map(objective).collect(),
        impact_weight: service.impact_weight,
        review_period: service.review_period.clone(),
        time_zone: service.zone.iana_name().unwrap_or("UTC").to_owned(),
    }
}

/// As it was written: 0.999 is 99.9 and not 99.90000000000001.
fn percent(share: f64) -> f64 {
    (share * 1e8).round() / 1e6
}

pub(super) fn view(service: &Service, members: Vec<String>) -> ServiceView {
    let factors = service.factors.iter();
    let kpis = service.kpis.iter();
    ServiceView {
        row: row(service, members.len()),
        description: service.description.clone(),
        business_hours: service.business_hours.iter().map(ToString::to_string).collect(),
        approvers: service.approvers.clone(),
        member_names: members,
        factors: factors.map(|one| FactorView { name: one.name.clone(), goal: one.goal.clone() }).collect(),
        kpis: kpis
            .map(|one| KpiView {
                name: one.name.clone(),
                factor: one.factor.clone(),
                kind: one.kind.as_str().to_owned(),
                metrics: one.metrics.clone(),
            })
            .collect(),
        metrics: service.metrics.iter().map(metric).collect(),
        targets: service.objectives.iter().map(target).collect(),
    }
}

fn metric(one: &MetricDefinition) -> MetricDefinitionView {
    let better = |better| if better == Better::Lower { "lower" } else { "higher" }.to_owned();
    MetricDefinitionView {
        name: one.name.clone(),
        source: one.source.to_string(),
        unit: one.source.unit().to_owned(),
        sampling_s: one.sampling.as_s(),
        scale: one.scale.as_str().to_owned(),
        aggregation: one.aggregation.clone(),
        dispersion: one.dispersion.clone(),
        better: one.better.map(better),
        threshold: one.threshold_text.clone(),
    }
}

fn target(one: &Objective) -> ObjectiveView {
    ObjectiveView {
        name: one.name.clone(),
        kpi: one.kpi.clone(),
        metric: one.metric.clone(),
        window: one.window.to_string(),
        target: one.target,
        unknown: one.unknown.as_str().to_owned(),
        limit: one.limit.map(|limit| limit.value),
        share_of: if one.share_of == ShareOf::Time { "time" } else { "samples" }.to_owned(),
    }
}
