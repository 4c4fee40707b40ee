//! The tables of a calibration.

use std::fmt;

use super::rates::Rates;
use super::series::float;

/// One case with one length of windows.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Heading of its table.
    pub table: &'static str,
    /// The case.
    pub name: String,
    /// Length of each window.
    pub hours: usize,
    /// What came of it.
    pub rates: Rates,
    /// Largest share of rejections, where it is held to one.
    pub limit: Option<f64>,
}

/// A share with a target.
#[derive(Clone, Debug, PartialEq)]
struct Target {
    what: String,
    ours: f64,
    naive: Option<f64>,
    target: Option<(&'static str, f64)>,
}

/// Everything that was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    runs: usize,
    kind: &'static str,
    /// The cases.
    pub cells: Vec<Cell>,
    targets: Vec<Target>,
}

impl Report {
    /// An empty one.
    #[must_use]
    pub fn new(runs: usize, kind: &'static str) -> Self {
        Self { runs, kind, cells: Vec::new(), targets: Vec::new() }
    }

    /// A share, or a mean number, that is held to a target; `naive` may be NaN where there is none.
    pub fn target(&mut self, what: &str, ours: f64, naive: f64, sense: &'static str, bound: f64) {
        self.targets.push(Target { what: what.to_owned(), ours, naive: number(naive), target: Some((sense, bound)) });
    }

    /// Shares for information; ours may be NaN where there is none.
    pub fn say(&mut self, what: &str, ours: f64, naive: f64) {
        self.targets.push(Target { what: what.to_owned(), ours, naive: number(naive), target: None });
    }

    /// What chance adds to a share near a bound: with few runs three standard errors, with all of them nothing.
    fn allowance(&self, bound: f64) -> f64 {
        if self.kind == "full" { 0.0 } else { 3.0 * (bound * (1.0 - bound) / float(self.runs)).sqrt() }
    }

    fn cell_met(&self, cell: &Cell) -> Option<bool> {
        let limit = cell.limit?;
        Some(worst(&cell.rates) <= limit + self.allowance(limit))
    }

    fn target_met(&self, target: &Target) -> Option<bool> {
        let (sense, bound) = target.target?;
        let room = self.allowance(bound);
        Some(if sense == "<=" { target.ours <= bound + room } else { target.ours >= bound - room })
    }

    /// Whether every target is met.
    #[must_use]
    pub fn all_met(&self) -> bool {
        let cells = self.cells.iter().all(|cell| self.cell_met(cell) != Some(false));
        cells && self.targets.iter().all(|target| self.target_met(target) != Some(false))
    }
}

fn number(share: f64) -> Option<f64> {
    (!share.is_nan()).then_some(share)
}

/// The worst of all forms, the primary one among them.
fn worst(rates: &Rates) -> f64 {
    rates.forms.iter().fold(rates.primary, |worst, form| worst.max(*form))
}

const fn word(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "PASS",
        Some(false) => "FAIL",
        None => "",
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} calibration: {} runs a case, readings 10 s apart, alpha 0.05, fixed seeds",
            self.kind, self.runs
        )?;
        writeln!(f, "a case passes when primary, mean, rank and spread are all at most 0.06")?;
        if self.kind != "full" {
            writeln!(f, "with so few runs chance is allowed three standard errors: {:.3}", self.allowance(0.06))?;
        }
        let mut last = "";
        for cell in &self.cells {
            if cell.table != last {
                last = cell.table;
                writeln!(f, "\n{last}")?;
                writeln!(
                    f,
                    "{:38} {:>5}  {:>7} {:>6} {:>6} {:>6} {:>6} {:>6} | {:>6} {:>6} {:>6}",
                    "", "hours", "primary", "mean", "rank", "spread", "gated", "isrank", "welch", "mann-w", "brownf"
                )?;
            }
            let Rates { primary, forms, gated, is_rank, naive } = cell.rates;
            write!(f, "{:38} {:>5}  {primary:>7.3}", cell.name, cell.hours)?;
            for share in forms.into_iter().chain([gated, is_rank]) {
                write!(f, " {share:>6.3}")?;
            }
            write!(f, " |")?;
            for share in naive {
                write!(f, " {share:>6.3}")?;
            }
            writeln!(f, " {}", word(self.cell_met(cell)))?;
        }
        if let Some(cell) = self
            .cells
            .iter()
            .filter(|cell| cell.limit.is_some())
            .max_by(|a, b| worst(&a.rates).total_cmp(&worst(&b.rates)))
        {
            writeln!(
                f,
                "\nworst of the cases that are held: {:.3} ({}, {} h)",
                worst(&cell.rates),
                cell.name,
                cell.hours
            )?;
        }
        writeln!(f, "\n{:52} {:>8} {:>8} {:>10}", "", "evenkeel", "naive", "target")?;
        for target in &self.targets {
            let ours = if target.ours.is_nan() { String::new() } else { format!("{:.3}", target.ours) };
            let naive = target.naive.map_or(String::new(), |share| format!("{share:.3}"));
            let bound = target.target.map_or(String::new(), |(sense, bound)| format!("{sense} {bound:.2}"));
            let line = format!("{:52} {ours:>8} {naive:>8} {bound:>10} {}", target.what, word(self.target_met(target)));
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_above_its_limit_is_found_and_few_runs_get_room() {
        let rates = Rates { primary: 0.05, forms: [0.05, 0.07, 0.05], ..Rates::default() };
        let cell = Cell { table: "t", name: "n".to_owned(), hours: 1, rates, limit: Some(0.06) };
        let mut full = Report::new(2_400, "full");
        full.cells.push(cell.clone());
        assert!(!full.all_met() && full.to_string().contains("FAIL"));
        let mut short = Report::new(300, "short");
        short.cells.push(Cell { rates: Rates { forms: [0.05, 0.07, 0.09], ..rates }, ..cell });
        assert!(short.all_met() && short.to_string().contains("three standard errors"));
        short.target("power", 0.1, 0.2, ">=", 0.7);
        assert!(!short.all_met());
    }
}
