//! `evenkeel import`.

mod csv;
mod openmetrics;
mod source;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::context::Context;
use super::export::FileFormat;
use super::fail::{Exit, Fail};
use super::say;
use super::table::{Cell, Table, Tabular};
use crate::view::error::ErrorKind;
use crate::view::import::{ImportRequest, ImportRow, ImportView, RejectedView};
use source::{Read, Source};

/// Readings in one piece: some 30 ms of work for the collector.
const PIECE_ROWS: usize = 4_000;
/// Bytes of lines in one piece: with what JSON adds it stays below what the API takes.
const PIECE_BYTES: usize = 768 << 10;
/// Rejected lines that are told one by one; the others are counted.
const TOLD_MAX: usize = 1_000;

/// What to import.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct ImportArgs {
    /// Format of the file.
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: FileFormat,
    /// Make VMs and hosts that are not known; without it their lines are rejected.
    #[arg(long)]
    create: bool,
    /// The file; - is standard input.
    #[arg(value_name = "FILE|-")]
    input: PathBuf,
}

const HELP: &str = "\
A reading that is there already is a duplicate and changes nothing, so an import that broke off is completed by running \
it again. One with another value than the one that is there is rejected, and so is every line that cannot be taken, each \
with its reason; the others go on. Exit 1 when a line was rejected.

Readings go into their hour whether that is closed or not, and rollups follow within seconds to minutes. Rejected are \
times in the future and days that store.retention does not keep.

Entities: a VM is its name or UUID, a host is host: and its name or agent id. No beginnings of names, and a name that \
several have is rejected: write the UUID. With --create an unknown name becomes an entity that only has what is imported \
under it; `query` and `export` know it. An agent that reports a VM of the same UUID takes the series over.

Metrics: one of evenkeel's catalogue is in its unit (`evenkeel query --help`). Any other name becomes a foreign series: a \
counter when it ends in _total, else a gauge. Foreign counters are kept in nanoseconds (_seconds_total), whole bytes \
(_bytes_total) or thousandths and rounded to that; at most 10000 foreign names. Differences of counters are taken over at \
most 5 minutes where nobody polled, and an imported counter is of a life of its own: there is no difference to readings \
of an agent beside it.

csv: a header with time, entity, metric, device and value in any order (device may be left out); times are RFC 3339 or \
Unix seconds, kept in ms. Lines that begin with # are comments.

openmetrics: every sample needs a timestamp (seconds), and the file ends with # EOF. The entity is the first of the \
labels entity, uuid, vm, domain, host (as host:NAME) and instance; device is the label device, and all other labels \
follow it as name=value, sorted and separated by commas. vm, domain, host, instance and job are left out of it. Buckets, \
sums and counts of histograms and summaries, states and infos are foreign series of their own (le=0.5 in the device); \
exemplars are left out, which is said.

JSON: {\"accepted\",\"duplicates\",\"rejected\":[{\"line\",\"reason\"}],\"rejected_total\"}; at most 1000 lines are told \
one by one.";

/// What became of all of it.
#[derive(Debug, Default, Serialize)]
struct Summary {
    accepted: u64,
    duplicates: u64,
    rejected: Vec<RejectedView>,
    rejected_total: u64,
}

/// What waits to be sent.
#[derive(Debug, Default)]
struct Piece {
    rows: Vec<ImportRow>,
    bytes: usize,
}

/// Runs the verb.
pub async fn run(args: ImportArgs, context: &Context) -> Result<Exit, Fail> {
    let mut source = Source::open(&args.input, args.format, context.zone())?;
    let (mut summary, mut piece) = (Summary::default(), Piece::default());
    // The last line of which it is known what became of it.
    let mut done = 0;
    loop {
        let read = source.next().map_err(|fail| broken_off(fail, done, &summary))?;
        match read {
            Read::Row(row, bytes) => {
                piece.rows.push(row);
                piece.bytes += bytes;
            }
            Read::Rejected(line, reason) => summary.reject(RejectedView { line, reason }),
            Read::End => {
                summary
                    .send(&mut piece, args.create, context)
                    .await
                    .map_err(|fail| broken_off(fail, done, &summary))?;
                break;
            }
        }
        if piece.rows.len() >= PIECE_ROWS || piece.bytes >= PIECE_BYTES {
            summary.send(&mut piece, args.create, context).await.map_err(|fail| broken_off(fail, done, &summary))?;
            done = source.line();
            source.show_progress();
        }
    }
    source.finish();
    summary.rejected.sort_by_key(|rejected| rejected.line);
    context.output.show(&summary)?;
    Ok(if summary.rejected_total == 0 { Exit::Ok } else { Exit::Bad(ErrorKind::Failed) })
}

fn broken_off(fail: Fail, done: u64, summary: &Summary) -> Fail {
    let Summary { accepted, duplicates, rejected_total, .. } = summary;
    say(&format!(
        "broken off: lines up to {done} are done ({accepted} accepted, {duplicates} duplicates, {rejected_total} rejected); \
         run it again and it goes on, as what is there already is a duplicate"
    ));
    fail
}

impl Summary {
    fn reject(&mut self, rejected: RejectedView) {
        self.rejected_total += 1;
        if self.rejected.len() < TOLD_MAX {
            self.rejected.push(rejected);
        }
    }

    async fn send(&mut self, piece: &mut Piece, create: bool, context: &Context) -> Result<(), Fail> {
        let Piece { rows, .. } = std::mem::take(piece);
        if rows.is_empty() {
            return Ok(());
        }
        let view: ImportView = context.client.post("/import", &ImportRequest { create, rows }).await?;
        self.accepted += view.accepted;
        self.duplicates += view.duplicates;
        view.rejected.into_iter().for_each(|rejected| self.reject(rejected));
        Ok(())
    }
}

impl Tabular for Summary {
    fn table(&self) -> Table {
        Table::object([
            ("accepted", Cell::count(self.accepted)),
            ("duplicates", Cell::count(self.duplicates)),
            ("rejected", Cell::count(self.rejected_total)),
        ])
    }

    fn more(&self) -> Vec<(&'static str, Table)> {
        let rows = self.rejected.iter().map(|rejected| vec![Cell::count(rejected.line), Cell::text(&rejected.reason)]);
        vec![("Rejected", Table::new(&[("line", "LINE"), ("reason", "REASON")], rows))]
    }
}
