//! A verdict for people: columns and lines.

use crate::cli::table::{Cell, Column, Table, Tabular};
use crate::view::verdict::VerdictView;

impl VerdictView {
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
        let word = |word: &Option<String>| Cell::maybe(word.clone(), Cell::Text);
        let count = |n: usize| Cell::Count(n as i128);
        vec![
            Cell::text(&self.verdict),
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
            word(&self.unit),
            word(&self.form),
            number(self.mde),
            number(self.more_time_s),
            number(self.rank.p),
            number(self.rank.estimate),
            number(self.rank.ci_low),
            number(self.rank.ci_high),
            number(self.spread.p),
            word(&self.spread.verdict),
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
        [Cell::text(&self.verdict), number(self.p_adjusted), number(self.estimate), Cell::text(&self.words)]
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
