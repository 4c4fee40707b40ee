//! Where data goes: a table, one JSON document or CSV, on standard output or into `--file`.

use std::io::Write as _;
use std::path::PathBuf;

use comfy_table::{CellAlignment, ContentArrangement};
use evenkeel_common::time::UnixMs;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::args::Format;
use super::fail::Fail;
use super::say;
use super::table::{Table, Tabular};

/// See the module.
#[derive(Clone, Debug)]
pub struct Output {
    format: Format,
    file: Option<PathBuf>,
    zone: TimeZone,
    now: UnixMs,
}

impl Output {
    /// For one command.
    pub fn new(format: Format, file: Option<PathBuf>, zone: TimeZone, now: UnixMs) -> Self {
        Self { format, file, zone, now }
    }

    /// How data is written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether data goes to standard output and not into a file.
    pub fn to_stdout(&self) -> bool {
        self.file.is_none()
    }

    /// Writes a view.
    pub fn show<V: Serialize + Tabular>(&self, view: &V) -> Result<(), Fail> {
        let text = match self.format {
            Format::Json => json(view)?,
            Format::Csv => csv(&view.table()),
            Format::Table => self.tables(view),
        };
        self.write(text.as_bytes())
    }

    /// Writes bytes as they are.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Fail> {
        if let Some(path) = &self.file {
            return std::fs::write(path, bytes)
                .map_err(|error| Fail::failed(format!("{} cannot be written: {error}", path.display())));
        }
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
            std::io::ErrorKind::BrokenPipe => Fail::broken_pipe(),
            _ => Fail::failed(format!("standard output cannot be written: {error}")),
        })
    }

    /// A table as text, without borders.
    pub fn render(&self, table: &Table) -> String {
        let mut grid = comfy_table::Table::new();
        grid.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        grid.set_header(table.columns.iter().map(|(_, heading)| *heading));
        for row in &table.rows {
            grid.add_row(row.iter().map(|cell| cell.shown(&self.zone, self.now)));
        }
        for (index, column) in grid.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if table.is_numeric(index) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let text: Vec<String> = grid.lines().map(|line| line.trim_end().to_owned()).collect();
        text.join("\n") + "\n"
    }

    fn tables<V: Tabular>(&self, view: &V) -> String {
        let main = view.table();
        if main.rows.is_empty() && self.to_stdout() {
            say("nothing found");
        }
        let mut text = self.render(&main);
        for (title, table) in view.more() {
            if !table.rows.is_empty() {
                text.push_str(&format!("\n{title}\n{}", self.render(&table)));
            }
        }
        text
    }
}

fn json<V: Serialize>(view: &V) -> Result<String, Fail> {
    let text = serde_json::to_string_pretty(view);
    Ok(text.map_err(|error| Fail::failed(format!("the answer cannot be written as JSON: {error}")))? + "\n")
}

/// RFC 4180 with `\n`: quotes only where needed.
pub fn csv(table: &Table) -> String {
    let mut text = csv_line(table.columns.iter().map(|(key, _)| *key));
    for row in &table.rows {
        text.push_str(&csv_line(row.iter().map(super::table::Cell::raw)));
    }
    text
}

/// A line of CSV.
pub fn csv_line(fields: impl Iterator<Item = impl AsRef<str>>) -> String {
    let quoted: Vec<String> = fields.map(|field| quote(field.as_ref())).collect();
    quoted.join(",") + "\n"
}

/// A field of CSV, in quotes where it needs them.
pub fn quote(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::Cell;
    use super::*;

    fn sample() -> Table {
        Table::new(
            &[("name", "NAME"), ("memory_max_bytes", "MEMORY"), ("cpu_ratio", "CPU"), ("last_seen", "SEEN")],
            [
                vec![Cell::text("web-1"), Cell::Bytes(96 << 20), Cell::Ratio(0.5), Cell::Ago(UnixMs(0))],
                vec![Cell::text("a \"b\", c"), Cell::Bytes(1), Cell::Empty, Cell::Ago(UnixMs(60_000))],
            ],
        )
    }

    #[test]
    fn a_table_has_no_borders_and_no_trailing_blanks() {
        let output = Output::new(Format::Table, None, TimeZone::UTC, UnixMs(61_000));
        let expected = "\
NAME      MEMORY    CPU  SEEN
web-1     96 MiB  50.0%  61s
a \"b\", c     1 B      -  1s
";
        assert_eq!(output.render(&sample()), expected);
    }

    #[test]
    fn csv_has_the_contracts_keys_and_raw_values() {
        let expected = "\
name,memory_max_bytes,cpu_ratio,last_seen
web-1,100663296,0.5,1970-01-01T00:00:00Z
\"a \"\"b\"\", c\",1,,1970-01-01T00:01:00Z
";
        assert_eq!(csv(&sample()), expected);
    }
}
