//! `evenkeel query`.

use clap::Args;
use evenkeel_common::metric::CATALOGUE;
use evenkeel_common::units::parse_duration;

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::view::query::{NumberView, PointView, QueryRequest, QueryView, SeriesView};

/// What to query.
#[derive(Debug, Args)]
#[command(after_long_help = help())]
pub struct QueryArgs {
    /// VMs: name, UUID, unique beginning, a pattern such as 'web-*', or all.
    #[arg(long, num_args = 1.., value_name = "VM")]
    vm: Vec<String>,
    /// Hosts: name, agent id, a pattern, or all.
    #[arg(long, num_args = 1.., value_name = "HOST")]
    host: Vec<String>,
    /// Metrics: name or a pattern such as 'vm_block_*'.
    #[arg(long, num_args = 1.., required = true, value_name = "METRIC")]
    metric: Vec<String>,
    /// Only this device, such as vda; may be a pattern.
    #[arg(long)]
    device: Option<String>,
    /// Begin.
    #[arg(long, default_value = "now-1h", value_name = "TIME")]
    from: String,
    /// End; not part of the range itself.
    #[arg(long, default_value = "now", value_name = "TIME")]
    to: String,
    /// Length of a step, such as 1m.
    #[arg(long, value_name = "DURATION")]
    step: Option<String>,
    /// raw, avg, min, max, sum, count, stddev, rate, increase, last or a percentile such as p95 [default: raw; with
    /// --step rate of counters and avg of gauges].
    #[arg(long = "fn", value_name = "FN")]
    function: Option<String>,
    /// One series for each value of vm, host, device, owner or managed_by.
    #[arg(long, value_name = "LABEL")]
    by: Option<String>,
    /// Only the K series with the highest mean, highest first.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,
    /// Also the readings of a second active copy of a VM, kept beside its own during a conflict of owners.
    #[arg(long)]
    copies: bool,
}

const HELP: &str = "\
Without --vm and --host: all VMs, or all hosts for host metrics.

Functions: avg, min, max, sum, stddev and percentiles of a counter are those of its rates between readings; last and \
count are of its readings. rate is growth per second of the time that is known, increase is growth. No difference is \
taken across a restart of a counter (null, counter_reset) or across more than two and a half intervals (null, no_data). \
stddev divides by n - 1. Without --step a function other than raw, rate and increase gives one point for the range.

Steps begin at multiples of their length since 1970 in UTC. With --by, rates, increases and last values of a group are \
added up; for the other functions all readings of the group are one sample. host is the host where a VM is now.

JSON: {\"from\",\"to\",\"step_s\",\"series\":[{\"entity\",\"uuid\",\"metric\",\"device\",\"unit\",\"kind\",\"fn\",\
\"placement\",\"points\":[[time, value or null, reason or null]]}]}.

Metrics:
";

fn help() -> String {
    let lines = CATALOGUE.iter().map(|metric| format!("  {:<42} {}\n", metric.name, metric.help));
    HELP.to_owned() + &lines.collect::<String>()
}

/// Runs the verb.
pub async fn run(args: QueryArgs, context: &Context) -> Result<Exit, Fail> {
    let range = context.between(&args.from, &args.to)?;
    let step = args.step.as_deref().map(parse_duration).transpose().map_err(|error| Fail::usage(error.to_string()))?;
    let request = QueryRequest {
        vms: args.vm,
        hosts: args.host,
        metrics: args.metric,
        device: args.device,
        from_ms: range.from.0,
        to_ms: range.to.0,
        step_ms: step.map(|step| step.0),
        function: args.function,
        by: args.by,
        top: args.top.and_then(|top| usize::try_from(top).ok()),
        copies: args.copies,
    };
    let view: QueryView = context.client.post("/query", &request).await?;
    context.output.show(&view)?;
    Ok(Exit::Ok)
}

impl Tabular for QueryView {
    fn table(&self) -> Table {
        let rows = self.series.iter().flat_map(|series| series.points.iter().map(|point| row(series, point)));
        Table::new(
            &[
                ("time", "TIME"),
                ("entity", "ENTITY"),
                ("metric", "METRIC"),
                ("device", "DEVICE"),
                ("value", "VALUE"),
                ("unit", "UNIT"),
                ("missing", "MISSING"),
            ],
            rows,
        )
    }
}

fn row(series: &SeriesView, point: &PointView) -> Vec<Cell> {
    let value = match point.1 {
        None => Cell::Empty,
        Some(NumberView::Int(value)) => Cell::count(value),
        Some(NumberView::UInt(value)) => Cell::count(value),
        Some(NumberView::Float(value)) => Cell::Number(value),
    };
    vec![
        Cell::Time(point.0.0),
        Cell::text(&series.entity),
        Cell::text(&series.metric),
        Cell::text(&series.device),
        value,
        Cell::text(&series.unit),
        Cell::text(point.2.as_deref().unwrap_or_default()),
    ]
}
