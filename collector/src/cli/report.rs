//! `evenkeel report review|sla`: a review as one HTML file, or as its tables.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use evenkeel_common::time::UnixMs;
use jiff::tz::TimeZone;

use super::args::Format;
use super::context::Context;
use super::fail::{Exit, Fail};
use super::output::csv;
use super::review::{Named, PERIOD_HELP, ask, tables};
use crate::report::{Kind, Sheet, html};
use crate::view::cycle::{ServiceReviewRequest, ServiceReviewView};

/// Verbs of `report`.
#[derive(Debug, Subcommand)]
pub enum ReportVerb {
    /// Write the review of a period: findings, levels, performance, capacity, numbers with their tests.
    #[command(after_long_help = HELP)]
    Review(ReportArgs),
    /// Write the service levels of a period alone, for whoever they were promised to.
    #[command(after_long_help = HELP)]
    Sla(ReportArgs),
}

const HELP: &str = "\
The report is one HTML file that needs neither network nor scripts: light and dark as the reader's system, with a style \
sheet for print (a browser's 'print to PDF' gives A4 pages), pictures with descriptions and tables with captions. It shows \
the version of the review that is on record; a period that was not reviewed yet is reviewed first. `review --service` looks \
again.

--output json writes the review as `review --service` does. --output csv writes the table of objectives; --tables DIR \
writes every table as CSV into that directory, with --output json as JSON.";

/// Which report.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The service.
    #[arg(long, value_name = "SERVICE")]
    service: String,
    /// The period, in the service's time zone.
    #[arg(long, value_name = "PERIOD", long_help = PERIOD_HELP)]
    period: Option<String>,
    /// Write every table into this directory instead.
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,
}

/// Runs a verb.
pub async fn run(verb: ReportVerb, context: &Context) -> Result<Exit, Fail> {
    let (kind, args) = match verb {
        ReportVerb::Review(args) => (Kind::Review, args),
        ReportVerb::Sla(args) => (Kind::Sla, args),
    };
    let period = args.period.unwrap_or_default();
    let request = ServiceReviewRequest { service: args.service, period, recorded: true };
    let review = ask(&request, context).await?;
    if let Some(dir) = &args.tables {
        write_tables(&review, dir, context)?;
        return Ok(Exit::Ok);
    }
    match context.output.format() {
        Format::Json => context.output.show(&review)?,
        Format::Csv => {
            let first = tables(&review).into_iter().next();
            context.output.write(first.map(|named| csv(&named.table)).unwrap_or_default().as_bytes())?;
        }
        Format::Table => {
            let page = page(&review, kind, context.now);
            let page = page.map_err(|error| Fail::failed(format!("the report cannot be made: {error}")))?;
            context.output.write(page.as_bytes())?;
        }
    }
    Ok(Exit::Ok)
}

/// The page.
///
/// # Errors
/// When the template cannot be filled in.
pub fn page(review: &ServiceReviewView, kind: Kind, now: UnixMs) -> Result<String, askama::Error> {
    html(review, kind, sheets(review, now))
}

/// The tables as texts, times in the service's time zone.
fn sheets(review: &ServiceReviewView, now: UnixMs) -> Vec<Sheet> {
    let zone = TimeZone::get(&review.gathered.time_zone).unwrap_or(TimeZone::UTC);
    let sheet = |Named { name, title, table }: Named| Sheet {
        name: name.to_owned(),
        title: title.to_owned(),
        headings: (0..table.columns.len()).map(|at| (heading(table.columns[at].1), table.is_numeric(at))).collect(),
        rows: table.rows.iter().map(|row| row.iter().map(|cell| cell.shown(&zone, now)).collect()).collect(),
    };
    tables(review).into_iter().map(sheet).collect()
}

/// `BUDGET LEFT_S` is for terminals; people read `Budget left, s`.
fn heading(text: &str) -> String {
    let text = text.to_lowercase();
    let text = text.strip_suffix("_s").map_or(text.clone(), |text| format!("{text}, s"));
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn write_tables(review: &ServiceReviewView, dir: &Path, context: &Context) -> Result<(), Fail> {
    let failed =
        |path: &Path, error: std::io::Error| Fail::failed(format!("{} cannot be written: {error}", path.display()));
    std::fs::create_dir_all(dir).map_err(|error| failed(dir, error))?;
    for named in tables(review) {
        let (ending, text) = match context.output.format() {
            Format::Json => ("json", json(&named)),
            _ => ("csv", csv(&named.table)),
        };
        let path = dir.join(format!("{}.{ending}", named.name));
        std::fs::write(&path, text).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}

/// An array with an object a row; numbers stay numbers.
fn json(named: &Named) -> String {
    let table = &named.table;
    let row = |row: &Vec<super::table::Cell>| {
        let fields = table.columns.iter().zip(row).map(|((key, _), cell)| {
            let raw = cell.raw();
            let value = match (cell.is_number(), raw.is_empty()) {
                (true, _) => serde_json::from_str(&raw).unwrap_or(serde_json::Value::Null),
                (false, true) => serde_json::Value::Null,
                (false, false) => serde_json::Value::String(raw),
            };
            ((*key).to_owned(), value)
        });
        serde_json::Value::Object(fields.collect())
    };
    let rows: Vec<serde_json::Value> = table.rows.iter().map(row).collect();
    serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    #[test]
    fn headings_are_for_people() {
        assert_eq!(super::heading("BUDGET LEFT_S"), "Budget left, s");
        assert_eq!(super::heading("95% LOW"), "95% low");
    }
}
