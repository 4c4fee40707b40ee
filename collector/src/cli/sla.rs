//! `evenkeel sla status`.

use clap::{Args, Subcommand};

use super::context::Context;
use super::fail::{Exit, Fail};
use super::table::{Cell, Table, Tabular};
use crate::api::SlaQuery;
use crate::view::sla::SlaRow;

/// Verbs of `sla`.
#[derive(Debug, Subcommand)]
pub enum SlaVerb {
    /// Say how every objective of every service stands.
    #[command(after_long_help = HELP)]
    Status(StatusArgs),
}

const HELP: &str = "\
good_s, bad_s, unknown_s and excluded_s are exact and sum to the time from --from the period's begin to now. Excluded is \
maintenance and time outside business hours, whatever happened in it. Bad is time in outages of which it is known that the \
service was down (see `outage list`); with a limit, time whose readings are beyond it. A service is up while as many \
members as it needs are up. availability takes unknown time as the objective says; ci_low and ci_high are the good share \
if all unknown time was bad, or good. budget_left_s is what may still be bad until the end of the period; burn_rate 1 uses \
the budget up exactly at its end. Of an objective on samples availability is their share (in proportion where a run of \
equal ones is cut by the period's ends), and seconds and budget are still time.

projection: where the period ends when it goes on as its days (hours of a day) so far, with a 95 % prediction interval \
(Student's t, days taken for independent); null before three of them, and for rolling windows. state: met, at_risk (below \
the target with budget left), missed (the budget is gone), unknown. Every state exits 0. Members are those of today's labels.

reported: what was told of exactly this period with --report, which stays as it was. When something else is known now (an \
agent sent late, an outage was corrected, a window or member was added), differs is true and words say \"reported A on \
DATE, now B because ...\", which is on standard error too.

JSON: [{\"service\",\"objective\",\"target\",\"from\",\"to\",\"good_s\",\"bad_s\",\"unknown_s\",\"excluded_s\",\"availability\",\
\"ci_low\",\"ci_high\",\"budget_left_s\",\"burn_rate\",\"missing\",\"state\",\"period_end\",\"unknown_is\",\"share_of\",\
\"samples_good\",\"samples_bad\",\"budget_s\",\"burn_rates\":[{\"window_s\",\"rate\"}],\"projection\":null or \
{\"availability\",\"low\",\"high\",\"blocks\"},\"reported\":null or {\"version\",\"reported_at\",\"reported_by\",\
\"availability\",\"good_s\",\"bad_s\",\"unknown_s\",\"excluded_s\",\"differs\",\"words\"}}].";

/// Which services, and as of when.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Only this service.
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// As of this time instead of now; with what is known today.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The whole periods in which this time lies, such as 2026-11, as far as they are over.
    #[arg(long, value_name = "TIME", conflicts_with = "at")]
    period: Option<String>,
    /// Keep these levels as reported, if their period is over: later versions stand beside them.
    #[arg(long, requires = "period")]
    report: bool,
}

/// Runs a verb.
pub async fn run(verb: SlaVerb, context: &Context) -> Result<Exit, Fail> {
    let SlaVerb::Status(args) = verb;
    let at_ms = args.at.as_deref().map(|text| context.time(text)).transpose()?.map(|at| at.0);
    let period_ms = args.period.as_deref().map(|text| context.time(text)).transpose()?.map(|at| at.0);
    let query = SlaQuery { service: args.service, at_ms, period_ms };
    let rows: Vec<SlaRow> = if args.report {
        context.client.post("/sla/report", &query).await?
    } else {
        context.client.get("/sla", &query).await?
    };
    for row in &rows {
        if let Some(reported) = row.reported.as_ref().filter(|reported| reported.differs) {
            super::say(&format!("{} {}: {}", row.service, row.objective, reported.words));
        }
    }
    context.output.show(&rows)?;
    Ok(Exit::Ok)
}

impl Tabular for Vec<SlaRow> {
    fn table(&self) -> Table {
        Table::new(
            &[
                ("service", "SERVICE"),
                ("objective", "OBJECTIVE"),
                ("state", "STATE"),
                ("target", "TARGET"),
                ("from", "FROM"),
                ("to", "TO"),
                ("good_s", "GOOD_S"),
                ("bad_s", "BAD_S"),
                ("unknown_s", "UNKNOWN_S"),
                ("excluded_s", "EXCLUDED_S"),
                ("availability", "AVAILABILITY"),
                ("ci_low", "LOW"),
                ("ci_high", "HIGH"),
                ("budget_left_s", "BUDGET LEFT_S"),
                ("burn_rate", "BURN RATE"),
            ],
            self.iter().map(|row| {
                vec![
                    Cell::text(&row.service),
                    Cell::text(&row.objective),
                    Cell::text(&row.state),
                    Cell::Availability(row.target),
                    Cell::Time(row.from.0),
                    Cell::Time(row.to.0),
                    Cell::count(row.good_s),
                    Cell::count(row.bad_s),
                    Cell::count(row.unknown_s),
                    Cell::count(row.excluded_s),
                    Cell::maybe(row.availability, Cell::Availability),
                    Cell::maybe(row.ci_low, Cell::Availability),
                    Cell::maybe(row.ci_high, Cell::Availability),
                    Cell::Number(row.budget_left_s),
                    Cell::maybe(row.burn_rate, Cell::Number),
                ]
            }),
        )
    }
}
