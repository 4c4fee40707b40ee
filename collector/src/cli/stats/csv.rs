//! [P] A series as CSV: `time,value` in any order, with or without a header. Anything that cannot be read is an error with
//! the number of its line; a value that is empty or NaN is a missing one.

use evenkeel_common::time::UnixMs;
use jiff::tz::TimeZone;

use crate::cli::when;

mod fast;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct CsvError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// The rows in ascending time; a missing value is NaN. Rows of one time keep their order.
pub type Rows = Vec<(i64, f64)>;

/// Columns that say of which series a row is: those of `evenkeel query --output csv`.
const LABELS: [&str; 3] = ["entity", "metric", "device"];

/// Where the columns are.
#[derive(Clone, Debug)]
struct Columns {
    /// `None`: there are values only.
    time: Option<usize>,
    value: usize,
    labels: Vec<usize>,
}

/// Reads a series.
///
/// # Errors
/// [`CsvError`] of the first line that cannot be read.
pub fn series(bytes: &[u8], zone: &TimeZone) -> Result<Rows, CsvError> {
    let mut rows = Vec::with_capacity(bytes.len() / 24);
    let columns = each(bytes, zone, |at, value| rows.push((at, value)))?;
    if columns.is_some_and(|columns| columns.time.is_none()) {
        return Err(CsvError { line: 1, message: "there are no times; the header is time,value".to_owned() });
    }
    if !rows.is_sorted_by_key(|(at, _)| *at) {
        rows.sort_by_key(|(at, _)| *at);
    }
    Ok(rows)
}

/// Reads a sample: the values of a series in order of time, or one value a line as it stands. A missing one is NaN.
///
/// # Errors
/// [`CsvError`] of the first line that cannot be read.
pub fn sample(bytes: &[u8], zone: &TimeZone) -> Result<Vec<f64>, CsvError> {
    let mut rows = Vec::new();
    each(bytes, zone, |at, value| rows.push((at, value)))?;
    if !rows.is_sorted_by_key(|(at, _)| *at) {
        rows.sort_by_key(|(at, _)| *at);
    }
    Ok(rows.into_iter().map(|(_, value)| value).collect())
}

fn each(bytes: &[u8], zone: &TimeZone, mut row: impl FnMut(i64, f64)) -> Result<Option<Columns>, CsvError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut columns: Option<Columns> = None;
    let mut labels: Option<Vec<Vec<u8>>> = None;
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() || line[0] == b'#' {
            continue;
        }
        let wrong = |message: String| CsvError { line: index + 1, message };
        let Some(known) = &columns else {
            let (found, is_header) = first(line, zone).map_err(wrong)?;
            if !is_header {
                let (at, value) = read(line, &found, zone).map_err(wrong)?;
                row(at, value);
            }
            columns = Some(found);
            continue;
        };
        let (at, value) = read(line, known, zone).map_err(wrong)?;
        if !known.labels.is_empty() {
            let fields = fields(line);
            let own: Vec<Vec<u8>> =
                known.labels.iter().map(|at| fields.get(*at).cloned().unwrap_or_default()).collect();
            match &labels {
                Some(of_file) if *of_file != own => {
                    return Err(wrong("another series begins; write one series to a file".to_owned()));
                }
                Some(_) => {}
                None => labels = Some(own),
            }
        }
        row(at, value);
    }
    Ok(columns)
}

/// Columns by the first line, and whether that is a header.
fn first(line: &[u8], zone: &TimeZone) -> Result<(Columns, bool), String> {
    let fields: Vec<String> =
        fields(line).iter().map(|field| String::from_utf8_lossy(field).trim().to_ascii_lowercase()).collect();
    let named = |names: &[&str]| fields.iter().position(|field| names.contains(&field.as_str()));
    let labels = LABELS.iter().filter_map(|name| named(&[name])).collect();
    if let Some(value) = named(&["value"]) {
        let time = named(&["time", "timestamp"]);
        if time.is_none() && fields.len() > 1 {
            return Err("the header has no column 'time'; it is time,value".to_owned());
        }
        return Ok((Columns { time, value, labels }, true));
    }
    let plain = |time: Option<usize>, value: usize| Ok((Columns { time, value, labels: Vec::new() }, false));
    let head = fields.first().map_or("", String::as_str);
    match fields.len() {
        1 if number(head.as_bytes()).is_some() => plain(None, 0),
        2 if time(head.as_bytes(), zone).is_some() => plain(Some(0), 1),
        _ if time(head.as_bytes(), zone).is_some() => {
            Err("a row is time,value; files with more columns need a header that names them".to_owned())
        }
        _ => Err(format!("'{head}' is neither a time nor a header; the header is time,value")),
    }
}

fn read(line: &[u8], columns: &Columns, zone: &TimeZone) -> Result<(i64, f64), String> {
    let (at, value) = match (columns.time, line.contains(&b'"')) {
        (Some(0), false) if columns.value == 1 => match line.iter().position(|byte| *byte == b',') {
            Some(comma) => {
                let rest = &line[comma + 1..];
                let end = rest.iter().position(|byte| *byte == b',').unwrap_or(rest.len());
                (Some(line[..comma].trim_ascii()), rest[..end].trim_ascii())
            }
            None => return Err("there is no value; a row is time,value".to_owned()),
        },
        _ => return read_fields(&fields(line), columns, zone),
    };
    finish(at, value, zone)
}

fn read_fields(fields: &[Vec<u8>], columns: &Columns, zone: &TimeZone) -> Result<(i64, f64), String> {
    let field = |at: usize| fields.get(at).map(|field| field.trim_ascii());
    let value = field(columns.value).ok_or("there is no value; a row is time,value")?;
    match columns.time {
        Some(at) => finish(Some(field(at).ok_or("there is no time; a row is time,value")?), value, zone),
        None => finish(None, value, zone),
    }
}

fn finish(at: Option<&[u8]>, value: &[u8], zone: &TimeZone) -> Result<(i64, f64), String> {
    let show = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
    let at = match at {
        None => 0,
        Some(field) => time(field, zone).ok_or_else(|| {
            format!("'{}' is not a time; write RFC 3339 (2026-11-20T10:00:00Z) or Unix seconds", show(field))
        })?,
    };
    let value =
        number(value).ok_or_else(|| format!("'{}' is not a number; leave a missing value empty", show(value)))?;
    Ok((at, value))
}

fn time(field: &[u8], zone: &TimeZone) -> Option<i64> {
    fast::time(field).or_else(|| {
        // Not `now` and the like: a file says the same tomorrow.
        let begins = field.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-');
        let text = std::str::from_utf8(field).ok().filter(|_| begins)?;
        when::parse_point(text, UnixMs(0), zone).ok().map(|at| at.0)
    })
}

fn number(field: &[u8]) -> Option<f64> {
    if field.is_empty() || field.eq_ignore_ascii_case(b"null") || field == b"-" {
        return Some(f64::NAN);
    }
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// The fields of RFC 4180, on one line.
fn fields(line: &[u8]) -> Vec<Vec<u8>> {
    let (mut all, mut field, mut quoted) = (Vec::new(), Vec::new(), false);
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.peek() == Some(&b'"') => {
                bytes.next();
                field.push(b'"');
            }
            b'"' => quoted = !quoted,
            b',' if !quoted => all.push(std::mem::take(&mut field)),
            byte => field.push(byte),
        }
    }
    all.push(field);
    all
}

#[cfg(test)]
mod tests;
