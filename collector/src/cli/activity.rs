//! `evenkeel activity list`.

use clap::{Args, Subcommand};

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::api::ActivityQuery;
use crate::view::activity::ActivityRow;

/// Verbs of `activity`.
#[derive(Debug, Subcommand)]
pub enum ActivityVerb {
    /// List what happened, oldest first.
    List(ListArgs),
}

/// Which activities.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Nothing before this time, such as now-6h.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only this category.
    #[arg(long, value_parser = ["informational", "warning", "exception"])]
    category: Option<String>,
    /// Only about this host.
    #[arg(long)]
    host: Option<String>,
    /// Only about this VM (its name).
    #[arg(long)]
    vm: Option<String>,
    /// At most so many, the newest.
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
}

/// Runs a verb.
pub async fn run(verb: ActivityVerb, context: &Context) -> Result<Exit, Fail> {
    let ActivityVerb::List(args) = verb;
    let since_ms = args.since.as_deref().map(|text| context.time(text)).transpose()?.map(|at| at.0);
    let query =
        ActivityQuery { since_ms, category: args.category, host: args.host, vm: args.vm, limit: Some(args.limit) };
    let rows: Vec<ActivityRow> = context.client.get("/activity", &query).await?;
    context.output.show(&rows)?;
    Ok(Exit::Ok)
}

impl Tabular for Vec<ActivityRow> {
    fn table(&self) -> Table {
        activity_table(self)
    }
}

/// The table of some activities, also shown with a VM or host.
pub fn activity_table(rows: &[ActivityRow]) -> Table {
    Table::new(
        &[
            ("time", "TIME"),
            ("category", "CATEGORY"),
            ("kind", "KIND"),
            ("host", "HOST"),
            ("vm", "VM"),
            ("message", "MESSAGE"),
        ],
        rows.iter().map(|row| {
            vec![
                Cell::Time(row.time.0),
                Cell::text(&row.category),
                Cell::text(&row.kind),
                Cell::text(&row.host),
                Cell::text(&row.vm),
                Cell::text(&row.message),
            ]
        }),
    )
}
