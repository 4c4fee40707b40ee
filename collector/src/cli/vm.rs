//! `evenkeel vm list|show|stats|top`.

mod show;

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use evenkeel_common::time::DurationMs;
use evenkeel_common::units::parse_duration;

pub(crate) use show::missing_table;

use super::client::segment;
use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use super::top;
use crate::api::VmQuery;
use crate::view::vm::{VmDetail, VmStats, VmSummary};

/// Verbs of `vm`. A VM is given by its name, its UUID or a unique beginning of either; a name that was reused means
/// the newest one that is live.
#[derive(Debug, Subcommand)]
pub enum VmVerb {
    /// List the VMs. CPU is CPU time per second and vCPU between the last two readings: 100% is all its vCPUs busy.
    List(ListArgs),
    /// Show one VM: whose it is, its devices, what is missing and why, where it ran, what happened to it lately.
    Show(ShowArgs),
    /// Print the newest reading of every metric, as `virsh domstats` does, with the rates of counters.
    Stats(StatsArgs),
    /// Show what the VMs do, refreshing, like virt-top.
    Top(top::TopArgs),
}

/// Which VMs.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    /// Only on this host.
    #[arg(long)]
    host: Option<String>,
    /// Only in this state, such as running or "shut off".
    #[arg(long)]
    state: Option<String>,
    /// Only of this owner.
    #[arg(long)]
    owner: Option<String>,
    /// Only with this label; again for each label that it must have. Without =VALUE any value does.
    #[arg(long, value_name = "NAME[=VALUE]", value_parser = NonEmptyStringValueParser::new())]
    label: Vec<String>,
    /// Also those that no host knows any more.
    #[arg(long)]
    all: bool,
}

/// Options of `vm show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Name, UUID or unique beginning.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    vm: String,
}

/// Options of `vm stats`.
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// Name, UUID or unique beginning.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    vm: String,
    /// Print again and again, so often, until interrupted.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    interval: Option<DurationMs>,
}

/// Runs a verb.
pub async fn run(verb: VmVerb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        VmVerb::List(args) => {
            let ListArgs { host, state, owner, label, all } = args;
            let labels = Some(label.join("\n")).filter(|labels| !labels.is_empty());
            let query = VmQuery { host, state, owner, labels, all };
            let rows: Vec<VmSummary> = context.client.get("/vms", &query).await?;
            context.output.show(&rows)?;
        }
        VmVerb::Show(args) => {
            let view: VmDetail = context.client.get(&format!("/vms/{}", segment(&args.vm)), &()).await?;
            context.output.show(&view)?;
        }
        VmVerb::Stats(args) => loop {
            let view: VmStats = context.client.get(&format!("/vms/{}/stats", segment(&args.vm)), &()).await?;
            context.output.show(&view)?;
            let Some(interval) = args.interval else { break };
            tokio::time::sleep(interval.to_std().max(Duration::from_millis(100))).await;
        },
        VmVerb::Top(args) => top::run(&args, context).await?,
    }
    Ok(Exit::Ok)
}

impl Tabular for Vec<VmSummary> {
    fn table(&self) -> Table {
        let columns = [
            ("uuid", "UUID"),
            ("name", "NAME"),
            ("host", "HOST"),
            ("state", "STATE"),
            ("owner", "OWNER"),
            ("managed_by", "MANAGED_BY"),
            ("vcpus", "VCPUS"),
            ("memory_max_bytes", "MEMORY"),
            ("cpu_ratio", "CPU"),
            ("memory_rss_bytes", "RSS"),
            ("last_seen", "SEEN"),
            ("missing", "MISSING"),
        ];
        let row = |vm: &VmSummary| fields(vm).into_iter().map(|(_, cell)| cell).collect();
        Table::new(&columns, self.iter().map(row))
    }
}

fn fields(vm: &VmSummary) -> Vec<(&'static str, Cell)> {
    vec![
        ("uuid", Cell::text(&vm.uuid)),
        ("name", Cell::text(&vm.name)),
        ("host", Cell::text(&vm.host)),
        ("state", Cell::text(&vm.state)),
        ("owner", Cell::maybe(vm.owner.as_ref(), Cell::text)),
        ("managed_by", Cell::maybe(vm.managed_by.as_ref(), Cell::text)),
        ("vcpus", Cell::count(vm.vcpus)),
        ("memory_max_bytes", Cell::Bytes(vm.memory_max_bytes)),
        ("cpu_ratio", Cell::maybe(vm.cpu_ratio, Cell::Ratio)),
        ("memory_rss_bytes", Cell::maybe(vm.memory_rss_bytes, Cell::Bytes)),
        ("last_seen", Cell::Ago(vm.last_seen.0)),
        ("missing", Cell::maybe(vm.missing.as_ref(), Cell::text)),
    ]
}

impl Tabular for VmStats {
    fn table(&self) -> Table {
        let columns = [
            ("metric", "METRIC"),
            ("device", "DEVICE"),
            ("value", "VALUE"),
            ("unit", "UNIT"),
            ("rate", "RATE/s"),
            ("time", "TIME"),
            ("missing", "MISSING"),
        ];
        let row = |reading: &crate::view::vm::ReadingView| {
            vec![
                Cell::text(&reading.metric),
                Cell::text(&reading.device),
                Cell::maybe(reading.value.as_ref(), number),
                Cell::text(&reading.unit),
                Cell::maybe(reading.rate, Cell::Number),
                Cell::Time(reading.time.0),
                Cell::maybe(reading.missing.as_ref(), Cell::text),
            ]
        };
        Table::new(&columns, self.readings.iter().map(row))
    }
}

fn number(number: &serde_json::Number) -> Cell {
    let whole = number.as_u64().map(i128::from).or_else(|| number.as_i64().map(i128::from));
    whole.map_or_else(|| Cell::maybe(number.as_f64(), Cell::Number), Cell::Count)
}
