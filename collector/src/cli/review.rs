//! `evenkeel review`: of VMs over any period, or of a service as a pass of the seven steps.

mod service;
mod tables;

pub use service::ask;
pub use tables::{Named, tables};

use clap::Args;

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::view::cycle::ServiceReviewRequest;
use crate::view::query::NumberView;
use crate::view::review::{ComparisonView, MetricView, PeriodView, ReviewRequest, ReviewView, TestView};

/// What to review.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct ReviewArgs {
    /// VMs: name, UUID, unique beginning, a pattern such as 'web-*', or all.
    #[arg(long, num_args = 1.., required_unless_present = "service", value_name = "VM")]
    vm: Vec<String>,
    /// Review this service instead: a cycle of the seven steps, which stays on record.
    #[arg(long, value_name = "SERVICE", conflicts_with_all = ["vm", "metric", "from", "to", "against"])]
    service: Option<String>,
    /// With --service: the period, in the service's time zone.
    #[arg(long, value_name = "PERIOD", requires = "service", long_help = PERIOD_HELP)]
    period: Option<String>,
    /// Only these metrics: name or a pattern such as 'vm_block_*'.
    #[arg(long, num_args = 1.., value_name = "METRIC")]
    metric: Vec<String>,
    /// Begin of the period.
    #[arg(long, default_value = "now-1d", value_name = "TIME")]
    from: String,
    /// End of the period; not part of it.
    #[arg(long, default_value = "now", value_name = "TIME")]
    to: String,
    /// Compare with this period, such as 2026-11-01..2026-11-08 or yesterday.
    #[arg(long, value_name = "FROM..TO")]
    against: Option<String>,
}

/// What `--period` takes.
pub const PERIOD_HELP: &str = "The period, in the service's time zone: last (the last review period that is over; the \
default), current, a day such as 2026-11-20, a week such as 2026-W47, a month such as 2026-11, a quarter such as 2026-Q4, or \
FROM..TO with days or times. It is compared with the period before: the cycle of it that is on record, else what is stored.";

const HELP: &str = "\
With --service: steps 3 to 6 (gather, process, analyse, inform) over a period of a service. Seconds of objectives are exact \
(see `sla status`). Metrics are put together by their aggregation and dispersion from rollups of whole hours that begin in \
the period; counters as rates of hours. Each is compared with the period before by the procedure of `stats verdict` on the \
hours of all members together, all metrics as one family; against its limit by the one-sample form; and where its \
indicator is a capacity, with its trend. Findings are made by rules (`finding --help`). The same data gives the same bytes; \
a review that says something else than the last one is a new version (`cycle --help`).

JSON of --service: an object: that of `cycle list`, and {\"reviewed_at\",\"steps\":[{\"step\",\"input_digest\",\
\"output_digest\"}],\"differences\",\"summary\",\"findings\" (see `finding list`),\"gathered\",\"figures\",\"before\",\
\"analysed\"}: the outputs of the steps as they are on record. CSV: the summary; `report review --tables DIR` writes every \
table.

With --vm: Up, down and unknown seconds sum to the period. Each poll (one at each interval of the host's agent) speaks for the time \
to the next one, at most for one and a half intervals; what no poll speaks for is unknown, as is all before the VM was \
first seen. Up: running, idle, in shutdown. Down: paused, shut off, crashed, pmsuspended. availability is up / (up + \
down), null (missing: no_data) when nothing is known.

Metrics: mean, largest value and standard deviation (n - 1); counters as rates per second between readings. missing_s is \
the time that no value speaks for. State codes are left out.

With --against each series of both periods is compared: Welch's t (means; statistic > 0: higher in the period than in the \
one it is compared with) and Brown-Forsythe (spread). Both are textbook tests that ignore autocorrelation: on readings \
some seconds apart they find a difference in 27 to 90 of 100 cases where there is none.

JSON: an array with one object a VM: {\"vm\",\"uuid\",\"from\",\"to\",\"period_s\",\"up_s\",\"down_s\",\"unknown_s\",\
\"availability\",\"missing\",\"metrics\":[{\"metric\",\"device\",\"unit\",\"fn\":\"value\"|\"rate\",\"n\",\"mean\",\
\"max\",\"sd\",\"missing_s\"}],\"against\":null or the same keys from \"from\" to \"metrics\",\"comparisons\":\
[{\"metric\",\"device\",\"n_before\",\"n_after\",\"welch\":{\"statistic\",\"df\",\"p\"} or {\"error\",\"message\"},\
\"brown_forsythe\":{the same},\"note\"}],\"words\"}. The same data gives the same bytes.";

/// Runs the verb.
pub async fn run(args: ReviewArgs, context: &Context) -> Result<Exit, Fail> {
    if let Some(service) = args.service {
        let period = args.period.unwrap_or_default();
        let review = ask(&ServiceReviewRequest { service, period, recorded: false }, context).await?;
        context.output.show(&review)?;
        return Ok(Exit::Ok);
    }
    let range = context.between(&args.from, &args.to)?;
    let against = args.against.as_deref().map(|text| context.range(text)).transpose()?;
    let request = ReviewRequest {
        vms: args.vm,
        metrics: args.metric,
        from_ms: range.from.0,
        to_ms: range.to.0,
        against_ms: against.map(|range| (range.from.0, range.to.0)),
    };
    let reviews: Vec<ReviewView> = context.client.post("/review", &request).await?;
    context.output.show(&reviews)?;
    Ok(Exit::Ok)
}

impl Tabular for Vec<ReviewView> {
    fn table(&self) -> Table {
        let rows = self.iter().flat_map(|review| {
            let before = review.against.as_ref().map(|period| availability(review, period));
            std::iter::once(availability(review, &review.period)).chain(before)
        });
        Table::new(
            &[
                ("vm", "VM"),
                ("from", "FROM"),
                ("to", "TO"),
                ("period_s", "PERIOD_S"),
                ("up_s", "UP_S"),
                ("down_s", "DOWN_S"),
                ("unknown_s", "UNKNOWN_S"),
                ("availability", "AVAILABILITY"),
            ],
            rows,
        )
    }

    fn more(&self) -> Vec<(&'static str, Table)> {
        let metrics = self.iter().flat_map(|review| review.period.metrics.iter().map(|metric| measure(review, metric)));
        let comparisons = self.iter().flat_map(|review| review.comparisons.iter().map(|one| comparison(review, one)));
        let words = self.iter().map(|review| vec![Cell::text(&review.words)]);
        vec![
            (
                "Metrics",
                Table::new(
                    &[
                        ("vm", "VM"),
                        ("metric", "METRIC"),
                        ("device", "DEVICE"),
                        ("fn", "FN"),
                        ("n", "N"),
                        ("mean", "MEAN"),
                        ("max", "MAX"),
                        ("sd", "SD"),
                        ("unit", "UNIT"),
                    ],
                    metrics,
                ),
            ),
            (
                "Compared (textbook tests, which ignore autocorrelation)",
                Table::new(
                    &[
                        ("vm", "VM"),
                        ("metric", "METRIC"),
                        ("device", "DEVICE"),
                        ("n_before", "N BEFORE"),
                        ("n_after", "N AFTER"),
                        ("welch_t", "WELCH T"),
                        ("welch_p", "P"),
                        ("brown_forsythe_f", "BROWN-FORSYTHE F"),
                        ("brown_forsythe_p", "P"),
                        ("error", "NOT COMPUTED"),
                    ],
                    comparisons,
                ),
            ),
            ("In words", Table::new(&[("words", "")], words)),
        ]
    }
}

fn availability(review: &ReviewView, period: &PeriodView) -> Vec<Cell> {
    vec![
        Cell::text(&review.vm),
        Cell::Time(period.from.0),
        Cell::Time(period.to.0),
        number(period.period_s),
        number(period.up_s),
        number(period.down_s),
        number(period.unknown_s),
        Cell::maybe(period.availability, Cell::Availability),
    ]
}

fn measure(review: &ReviewView, metric: &MetricView) -> Vec<Cell> {
    vec![
        Cell::text(&review.vm),
        Cell::text(&metric.metric),
        Cell::text(&metric.device),
        Cell::text(&metric.function),
        Cell::Count(i128::try_from(metric.n).unwrap_or(i128::MAX)),
        Cell::Number(metric.mean),
        Cell::Number(metric.max),
        Cell::maybe(metric.sd, Cell::Number),
        Cell::text(&metric.unit),
    ]
}

fn comparison(review: &ReviewView, one: &ComparisonView) -> Vec<Cell> {
    let count = |n: usize| Cell::Count(i128::try_from(n).unwrap_or(i128::MAX));
    let (welch_t, welch_p, welch_error) = test(&one.welch);
    let (spread_f, spread_p, spread_error) = test(&one.brown_forsythe);
    let mut errors: Vec<&str> = [welch_error, spread_error].into_iter().flatten().collect();
    errors.dedup();
    vec![
        Cell::text(&review.vm),
        Cell::text(&one.metric),
        Cell::text(&one.device),
        count(one.n_before),
        count(one.n_after),
        welch_t,
        welch_p,
        spread_f,
        spread_p,
        Cell::text(errors.join(", ")),
    ]
}

fn test(view: &TestView) -> (Cell, Cell, Option<&str>) {
    match view {
        TestView::Result { statistic, p, .. } => (Cell::Number(*statistic), Cell::Number(*p), None),
        TestView::Error { error, .. } => (Cell::Empty, Cell::Empty, Some(error)),
    }
}

fn number(view: NumberView) -> Cell {
    match view {
        NumberView::Int(value) => Cell::count(value),
        NumberView::UInt(value) => Cell::count(value),
        NumberView::Float(value) => Cell::Number(value),
    }
}
