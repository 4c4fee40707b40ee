//! `evenkeel change record|list|show|verdict`.

mod verdict;

use clap::{Args, Subcommand};
use evenkeel_common::time::DurationMs;
use evenkeel_common::units::parse_duration;

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::api::ChangeQuery;
use crate::view::change::{ChangeView, ChangeWanted};

/// Verbs of `change`.
#[derive(Debug, Subcommand)]
pub enum ChangeVerb {
    /// Record that something was changed, so that its effect can be judged.
    #[command(after_long_help = RECORD_HELP)]
    Record(RecordArgs),
    /// List changes, oldest first: recorded ones, our own actions, and what agents saw.
    #[command(after_long_help = LIST_HELP)]
    List(ListArgs),
    /// Show a change.
    Show(ShowArgs),
    /// Say what a change did to a service, KPI by KPI.
    #[command(after_long_help = verdict::HELP)]
    Verdict(verdict::VerdictArgs),
}

const RECORD_HELP: &str = "\
What lies before the change is compared with what comes after it: as long before and after as --before and --after say. \
Both are fixed now, and so is the time of the final look. Without --scope all members of the service count as changed.

An expectation names a KPI or metric of the service and by how much it changes at least: \"response_time -10%\" (of the mean \
before), \"response_time -0.05\" (in its unit), \"memory 0\" (no difference that matters).

JSON: {\"id\",\"at\",\"began\",\"source\",\"kind\",\"what\",\"service\",\"services\",\"targets\":[{\"kind\",\"name\",\"id\"}],\
\"expected\",\"recorded_by\",\"recorded_at\",\"before_s\",\"after_s\",\"final_at\",\"verdict\"}.";

const LIST_HELP: &str = "\
Sources: person (recorded with `change record`), action (every action of ours that ended, but for those that were refused or \
came too late), agent (what a host said of itself or a VM that was something else before: vCPUs, memory, disks, interfaces, \
machine type, the host where the VM runs; versions of libvirt, QEMU and the kernel, CPUs). services: those of which a member \
is touched; a change of a host touches whoever ran there.

JSON: an array of what `change record` prints. verdict is that of the final look, once it was taken.";

/// What was changed.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// What was changed, in words.
    what: String,
    /// The service that it is of.
    #[arg(long, value_name = "SERVICE", required_unless_present = "scope")]
    service: Option<String>,
    /// What was changed: a VM, or host:NAME; may be repeated [default: all members].
    #[arg(long, value_name = "VM|host:NAME")]
    scope: Vec<String>,
    /// When it was done.
    #[arg(long, default_value = "now", value_name = "TIME")]
    at: String,
    /// When it began, if it took a while: what lies between is on no side.
    #[arg(long, value_name = "TIME")]
    began: Option<String>,
    /// What is expected of it, such as "response_time -10%".
    #[arg(long, value_name = "EXPECTATION", allow_hyphen_values = true)]
    expect: Option<String>,
    /// How long before it is looked at [default: change.before of collector.toml].
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    before: Option<DurationMs>,
    /// How long after it [default: change.after of collector.toml].
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    after: Option<DurationMs>,
}

/// Which changes.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only those that touch this service.
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// Only those of this source: person, action or agent.
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Begin.
    #[arg(long, default_value = "now-30d", value_name = "TIME")]
    from: String,
    /// End.
    #[arg(long, default_value = "now", value_name = "TIME")]
    to: String,
}

/// Which change.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Its number (see `change list`).
    id: i64,
}

/// Runs a verb.
pub async fn run(verb: ChangeVerb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        ChangeVerb::Record(args) => {
            let view: ChangeView = context.client.post("/changes", &wanted(args, context)?).await?;
            context.output.show(&view)?;
        }
        ChangeVerb::List(args) => {
            let range = context.between(&args.from, &args.to)?;
            let ListArgs { service, source, .. } = args;
            // What happened in this very moment is meant too.
            let query = ChangeQuery { service, source, from_ms: range.from.0, to_ms: range.to.0.saturating_add(1_000) };
            let rows: Vec<ChangeView> = context.client.get("/changes", &query).await?;
            context.output.show(&rows)?;
        }
        ChangeVerb::Verdict(args) => return verdict::run(args, context).await,
        ChangeVerb::Show(args) => {
            let view: ChangeView = context.client.get(&format!("/changes/{}", args.id), &()).await?;
            context.output.show(&view)?;
        }
    }
    Ok(Exit::Ok)
}

fn wanted(args: RecordArgs, context: &Context) -> Result<ChangeWanted, Fail> {
    let at = if args.at == "now" { None } else { Some(context.time(&args.at)?.0) };
    Ok(ChangeWanted {
        service: args.service.unwrap_or_default(),
        scope: args.scope,
        at_ms: at,
        began_ms: args.began.as_deref().map(|text| context.time(text)).transpose()?.map(|at| at.0),
        what: args.what,
        expect: args.expect.unwrap_or_default(),
        before_ms: args.before.map(|window| window.0),
        after_ms: args.after.map(|window| window.0),
    })
}

const COLUMNS: [(&str, &str); 9] = [
    ("id", "ID"),
    ("at", "AT"),
    ("source", "SOURCE"),
    ("kind", "KIND"),
    ("what", "WHAT"),
    ("services", "SERVICES"),
    ("recorded_by", "RECORDED BY"),
    ("final_at", "FINAL LOOK"),
    ("verdict", "VERDICT"),
];

fn cells(row: &ChangeView) -> Vec<Cell> {
    vec![
        Cell::count(row.id),
        Cell::Time(row.at.0),
        Cell::text(&row.source),
        Cell::text(&row.kind),
        Cell::text(&row.what),
        Cell::text(row.services.join(", ")),
        Cell::text(&row.recorded_by),
        Cell::Time(row.final_at.0),
        Cell::maybe(row.verdict.clone(), Cell::Text),
    ]
}

impl Tabular for Vec<ChangeView> {
    fn table(&self) -> Table {
        Table::new(&COLUMNS, self.iter().map(cells))
    }
}

impl Tabular for ChangeView {
    fn table(&self) -> Table {
        let names: Vec<&str> = self.targets.iter().map(|target| target.name.as_str()).collect();
        let more = [
            ("began", Cell::Time(self.began.0)),
            ("targets", Cell::text(names.join(", "))),
            ("expected", Cell::maybe(self.expected.clone(), Cell::Text)),
            ("recorded_at", Cell::Time(self.recorded_at.0)),
            ("before_s", Cell::count(self.before_s)),
            ("after_s", Cell::count(self.after_s)),
        ];
        Table::object(COLUMNS.iter().map(|(key, _)| *key).zip(cells(self)).chain(more))
    }
}
