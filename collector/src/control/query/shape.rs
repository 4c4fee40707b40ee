//! The shape of a query's answer: labels, sums of a group, points, ranking.

use crate::control::select::{Chosen, Target};
use crate::series::{Function, Number, Shown};
use crate::stats::Moments;
use crate::store::SeriesRow;
use crate::view::query::{NumberView, PointView, SeriesView};

/// A line of the answer without its points.
pub(super) fn head(
    chosen: &Chosen,
    target: &Target,
    row: &SeriesRow,
    function: Function,
    group: Option<String>,
) -> SeriesView {
    let metric = chosen.metric;
    let grouped = group.is_some();
    SeriesView {
        entity: group.unwrap_or_else(|| target.name.clone()),
        uuid: (!grouped).then(|| target.id.clone()),
        metric: metric.name.to_owned(),
        device: if grouped { String::new() } else { row.device.clone() },
        unit: function.unit(metric).to_owned(),
        kind: metric.kind.as_str().to_owned(),
        function: function.to_string(),
        placement: row.placement.filter(|_| !grouped).map(|agent| agent.to_string()),
        points: Vec::new(),
    }
}

/// Adds up step by step; a step is missing only when all are.
pub(super) fn add(sums: Vec<Shown>, more: Vec<Shown>) -> Vec<Shown> {
    let both = |(at, sum): Shown, (_, value): Shown| {
        let total = match (sum, value) {
            (Ok(sum), Ok(value)) => Ok(Number::Float(sum.as_f64() + value.as_f64())),
            (Ok(one), Err(_)) | (Err(_), Ok(one)) => Ok(one),
            (Err(why), Err(_)) => Err(why),
        };
        (at, total)
    };
    sums.into_iter().zip(more).map(|(sum, value)| both(sum, value)).collect()
}

/// A point of the answer.
pub(super) fn point((at, number): Shown) -> PointView {
    let value = |number| match number {
        Number::Int(value) => NumberView::Int(value),
        Number::UInt(value) => NumberView::UInt(value),
        Number::Float(value) => NumberView::Float(value),
    };
    match number {
        Ok(number) => PointView(at.into(), Some(value(number)), None),
        Err(why) => PointView(at.into(), None, Some(why.as_str().to_owned())),
    }
}

/// Keeps the series with the highest mean, highest first.
pub(super) fn keep_top(series: Vec<SeriesView>, top: usize) -> Vec<SeriesView> {
    let mean = |view: &SeriesView| {
        let mut moments = Moments::default();
        for value in view.points.iter().filter_map(|point| point.1) {
            moments.add(match value {
                NumberView::Int(value) => Number::Int(value).as_f64(),
                NumberView::UInt(value) => Number::UInt(value).as_f64(),
                NumberView::Float(value) => value,
            });
        }
        moments.mean().unwrap_or(f64::NEG_INFINITY)
    };
    let mut ranked: Vec<(f64, SeriesView)> = series.into_iter().map(|view| (mean(&view), view)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.truncate(top);
    ranked.into_iter().map(|(_, view)| view).collect()
}
