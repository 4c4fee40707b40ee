//! One series in steps, for who reckons with it.

use evenkeel_common::metric::{Kind, Metric};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::{Line, Member, Query, Span, Used};
use crate::control::select::Chosen;
use crate::control::{Control, ControlError};
use crate::series::{Function, Number, Shown};
use crate::store::{Entity, SeriesRow};
use crate::view::query::SeriesView;

/// A series of a VM or host.
#[derive(Clone, Debug)]
pub(in super::super) struct Stepped<'a> {
    pub(in super::super) entity: Entity,
    pub(in super::super) metric: &'static Metric,
    pub(in super::super) device: &'a str,
    pub(in super::super) step: DurationMs,
}

impl Control {
    /// Its mean, or rate of a counter, in each step of `from <= t < to`; steps begin at multiples of their length. Not a
    /// number: nothing is known.
    pub(in super::super) async fn steps(
        &self,
        asked: &Stepped<'_>,
        from: UnixMs,
        to: UnixMs,
    ) -> Result<Vec<(UnixMs, f64)>, ControlError> {
        if from >= to {
            return Ok(Vec::new());
        }
        let Stepped { entity, metric, device, step } = *asked;
        let row = SeriesRow { entity, metric: metric.id, device: device.to_owned(), placement: None };
        let span = Span { from, to, step: Some(step) };
        let function = if metric.kind == Kind::Counter { Function::Rate } else { Function::of_step(metric.kind) };
        let line = Line {
            chosen: Chosen { metric },
            function,
            head: SeriesView::default(),
            members: vec![Member { order: 0, row, from, to }],
        };
        let mut used = Used { shown: Some(Vec::new()), ..Used::default() };
        self.walk(&Query { span, lines: vec![line], top: None }, &mut used).await?;
        Ok(used.shown.unwrap_or_default().into_iter().map(value).collect())
    }
}

fn value((at, shown): Shown) -> (UnixMs, f64) {
    (at, shown.map_or(f64::NAN, Number::as_f64))
}
