//! `evenkeel cycle list|show|close`.

use clap::{Args, Subcommand};

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::api::CycleQuery;
use crate::view::cycle::{CloseRequest, CycleView, ServiceReviewView};

/// Verbs of `cycle`.
#[derive(Debug, Subcommand)]
pub enum CycleVerb {
    /// List cycles, the newest period first.
    #[command(after_long_help = HELP)]
    List(ListArgs),
    /// Show what the last review of a cycle says.
    Show(ShowArgs),
    /// End a cycle with what was learned; the next one begins with that.
    Close(CloseArgs),
}

const HELP: &str = "\
A cycle is one pass of the seven steps over a period of a service: planned (1, 2), running (3), processed (4), analysed \
(5), presented (6), acted (7: every finding is decided), closed. `review --service` takes it from planned to presented, and \
`evenkeel serve` does so by itself three hours after the end of each review period. What each step was given (a digest) and \
what it left stay on record. A review that says something else than the last one, for example because readings came late, \
is a new version; the one before stays, and the difference is said.

JSON of list: [{\"id\",\"service\",\"period\",\"from\",\"to\",\"state\",\"since\",\"version\",\"findings_open\",\"plan\":\
{\"learned\",\"by\",\"carried\"},\"learned\"}]; show: the object of `review --service`; close: one of the list.";

/// Which cycles.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only of this service.
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
}

/// Which cycle.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Its number (see `cycle list`).
    id: i64,
}

/// What was learned.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// Its number (see `cycle list`).
    id: i64,
    /// What was learned, for the plan of the next cycle.
    #[arg(long, value_name = "TEXT")]
    learned: String,
    /// Findings that are open go on into the next cycle; else they have to be decided first.
    #[arg(long)]
    carry: bool,
}

/// Runs a verb.
pub async fn run(verb: CycleVerb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        CycleVerb::List(args) => {
            let cycles: Vec<CycleView> = context.client.get("/cycles", &CycleQuery { service: args.service }).await?;
            context.output.show(&cycles)?;
        }
        CycleVerb::Show(args) => {
            let review: ServiceReviewView = context.client.get(&format!("/cycles/{}", args.id), &()).await?;
            context.output.show(&review)?;
        }
        CycleVerb::Close(args) => {
            let request = CloseRequest { learned: args.learned, carry: args.carry };
            let cycle: CycleView = context.client.post(&format!("/cycles/{}/close", args.id), &request).await?;
            context.output.show(&One(cycle))?;
        }
    }
    Ok(Exit::Ok)
}

impl Tabular for Vec<CycleView> {
    fn table(&self) -> Table {
        Table::new(
            &[
                ("id", "ID"),
                ("service", "SERVICE"),
                ("period", "PERIOD"),
                ("state", "STATE"),
                ("since", "SINCE"),
                ("version", "VERSION"),
                ("findings_open", "OPEN"),
                ("learned_before", "LEARNED BEFORE"),
                ("learned", "LEARNED"),
            ],
            self.iter().map(|row| {
                vec![
                    Cell::count(row.id),
                    Cell::text(&row.service),
                    Cell::text(&row.period),
                    Cell::text(&row.state),
                    Cell::Time(row.since.0),
                    Cell::count(row.version),
                    Cell::Count(i128::try_from(row.findings_open).unwrap_or(i128::MAX)),
                    Cell::text(&row.plan.learned),
                    Cell::text(&row.learned),
                ]
            }),
        )
    }
}

/// One cycle: an object in JSON, a row in tables.
#[derive(serde::Serialize)]
#[serde(transparent)]
struct One(CycleView);

impl Tabular for One {
    fn table(&self) -> Table {
        vec![self.0.clone()].table()
    }
}
