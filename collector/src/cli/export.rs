//! `evenkeel export`.

mod writer;

use clap::{Args, ValueEnum};
use evenkeel_common::time::UnixMs;

use super::context::Context;
use super::fail::{Exit, Fail};
use super::say;
use super::sink::Sink;
use crate::view::export::{ExportLine, ExportRequest};
use writer::Writer;

/// The formats that are read and written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// `time,entity,metric,device,value`.
    #[default]
    Csv,
    /// OpenMetrics text with timestamps.
    Openmetrics,
}

/// What to export.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct ExportArgs {
    /// VMs: name, UUID, unique beginning, a pattern such as 'web-*', or all.
    #[arg(long, num_args = 1.., value_name = "VM")]
    vm: Vec<String>,
    /// Hosts: name, agent id, a pattern, or all.
    #[arg(long, num_args = 1.., value_name = "HOST")]
    host: Vec<String>,
    /// Metrics: name or a pattern such as 'vm_block_*' [default: all].
    #[arg(long, num_args = 1.., value_name = "METRIC")]
    metric: Vec<String>,
    /// Only this device, such as vda; may be a pattern.
    #[arg(long)]
    device: Option<String>,
    /// Begin [default: the oldest reading].
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// End; not part of the range itself.
    #[arg(long, default_value = "now", value_name = "TIME")]
    to: String,
    /// Format of the data.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: FileFormat,
}

const HELP: &str = "\
Without --vm and --host: all VMs and hosts. Readings are written as they are, in the metric's unit and with all digits, \
by metric, then entity, then device, each series in time order. A VM is called by its name, a host host:NAME; where a \
name could mean another one, by its UUID or host:UUID. What is written can be imported again, here or in another \
collector, and exported from there it is the same, byte by byte.

Not written: readings without a value, second active copies of a VM, and when a counter began a new life: a start whose \
counter is below the one before is seen again, one that is above it is not.

With --file the file appears when it is complete. Any length is written with the same little memory.";

/// Runs the verb.
pub async fn run(args: ExportArgs, context: &Context) -> Result<Exit, Fail> {
    let to = context.time(&args.to)?;
    let from = args.from.as_deref().map(|from| context.time(from)).transpose()?.unwrap_or(UnixMs(i64::MIN));
    let request = ExportRequest {
        vms: args.vm,
        hosts: args.host,
        metrics: args.metric,
        device: args.device,
        from_ms: from.0,
        to_ms: to.0,
    };
    let mut lines = context.client.lines("/export", &request).await?;
    let mut writer = Writer::new(args.format, Sink::open(context.global.file.as_deref())?);
    writer.begin()?;
    loop {
        match lines.next::<ExportLine>().await? {
            Some(ExportLine::Series { entity, metric, device, kind, help }) => {
                writer.series(entity, metric, device, &kind, &help)?;
            }
            Some(ExportLine::Points(points)) => writer.points(&points)?,
            Some(ExportLine::Failed(error)) => return Err(error.into()),
            Some(ExportLine::End { series, samples }) => {
                writer.end()?;
                if samples == 0 {
                    say("note: no readings of these metrics in this range");
                } else if context.global.file.is_some() {
                    say(&format!("{samples} readings of {series} series"));
                }
                return Ok(Exit::Ok);
            }
            None => return Err(lines.cut_off()),
        }
    }
}
