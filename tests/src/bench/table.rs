//! What is printed at the end: a line each, with its target and whether it is met.

use std::fmt;

/// One line.
#[derive(Debug)]
struct Line {
    what: String,
    ours: String,
    peer: String,
    target: String,
    met: Option<bool>,
}

/// The lines so far.
#[derive(Debug)]
pub struct Table {
    peer: &'static str,
    lines: Vec<Line>,
}

impl Default for Table {
    fn default() -> Self {
        Self::beside("exporter")
    }
}

impl Table {
    /// An empty one, with the name of the peer.
    pub fn beside(peer: &'static str) -> Self {
        Self { peer, lines: Vec::new() }
    }

    /// A line with a target.
    pub fn target(&mut self, what: &str, ours: String, peer: String, target: String, met: bool) {
        self.lines.push(Line { what: what.to_owned(), ours, peer, target, met: Some(met) });
    }

    /// A line for information.
    pub fn say(&mut self, what: &str, ours: String, peer: String) {
        self.lines.push(Line { what: what.to_owned(), ours, peer, target: String::new(), met: None });
    }

    /// Whether every target is met.
    pub fn all_met(&self) -> bool {
        self.lines.iter().all(|line| line.met != Some(false))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:46} {:>14} {:>14} {:>18}", "", "evenkeel", self.peer, "target")?;
        for Line { what, ours, peer, target, met } in &self.lines {
            let verdict = match met {
                Some(true) => "PASS",
                Some(false) => "FAIL",
                None => "",
            };
            writeln!(f, "{what:46} {ours:>14} {peer:>14} {target:>18} {verdict}")?;
        }
        Ok(())
    }
}

/// The middle one; 0 of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        len if len % 2 == 1 => sorted[len / 2],
        len => f64::midpoint(sorted[len / 2 - 1], sorted[len / 2]),
    }
}

/// The mean; 0 of none.
#[expect(clippy::cast_precision_loss, reason = "a few dozen rounds")]
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middle_and_mean() {
        assert!((median(&[3.0, 1.0, 9.0]) - 3.0).abs() < 1e-9);
        assert!((median(&[1.0, 2.0, 4.0, 9.0]) - 3.0).abs() < 1e-9);
        assert!((mean(&[1.0, 3.0]) - 2.0).abs() < 1e-9);
        assert!(median(&[]).abs() < 1e-9 && mean(&[]).abs() < 1e-9);
    }

    #[test]
    fn a_target_that_is_missed_is_found() {
        let mut table = Table::default();
        table.say("a", String::new(), String::new());
        table.target("b", "1".into(), "2".into(), "≤ 2".into(), true);
        assert!(table.all_met());
        table.target("c", "3".into(), String::new(), "≤ 2".into(), false);
        assert!(!table.all_met() && table.to_string().contains("FAIL"));
    }
}
