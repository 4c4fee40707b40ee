//! [P] The lines of the refreshing screen.

use evenkeel_common::time::UnixMs;
use jiff::tz::TimeZone;

use super::super::when;
use super::{Sort, cells};
use crate::view::vm::VmTop;

/// A column of the screen: index into the cells, heading, width. In the order in which they are shown.
const COLUMNS: [(usize, &str, usize); 9] = [
    (1, "NAME", 20),
    (2, "HOST", 14),
    (3, "STATE", 9),
    (4, "CPU", 7),
    (5, "RSS", 9),
    (6, "DISK/s", 9),
    (7, "NET/s", 9),
    (8, "STEAL", 7),
    (9, "MISSING", 16),
];
/// Headings of the columns with text, which begins at the left as their cells do.
const TEXTS: [&str; 4] = ["NAME", "HOST", "STATE", "MISSING"];
/// Headings in the order in which a narrow terminal drops them.
const DROPPED_FIRST: [&str; 8] = ["MISSING", "STATE", "HOST", "STEAL", "NET/s", "DISK/s", "RSS", "CPU"];

/// What is on the screen.
#[derive(Debug)]
pub struct Screen {
    rows: Vec<VmTop>,
    sort: Sort,
    at: UnixMs,
    zone: TimeZone,
    trouble: Option<String>,
}

impl Screen {
    /// With the first rows.
    pub fn new(rows: Vec<VmTop>, sort: Sort, at: UnixMs, zone: TimeZone) -> Self {
        let mut screen = Self { rows, sort, at, zone, trouble: None };
        screen.sort_by(sort);
        screen
    }

    /// Sorts otherwise from now on.
    pub fn sort_by(&mut self, sort: Sort) {
        self.sort = sort;
        sort.apply(&mut self.rows);
    }

    /// Shows newer rows.
    pub fn renew(&mut self, rows: Vec<VmTop>, at: UnixMs) {
        *self = Self::new(rows, self.sort, at, self.zone.clone());
    }

    /// Shows why there are no newer rows.
    pub fn say(&mut self, trouble: &str) {
        self.trouble = Some(trouble.to_owned());
    }

    /// The lines for a terminal of this size: never wider, never more.
    pub fn lines(&self, width: usize, height: usize) -> Vec<String> {
        let columns = columns(width);
        let at = when::show(self.at, &self.zone);
        let summary = match &self.trouble {
            Some(trouble) => format!("{at}  since then: {trouble}"),
            None => format!("{at}  {} VMs by {}  (c m d n s: sort, q: quit)", self.rows.len(), self.sort.word()),
        };
        let headings = columns.iter().map(|(_, heading, width)| pad(heading, *width, !TEXTS.contains(heading)));
        let mut lines = vec![cut(&summary, width), cut(&join(headings), width)];
        lines.extend(self.rows.iter().map(|row| {
            let cells = cells(row);
            let shown = columns.iter().map(|(index, _, width)| {
                pad(&cells[*index].shown(&self.zone, self.at), *width, cells[*index].is_number())
            });
            cut(&join(shown), width)
        }));
        lines.truncate(height);
        lines
    }
}

fn columns(width: usize) -> Vec<(usize, &'static str, usize)> {
    let mut columns = COLUMNS.to_vec();
    for heading in DROPPED_FIRST {
        let needed: usize = columns.iter().map(|(_, _, width)| width + 1).sum();
        if needed <= width + 1 {
            break;
        }
        columns.retain(|(_, shown, _)| *shown != heading);
    }
    columns
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<String>>().join(" ").trim_end().to_owned()
}

fn cut(text: &str, width: usize) -> String {
    text.chars().take(width).collect()
}

fn pad(text: &str, width: usize, right: bool) -> String {
    let text = cut(text, width);
    if right { format!("{text:>width$}") } else { format!("{text:<width$}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, cpu: Option<f64>, memory: u64) -> VmTop {
        VmTop {
            uuid: name.to_owned(),
            name: name.to_owned(),
            host: "hosta".to_owned(),
            state: "running".to_owned(),
            cpu_ratio: cpu,
            memory_rss_bytes: Some(memory),
            disk_bytes_per_s: Some(2048.0),
            network_bytes_per_s: Some(0.0),
            steal_ratio: None,
            missing: None,
        }
    }

    fn screen() -> Screen {
        let rows = vec![row("idle", Some(0.0), 3 << 20), row("lost", None, 1 << 20), row("busy", Some(0.985), 2 << 20)];
        Screen::new(rows, Sort::Cpu, UnixMs(0), TimeZone::UTC)
    }

    fn names(screen: &Screen) -> Vec<String> {
        let lines = screen.lines(120, 50);
        lines.iter().skip(2).filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    }

    #[test]
    fn sorts_the_largest_first_and_the_missing_last() {
        let mut screen = screen();
        assert_eq!(names(&screen), ["busy", "idle", "lost"]);
        screen.sort_by(Sort::Memory);
        assert_eq!(names(&screen), ["idle", "busy", "lost"]);
    }

    #[test]
    fn a_narrow_terminal_drops_columns_and_is_never_overrun() {
        let wide = screen().lines(120, 50);
        assert!(wide[1].contains("STEAL") && wide[2].contains("98.5%"), "{wide:?}");
        let narrow = screen().lines(40, 4);
        assert!(narrow[1].contains("CPU") && !narrow[1].contains("STEAL"), "{narrow:?}");
        assert_eq!(narrow.len(), 4);
        for width in 1..130 {
            assert!(screen().lines(width, 50).iter().all(|line| line.chars().count() <= width), "{width}");
        }
    }

    #[test]
    fn headings_stand_over_their_cells() {
        let lines = screen().lines(120, 50);
        for (heading, cell) in [("HOST", "hosta"), ("STATE", "running"), ("MISSING", "-")] {
            assert_eq!(lines[1].find(heading), lines[2].rfind(cell), "{lines:?}");
        }
    }

    #[test]
    fn trouble_is_said_and_the_old_rows_stay() {
        let mut screen = screen();
        screen.say("collector unreachable");
        let lines = screen.lines(120, 50);
        assert!(lines[0].contains("collector unreachable"));
        assert_eq!(lines.len(), 5);
    }
}
