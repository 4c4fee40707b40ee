//! `evenkeel calendar add|list|remove`.

use clap::{Args, Subcommand};

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::api::CalendarQuery;
use crate::view::calendar::{WindowRow, WindowWanted};

/// Verbs of `calendar`.
#[derive(Debug, Subcommand)]
pub enum CalendarVerb {
    /// Add a maintenance window, recurring (--rule) or once (--from and --to).
    #[command(after_long_help = ADD_HELP)]
    Add(AddArgs),
    /// List the windows, those of the services' own files as well.
    List(ListArgs),
    /// Remove a window: from now on it counts no more. What it excluded before stays excluded.
    Remove(RemoveArgs),
}

const ADD_HELP: &str = "\
Rules: \"daily 02:00-03:00\", \"weekly Sat,Sun 22:00-04:00\", \"weekly Mon-Fri 08:00-18:00\", \"monthly 1,15 02:00-04:00\", \
\"monthly last 02:00-04:00\" (the last day), \"monthly first Sun 02:00-04:00\" (first to fifth, or last). A window that ends \
at or before its begin ends on the next day. The clock on the wall of --tz decides: an hour that a clock change repeats is \
inside twice, one that it leaves out is not there. A recurring window counts from now on; a one-off one may lie in the past, \
and then excludes time that was counted. Where windows overlap, their time is excluded once.

JSON: {\"id\",\"name\",\"service\",\"when\",\"from\",\"to\",\"valid_from\",\"removed_at\",\"reason\",\"added_by\"}.";

/// Which window.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Its name: what is given as the reason of excluded time.
    name: String,
    /// Only for this service [default: all].
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// Again and again, such as 'weekly Sun 02:00-04:00' in --tz.
    #[arg(long, value_name = "RULE", conflicts_with_all = ["from", "to"], required_unless_present = "from")]
    rule: Option<String>,
    /// Once: its begin.
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<String>,
    /// Once: its end.
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<String>,
    /// Why.
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
}

/// Which windows.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Also those that were removed.
    #[arg(long)]
    all: bool,
}

/// Which window.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// Its number (see `calendar list`).
    id: i64,
}

/// Runs a verb.
pub async fn run(verb: CalendarVerb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        CalendarVerb::Add(args) => {
            let row: WindowRow = context.client.post("/calendar", &wanted(args, context)?).await?;
            context.output.show(&row)?;
        }
        CalendarVerb::List(args) => {
            let rows: Vec<WindowRow> = context.client.get("/calendar", &CalendarQuery { all: args.all }).await?;
            context.output.show(&rows)?;
        }
        CalendarVerb::Remove(args) => {
            let row: WindowRow = context.client.post(&format!("/calendar/{}/remove", args.id), &()).await?;
            context.output.show(&row)?;
        }
    }
    Ok(Exit::Ok)
}

fn wanted(args: AddArgs, context: &Context) -> Result<WindowWanted, Fail> {
    let zone = context.zone();
    let zone = match (zone.iana_name(), &args.rule) {
        (Some(name), _) => name.to_owned(),
        (None, None) => "UTC".to_owned(),
        (None, Some(_)) => {
            return Err(Fail::usage("this machine's time zone has no name").hint("give --tz such as Europe/Berlin"));
        }
    };
    let range = match (&args.from, &args.to) {
        (Some(from), Some(to)) => {
            let wrong = |error: Fail| error.hint("--from is the begin of the window and --to its end, which is later");
            Some(context.between(from, to).map_err(wrong)?)
        }
        _ => None,
    };
    Ok(WindowWanted {
        name: args.name,
        service: args.service.unwrap_or_default(),
        rule: args.rule.unwrap_or_default(),
        zone,
        from_ms: range.map(|range| range.from.0),
        to_ms: range.map(|range| range.to.0),
        reason: args.reason,
    })
}

fn cells(row: &WindowRow) -> Vec<Cell> {
    vec![
        Cell::maybe(row.id, Cell::count),
        Cell::text(&row.name),
        Cell::text(&row.service),
        Cell::text(&row.when),
        Cell::maybe(row.valid_from, |at| Cell::Time(at.0)),
        Cell::maybe(row.removed_at, |at| Cell::Time(at.0)),
        Cell::text(&row.reason),
        Cell::text(&row.added_by),
    ]
}

const COLUMNS: [(&str, &str); 8] = [
    ("id", "ID"),
    ("name", "NAME"),
    ("service", "SERVICE"),
    ("when", "WHEN"),
    ("valid_from", "VALID FROM"),
    ("removed_at", "REMOVED AT"),
    ("reason", "REASON"),
    ("added_by", "ADDED BY"),
];

impl Tabular for Vec<WindowRow> {
    fn table(&self) -> Table {
        Table::new(&COLUMNS, self.iter().map(cells))
    }
}

impl Tabular for WindowRow {
    fn table(&self) -> Table {
        Table::object(COLUMNS.iter().map(|(key, _)| *key).zip(cells(self)))
    }
}
