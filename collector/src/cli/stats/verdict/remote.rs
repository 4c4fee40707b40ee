//! Windows from the collector: two periods of one series, and its past before the change.

use evenkeel_common::metric::{self, CATALOGUE, Kind};

use super::judge::Windows;
use crate::cli::context::Context;
use crate::cli::fail::Fail;
use crate::cli::when::Range;
use crate::stats::verdict::{Better, Limits, Points};
use crate::view::error::ErrorKind;
use crate::view::query::{NumberView, QueryRequest, QueryView, SeriesView};

const DAY_MS: i64 = 86_400_000;
/// Days of the past that are looked at for a daily cycle and for false alarms.
const HISTORY_DAYS: i64 = 28;
/// Longest period that is fetched, in days.
const PERIOD_DAYS_MAX: i64 = 400;

/// Which series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// Its VM.
    pub(super) vm: &'a str,
    /// Its metric.
    pub(super) metric: &'a str,
    /// Its device, where there are several.
    pub(super) device: Option<&'a str>,
}

/// Both windows and the past, and the limits with the metric's own direction where none was given.
pub(super) async fn fetch(
    asked: &Asked<'_>,
    before: Range,
    after: Range,
    limits: Limits,
    context: &Context,
) -> Result<(Windows, Limits), Fail> {
    if after.from.0 < before.to.0 {
        return Err(Fail::usage("the period after begins before the one before has ended")
            .hint("--before is the earlier period; both are FROM..TO, and TO is not part of it"));
    }
    let known = CATALOGUE.iter().find(|metric| metric.name == asked.metric);
    let is_counter = known.map_or_else(|| asked.metric.ends_with("_total"), |metric| metric.kind == Kind::Counter);
    let own = known.and_then(|metric| metric.better).map(|better| match better {
        metric::Better::Lower => Better::Lower,
        metric::Better::Higher => Better::Higher,
    });
    let past = before.from.0.min(before.to.0 - HISTORY_DAYS * DAY_MS);
    let history = points(asked, is_counter, past, before.to.0, context).await?;
    let windows = Windows {
        before: history.between(before.from.0, before.to.0),
        after: points(asked, is_counter, after.from.0, after.to.0, context).await?,
        history: Some(history),
    };
    Ok((windows, Limits { better: limits.better.or(own), ..limits }))
}

/// A day at a time, so that readings a second apart stay below the bound of a query.
async fn points(asked: &Asked<'_>, is_counter: bool, from: i64, to: i64, context: &Context) -> Result<Points, Fail> {
    if to - from > PERIOD_DAYS_MAX * DAY_MS {
        return Err(Fail::usage(format!("a period of more than {PERIOD_DAYS_MAX} days is not compared")));
    }
    // Days of the past without readings are usual; a window without any shows in the verdict.
    let client = context.client.quiet();
    let mut all: Vec<(i64, f64)> = Vec::new();
    let mut begin = from;
    while begin < to {
        let end = to.min(begin + DAY_MS);
        let request = QueryRequest {
            vms: vec![asked.vm.to_owned()],
            metrics: vec![asked.metric.to_owned()],
            device: asked.device.map(str::to_owned),
            from_ms: begin,
            to_ms: end,
            function: Some(if is_counter { "rate" } else { "raw" }.to_owned()),
            ..QueryRequest::default()
        };
        let view: QueryView = client.post("/query", &request).await?;
        match view.series.as_slice() {
            [] => {}
            [one] => all.extend(one.points.iter().filter_map(|point| Some((point.0.0.0, number(point.1?))))),
            several => return Err(ambiguous(asked, several)),
        }
        begin = end;
    }
    Ok(Points::new(all))
}

fn ambiguous(asked: &Asked<'_>, several: &[SeriesView]) -> Fail {
    let names: Vec<String> = several
        .iter()
        .map(|one| if one.device.is_empty() { one.entity.clone() } else { format!("{} {}", one.entity, one.device) })
        .collect();
    Fail::new(
        ErrorKind::Ambiguous,
        format!("{} series are {} of {}: {}", several.len(), asked.metric, asked.vm, names.join(", ")),
    )
    .hint("name one VM and, with --device, one device")
}

#[expect(clippy::cast_precision_loss, reason = "statistics do not see the last digit of a count above 2^53")]
fn number(value: NumberView) -> f64 {
    match value {
        NumberView::Int(value) => value as f64,
        NumberView::UInt(value) => value as f64,
        NumberView::Float(value) => value,
    }
}
