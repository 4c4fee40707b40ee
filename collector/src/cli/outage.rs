//! `evenkeel outage list|show|correct`.

use clap::{Args, Subcommand};

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::api::OutageQuery;
use crate::view::outage::{OutageCorrection, OutageView, OutagesView};

/// Verbs of `outage`.
#[derive(Debug, Subcommand)]
pub enum OutageVerb {
    /// List outages of the services' members, oldest first, with their figures.
    #[command(after_long_help = HELP)]
    List(ListArgs),
    /// Show an outage with its evidence.
    Show(ShowArgs),
    /// Say what an outage really was. What was measured stays on record; who said so is logged.
    Correct(CorrectArgs),
}

const HELP: &str = "\
Members of services are watched by each check that the service has. By its state (libvirt: paused, shut off, crashed, \
pmsuspended) a VM is out at once. By a probe it is out when [outage] misses of the last of attempts that could tell failed, \
or after so long without an answer; the outage begins with the first of those misses and ends with the first of recoveries \
answers in a row, so both are right to one interval of the probe. A broken path, a silent agent and a hung monitor are \
unknown, which neither begins nor ends an outage and is counted apart. A miss that is not confirmed is no outage.

impact: the weights of the services that were down meanwhile, all together. excluded_s: time of it in maintenance or outside \
business hours of all services that it touches. Figures leave out void outages and excluded time; MTTR is the mean \
downtime, MTBF the time up over the number of outages.

JSON of list: an array; of show and correct: an object: {\"id\",\"target\",\"check\",\"start\",\"end\",\"down_s\",\"unknown_s\",\
\"excluded_s\",\"excluded_why\",\"cause\",\"impact\",\"services\",\"void\",\"measured_start\",\"measured_end\",\"correction\",\
\"evidence\"}. With --summary the figures alone: {\"outages\",\"down_total_s\",\"down_range_s\",\"mttr_s\",\"mtbf_s\",\
\"impact_total\",\"impact_range\"}.";

/// Which outages.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only those that touch a member of this service.
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// Only of this VM or host (its name).
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// Only those that go on.
    #[arg(long)]
    open: bool,
    /// Begin.
    #[arg(long, default_value = "now-30d", value_name = "TIME")]
    from: String,
    /// End.
    #[arg(long, default_value = "now", value_name = "TIME")]
    to: String,
    /// The figures of them all instead of each.
    #[arg(long)]
    summary: bool,
}

/// Which outage.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Its number (see `outage list`).
    id: i64,
}

/// What it really was.
#[derive(Debug, Args)]
pub struct CorrectArgs {
    /// Its number (see `outage list`).
    id: i64,
    /// When it began.
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// When it ended.
    #[arg(long, value_name = "TIME")]
    end: Option<String>,
    /// What caused it.
    #[arg(long, value_name = "TEXT")]
    cause: Option<String>,
    /// It was no outage: its time counts as good.
    #[arg(long, conflicts_with = "valid")]
    void: bool,
    /// It was one after all.
    #[arg(long)]
    valid: bool,
    /// Why it is corrected.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Runs a verb.
pub async fn run(verb: OutageVerb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        OutageVerb::List(args) => {
            let range = context.between(&args.from, &args.to)?;
            let (from_ms, to_ms) = (range.from.0, range.to.0);
            let query = OutageQuery { service: args.service, target: args.target, open: args.open, from_ms, to_ms };
            let found: OutagesView = context.client.get("/outages", &query).await?;
            if args.summary {
                context.output.show(&found.summary)?;
            } else {
                context.output.show(&found.outages)?;
            }
        }
        OutageVerb::Show(args) => {
            let view: OutageView = context.client.get(&format!("/outages/{}", args.id), &()).await?;
            context.output.show(&view)?;
        }
        OutageVerb::Correct(args) => {
            let time = |text: &Option<String>| -> Result<Option<i64>, Fail> {
                Ok(text.as_deref().map(|text| context.time(text)).transpose()?.map(|at| at.0))
            };
            let (from_ms, to_ms) = (time(&args.start)?, time(&args.end)?);
            let CorrectArgs { id, cause, void, valid, reason, .. } = args;
            let wanted = OutageCorrection { from_ms, to_ms, cause, void, valid, reason };
            let view: OutageView = context.client.post(&format!("/outages/{id}/correct"), &wanted).await?;
            context.output.show(&view)?;
        }
    }
    Ok(Exit::Ok)
}

const COLUMNS: [(&str, &str); 11] = [
    ("id", "ID"),
    ("target", "TARGET"),
    ("check", "CHECK"),
    ("start", "START"),
    ("end", "END"),
    ("down_s", "DOWN_S"),
    ("unknown_s", "UNKNOWN_S"),
    ("excluded_s", "EXCLUDED_S"),
    ("impact", "IMPACT"),
    ("services", "SERVICES"),
    ("cause", "CAUSE"),
];

fn cells(row: &OutageView) -> Vec<Cell> {
    let cause = if row.void { format!("(none) {}", row.cause) } else { row.cause.clone() };
    vec![
        Cell::count(row.id),
        Cell::text(&row.target),
        Cell::text(&row.check),
        Cell::Time(row.start.0),
        Cell::maybe(row.end, |end| Cell::Time(end.0)),
        Cell::count(row.down_s),
        Cell::count(row.unknown_s),
        Cell::count(row.excluded_s),
        Cell::count(row.impact),
        Cell::text(row.services.join(", ")),
        Cell::text(cause),
    ]
}

impl Tabular for Vec<OutageView> {
    fn table(&self) -> Table {
        Table::new(&COLUMNS, self.iter().map(cells))
    }
}

impl Tabular for OutageView {
    fn table(&self) -> Table {
        let more = [
            ("excluded_why", Cell::text(self.excluded_why.join(", "))),
            ("void", Cell::text(if self.void { "yes" } else { "no" })),
            ("measured_start", Cell::Time(self.measured_start.0)),
            ("measured_end", Cell::maybe(self.measured_end, |end| Cell::Time(end.0))),
            ("correction", Cell::text(self.correction.clone().unwrap_or_default())),
        ];
        Table::object(COLUMNS.iter().map(|(key, _)| *key).zip(cells(self)).chain(more))
    }

    fn more(&self) -> Vec<(&'static str, Table)> {
        let lines = self.evidence.iter().map(|line| vec![Cell::text(line)]);
        vec![("Evidence", Table::new(&[("evidence", "")], lines))]
    }
}

impl Tabular for crate::view::outage::OutageSummary {
    fn table(&self) -> Table {
        Table::object([
            ("outages", Cell::Count(i128::try_from(self.outages).unwrap_or(i128::MAX))),
            ("down_total_s", Cell::count(self.down_total_s)),
            ("down_range_s", Cell::count(self.down_range_s)),
            ("mttr_s", Cell::maybe(self.mttr_s, Cell::Number)),
            ("mtbf_s", Cell::maybe(self.mtbf_s, Cell::Number)),
            ("impact_total", Cell::count(self.impact_total)),
            ("impact_range", Cell::count(self.impact_range)),
        ])
    }
}
