//! `evenkeel service list|show`.

use clap::{Args, Subcommand};

use super::client::segment;
use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::view::service::{MetricDefinitionView, ObjectiveView, ServiceRow, ServiceView};

/// Verbs of `service`.
#[derive(Debug, Subcommand)]
pub enum ServiceVerb {
    /// List the services.
    #[command(after_long_help = HELP)]
    List,
    /// Show what was agreed about a service, and who is a member now.
    #[command(after_long_help = HELP)]
    Show(ShowArgs),
}

const HELP: &str = "\
A service is a file services/NAME.toml in the configuration directory; `evenkeel check-config` reports all that is wrong \
with them, and SIGHUP to `evenkeel serve` reads them again. A set with an error changes nothing; the activity log says so.

JSON of list: [{\"name\",\"title\",\"members\",\"needed\",\"objectives\":[\"NAME TARGET WINDOW\"],\"impact_weight\",\
\"review_period\",\"time_zone\"}]. show has the same and \"description\",\"business_hours\",\"approvers\",\"member_names\",\
\"factors\":[{\"name\",\"goal\"}],\"kpis\":[{\"name\",\"factor\",\"kind\",\"metrics\"}],\"metrics\":[{\"name\",\"source\",\
\"unit\",\"sampling_s\",\"scale\",\"aggregation\",\"dispersion\",\"better\",\"threshold\"}],\"targets\":[{\"name\",\"kpi\",\
\"metric\",\"window\",\"target\",\"unknown\",\"limit\",\"share_of\"}].";

/// Which service.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Its name.
    name: String,
}

/// Runs a verb.
pub async fn run(verb: ServiceVerb, context: &Context) -> Result<Exit, Fail> {
    match verb {
        ServiceVerb::List => {
            let rows: Vec<ServiceRow> = context.client.get("/services", &()).await?;
            context.output.show(&rows)?;
        }
        ServiceVerb::Show(args) => {
            let view: ServiceView = context.client.get(&format!("/services/{}", segment(&args.name)), &()).await?;
            context.output.show(&view)?;
        }
    }
    Ok(Exit::Ok)
}

fn count(number: usize) -> Cell {
    Cell::Count(i128::try_from(number).unwrap_or(i128::MAX))
}

impl Tabular for Vec<ServiceRow> {
    fn table(&self) -> Table {
        Table::new(
            &[
                ("name", "NAME"),
                ("title", "TITLE"),
                ("members", "MEMBERS"),
                ("needed", "NEEDED"),
                ("objectives", "OBJECTIVES"),
                ("impact_weight", "WEIGHT"),
                ("review_period", "REVIEW"),
                ("time_zone", "TIME ZONE"),
            ],
            self.iter().map(|row| {
                vec![
                    Cell::text(&row.name),
                    Cell::text(&row.title),
                    count(row.members),
                    Cell::text(&row.needed),
                    Cell::text(row.objectives.join("; ")),
                    Cell::count(row.impact_weight),
                    Cell::text(&row.review_period),
                    Cell::text(&row.time_zone),
                ]
            }),
        )
    }
}

impl Tabular for ServiceView {
    fn table(&self) -> Table {
        let row = &self.row;
        Table::object([
            ("name", Cell::text(&row.name)),
            ("title", Cell::text(&row.title)),
            ("description", Cell::text(&self.description)),
            ("members", Cell::text(self.member_names.join(", "))),
            ("needed", Cell::text(&row.needed)),
            ("impact_weight", Cell::count(row.impact_weight)),
            ("business_hours", Cell::text(self.business_hours.join("; "))),
            ("time_zone", Cell::text(&row.time_zone)),
            ("review_period", Cell::text(&row.review_period)),
            ("approvers", Cell::text(self.approvers.join(", "))),
        ])
    }

    fn more(&self) -> Vec<(&'static str, Table)> {
        let factors = self.factors.iter().map(|one| vec![Cell::text(&one.name), Cell::text(&one.goal)]);
        let kpis = self.kpis.iter().map(|one| {
            vec![
                Cell::text(&one.name),
                Cell::text(&one.factor),
                Cell::text(&one.kind),
                Cell::text(one.metrics.join(", ")),
            ]
        });
        let kpi_columns = [("name", "NAME"), ("factor", "FACTOR"), ("kind", "KIND"), ("metrics", "METRICS")];
        vec![
            ("Critical success factors", Table::new(&[("name", "NAME"), ("goal", "GOAL")], factors)),
            ("Key performance indicators", Table::new(&kpi_columns, kpis)),
            ("Metrics", metrics(&self.metrics)),
            ("Objectives", objectives(&self.targets)),
        ]
    }
}

fn metrics(all: &[MetricDefinitionView]) -> Table {
    Table::new(
        &[
            ("name", "NAME"),
            ("source", "SOURCE"),
            ("unit", "UNIT"),
            ("sampling_s", "SAMPLING_S"),
            ("scale", "SCALE"),
            ("aggregation", "AGGREGATION"),
            ("dispersion", "DISPERSION"),
            ("better", "BETTER"),
            ("threshold", "THRESHOLD"),
        ],
        all.iter().map(|one| {
            vec![
                Cell::text(&one.name),
                Cell::text(&one.source),
                Cell::text(&one.unit),
                Cell::Number(one.sampling_s),
                Cell::text(&one.scale),
                Cell::text(&one.aggregation),
                Cell::text(&one.dispersion),
                Cell::text(one.better.clone().unwrap_or_default()),
                Cell::text(&one.threshold),
            ]
        }),
    )
}

fn objectives(all: &[ObjectiveView]) -> Table {
    Table::new(
        &[
            ("name", "NAME"),
            ("kpi", "KPI"),
            ("metric", "METRIC"),
            ("window", "WINDOW"),
            ("target", "TARGET"),
            ("unknown", "UNKNOWN IS"),
            ("limit", "LIMIT"),
            ("share_of", "SHARE OF"),
        ],
        all.iter().map(|one| {
            vec![
                Cell::text(&one.name),
                Cell::text(&one.kpi),
                Cell::text(&one.metric),
                Cell::text(&one.window),
                Cell::Availability(one.target),
                Cell::text(&one.unknown),
                Cell::maybe(one.limit, Cell::Number),
                Cell::text(&one.share_of),
            ]
        }),
    )
}
