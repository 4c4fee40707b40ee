//! A table before it is written: columns with the contract's key and a heading, cells that know what they are.

use evenkeel_common::time::UnixMs;
use evenkeel_common::units::show_bytes;
use jiff::tz::TimeZone;

use super::when;

/// A column: the key of JSON and CSV, and the heading of tables.
pub type Column = (&'static str, &'static str);

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A count.
    Count(i128),
    /// A measured number.
    Number(f64),
    /// A share from 0 to 1, shown in percent.
    Ratio(f64),
    /// An availability from 0 to 1, shown in percent and never rounded up to all of it.
    Availability(f64),
    /// A size, shown in KiB, MiB …
    Bytes(u64),
    /// Bytes per second.
    ByteRate(f64),
    /// A time.
    Time(UnixMs),
    /// A time, shown as how long ago it was.
    Ago(UnixMs),
    /// Nothing.
    Empty,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A count.
    pub fn count(number: impl Into<i128>) -> Self {
        Self::Count(number.into())
    }

    /// What there is, or nothing.
    pub fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, cell)
    }

    /// For people.
    pub fn shown(&self, zone: &TimeZone, now: UnixMs) -> String {
        match self {
            Self::Text(text) if text.is_empty() => "-".to_owned(),
            Self::Text(text) => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
            Self::Count(number) => number.to_string(),
            Self::Number(number) => show_number(*number),
            Self::Ratio(share) => format!("{:.1}%", share * 100.0),
            Self::Availability(share) => format!("{:.3}%", (share * 100_000.0).floor() / 1_000.0),
            Self::Bytes(bytes) => show_bytes(*bytes),
            Self::ByteRate(rate) => show_bytes(whole(*rate)),
            Self::Time(at) => when::show(*at, zone),
            Self::Ago(at) => show_age(now.since(*at).0),
            Self::Empty => "-".to_owned(),
        }
    }

    /// For programs.
    pub fn raw(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(number) => number.to_string(),
            Self::Number(number) | Self::Ratio(number) | Self::Availability(number) | Self::ByteRate(number) => {
                number.to_string()
            }
            Self::Bytes(bytes) => bytes.to_string(),
            Self::Time(at) | Self::Ago(at) => at.to_string(),
            Self::Empty => String::new(),
        }
    }

    /// Numbers are set to the right.
    pub fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Count(_)
                | Self::Number(_)
                | Self::Ratio(_)
                | Self::Availability(_)
                | Self::Bytes(_)
                | Self::ByteRate(_)
        )
    }
}

/// Rows under columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table.
    pub fn new(columns: &[Column], rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        Self { columns: columns.to_vec(), rows: rows.into_iter().collect() }
    }

    /// One object as lines of key and value.
    pub fn object(fields: impl IntoIterator<Item = (&'static str, Cell)>) -> Self {
        let rows = fields.into_iter().map(|(key, cell)| vec![Cell::text(key), cell]);
        Self::new(&[("key", "KEY"), ("value", "VALUE")], rows)
    }

    /// Whether a column holds only numbers, where it holds anything.
    pub fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(column)).filter(|cell| **cell != Cell::Empty);
        cells.next().is_some_and(Cell::is_number) && cells.all(Cell::is_number)
    }
}

/// What can be written as a table. JSON is written from the view itself.
pub trait Tabular {
    /// The main table; CSV is this one.
    fn table(&self) -> Table;

    /// Further tables with their titles, for people only.
    fn more(&self) -> Vec<(&'static str, Table)> {
        Vec::new()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shown to three digits, never negative")]
fn whole(number: f64) -> u64 {
    number.max(0.0) as u64
}

/// Six significant digits are more than anyone compares by eye.
fn show_number(number: f64) -> String {
    let size = number.abs();
    if number == 0.0 || (1e-3..1e9).contains(&size) {
        let digits = if size >= 1000.0 {
            0
        } else if size >= 10.0 {
            2
        } else {
            4
        };
        let text = format!("{number:.digits$}");
        return match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        };
    }
    format!("{number:.4e}")
}

fn show_age(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    match seconds {
        0..=119 => format!("{seconds}s"),
        120..=7_199 => format!("{}m", seconds / 60),
        7_200..=172_799 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}
