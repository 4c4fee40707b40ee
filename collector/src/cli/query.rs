//! `evenkeel query`.

mod writer;

use clap::Args;
use evenkeel_common::metric::CATALOGUE;
use evenkeel_common::units::parse_duration;

use super::context::Context;
use super::fail::{Exit, Fail};
use super::say;
use crate::view::query::{QueryLine, QueryRequest};
use writer::Writer;

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
    /// One series for each value of vm, host, device, owner, managed_by, project, user, flavour, or of a label of VMs.
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
stddev divides by n - 1. Percentiles interpolate between \
readings; those of steps of whole hours (or of more than four days without --step) of vm_cpu_seconds_total, \
vm_memory_rss_bytes, vm_network_receive_bytes_total, vm_network_transmit_bytes_total and vm_probe_response_seconds come \
from sketches and are at most 1/64 (1.6 %) off. Without --step a function other than raw, rate and increase gives one point for the range.

Steps begin at multiples of their length since 1970 in UTC. With --by, rates, increases and last values of a group are \
added up; for the other functions all readings of the group are one sample. Labels, owners and hosts are those of \
the time of the reading: where one changed, what was before counts for the group before. label:NAME is a VM's label \
whatever its name; VMs without it are the group without a name.

JSON: {\"from\",\"to\",\"step_s\",\"series\":[{\"entity\",\"uuid\",\"metric\",\"device\",\"unit\",\"kind\",\"fn\",\
\"placement\",\"points\":[[time, value or null, reason or null]]}]}.

An answer is written while it is read, in little memory, and with --file the file appears when it is complete: up to \
20 million readings, or 1 million steps in all series together; what is over that is an error that says which step fits. \
A series without any value is left out. `export` has no limit.

Imported metrics outside of the catalogue (`evenkeel import --help`) are queried as all others; differences of their \
counters are taken over at most 5 minutes.

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
    let mut lines = context.client.lines("/query/lines", &request).await?;
    let mut writer = Writer::new(context)?;
    loop {
        match lines.next::<QueryLine>().await? {
            Some(QueryLine::Head { from, to, step_s }) => writer.begin(from, to, step_s)?,
            Some(QueryLine::Series(series)) => writer.series(series)?,
            Some(QueryLine::Points(points)) => writer.points(&points)?,
            Some(QueryLine::Failed(error)) => return Err(error.into()),
            Some(QueryLine::End { series }) => {
                if series == 0 {
                    say("note: no readings of these metrics in this range");
                }
                writer.end()?;
                return Ok(Exit::Ok);
            }
            None => return Err(lines.cut_off()),
        }
    }
}
