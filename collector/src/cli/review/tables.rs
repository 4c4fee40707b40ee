//! The tables of a review, in the order in which they are read. The terminal, CSV files and the report show the same.

use crate::cli::table::{Cell, Table};
use crate::csi::s3_gather::{Gathered, Spent};
use crate::csi::s4_process::{Figures, SeriesFigures};
use crate::csi::s5_analyse::{ObjectiveResult, SeriesResult};
use crate::view::cycle::ServiceReviewView;
use crate::view::finding::FindingView;
use evenkeel_common::time::UnixMs;

/// A table with the name of its file and its caption.
pub struct Named {
    /// Name of its file, without `.csv`.
    pub name: &'static str,
    /// Caption.
    pub title: &'static str,
    /// The table.
    pub table: Table,
}

/// All tables of a review.
pub fn tables(review: &ServiceReviewView) -> Vec<Named> {
    let named = |name, title, table| Named { name, title, table };
    let (gathered, analysed) = (&review.gathered, &review.analysed);
    vec![
        named("objectives", "Objectives", objectives(&analysed.objectives)),
        named("findings", "Findings", findings(&review.findings)),
        named("metrics", "Metrics, as agreed", metrics(&review.figures, review.before.as_ref())),
        named("compared", "Compared with the period before", compared(&analysed.series)),
        named("limits", "Against limits, and where it is going", limits(&analysed.series)),
        named("outages", "Outages", outages(gathered)),
        named("outage-figures", "Figures of outages", outage_figures(review)),
        named("changes", "Changes", changes(gathered)),
        named("days", "Days of each objective", days(gathered)),
        named("members", "Members", members(gathered)),
        named("missing", "Readings that are missing, by reason", missing(gathered)),
        named("steps", "Steps on record", steps(review)),
    ]
}

fn count(number: usize) -> Cell {
    Cell::Count(i128::try_from(number).unwrap_or(i128::MAX))
}

fn at(second: i64) -> Cell {
    Cell::Time(UnixMs(second.saturating_mul(1_000)))
}

fn objectives(all: &[ObjectiveResult]) -> Table {
    let row = |one: &ObjectiveResult| {
        vec![
            Cell::text(&one.objective),
            Cell::text(&one.state),
            Cell::Availability(one.target),
            Cell::maybe(one.availability, Cell::Availability),
            Cell::maybe(one.low, Cell::Availability),
            Cell::maybe(one.high, Cell::Availability),
            Cell::maybe(one.ci_low, Cell::Availability),
            Cell::maybe(one.ci_high, Cell::Availability),
            Cell::maybe(one.before, Cell::Availability),
            Cell::Number(one.budget_left_s),
            Cell::maybe(one.burn_rate, Cell::Number),
            Cell::maybe(one.days_met, |(met, of)| Cell::text(format!("{met} of {of}"))),
        ]
    };
    Table::new(
        &[
            ("objective", "OBJECTIVE"),
            ("state", "STATE"),
            ("target", "TARGET"),
            ("availability", "KEPT"),
            ("low", "UNKNOWN BAD"),
            ("high", "UNKNOWN GOOD"),
            ("ci_low", "95% LOW"),
            ("ci_high", "95% HIGH"),
            ("before", "BEFORE"),
            ("budget_left_s", "BUDGET LEFT_S"),
            ("burn_rate", "BURN RATE"),
            ("days_met", "DAYS MET"),
        ],
        all.iter().map(row),
    )
}

fn findings(all: &[FindingView]) -> Table {
    let row = |one: &FindingView| {
        vec![
            Cell::count(one.id),
            Cell::text(&one.severity),
            Cell::text(&one.status),
            Cell::text(&one.what),
            Cell::text(&one.implication),
            Cell::text(&one.action),
        ]
    };
    Table::new(
        &[
            ("id", "ID"),
            ("severity", "SEVERITY"),
            ("status", "STATUS"),
            ("what", "WHAT"),
            ("implication", "IMPLICATION"),
            ("action", "PROPOSED ACTION"),
        ],
        all.iter().map(row),
    )
}

fn metrics(now: &Figures, before: Option<&Figures>) -> Table {
    let row = |period: &str, one: &SeriesFigures| {
        vec![
            Cell::text(&one.metric),
            Cell::text(period),
            Cell::count(i64::try_from(one.n).unwrap_or(i64::MAX)),
            Cell::text(&one.aggregation),
            Cell::maybe(one.aggregate, Cell::Number),
            Cell::text(&one.dispersion),
            Cell::maybe(one.spread, Cell::Number),
            Cell::maybe(one.mean, Cell::Number),
            Cell::maybe(one.min, Cell::Number),
            Cell::maybe(one.max, Cell::Number),
            Cell::maybe(one.sd, Cell::Number),
            Cell::text(&one.unit),
            Cell::maybe(one.missing_share, Cell::Ratio),
        ]
    };
    let rows = now.series.iter().flat_map(|one| {
        let was = before.and_then(|before| before.series.iter().find(|was| was.metric == one.metric));
        let was = was.zip(before).map(|(was, before)| row(&before.period, was));
        std::iter::once(row(&now.period, one)).chain(was)
    });
    Table::new(
        &[
            ("metric", "METRIC"),
            ("period", "PERIOD"),
            ("n", "N"),
            ("aggregation", "AGGREGATION"),
            ("aggregate", "VALUE"),
            ("dispersion", "DISPERSION"),
            ("spread", "SPREAD"),
            ("mean", "MEAN"),
            ("min", "MIN"),
            ("max", "MAX"),
            ("sd", "SD"),
            ("unit", "UNIT"),
            ("missing_share", "MISSING"),
        ],
        rows,
    )
}

fn compared(all: &[SeriesResult]) -> Table {
    let row = |one: &SeriesResult| {
        let verdict = &one.verdict;
        vec![
            Cell::text(&one.metric),
            Cell::text(&verdict.verdict),
            Cell::maybe(verdict.mean_before, Cell::Number),
            Cell::maybe(verdict.mean_after, Cell::Number),
            Cell::maybe(verdict.estimate, Cell::Number),
            Cell::maybe(verdict.ci_low, Cell::Number),
            Cell::maybe(verdict.ci_high, Cell::Number),
            Cell::maybe(verdict.p, Cell::Number),
            Cell::maybe(verdict.p_adjusted, Cell::Number),
            Cell::maybe(verdict.threshold, Cell::Number),
            Cell::maybe(verdict.mde, Cell::Number),
            Cell::text(&verdict.unit),
            Cell::text(&verdict.form),
            Cell::maybe(verdict.k_eff, Cell::Number),
            Cell::maybe(verdict.rank_p, Cell::Number),
            Cell::maybe(verdict.spread_p, Cell::Number),
            Cell::text(&verdict.spread_verdict),
            Cell::maybe(one.normal_p, Cell::Number),
            Cell::maybe(verdict.empirical_null_share, Cell::Ratio),
        ]
    };
    Table::new(
        &[
            ("metric", "METRIC"),
            ("verdict", "VERDICT"),
            ("mean_before", "BEFORE"),
            ("mean_after", "NOW"),
            ("estimate", "DIFFERENCE"),
            ("ci_low", "95% LOW"),
            ("ci_high", "95% HIGH"),
            ("p", "P"),
            ("p_adjusted", "P ADJUSTED"),
            ("threshold", "MATTERS FROM"),
            ("mde", "WOULD SHOW"),
            ("unit", "UNIT"),
            ("form", "FORM"),
            ("k_eff", "K_EFF"),
            ("rank_p", "RANK P"),
            ("spread_p", "SPREAD P"),
            ("spread_verdict", "SPREAD"),
            ("normal_p", "SHAPIRO P"),
            ("empirical_null_share", "FALSE ALARMS"),
        ],
        all.iter().map(row),
    )
}

fn limits(all: &[SeriesResult]) -> Table {
    let some = all.iter().filter(|one| one.against_limit.is_some() || one.forecast.is_some());
    let row = |one: &SeriesResult| {
        let (against, forecast) = (one.against_limit, one.forecast);
        let limit = against.map(|against| against.limit).or(forecast.and_then(|forecast| forecast.limit));
        vec![
            Cell::text(&one.metric),
            Cell::maybe(limit, Cell::Number),
            Cell::maybe(against, |against| Cell::Number(against.estimate)),
            Cell::maybe(against, |against| Cell::Number(against.ci_low)),
            Cell::maybe(against, |against| Cell::Number(against.ci_high)),
            Cell::maybe(against, |against| Cell::Number(against.p)),
            Cell::maybe(forecast, |forecast| Cell::Number(forecast.level)),
            Cell::maybe(forecast, |forecast| Cell::Number(forecast.slope_per_day)),
            Cell::maybe(forecast, |forecast| Cell::Number(forecast.slope_low_per_day)),
            Cell::maybe(forecast, |forecast| Cell::Number(forecast.slope_high_per_day)),
            Cell::maybe(forecast.and_then(|forecast| forecast.days_to_limit), Cell::Number),
            Cell::maybe(forecast.and_then(|forecast| forecast.days_not_before), Cell::Number),
            Cell::maybe(forecast.and_then(|forecast| forecast.days_not_after), Cell::Number),
            Cell::text(&one.unit),
        ]
    };
    Table::new(
        &[
            ("metric", "METRIC"),
            ("limit", "LIMIT"),
            ("estimate", "MEAN LESS LIMIT"),
            ("ci_low", "95% LOW"),
            ("ci_high", "95% HIGH"),
            ("p", "P"),
            ("level", "LEVEL AT END"),
            ("slope_per_day", "A DAY"),
            ("slope_low_per_day", "95% LOW"),
            ("slope_high_per_day", "95% HIGH"),
            ("days_to_limit", "DAYS TO LIMIT"),
            ("days_not_before", "NOT BEFORE"),
            ("days_not_after", "NOT AFTER"),
            ("unit", "UNIT"),
        ],
        some.map(row),
    )
}

fn outages(gathered: &Gathered) -> Table {
    let rows = gathered.outages.iter().map(|one| {
        vec![
            Cell::count(one.id),
            Cell::text(&one.target),
            Cell::text(&one.check),
            at(one.from_s),
            Cell::maybe(one.to_s, at),
            Cell::count(one.down_s),
            Cell::count(one.excluded_s),
            Cell::count(one.impact),
            Cell::text(if one.void { format!("(none) {}", one.cause) } else { one.cause.clone() }),
        ]
    });
    Table::new(
        &[
            ("id", "ID"),
            ("target", "TARGET"),
            ("check", "CHECK"),
            ("start", "START"),
            ("end", "END"),
            ("down_s", "DOWN_S"),
            ("excluded_s", "EXCLUDED_S"),
            ("impact", "IMPACT"),
            ("cause", "CAUSE"),
        ],
        rows,
    )
}

fn outage_figures(review: &ServiceReviewView) -> Table {
    let all = std::iter::once(&review.figures).chain(review.before.as_ref());
    let rows = all.map(|one| {
        let outages = &one.outages;
        vec![
            Cell::text(&one.period),
            count(outages.count),
            Cell::count(outages.down_total_s),
            Cell::count(outages.down_range_s),
            Cell::maybe(outages.mttr_s, Cell::Number),
            Cell::maybe(outages.mtbf_s, Cell::Number),
            Cell::count(outages.impact_total),
            Cell::count(outages.impact_range),
            Cell::maybe(review.analysed.outages.filter(|_| one.period == review.figures.period), |test| {
                Cell::Number(test.p)
            }),
        ]
    });
    Table::new(
        &[
            ("period", "PERIOD"),
            ("outages", "OUTAGES"),
            ("down_total_s", "DOWN_S"),
            ("down_range_s", "RANGE_S"),
            ("mttr_s", "MTTR_S"),
            ("mtbf_s", "MTBF_S"),
            ("impact_total", "IMPACT"),
            ("impact_range", "IMPACT RANGE"),
            ("mann_whitney_p", "LENGTHS: MANN-WHITNEY P"),
        ],
        rows,
    )
}

fn changes(gathered: &Gathered) -> Table {
    let rows = gathered.changes.iter().map(|one| {
        vec![
            Cell::count(one.id),
            at(one.at_s),
            Cell::text(&one.what),
            Cell::text(&one.source),
            Cell::text(&one.expected),
            Cell::text(&one.verdict),
        ]
    });
    Table::new(
        &[
            ("id", "ID"),
            ("at", "AT"),
            ("what", "WHAT"),
            ("source", "SOURCE"),
            ("expected", "EXPECTED"),
            ("verdict", "VERDICT"),
        ],
        rows,
    )
}

fn days(gathered: &Gathered) -> Table {
    let rows = gathered.objectives.iter().flat_map(|one| {
        one.days.iter().zip(&gathered.days).map(move |(day, begin)| {
            let Spent { good_s, bad_s, unknown_s, excluded_s } = *day;
            vec![
                Cell::text(&one.name),
                at(*begin),
                Cell::count(good_s),
                Cell::count(bad_s),
                Cell::count(unknown_s),
                Cell::count(excluded_s),
            ]
        })
    });
    Table::new(
        &[
            ("objective", "OBJECTIVE"),
            ("day", "DAY"),
            ("good_s", "GOOD_S"),
            ("bad_s", "BAD_S"),
            ("unknown_s", "UNKNOWN_S"),
            ("excluded_s", "EXCLUDED_S"),
        ],
        rows,
    )
}

fn members(gathered: &Gathered) -> Table {
    let rows = gathered.members.iter().map(|one| {
        vec![
            Cell::text(&one.name),
            Cell::text(&one.kind),
            at(one.from_s),
            at(one.to_s),
            Cell::text(one.hosts.join(", ")),
        ]
    });
    Table::new(&[("member", "MEMBER"), ("kind", "KIND"), ("from", "FROM"), ("to", "TO"), ("hosts", "HOSTS")], rows)
}

fn missing(gathered: &Gathered) -> Table {
    let rows = gathered.series.iter().flat_map(|series| {
        series.missing.iter().map(move |(why, length)| {
            #[expect(clippy::cast_precision_loss, reason = "seconds of a period are far below 2^53")]
            let share = *length as f64 / series.expected_s.max(1) as f64;
            vec![Cell::text(&series.metric), Cell::text(why), Cell::count(*length), Cell::Ratio(share)]
        })
    });
    Table::new(&[("metric", "METRIC"), ("reason", "REASON"), ("missing_s", "MISSING_S"), ("share", "SHARE")], rows)
}

fn steps(review: &ServiceReviewView) -> Table {
    let rows = review.steps.iter().map(|one| {
        vec![
            Cell::count(review.cycle.version),
            Cell::text(&one.step),
            Cell::text(&one.input_digest),
            Cell::text(&one.output_digest),
        ]
    });
    Table::new(
        &[("version", "VERSION"), ("step", "STEP"), ("input_digest", "INPUT"), ("output_digest", "OUTPUT")],
        rows,
    )
}
