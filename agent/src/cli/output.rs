//! Data on standard output: JSON, or columns of text.

use std::io::{self, Write as _};

use serde::Serialize;

use super::fail::Fail;

/// Writes one JSON document.
pub fn json(document: &impl Serialize) -> Result<(), Fail> {
    let mut text = serde_json::to_string_pretty(document)
        .map_err(|error| Fail::failed(format!("the answer cannot be written as JSON: {error}")))?;
    text.push('\n');
    write(&text)
}

/// Writes rows of equal length under their headings, without borders.
pub fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> Result<(), Fail> {
    write(&columns(headings, rows))
}

fn columns<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let width = |at: usize| {
        let cells = rows.iter().map(|row| row[at].chars().count());
        cells.chain([headings[at].chars().count()]).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let padded: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    let body = rows.iter().map(|row| line(std::array::from_fn(|at| row[at].as_str())));
    std::iter::once(line(headings)).chain(body).collect()
}

/// Writes text; a reader that has gone has seen enough.
pub fn write(text: &str) -> Result<(), Fail> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Fail::failed(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn lines_up_columns() {
        let rows = [["a".to_owned(), "1".to_owned()], ["long".to_owned(), "2".to_owned()]];
        assert_eq!(super::columns(["N", "VALUE"], &rows), "N     VALUE\na     1\nlong  2\n");
    }
}
