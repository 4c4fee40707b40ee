//! `review`: loads a period's polls and readings and runs steps 4 to 6 over them.

use evenkeel_common::limits::INTERVAL_MAX;
use evenkeel_common::metric::{self, Metric};
use evenkeel_common::sample::{DomainState, Missing};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::select::choose_metrics;
use super::{Answer, Control, ControlError};
use crate::csi::s4_process::{self, Process, Processed};
use crate::csi::s5_analyse::{self, Comparison};
use crate::csi::s6_inform::{Found, sentence};
use crate::series::{Function, Intervals};
use crate::sla::{Availability, Heard, HeardPoll, availability};
use crate::stats::StatsError;
use crate::store::{Poll, SeriesRow, VmRow};
use crate::view::query::NumberView;
use crate::view::review::{ComparisonView, MetricView, PeriodView, ReviewRequest, ReviewView, TestView};

/// VMs in one review: each is read from end to end.
const VMS_MAX: usize = 200;
/// Polls of one VM in one period: a month at one a second.
const POLLS_MAX: usize = 3_000_000;
/// Polls read at once.
const POLLS_SLICE: usize = 50_000;
/// Readings of one series in one period: the same month.
const READINGS_MAX: usize = 3_000_000;
/// Before a period, readings and polls are looked at for as long as they can speak into it.
const BEFORE: DurationMs = DurationMs(INTERVAL_MAX.0 / 2 * 5);

#[derive(Clone, Copy, Debug)]
struct Period {
    from: UnixMs,
    to: UnixMs,
}

/// One series with its metric.
type Measured = (SeriesRow, &'static Metric);

impl Control {
    /// Reviews VMs over a period, one after the other, in the order in which they were named.
    ///
    /// # Errors
    /// [`ControlError::Usage`] for a range that makes no sense or is too large, [`ControlError::NotFound`] for unknown
    /// names, or the store's.
    pub async fn review(&self, request: ReviewRequest) -> Result<Answer<Vec<ReviewView>>, ControlError> {
        let period = period("--from and --to", request.from_ms, request.to_ms)?;
        let against = request.against_ms.map(|(from, to)| self::period("--against", from, to)).transpose()?;
        let metrics = if request.metrics.is_empty() { Vec::new() } else { choose_metrics(&request.metrics)? };
        let (vms, notes) = self.choose_vms(&request.vms).await?;
        if vms.is_empty() || vms.len() > VMS_MAX {
            let message = format!("{} VMs fit; a review takes 1 to {VMS_MAX}", vms.len());
            return Err(ControlError::Usage { message, hint: Some("`evenkeel vm list` shows all VMs".to_owned()) });
        }
        let mut reviews = Vec::with_capacity(vms.len());
        for vm in vms {
            let ids = metrics.iter().map(|chosen| chosen.metric.id).collect();
            let rows = self.store().series(vec![vm.uuid.into()], ids, false).await?;
            let known = rows.into_iter().filter_map(|row| metric::by_id(row.metric).map(|metric| (row, metric)));
            let series: Vec<Measured> = known.filter(|(_, metric)| s4_process::is_measure(metric)).collect();
            reviews.push(self.review_vm(&vm, &series, period, against).await?);
        }
        Ok(Answer { view: reviews, notes })
    }

    async fn review_vm(
        &self,
        vm: &VmRow,
        series: &[Measured],
        period: Period,
        against: Option<Period>,
    ) -> Result<ReviewView, ControlError> {
        let (spent, intervals) = self.spent(vm, period).await?;
        let before = match against {
            Some(against) => Some((against, self.spent(vm, against).await?)),
            None => None,
        };
        let (mut metrics, mut metrics_before) = (Vec::new(), Vec::new());
        let (mut comparisons, mut views) = (Vec::new(), Vec::new());
        for (row, metric) in series {
            let after = self.process(row, metric, period, &intervals).await?;
            metrics.extend(metric_view(row, metric, &after, period));
            let Some((against, (_, intervals))) = &before else { continue };
            let earlier = self.process(row, metric, *against, intervals).await?;
            metrics_before.extend(metric_view(row, metric, &earlier, *against));
            if after.values.is_empty() && earlier.values.is_empty() {
                continue;
            }
            let comparison = compare(earlier, after).await?;
            views.push(comparison_view(row, metric, &comparison));
            comparisons.push(comparison);
        }
        let words = sentence(&Found {
            vm: &vm.name,
            spent,
            before: before.as_ref().map(|(_, (spent, _))| *spent),
            comparisons: &comparisons,
        });
        Ok(ReviewView {
            vm: vm.name.clone(),
            uuid: vm.uuid.to_string(),
            period: period_view(period, spent, metrics),
            against: before.map(|(against, (spent, _))| period_view(against, spent, metrics_before)),
            comparisons: views,
            words,
        })
    }

    /// How a period was spent, and how long the polls in it speak for.
    async fn spent(&self, vm: &VmRow, period: Period) -> Result<(Availability, Intervals), ControlError> {
        let mut polls: Vec<HeardPoll> = Vec::new();
        let mut next = Some(period.from.minus(BEFORE));
        while let Some(from) = next {
            let slice = self.store().polls(vm.uuid.into(), from, period.to, POLLS_SLICE).await?;
            let full = slice.len() == POLLS_SLICE;
            next = slice.last().filter(|_| full).map(|poll| poll.at.plus(DurationMs(1)));
            polls.extend(slice.iter().map(heard));
            if polls.len() > POLLS_MAX {
                return Err(too_long());
            }
        }
        let mut intervals: Vec<(UnixMs, DurationMs)> = polls.iter().map(|poll| (poll.at, poll.interval)).collect();
        intervals.dedup_by_key(|(_, interval)| *interval);
        Ok((availability(&polls, period.from, period.to), Intervals(intervals)))
    }

    async fn process(
        &self,
        row: &SeriesRow,
        metric: &'static Metric,
        period: Period,
        intervals: &Intervals,
    ) -> Result<Processed, ControlError> {
        let mut process = Process::new(metric, period.from, period.to);
        let mut next = Some(period.from.minus(intervals.look_back(period.from)));
        let mut readings = 0;
        while let Some(from) = next {
            let slice = self.store().samples(row.clone(), from, period.to).await?;
            readings += slice.readings.len();
            if readings > READINGS_MAX {
                return Err(too_long());
            }
            for (at, value) in slice.readings {
                process.handle(at, value, intervals);
            }
            next = slice.next;
        }
        Ok(process.finish(intervals))
    }
}

/// Sorting a month of readings takes a while, which is not for the threads that answer.
async fn compare(before: Processed, after: Processed) -> Result<Comparison, ControlError> {
    tokio::task::spawn_blocking(move || s5_analyse::compare(&before.values, &after.values))
        .await
        .map_err(|error| ControlError::Failed { message: format!("the comparison ended early: {error}"), hint: None })
}

fn period(what: &str, from_ms: i64, to_ms: i64) -> Result<Period, ControlError> {
    let (from, to) = (UnixMs(from_ms), UnixMs(to_ms));
    if from < to {
        return Ok(Period { from, to });
    }
    let message = format!("the range of {what} from {from} to {to} is empty or the wrong way round");
    Err(ControlError::Usage { message, hint: Some("the begin has to be before the end".to_owned()) })
}

fn too_long() -> ControlError {
    ControlError::Usage {
        message: "the period has too many readings for one review".to_owned(),
        hint: Some("review a shorter period".to_owned()),
    }
}

fn heard(poll: &Poll) -> HeardPoll {
    let state = poll.state.filter(|_| poll.missing.is_none()).map(DomainState::from_code);
    HeardPoll { at: poll.at, interval: poll.interval, heard: Heard::of(state) }
}

/// Whole seconds stay whole.
#[expect(clippy::cast_precision_loss, reason = "a period is far below 2^53 ms")]
pub(super) fn seconds(duration: DurationMs) -> NumberView {
    if duration.0 % 1000 == 0 {
        NumberView::Int(duration.0 / 1000)
    } else {
        NumberView::Float(duration.0 as f64 / 1000.0)
    }
}

fn period_view(period: Period, spent: Availability, metrics: Vec<MetricView>) -> PeriodView {
    let share = spent.share();
    PeriodView {
        from: period.from.into(),
        to: period.to.into(),
        period_s: seconds(period.to.since(period.from)),
        up_s: seconds(spent.up),
        down_s: seconds(spent.down),
        unknown_s: seconds(spent.unknown),
        availability: share,
        missing: share.is_none().then(|| Missing::NoData.as_str().to_owned()),
        metrics,
    }
}

fn metric_view(row: &SeriesRow, metric: &Metric, processed: &Processed, period: Period) -> Option<MetricView> {
    let aggregate = processed.aggregate()?;
    let function = s4_process::function(metric);
    let missing = period.to.since(period.from).0 - processed.covered.0;
    Some(MetricView {
        metric: metric.name.to_owned(),
        device: row.device.clone(),
        unit: function.unit(metric).to_owned(),
        function: if function == Function::Rate { "rate" } else { "value" }.to_owned(),
        n: aggregate.n,
        mean: aggregate.mean,
        max: aggregate.max,
        sd: aggregate.sd,
        missing_s: seconds(DurationMs(missing.max(0))),
    })
}

fn comparison_view(row: &SeriesRow, metric: &Metric, comparison: &Comparison) -> ComparisonView {
    let test = |result: Result<(f64, f64, f64), StatsError>| match result {
        Ok((statistic, df, p)) => TestView::Result { statistic, df, p },
        Err(error) => TestView::Error { error: error.kind().to_owned(), message: error.to_string() },
    };
    ComparisonView {
        metric: metric.name.to_owned(),
        device: row.device.clone(),
        n_before: comparison.n_before,
        n_after: comparison.n_after,
        welch: test(comparison.welch.map(|result| (result.statistic, result.df, result.p))),
        brown_forsythe: test(comparison.brown_forsythe.map(|result| (result.statistic, result.df, result.p))),
        note: s5_analyse::NOTE.to_owned(),
    }
}
