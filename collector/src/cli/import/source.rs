//! The lines of a file or of standard input, one at a time, with a progress bar on a terminal.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;

use super::csv::Csv;
use super::openmetrics::OpenMetrics;
use crate::cli::export::FileFormat;
use crate::cli::fail::Fail;
use crate::cli::say;
use crate::view::import::ImportRow;

/// Longest line.
const LINE_MAX_BYTES: u64 = 64 << 10;

/// What was read.
#[derive(Debug)]
pub(super) enum Read {
    /// A reading, and the bytes of its line.
    Row(ImportRow, usize),
    /// A line that is not taken.
    Rejected(u64, String),
    /// Nothing more.
    End,
}

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed {
    /// A reading.
    Row(ImportRow),
    /// A comment, a header or nothing.
    Nothing,
    /// Not taken.
    Rejected(String),
    /// The file cannot be understood at all.
    Unreadable(String),
}

/// A format, line by line.
#[derive(Debug)]
enum Parser {
    Csv(Csv),
    OpenMetrics(OpenMetrics),
}

/// See the module.
pub(super) struct Source {
    lines: Box<dyn BufRead>,
    parser: Parser,
    line: u64,
    read: u64,
    progress: ProgressBar,
}

impl Source {
    pub(super) fn open(path: &Path, format: FileFormat, zone: TimeZone) -> Result<Self, Fail> {
        let unreadable = |error: std::io::Error| Fail::usage(format!("{} cannot be read: {error}", path.display()));
        let (lines, length): (Box<dyn BufRead>, Option<u64>) = if path == Path::new("-") {
            (Box::new(BufReader::new(std::io::stdin())), None)
        } else {
            let file = File::open(path).map_err(unreadable)?;
            let meta = file.metadata().map_err(unreadable)?;
            if meta.is_dir() {
                return Err(Fail::usage(format!("{} is a directory", path.display())));
            }
            (Box::new(BufReader::with_capacity(1 << 16, file)), meta.is_file().then_some(meta.len()))
        };
        let parser = match format {
            FileFormat::Csv => Parser::Csv(Csv::new(zone)),
            FileFormat::Openmetrics => Parser::OpenMetrics(OpenMetrics::default()),
        };
        let progress = progress(length);
        progress.tick();
        Ok(Self { lines, parser, line: 0, read: 0, progress })
    }

    /// The number of the last line that was read.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn show_progress(&self) {
        self.progress.set_position(self.read);
    }

    /// Takes the bar away, and says what was left out.
    pub(super) fn finish(&self) {
        self.progress.finish_and_clear();
        if let Parser::OpenMetrics(parser) = &self.parser
            && parser.exemplars > 0
        {
            say(&format!("note: {} exemplars were left out; their samples were taken", parser.exemplars));
        }
    }

    /// Reads on to the next line that says something.
    pub(super) fn next(&mut self) -> Result<Read, Fail> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let read = (&mut self.lines).take(LINE_MAX_BYTES).read_until(b'\n', &mut bytes);
            let read = read.map_err(|error| Fail::usage(format!("the input cannot be read on: {error}")))?;
            self.read += u64::try_from(read).unwrap_or(0);
            if read == 0 {
                let end = match &self.parser {
                    Parser::Csv(parser) => parser.end(),
                    Parser::OpenMetrics(parser) => parser.end(),
                };
                return end.map(|()| Read::End).map_err(|why| unreadable(self.line, &why));
            }
            self.line += 1;
            let line = self.line;
            if bytes.last() != Some(&b'\n') && u64::try_from(read).unwrap_or(0) == LINE_MAX_BYTES {
                self.skip_line()?;
                return Ok(Read::Rejected(line, format!("the line is longer than {LINE_MAX_BYTES} bytes")));
            }
            let Ok(text) = std::str::from_utf8(&bytes) else {
                return Ok(Read::Rejected(line, "the line is not UTF-8".to_owned()));
            };
            let text = text.trim_end_matches(['\n', '\r']);
            let parsed = match &mut self.parser {
                Parser::Csv(parser) => parser.line(line, text),
                Parser::OpenMetrics(parser) => parser.line(line, text),
            };
            match parsed {
                Parsed::Row(row) => return Ok(Read::Row(row, read)),
                Parsed::Nothing => {}
                Parsed::Rejected(reason) => return Ok(Read::Rejected(line, reason)),
                Parsed::Unreadable(why) => return Err(unreadable(line, &why)),
            }
        }
    }

    fn skip_line(&mut self) -> Result<(), Fail> {
        loop {
            let mut rest = Vec::new();
            let read = (&mut self.lines).take(LINE_MAX_BYTES).read_until(b'\n', &mut rest);
            let read = read.map_err(|error| Fail::usage(format!("the input cannot be read on: {error}")))?;
            self.read += u64::try_from(read).unwrap_or(0);
            if read == 0 || rest.last() == Some(&b'\n') {
                return Ok(());
            }
        }
    }
}

fn unreadable(line: u64, why: &str) -> Fail {
    Fail::usage(format!("line {line}: {why}"))
}

/// On standard error, and only where that is a terminal.
fn progress(length: Option<u64>) -> ProgressBar {
    let (bar, template) = match length {
        Some(length) => (ProgressBar::new(length), "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} to go"),
        None => (ProgressBar::no_length(), "{spinner} {bytes}, {bytes_per_sec}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
