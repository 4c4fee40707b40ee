//! Many verdicts as one family: a line in, a line out, in order.

use std::io::{BufRead as _, Read as _};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::judge::{Windows, judge};
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::fail::{Exit, Fail};
use crate::cli::stats::input;
use crate::cli::table::{Cell, Table, Tabular};
use crate::stats::verdict::{Limits, NullCache, Verdict, adjust};
use crate::view::error::{ErrorDocument, ErrorKind, ErrorView};
use crate::view::verdict::VerdictView;

/// Lines, at most: all verdicts are kept until the last one, because a family is judged as a whole.
const LINES_MAX: usize = 1_000_000;
/// Bytes of the list, at most.
const LIST_MAX_BYTES: u64 = 1 << 30;
/// Threads, at most; each holds the files of one line.
const THREADS_MAX: usize = 16;

/// Reads the list, judges, adjusts and writes.
pub(super) fn run(limits: Limits, is_counter: bool, context: &Context) -> Result<Exit, Fail> {
    let lines = lines()?;
    let cache = Mutex::new(NullCache::default());
    let results = parallel(lines.len(), |at| one(&lines[at], limits, is_counter, &cache, context));
    let results = as_family(results);
    let failed = results.iter().any(Result::is_err);
    write(&lines, &results, context)?;
    Ok(if failed { Exit::Bad(ErrorKind::Failed) } else { Exit::Ok })
}

fn lines() -> Result<Vec<String>, Fail> {
    let unreadable = |error: std::io::Error| Fail::usage(format!("standard input cannot be read: {error}"));
    let input = std::io::BufReader::new(std::io::stdin().lock().take(LIST_MAX_BYTES));
    let mut lines = Vec::new();
    for line in input.lines() {
        if lines.len() == LINES_MAX {
            return Err(Fail::usage(format!("more than {LINES_MAX} lines")).hint("split the list"));
        }
        lines.push(line.map_err(unreadable)?);
    }
    Ok(lines)
}

/// The verdict of one line.
fn one(
    line: &str,
    limits: Limits,
    is_counter: bool,
    cache: &Mutex<NullCache>,
    context: &Context,
) -> Result<Verdict, ErrorView> {
    let columns: Vec<&str> = line.trim_end_matches('\r').split('\t').collect();
    let (before, after, history) = match columns[..] {
        [before, after] => (before, after, None),
        [before, after, history] => (before, after, Some(history)),
        _ => return Err(Fail::usage("a line is before.csv<TAB>after.csv").into()),
    };
    let read = |path: &str| {
        // Standard input is the list itself.
        let path = Path::new(path);
        if path == Path::new("-") {
            return Err(Fail::usage("a line of --batch names files, not standard input"));
        }
        input::points(path, is_counter, context)
    };
    let windows = || -> Result<Windows, Fail> {
        Ok(Windows { before: read(before)?, after: read(after)?, history: history.map(read).transpose()? })
    };
    let judged = windows().and_then(|windows| judge(&windows, limits, Some((cache, history.unwrap_or(before)))));
    judged.map_err(ErrorView::from)
}

/// Adjusts p over all that have one.
fn as_family(results: Vec<Result<Verdict, ErrorView>>) -> Vec<Result<Verdict, ErrorView>> {
    let mut verdicts: Vec<Verdict> = results.iter().filter_map(|result| result.as_ref().ok().cloned()).collect();
    adjust(&mut verdicts);
    let mut verdicts = verdicts.into_iter();
    results.into_iter().map(|result| result.map(|own| verdicts.next().unwrap_or(own))).collect()
}

fn write(lines: &[String], results: &[Result<Verdict, ErrorView>], context: &Context) -> Result<(), Fail> {
    let format = context.output.format();
    if format != Format::Json {
        let mut failures = results.iter().zip(1_usize..).filter_map(|(result, at)| Some((at, result.as_ref().err()?)));
        failures.by_ref().take(20).for_each(|(at, error)| crate::cli::say(&format!("line {at}: {}", error.message)));
        let more = failures.count();
        if more > 0 {
            crate::cli::say(&format!("{more} more lines failed"));
        }
    }
    let mut text = String::new();
    for (line, result) in lines.iter().zip(results) {
        if format != Format::Json {
            break;
        }
        let written = match result {
            Ok(verdict) => serde_json::to_string(&VerdictView::from(verdict)),
            Err(error) => serde_json::to_string(&ErrorDocument { error: error.clone() }),
        };
        text += &written.map_err(|error| Fail::failed(format!("{line}: no JSON: {error}")))?;
        text.push('\n');
    }
    match format {
        Format::Json => context.output.write(text.as_bytes()),
        Format::Csv | Format::Table => context.output.show(&Family { lines, results, format }),
    }
}

/// A family as a table.
struct Family<'a> {
    lines: &'a [String],
    results: &'a [Result<Verdict, ErrorView>],
    format: Format,
}

impl serde::Serialize for Family<'_> {
    /// JSON is written line by line, not from here.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl Tabular for Family<'_> {
    fn table(&self) -> Table {
        let names = |line: &str| {
            let mut names = line.splitn(3, '\t').map(Cell::text);
            [names.next().unwrap_or(Cell::Empty), names.next().unwrap_or(Cell::Empty)]
        };
        let files = [("before", "BEFORE"), ("after", "AFTER")];
        if self.format == Format::Csv {
            let columns: Vec<_> = files.into_iter().chain(VerdictView::COLUMNS).collect();
            let rows = self.lines.iter().zip(self.results).map(|(line, result)| {
                let cells = match result {
                    Ok(verdict) => VerdictView::from(verdict).cells(),
                    Err(error) => error_cells(&error.message, VerdictView::COLUMNS.len()),
                };
                names(line).into_iter().chain(cells).collect()
            });
            return Table::new(&columns, rows);
        }
        let own = [("verdict", "VERDICT"), ("p_adjusted", "P ADJUSTED"), ("estimate", "ESTIMATE"), ("words", "WORDS")];
        let columns: Vec<_> = files.into_iter().chain(own).collect();
        let rows = self.lines.iter().zip(self.results).map(|(line, result)| {
            let cells = match result {
                Ok(verdict) => VerdictView::from(verdict).line().to_vec(),
                Err(error) => error_cells(&error.message, own.len()),
            };
            names(line).into_iter().chain(cells).collect()
        });
        Table::new(&columns, rows)
    }
}

/// `error` for the verdict, nothing for the numbers, the message for the words.
fn error_cells(message: &str, columns: usize) -> Vec<Cell> {
    let mut cells = vec![Cell::Empty; columns];
    if let [first, .., last] = cells.as_mut_slice() {
        (*first, *last) = (Cell::text("error"), Cell::text(message));
    }
    cells
}

/// Results in order, on all cores.
fn parallel<T: Send>(count: usize, one: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX).min(count.max(1));
    let work = || {
        let mut mine = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return mine;
            }
            mine.push((at, one(at)));
        }
    };
    let mut results: Vec<(usize, T)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let joined =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|why| std::panic::resume_unwind(why)));
        joined.flatten().collect()
    });
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
