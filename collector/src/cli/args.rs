//! The tree of verbs and what every verb takes.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{
    action, activity, agent, calendar, change, check_config, completions, cycle, export, finding, host, import, init,
    outage, query, report, review, serve, service, sla, stats, status, store, token, vm, when,
};

/// Keep a fleet of KVM hosts on an even keel: measure, judge, act.
#[derive(Debug, Parser)]
#[command(name = "evenkeel", version, arg_required_else_help = true, after_long_help = EXIT_CODES)]
pub struct Cli {
    /// What every verb takes.
    #[command(flatten)]
    pub global: Global,
    /// The verb.
    #[command(subcommand)]
    pub verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 ok, 1 failed, 2 usage or unreadable input, 3 collector unreachable, \
4 no such object, 5 refused by policy or guard, 6 outcome unknown, 7 deadline passed.";

/// How data is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs: one document.
    Json,
    /// For spreadsheets: a header and a line a row.
    Csv,
}

/// Options of every verb.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Directory of collector.toml, keys and certificates.
    #[arg(long, global = true, env = "EVENKEEL_CONFIG_DIR", default_value = "/etc/evenkeel", value_name = "DIR")]
    pub config_dir: PathBuf,
    /// Directory of the databases.
    #[arg(long, global = true, env = "EVENKEEL_DATA_DIR", default_value = "/var/lib/evenkeel", value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Directory of the API's socket.
    #[arg(long, global = true, env = "EVENKEEL_RUNTIME_DIR", default_value = "/run/evenkeel", value_name = "DIR")]
    pub runtime_dir: PathBuf,
    /// The API's socket [default: api.sock in the runtime directory].
    #[arg(long, global = true, env = "EVENKEEL_SOCKET", value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// How data is written.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub output: Format,
    /// Write data to this file instead of standard output.
    #[arg(long, global = true, value_name = "PATH")]
    pub file: Option<PathBuf>,
    /// Time zone of times on the command line and in tables, such as Europe/Berlin or UTC [default: the machine's].
    #[arg(long, global = true, value_name = "ZONE", long_help = TZ_HELP.to_owned() + when::TIMES_HELP)]
    pub tz: Option<String>,
    /// Say more on standard error; twice for even more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

const TZ_HELP: &str = "Time zone of times on the command line and in tables, such as Europe/Berlin or UTC \
[default: the machine's]. JSON and CSV are always in UTC.\n\n";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make collector.toml, the CA, keys and databases.
    Init(init::InitArgs),
    /// Run the collector.
    Serve(serve::ServeArgs),
    /// Say how the collector is.
    Status(status::StatusArgs),
    /// Check the configuration and report all errors.
    CheckConfig(check_config::CheckConfigArgs),
    /// Tokens with which hosts join.
    #[command(subcommand)]
    Token(token::TokenVerb),
    /// Agents: who has joined, who waits for approval.
    #[command(subcommand)]
    Agent(agent::AgentVerb),
    /// The hosts.
    #[command(subcommand)]
    Host(host::HostVerb),
    /// The virtual machines.
    #[command(subcommand)]
    Vm(vm::VmVerb),
    /// Read series: raw readings, rates and aggregates.
    Query(query::QueryArgs),
    /// Add readings from a file: of another system, or of an export.
    Import(import::ImportArgs),
    /// Write readings as CSV or OpenMetrics.
    Export(export::ExportArgs),
    /// Judge a period: of VMs (time up, down and unknown, and the metrics), or of a service by the seven steps.
    Review(review::ReviewArgs),
    /// The services: what was agreed about them.
    #[command(subcommand)]
    Service(service::ServiceVerb),
    /// Outages: when a VM or host was out, and why.
    #[command(subcommand)]
    Outage(outage::OutageVerb),
    /// Service levels: did we keep our word?
    #[command(subcommand)]
    Sla(sla::SlaVerb),
    /// Reports: a review of a service as one HTML file or as tables.
    #[command(subcommand)]
    Report(report::ReportVerb),
    /// Cycles: passes of the seven steps over periods of services.
    #[command(subcommand)]
    Cycle(cycle::CycleVerb),
    /// Findings of reviews: what follows from them, why, and how people decided.
    #[command(subcommand)]
    Finding(finding::FindingVerb),
    /// Maintenance windows: time that counts for nobody.
    #[command(subcommand)]
    Calendar(calendar::CalendarVerb),
    /// Changes: what was done, and whether it helped.
    #[command(subcommand)]
    Change(change::ChangeVerb),
    /// Actions on virtual machines: ask for them, follow them.
    #[command(subcommand)]
    Action(action::ActionVerb),
    /// The log of everything that happened.
    #[command(subcommand)]
    Activity(activity::ActivityVerb),
    /// Care for the store: its size, damage, backup and restore.
    #[command(subcommand)]
    Store(store::StoreVerb),
    /// Statistics on files and standard input; no collector is asked.
    #[command(subcommand)]
    Stats(stats::StatsVerb),
    /// Write shell completions.
    Completions(completions::CompletionsArgs),
}
