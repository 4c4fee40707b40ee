//! `evenkeel finding list|show|why|close`.

use clap::{Args, Subcommand};

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::api::FindingQuery;
use crate::view::finding::{DecideRequest, FindingView, WhyRequest};

/// Verbs of `finding`.
#[derive(Debug, Subcommand)]
pub enum FindingVerb {
    /// List findings that wait for a decision.
    #[command(after_long_help = HELP)]
    List(ListArgs),
    /// Show a finding with its evidence, what follows from it and the chain of whys.
    Show(ShowArgs),
    /// Add a why to the chain that leads to the root cause.
    Why(WhyArgs),
    /// Decide a finding.
    Close(CloseArgs),
}

const HELP: &str = "\
Reviews find by rules: a condition over results, what follows from it, and what may be done. Rules are shipped (such as \
missed levels, metrics that became worse, causes that come again, members that are too large); files rules.d/*.toml in the \
configuration directory add more or take their place, and `evenkeel check-config` checks them. A proposed command is shown \
and never run: a person decides.

JSON: {\"id\",\"cycle\",\"rule\",\"subject\",\"severity\",\"status\",\"what\",\"evidence\",\"implication\",\"action\",\
\"command\",\"whys\":[{\"at\",\"who\",\"why\"}],\"decision\":null or {\"at\",\"who\",\"reason\"}}; list: an array of them. \
status: open, done, accepted, rejected, gone (the last version of the review does not say it any more).";

/// Which findings.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only of this service.
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// Only of this cycle.
    #[arg(long, value_name = "ID")]
    cycle: Option<i64>,
    /// Also those that are decided or gone.
    #[arg(long)]
    all: bool,
}

/// Which finding.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Its number (see `finding list`).
    id: i64,
}

/// A why.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// Its number (see `finding list`).
    id: i64,
    /// Why it happened, or why the last why did.
    why: String,
}

/// A decision.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// Its number (see `finding list`).
    id: i64,
    /// done: it was acted on. accepted: nothing is to be done. rejected: the finding is wrong.
    #[arg(long = "as", value_name = "DECISION", value_parser = ["done", "accepted", "rejected"])]
    decision: String,
    /// Why, or what was done.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Runs a verb.
pub async fn run(verb: FindingVerb, context: &Context) -> Result<Exit, Fail> {
    let view: FindingView = match verb {
        FindingVerb::List(args) => {
            let query = FindingQuery { service: args.service, cycle: args.cycle, all: args.all };
            let findings: Vec<FindingView> = context.client.get("/findings", &query).await?;
            context.output.show(&findings)?;
            return Ok(Exit::Ok);
        }
        FindingVerb::Show(args) => context.client.get(&format!("/findings/{}", args.id), &()).await?,
        FindingVerb::Why(args) => {
            context.client.post(&format!("/findings/{}/why", args.id), &WhyRequest { why: args.why }).await?
        }
        FindingVerb::Close(args) => {
            let request = DecideRequest { status: args.decision, reason: args.reason };
            context.client.post(&format!("/findings/{}/close", args.id), &request).await?
        }
    };
    context.output.show(&view)?;
    Ok(Exit::Ok)
}

impl Tabular for Vec<FindingView> {
    fn table(&self) -> Table {
        Table::new(
            &[
                ("id", "ID"),
                ("cycle", "CYCLE"),
                ("severity", "SEVERITY"),
                ("status", "STATUS"),
                ("rule", "RULE"),
                ("what", "WHAT"),
            ],
            self.iter().map(|row| {
                vec![
                    Cell::count(row.id),
                    Cell::count(row.cycle),
                    Cell::text(&row.severity),
                    Cell::text(&row.status),
                    Cell::text(&row.rule),
                    Cell::text(&row.what),
                ]
            }),
        )
    }
}

impl Tabular for FindingView {
    fn table(&self) -> Table {
        let decision = self.decision.as_ref();
        Table::object([
            ("id", Cell::count(self.id)),
            ("cycle", Cell::count(self.cycle)),
            ("rule", Cell::text(&self.rule)),
            ("subject", Cell::text(&self.subject)),
            ("severity", Cell::text(&self.severity)),
            ("status", Cell::text(&self.status)),
            ("what", Cell::text(&self.what)),
            ("implication", Cell::text(&self.implication)),
            ("action", Cell::text(&self.action)),
            ("command", Cell::text(&self.command)),
            ("decided_by", Cell::text(decision.map_or("", |one| &one.who))),
            ("decided_at", Cell::maybe(decision, |one| Cell::Time(one.at.0))),
            ("reason", Cell::text(decision.map_or("", |one| &one.reason))),
        ])
    }

    fn more(&self) -> Vec<(&'static str, Table)> {
        let lines = self.evidence.iter().map(|line| vec![Cell::text(line)]);
        let whys = self.whys.iter().map(|one| vec![Cell::Time(one.at.0), Cell::text(&one.who), Cell::text(&one.why)]);
        vec![
            ("Evidence", Table::new(&[("evidence", "")], lines)),
            ("Whys", Table::new(&[("at", "AT"), ("who", "WHO"), ("why", "WHY")], whys)),
        ]
    }
}
