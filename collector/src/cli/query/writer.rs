//! The answer of a query in the format that was asked for, written as it comes.

use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::fail::Fail;
use crate::cli::output::{Output, csv_line};
use crate::cli::say;
use crate::cli::sink::Sink;
use crate::cli::table::{Cell, Column, Table};
use crate::view::Time;
use crate::view::query::{NumberView, PointView, SeriesView};

/// Rows of a table whose columns are as wide as they need; after that another table begins.
const TABLE_ROWS: usize = 5_000;
const COLUMNS: [Column; 7] = [
    ("time", "TIME"),
    ("entity", "ENTITY"),
    ("metric", "METRIC"),
    ("device", "DEVICE"),
    ("value", "VALUE"),
    ("unit", "UNIT"),
    ("missing", "MISSING"),
];

/// See the module.
pub(super) struct Writer<'a> {
    output: &'a Output,
    sink: Sink,
    series: Option<SeriesView>,
    /// Rows of the table that is not written yet.
    rows: Vec<Vec<Cell>>,
    is_first: bool,
    has_points: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(context: &'a Context) -> Result<Self, Fail> {
        let sink = Sink::open(context.global.file.as_deref())?;
        Ok(Self { output: &context.output, sink, series: None, rows: Vec::new(), is_first: true, has_points: false })
    }

    pub(super) fn begin(&mut self, from: Time, to: Time, step_s: Option<NumberView>) -> Result<(), Fail> {
        match self.output.format() {
            Format::Json => {
                let step = json(&step_s)?;
                self.sink.write(&format!(
                    "{{\n  \"from\": \"{from}\",\n  \"to\": \"{to}\",\n  \"step_s\": {step},\n  \"series\": ["
                ))
            }
            Format::Csv => self.sink.write(&csv_line(COLUMNS.iter().map(|(key, _)| *key))),
            Format::Table => Ok(()),
        }
    }

    pub(super) fn series(&mut self, series: SeriesView) -> Result<(), Fail> {
        if self.output.format() == Format::Json {
            let text = json(&SeriesView { points: Vec::new(), ..series.clone() })?;
            // The points are last, and follow.
            let open = text.strip_suffix("]}").unwrap_or(&text);
            let between = if self.series.is_some() { self.close_series()? } else { "" };
            self.sink.write(&format!("{between}\n    {open}"))?;
        }
        (self.series, self.has_points) = (Some(series), false);
        Ok(())
    }

    fn close_series(&mut self) -> Result<&'static str, Fail> {
        self.sink.write(if self.has_points { "\n    ]}" } else { "]}" })?;
        Ok(",")
    }

    pub(super) fn points(&mut self, points: &[PointView]) -> Result<(), Fail> {
        let Some(series) = &self.series else { return Ok(()) };
        match self.output.format() {
            Format::Json => {
                let mut text = String::with_capacity(points.len() * 48);
                for point in points {
                    text.push_str(if self.has_points { ",\n      " } else { "\n      " });
                    text.push_str(&json(point)?);
                    self.has_points = true;
                }
                self.sink.write(&text)
            }
            Format::Csv => {
                let rows = points.iter().map(|point| csv_line(row(series, point).iter().map(Cell::raw)));
                self.sink.write(&rows.collect::<String>())
            }
            Format::Table => {
                self.rows.extend(points.iter().map(|point| row(series, point)));
                if self.rows.len() >= TABLE_ROWS { self.table() } else { Ok(()) }
            }
        }
    }

    fn table(&mut self) -> Result<(), Fail> {
        let table = Table::new(&COLUMNS, std::mem::take(&mut self.rows));
        let between = if self.is_first { "" } else { "\n" };
        self.is_first = false;
        self.sink.write(&format!("{between}{}", self.output.render(&table)))
    }

    pub(super) fn end(mut self) -> Result<(), Fail> {
        match self.output.format() {
            Format::Json => {
                if self.series.is_some() {
                    self.close_series()?;
                    self.sink.write("\n  ")?;
                }
                self.sink.write("]\n}\n")?;
            }
            Format::Csv => {}
            Format::Table => {
                if self.rows.is_empty() && self.is_first && self.output.to_stdout() {
                    say("nothing found");
                }
                if self.is_first || !self.rows.is_empty() {
                    self.table()?;
                }
            }
        }
        self.sink.finish()
    }
}

fn json(view: &impl serde::Serialize) -> Result<String, Fail> {
    serde_json::to_string(view).map_err(|error| Fail::failed(format!("the answer cannot be written as JSON: {error}")))
}

fn row(series: &SeriesView, point: &PointView) -> Vec<Cell> {
    let value = match point.1 {
        None => Cell::Empty,
        Some(NumberView::Int(value)) => Cell::count(value),
        Some(NumberView::UInt(value)) => Cell::count(value),
        Some(NumberView::Float(value)) => Cell::Number(value),
    };
    vec![
        Cell::Time(point.0.0),
        Cell::text(&series.entity),
        Cell::text(&series.metric),
        Cell::text(&series.device),
        value,
        Cell::text(&series.unit),
        Cell::text(point.2.as_deref().unwrap_or_default()),
    ]
}
