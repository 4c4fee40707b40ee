//! A verdict as the contract has it: every key is always there.

use serde::Serialize;

use crate::cli::table::{Cell, Column, Table, Tabular};
use crate::stats::verdict::Verdict;

/// See the module; what was not computed is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct VerdictView {
    verdict: &'static str,
    p: Option<f64>,
    p_adjusted: Option<f64>,
    estimate: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
    threshold: Option<f64>,
    k_eff: Option<f64>,
    r: Option<f64>,
    n_before: usize,
    n_after: usize,
    missing_share: Option<f64>,
    unit: Option<&'static str>,
    form: Option<&'static str>,
    mde: Option<f64>,
    more_time_s: Option<f64>,
    rank: RankView,
    spread: SpreadView,
    empirical_null_share: Option<f64>,
    words: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
struct RankView {
    p: Option<f64>,
    estimate: Option<f64>,
    ci_low: Option<f64>,
    ci_high: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
struct SpreadView {
    p: Option<f64>,
    verdict: Option<&'static str>,
    ratio: Option<f64>,
}

/// JSON has no word for what is no number.
fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

impl From<&Verdict> for VerdictView {
    fn from(verdict: &Verdict) -> Self {
        let found = &verdict.findings;
        let there = found.compared;
        Self {
            verdict: verdict.decision.as_str(),
            p: finite(verdict.p),
            p_adjusted: finite(verdict.p_adjusted),
            estimate: finite(verdict.estimate),
            ci_low: finite(verdict.ci.map(|ci| ci.0)),
            ci_high: finite(verdict.ci.map(|ci| ci.1)),
            threshold: finite(verdict.threshold),
            k_eff: finite(found.k_eff),
            r: finite(found.r),
            n_before: found.n.0,
            n_after: found.n.1,
            missing_share: there.then_some(found.missing_share),
            unit: there.then(|| found.unit.as_str()),
            form: there.then(|| found.form.as_str()),
            mde: finite(verdict.mde),
            more_time_s: finite(verdict.more_time_s),
            rank: verdict.rank.map_or_else(RankView::default, |rank| RankView {
                p: finite(Some(rank.p)),
                estimate: finite(Some(rank.estimate)),
                ci_low: finite(Some(rank.ci.0)),
                ci_high: finite(Some(rank.ci.1)),
            }),
            spread: verdict.spread.map_or_else(SpreadView::default, |spread| SpreadView {
                p: finite(Some(spread.p)),
                verdict: Some(spread.decision.as_str()),
                ratio: finite(spread.ratio),
            }),
            empirical_null_share: finite(verdict.null_share),
            words: verdict.words.clone(),
        }
    }
}

impl VerdictView {
    /// The sentence.
    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// Keys of the flat form; `rank` and `spread` are taken apart.
    pub(super) const COLUMNS: [Column; 25] = [
        ("verdict", "VERDICT"),
        ("p", "P"),
        ("p_adjusted", "P ADJUSTED"),
        ("estimate", "ESTIMATE"),
        ("ci_low", "CI LOW"),
        ("ci_high", "CI HIGH"),
        ("threshold", "THRESHOLD"),
        ("k_eff", "K_EFF"),
        ("r", "R"),
        ("n_before", "N BEFORE"),
        ("n_after", "N AFTER"),
        ("missing_share", "MISSING"),
        ("unit", "UNIT"),
        ("form", "FORM"),
        ("mde", "MDE"),
        ("more_time_s", "MORE TIME"),
        ("rank_p", "RANK P"),
        ("rank_estimate", "RANK ESTIMATE"),
        ("rank_ci_low", "RANK CI LOW"),
        ("rank_ci_high", "RANK CI HIGH"),
        ("spread_p", "SPREAD P"),
        ("spread_verdict", "SPREAD"),
        ("spread_ratio", "SPREAD RATIO"),
        ("empirical_null_share", "NULL SHARE"),
        ("words", "WORDS"),
    ];

    /// One row in the order of the columns.
    pub(super) fn cells(&self) -> Vec<Cell> {
        let number = |value: Option<f64>| Cell::maybe(value, Cell::Number);
        let word = |word: Option<&'static str>| Cell::maybe(word, Cell::text);
        let count = |n: usize| Cell::Count(n as i128);
        vec![
            Cell::text(self.verdict),
            number(self.p),
            number(self.p_adjusted),
            number(self.estimate),
            number(self.ci_low),
            number(self.ci_high),
            number(self.threshold),
            number(self.k_eff),
            number(self.r),
            count(self.n_before),
            count(self.n_after),
            Cell::maybe(self.missing_share, Cell::Ratio),
            word(self.unit),
            word(self.form),
            number(self.mde),
            number(self.more_time_s),
            number(self.rank.p),
            number(self.rank.estimate),
            number(self.rank.ci_low),
            number(self.rank.ci_high),
            number(self.spread.p),
            word(self.spread.verdict),
            number(self.spread.ratio),
            Cell::maybe(self.empirical_null_share, Cell::Ratio),
            Cell::text(&self.words),
        ]
    }

    /// Every number with what it means, for people.
    pub(super) fn plain(&self) -> Table {
        let cells = self.cells();
        let rows = PLAIN.iter().filter_map(|(key, plain)| {
            let at = Self::COLUMNS.iter().position(|(name, _)| name == key)?;
            Some(vec![Cell::text(*plain), cells.get(at)?.clone()])
        });
        Table::new(&[("what", "WHAT"), ("value", "VALUE")], rows)
    }

    /// What a line of a family says to people.
    pub(super) fn line(&self) -> [Cell; 4] {
        let number = |value: Option<f64>| Cell::maybe(value, Cell::Number);
        [Cell::text(self.verdict), number(self.p_adjusted), number(self.estimate), Cell::text(&self.words)]
    }
}

/// What each key says, for people.
const PLAIN: [(&str, &str); 22] = [
    ("verdict", "verdict"),
    ("estimate", "difference, after - before"),
    ("ci_low", "  at least (95 %)"),
    ("ci_high", "  at most (95 %)"),
    ("threshold", "matters from"),
    ("mde", "these windows would show"),
    ("more_time_s", "seconds more that each window needs"),
    ("p", "p: chance of such a difference without a change"),
    ("p_adjusted", "p among all that were looked at"),
    ("form", "compared by"),
    ("unit", "units compared"),
    ("n_before", "readings before"),
    ("n_after", "readings after"),
    ("missing_share", "readings missing"),
    ("k_eff", "independent blocks they are worth"),
    ("r", "autocorrelation of the blocks"),
    ("rank_p", "p by ranks"),
    ("rank_estimate", "P(a value after is larger) - 1/2"),
    ("spread_p", "p of the spread"),
    ("spread_verdict", "spread"),
    ("spread_ratio", "spread after / before"),
    ("empirical_null_share", "false alarms on the series' own past"),
];

impl Tabular for VerdictView {
    fn table(&self) -> Table {
        Table::new(&Self::COLUMNS, [self.cells()])
    }
}
