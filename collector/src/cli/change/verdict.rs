//! `evenkeel change verdict`.

use clap::Args;

use crate::api::ChangeVerdictQuery;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::fail::{Exit, Fail};
use crate::cli::table::{Cell, Table, Tabular};
use crate::view::change_verdict::{ChangeVerdictView, KpiVerdictView};

/// Members shown to people for each metric.
const MEMBERS_SHOWN: usize = 20;

pub(super) const HELP: &str = "\
For each metric of each KPI the members that the change touched are put together, step by step, by the metric's aggregation \
(of availability: the share of time that was down), and the window before the change is compared with the one after it by \
the procedure of `stats verdict`; maintenance is left out. Headlines are adjusted as one family, members as another one \
(Benjamini and Hochberg). The verdict of the change is the worst of its KPIs: degraded, changed, not_enough_data, \
no_evidence, no_change, improved. Every verdict exits 0.

The windows and the final look were fixed when the change was recorded. A look before is provisional: nothing is to be \
decided on it. The final look is kept once everybody touched was heard after it, or two days later; --again looks at what is \
known now, and leaves the one on record as it is. Of availability a difference matters from what the objective leaves room \
for, unless the metric has a threshold of its own.

Confounders are listed, not corrected for: change (another one within the windows), maintenance, outage, members (that came \
or went), missing_data, season. An expectation is met when the whole 95 % interval is at or beyond it, not_met when none of \
it is, else cannot_be_told.

JSON: {\"verdict\",\"words\",\"change\":{as of change show},\"service\",\"look\":\"final\"|\"provisional\",\"kept\",\
\"looked_at\",\"before\":{\"from\",\"to\"},\"after\":{\"from\",\"to\"},\"members\",\"kpis\":[{\"kpi\",\"metric\",\"value_unit\",\
\"aggregation\",\"step_s\",\"mean_before\",\"mean_after\",\"headline\":{the keys of stats verdict},\"expectation\":null or \
{\"expected\",\"wanted\",\"outcome\"},\"members\":[{\"name\",\"verdict\":{the keys of stats verdict}}],\"left_out\":[{\"name\",\
\"why\"}]}],\"confounders\":[{\"kind\",\"what\",\"change\"}]}.";

/// Which change.
#[derive(Debug, Args)]
pub struct VerdictArgs {
    /// Its number (see `change list`).
    id: i64,
    /// On this service, when the change touches several.
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// Look at what is known now, also when the final look is on record.
    #[arg(long)]
    again: bool,
}

/// Asks and writes.
pub(super) async fn run(args: VerdictArgs, context: &Context) -> Result<Exit, Fail> {
    let query = ChangeVerdictQuery { service: args.service, again: args.again };
    let view: ChangeVerdictView = context.client.get(&format!("/changes/{}/verdict", args.id), &query).await?;
    if context.global.output == Format::Table {
        let title = format!("{} ({} look): {}", view.verdict.replace('_', " "), view.look, view.words);
        context.output.write(format!("{title}\n\n").as_bytes())?;
    }
    context.output.show(&view)?;
    Ok(Exit::Ok)
}

fn row(one: &KpiVerdictView) -> Vec<Cell> {
    let number = |value: Option<f64>| Cell::maybe(value, Cell::Number);
    let line = &one.headline;
    vec![
        Cell::text(&one.kpi),
        Cell::text(&one.metric),
        Cell::text(&line.verdict),
        number(one.mean_before),
        number(one.mean_after),
        number(line.estimate),
        number(line.ci_low),
        number(line.ci_high),
        number(line.p_adjusted),
        Cell::text(&one.value_unit),
        Cell::maybe(one.expectation.as_ref(), |it| Cell::text(format!("{}: {}", it.expected, it.outcome))),
        Cell::text(&line.words),
    ]
}

impl Tabular for ChangeVerdictView {
    fn table(&self) -> Table {
        Table::new(
            &[
                ("kpi", "KPI"),
                ("metric", "METRIC"),
                ("verdict", "VERDICT"),
                ("mean_before", "BEFORE"),
                ("mean_after", "AFTER"),
                ("estimate", "DIFFERENCE"),
                ("ci_low", "LOW"),
                ("ci_high", "HIGH"),
                ("p_adjusted", "P ADJUSTED"),
                ("value_unit", "UNIT"),
                ("expectation", "EXPECTED"),
                ("words", "WORDS"),
            ],
            self.kpis.iter().map(row),
        )
    }

    fn more(&self) -> Vec<(&'static str, Table)> {
        let mut more = Vec::new();
        let members = self.kpis.iter().flat_map(|one| {
            let shown = one.members.iter().take(MEMBERS_SHOWN);
            shown.map(|member| {
                let line = &member.verdict;
                vec![
                    Cell::text(&one.metric),
                    Cell::text(&member.name),
                    Cell::text(&line.verdict),
                    Cell::maybe(line.estimate, Cell::Number),
                    Cell::maybe(line.p_adjusted, Cell::Number),
                ]
            })
        });
        let columns = [
            ("metric", "METRIC"),
            ("name", "MEMBER"),
            ("verdict", "VERDICT"),
            ("estimate", "DIFFERENCE"),
            ("p_adjusted", "P ADJUSTED"),
        ];
        more.push(("Members", Table::new(&columns, members)));
        let left_out = self.kpis.iter().flat_map(|one| {
            one.left_out.iter().map(|left| vec![Cell::text(&one.metric), Cell::text(&left.name), Cell::text(&left.why)])
        });
        let left_out: Vec<Vec<Cell>> = left_out.collect();
        if !left_out.is_empty() {
            let columns = [("metric", "METRIC"), ("name", "MEMBER"), ("why", "WHY")];
            more.push(("Left out", Table::new(&columns, left_out)));
        }
        if !self.confounders.is_empty() {
            let lines = self.confounders.iter().map(|one| vec![Cell::text(&one.kind), Cell::text(&one.what)]);
            more.push(("Confounders", Table::new(&[("kind", "KIND"), ("what", "WHAT")], lines)));
        }
        more
    }
}
