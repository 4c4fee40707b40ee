//! `export`: readings as they are, series by series, in an order that does not depend on ids, so that what is exported,
//! imported elsewhere and exported again is the same.

use std::collections::BTreeSet;

use evenkeel_common::metric::{Metric, by_id};
use evenkeel_common::time::UnixMs;
use tokio::sync::mpsc;

use super::select::Target;
use super::{Answer, Control, ControlError};
use crate::series::decimal;
use crate::store::SeriesRow;
use crate::view::error::{ErrorKind, ErrorView};
use crate::view::export::{ExportLine, ExportRequest};

/// Points in one line: some 60 KiB.
const POINTS_MAX: usize = 2_000;

/// What is to be exported.
#[derive(Debug)]
pub struct Export {
    series: Vec<(&'static Metric, String, SeriesRow)>,
    from: UnixMs,
    to: UnixMs,
}

impl Control {
    /// Finds the series of an export.
    ///
    /// # Errors
    /// [`ControlError::Usage`] for an empty range, [`ControlError::NotFound`] for unknown names, or the store's.
    pub async fn export(&self, request: ExportRequest) -> Result<Answer<Export>, ControlError> {
        let (from, to) = (UnixMs(request.from_ms), UnixMs(request.to_ms));
        if from >= to {
            return Err(ControlError::usage(format!("the range from {from} to {to} is empty or the wrong way round")));
        }
        let everything = vec!["all".to_owned()];
        let metrics = self.choose_metrics(if request.metrics.is_empty() { &everything } else { &request.metrics })?;
        let wanted: BTreeSet<u16> = metrics.iter().map(|chosen| chosen.metric.id.0).collect();
        let foreign = self.store().foreign_metrics();
        let metric_of = |row: &SeriesRow| {
            let of_import = || foreign.iter().copied().find(|metric| metric.id == row.metric);
            by_id(row.metric).or_else(of_import).filter(|metric| wanted.contains(&metric.id.0))
        };
        let naming = self.naming().await?;
        let Answer { view: targets, notes } = self.export_targets(&request, &naming).await?;
        let mut series = Vec::new();
        for Target { entity, .. } in targets {
            for row in self.store().series(vec![entity], Vec::new(), false).await? {
                let fits = request.device.as_ref().is_none_or(|device| super::select::matches(device, &row.device));
                series.extend(metric_of(&row).filter(|_| fits).map(|metric| (metric, naming.call(entity), row)));
            }
        }
        series.sort_by(|a, b| (a.0.name, &a.1, &a.2.device).cmp(&(b.0.name, &b.1, &b.2.device)));
        Ok(Answer { view: Export { series, from, to }, notes })
    }

    /// Reads what was found, a slice at a time, until it is through or nobody takes it any more.
    pub async fn run_export(&self, export: Export, lines: mpsc::Sender<ExportLine>) {
        let end = match self.send_series(export, &lines).await {
            Ok(end) => end,
            Err(error) => {
                let message = evenkeel_common::error::chain(&error);
                ExportLine::Failed(ErrorView { kind: ErrorKind::Failed, message, hint: error.hint() })
            }
        };
        // Nobody may be there to hear it.
        let _ = lines.send(end).await;
    }

    async fn send_series(&self, export: Export, lines: &mpsc::Sender<ExportLine>) -> Result<ExportLine, ControlError> {
        let (mut count, mut samples) = (0, 0);
        for (metric, entity, row) in export.series {
            let mut head = Some(ExportLine::Series {
                entity,
                metric: metric.name.to_owned(),
                device: row.device.clone(),
                kind: metric.kind.as_str().to_owned(),
                help: metric.help.to_owned(),
            });
            let mut next = Some(export.from);
            while let Some(from) = next {
                let slice = self.store().samples(row.clone(), from, export.to).await?;
                next = slice.next;
                let texts = slice.readings.into_iter();
                let points: Vec<(i64, String)> =
                    texts.filter_map(|(at, value)| Some((at.0, decimal::show(metric, value)?))).collect();
                for points in points.chunks(POINTS_MAX) {
                    if let Some(head) = head.take() {
                        count += 1;
                        drop(lines.send(head).await);
                    }
                    samples += u64::try_from(points.len()).unwrap_or(0);
                    if lines.send(ExportLine::Points(points.to_vec())).await.is_err() {
                        return Ok(ExportLine::End { series: count, samples });
                    }
                }
            }
        }
        Ok(ExportLine::End { series: count, samples })
    }
}
